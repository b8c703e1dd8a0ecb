"""A client that goes elsewhere."""
import time

from locust import HttpUser, TaskSet, constant, task


class Visit(TaskSet):
    wait_time = constant(0)

    def on_start(self):
        self.there = self.user.host + "/there"

    @task
    def visit(self):
        self.client.get("/here")
        self.client.base_url = self.there
        self.client.get("/a", params={"b": "c d"})
        self.client.post("/b", name="b")
        self.client.get(f"{self.user.host}/c/{len(self.there) > 5}")
        self.client.base_url = self.user.host
        self.client.get("/back")
        self.client.get("/end")
        time.sleep(1000)


class Visitor(HttpUser):
    tasks = [Visit]
