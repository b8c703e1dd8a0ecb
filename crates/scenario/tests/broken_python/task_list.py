from locust import HttpUser, TaskSet, task

def index(l):
    l.client.get("/")

class A(HttpUser):
    tasks = [index, missing, print]

class B(HttpUser):
    tasks = [index] * 3

class C(A):
    def index(self):
        pass
