"""Files that methods read and upload."""
import csv
import json
import os
import time

from locust import HttpUser, constant, task

HERE = os.path.join(os.path.dirname(__file__), "data")


def first_line(path):
    with open(path) as lines:
        return lines.readlines()[0].strip()


FIRST = first_line(os.path.join(HERE, "paths.txt"))


class Visitor(HttpUser):
    wait_time = constant(0)

    def on_start(self):
        with open(os.path.join(HERE, "users.csv")) as file:
            self.users = list(csv.DictReader(file))
        with open(HERE + "/products.json", "r", encoding="utf-8") as file:
            self.products = json.load(file)
        self.raw = open(f"{HERE}/products.json", "rb").read()

    @task
    def visit(self):
        while self.users:
            user = self.users.pop(0)
            self.client.post("/login", json=user)
        self.client.post("/products", json=self.products)
        self.client.post("/raw", data=self.raw, headers={"Content-Type": "application/json"})
        with open(HERE + "/paths.txt") as paths:
            for path in paths:
                self.client.get("/path/" + path.strip())
        with open(HERE + "/users.csv", "rb") as file:
            self.client.post("/upload", files={"users": file})
        self.client.post("/upload", files={"file": ("named.csv", open(HERE + "/users.csv", "rb"), "text/csv")})
        self.client.post("/upload", data={"a": "b"}, files={"file": open(HERE + "/paths.txt", "rb")})
        self.client.get("/" + FIRST.lstrip("/"))
        self.client.get("/end")
        time.sleep(1000)
