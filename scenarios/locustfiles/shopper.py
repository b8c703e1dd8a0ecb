import random
from locust import HttpUser, task, between, tag

class Shopper(HttpUser):
    wait_time = between(1, 2.5)
    weight = 3

    def on_start(self):
        response = self.client.post("/login", json={"username": "foo", "password": "bar"})
        self.token = response.json()["token"]

    @tag("read")
    @task(3)
    def browse(self):
        for item_id in range(10):
            self.client.get(f"/item?id={item_id}", name="/item", headers={"Authorization": f"Bearer {self.token}"})

    @task
    def buy(self):
        with self.client.post("/buy", json={"item": random.randint(1, 100)}, catch_response=True) as response:
            if response.status_code == 409:
                response.success()
            elif "error" in response.text:
                response.failure("Got an error in the answer")
