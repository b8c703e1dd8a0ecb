import random
import os
from locust import HttpUser, task, events

@events.test_start.add_listener
def on_test_start(environment, **kwargs):
    pass

SEED = random.randint(1, 5)
HOST = os.getenv("HOST")
A = B = 1
for i in range(3):
    pass
with open("users.csv") as f:
    users = f.read()
NAME = "a"
NAME = "b"

class U(HttpUser):
    @task
    def t(self):
        self.client.get("/")
