"""The other client."""
import time

from locust import FastHttpUser, constant, task


class Visitor(FastHttpUser):
    wait_time = constant(0)
    connection_timeout = 10.0
    network_timeout = 20.0

    @task
    def visit(self):
        self.client.get("/")
        self.client.post("/json", json={"a": [1, 2], "b": "ü"})
        with self.client.post("/login", json={"username": "foo", "password": "bar"}, catch_response=True) as response:
            token = response.json()["token"]
            if not token:
                response.failure("no token")
        self.client.get("/bearer", headers={"Authorization": f"Bearer {token}"})
        self.client.put("/put", data="text", headers={"Content-Type": "text/x"})
        self.client.delete("/delete")
        self.client.patch("/patch", json=None)
        self.client.get("/redirect/302?to=/x", name="redirect")
        self.client.get("/status/500")
        with self.client.get("/status/503", catch_response=True) as response:
            response.success()
        self.client.get("/end")
        time.sleep(1000)
