"""Names of requests."""
import time

from locust import HttpUser, constant, task


class Visitor(HttpUser):
    wait_time = constant(0)

    def item(self, number):
        self.client.get(f"/items/{number}")

    @task
    def visit(self):
        with self.client.rename_request("/items/[id]"):
            for number in range(3):
                self.item(number + 1)
            self.client.get("/items", name="list")
        self.client.get("/items/4")
        kind = "page"
        with self.client.rename_request(f"/{kind}?x=[x]"):
            self.client.get("/page?x=1")
            with self.client.get("/status/500", catch_response=True) as response:
                response.failure("bad " + kind)
        self.client.get("/end")
        time.sleep(1000)
