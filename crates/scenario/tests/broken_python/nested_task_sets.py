from locust import HttpUser, TaskSet, task

class Inner(TaskSet):
    @task
    def t(self):
        self.client.get("/")
        self.interrupt()

class Outer(TaskSet):
    tasks = [Inner]

class A(HttpUser):
    tasks = [Outer]

class B(HttpUser):
    tasks = {Inner: 1, Outer: 2}

class C(HttpUser):
    tasks = [Inner]
