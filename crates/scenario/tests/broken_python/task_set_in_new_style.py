from locust import HttpUser, TaskSet, task

class T(TaskSet):
    @task
    def t(self):
        self.client.get("/")

class U(HttpUser):
    task_set = T
