from locust import HttpUser, task

def same(u):
    u.client.get("/")

def same(u):
    u.client.get("/other")

class U(HttpUser):
    tasks = [same]

class U(HttpUser):
    tasks = [same]
