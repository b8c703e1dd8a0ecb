"""What a test tells its client for all later requests."""
import time

from locust import HttpUser, between, constant, task


class Visitor(HttpUser):
    wait_time = constant(0.01)

    def on_start(self):
        self.client.auth = ("foo", "b:r")
        self.client.get(f"{self.host}/absolute")
        self.client.get(self.client.base_url + "/other")

    @task
    def visit(self):
        self.client.get("/plain", context={"who": "foo"})
        self.client.request_name = "/item?id=[id]"
        for number in range(3):
            self.client.get(f"/item?id={number}")
        self.client.get("/named", name="named")
        self.client.request_name = None
        self.client.get("/item?id=3")
        self.wait()
        with self.client.rename_request("/page/[n]"):
            self.client.get("/page/1")
            self.client.get("/page/2")
        self.client.get("/page/3")
        self.client.get("/end")
        time.sleep(1000)
