"""Tries again, with pauses between."""
import time

from locust import HttpUser, constant, task
from locust.exception import RescheduleTask


class Visitor(HttpUser):
    wait_time = constant(0)
    rounds = 0

    def fetch(self, path, tries=3, pause=0.001):
        for attempt in range(1, tries + 1):
            response = self.client.get(path, headers={"X-Attempt": str(attempt)}, name=f"{path} #{attempt}")
            if response.ok:
                return response
            time.sleep(pause * 2 ** attempt)
        raise ValueError(f"{path} failed {tries} times")

    @task
    def visit(self):
        self.rounds += 1
        if self.rounds == 1:
            self.client.get("/first")
            raise RescheduleTask()
        good = self.fetch("/items")
        try:
            self.fetch("/status/500", tries=2)
        except ValueError as error:
            self.client.post("/report", json={"error": str(error), "good": good.status_code})
        self.client.get("/end")
        time.sleep(1000)
