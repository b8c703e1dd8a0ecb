"""Files."""
import os
import time

from locust import HttpUser, constant, task

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data", "users.csv")

with open(PATH, "rb") as file:
    CONTENT = file.read()


class Visitor(HttpUser):
    wait_time = constant(0)

    @task
    def visit(self):
        self.client.post("/upload", files={"file": ("users.csv", CONTENT, "text/csv")})
        self.client.post("/upload", files={"file": ("a.txt", "text")}, data={"note": "x"})
        self.client.post("/raw", data=CONTENT, headers={"Content-Type": "text/csv"})
        self.client.get("/end")
        time.sleep(1000)
