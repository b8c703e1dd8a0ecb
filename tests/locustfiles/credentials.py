"""Each user takes one row of a file, and logs in with it."""
import csv
import os
import random
import time

from locust import HttpUser, constant, task

FILE = os.path.join(os.path.dirname(__file__), "data/users.csv")


def read_users():
    users = []
    with open(FILE, "r", encoding="utf-8") as csvfile:
        for row in csv.DictReader(csvfile):
            users.append((row["username"], row["password"]))
    return users


USER_CREDENTIALS = read_users()
AGENTS = ["one", "one", "one"]


class LoginUser(HttpUser):
    wait_time = constant(0)

    def on_start(self):
        self.username, self.password = "NOT_FOUND", "NOT_FOUND"
        if len(USER_CREDENTIALS) > 0:
            self.username, self.password = USER_CREDENTIALS.pop()
        self.login()

    def login(self):
        self.client.post("/login", {"username": self.username, "password": self.password},
                         headers={"X-Agent": random.choice(AGENTS)})

    @task
    def visit(self):
        self.client.get("/private")
        self.client.get("/left/%d" % len(USER_CREDENTIALS))
        self.client.get("/end")
        time.sleep(1000)
