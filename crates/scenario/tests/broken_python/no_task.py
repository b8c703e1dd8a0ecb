from locust import HttpUser, HttpLocust, TaskSet

class U(HttpUser):
    def on_start(self):
        self.client.get("/")

class Empty(TaskSet):
    pass

class Old(HttpLocust):
    task_set = Empty
