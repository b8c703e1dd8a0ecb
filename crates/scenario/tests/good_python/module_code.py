import csv
import itertools
import json
import os

from locust import HttpUser, task

HERE = os.path.dirname(os.path.abspath(__file__))

with open(os.path.join(HERE, "users.csv")) as f:
    USERS = [row for row in csv.DictReader(f)]

NAMES = []
for user in USERS:
    if user["name"] == "bob":
        continue
    NAMES.append(user["name"])


def load(path, default=None):
    try:
        with open(path) as file:
            return json.load(file)
    except FileNotFoundError:
        return default


MISSING = load("missing.json", {"a": 1})
MODE = os.getenv("AKRIDA_SET", "not set") + os.environ.get("AKRIDA_NOT_SET", "-")
SEEN = []
ids = itertools.count(7)
kinds = itertools.cycle(NAMES)
rows = csv.reader(open("users.csv"))
total = 0


class U(HttpUser):
    host = "http://" + MODE
    wait_time = lambda self: self.pause / 1000
    pause = 2

    @task
    def t(self):
        global total
        total += 1
        SEEN.append(next(ids))
        self.client.get(f"/{next(kinds)}/{total}/{SEEN[-1]}", json=[NAMES, MISSING, next(rows)])
        if len(SEEN) > 3:
            SEEN.pop(0)
        with self.client.rename_request("named"):
            self.client.get("/x")
