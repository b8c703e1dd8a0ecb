from locust import HttpLocust, TaskSet, task, between

class UserBehavior(TaskSet):
    @task(1)
    def profile(self):
        self.client.get("/fibonacci?n=10")

class WebsiteUser(HttpLocust):
    task_set = UserBehavior
    wait_time = between(5, 9)
