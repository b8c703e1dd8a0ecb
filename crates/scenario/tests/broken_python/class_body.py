import random
from locust import HttpUser, task

class U(HttpUser):
    number = random.random()
    for i in range(3):
        pass
    a, b = 1, 2

    @task
    def t(self):
        self.client.get(f"/{self.number}")
