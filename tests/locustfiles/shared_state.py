"""Variables of the file that users share and change."""
import itertools
import random
import time

from locust import HttpUser, constant, task

USERS = [{"name": "ann"}, {"name": "bob"}, {"name": "cid"}]
SEEN = []
COUNTS = {"visits": 0}
ids = itertools.count(100)
steps = itertools.count(start=5, step=-2)
colours = itertools.cycle(["red", "green"])
visits = 0
last = None


def next_user():
    if not USERS:
        return None
    return USERS.pop()


class Visitor(HttpUser):
    wait_time = constant(0)

    def on_start(self):
        global visits
        visits += 1
        self.user_data = next_user()
        self.number = next(ids)

    @task
    def visit(self):
        global last
        for _ in range(3):
            self.client.get(f"/{next(colours)}/{next(ids)}/{next(steps)}/{visits}/{self.number}")
        while True:
            user = next_user()
            if user is None:
                break
            last = user["name"]
            SEEN.append(last)
            COUNTS["visits"] += 1
            COUNTS[last] = len(USERS)
        self.client.post("/state", json={"seen": SEEN, "counts": COUNTS, "last": last, "me": self.user_data})
        SEEN.clear()
        SEEN.extend(["x", "y"])
        SEEN.insert(1, "z")
        first = SEEN.pop(0)
        random.shuffle(USERS)
        self.client.post("/state", json=[first, SEEN, USERS])
        self.client.get("/end")
        time.sleep(1000)
