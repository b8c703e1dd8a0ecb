import os
from locust import HttpUser, LoadTestShape, events, task


class Wave(LoadTestShape):
    def tick(self):
        return (round(self.get_run_time()), 10)


@events.request.add_listener
def on_request(**kwargs):
    open("log", "a").write("x")


class U(HttpUser):
    host = os.environ["SURELY_NOT_SET"]

    @task
    def t(self):
        self.client.get("/", auth="x", files=self.files)
        self.client.cookies = {}
