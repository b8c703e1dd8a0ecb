"""Classes that derive from others, and mixins."""
import time

from locust import HttpUser, TaskSet, between, constant, task


class Greeter:
    greeting = "hello"

    def greet(self, *, to="all"):
        self.client.get(f"/{self.greeting}/{to}")

    def on_start(self):
        self.greet()


class Base(HttpUser):
    abstract = True
    wait_time = between(5, 6)
    path = "/base"

    def on_start(self):
        self.client.get("/base/start")

    def visit(self):
        self.client.get(self.path)



class Steps(TaskSet):
    @task
    def end(self):
        self.user.visit()
        self.client.get("/end")
        time.sleep(1000)


class Visitor(Greeter, Base):
    wait_time = constant(0)
    path = "/visitor"
    tasks = [Steps]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.greeting = "welcome"

    def on_start(self):
        super().on_start()
        self.greet(to="me")
        Base_path = self.path
        self.client.get(Base_path + "/start")

    def visit(self):
        super().visit()
        self.client.get("/derived")
