from locust import HttpUser, User, SequentialTaskSet, LoadTestShape, task

class Mixin:
    pass

class A(User):
    pass

class B(Mixin, HttpUser):
    @task
    def t(self):
        self.client.get("/")

class Steps(SequentialTaskSet):
    pass

class Shape(LoadTestShape):
    def tick(self):
        return None
