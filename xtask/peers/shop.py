"""The login shop of scenarios/login-shop.yaml, as people write it for Locust, with users that never rest."""
import random

from locust import FastHttpUser, task


class Shopper(FastHttpUser):
    default_headers = {"Accept": "application/json"}

    def on_start(self):
        response = self.client.post("/login", json={"username": "foo", "password": "bar"})
        self.token = response.json()["token"]

    @task(3)
    def browse(self):
        item = random.randint(1, 100)
        headers = {"Authorization": f"Bearer {self.token}"}
        with self.client.get(f"/item?id={item}", name="/item", headers=headers, catch_response=True) as response:
            if str(item) not in response.text:
                response.failure("another item")

    @task
    def buy(self):
        with self.client.post("/buy", json={"item": random.randint(1, 100)}, catch_response=True) as response:
            if response.status_code == 409:
                response.success()
            elif "error" in response.text:
                response.failure("an error in the answer")
