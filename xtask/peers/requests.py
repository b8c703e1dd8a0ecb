"""Only requests: the same as requests.yaml says."""
from locust import FastHttpUser, task


class Visitor(FastHttpUser):
    @task
    def visit(self):
        self.client.get("/")
        self.client.get("/item?id=7", name="/item", headers={"X-Visit": "7"})
        self.client.post("/login", json={"username": "foo", "password": "bar"})
