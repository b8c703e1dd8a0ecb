import time
from locust import HttpUser, task, between


class QuickstartUser(HttpUser):
    wait_time = between(0, 0.001)

    @task
    def view_items(self):
        for item_id in range(10):
            self.client.get(f"/item?id={item_id}", name="/item")
            time.sleep(0.001)
        self.client.get("/hello")
        self.client.get("/end")
        time.sleep(1000)

    def on_start(self):
        self.client.post("/login", json={"username": "foo", "password": "bar"})
