import os
import random
from locust import HttpUser, LoadTestShape, events, task

STAGE = os.getenv("SURELY_NOT_SET", "test")


@events.test_start.add_listener
def started(environment, **kwargs):
    if STAGE:
        print("started", environment.host)


class Steps(LoadTestShape):
    stages = [
        {"duration": 60, "users": 10, "spawn_rate": 10},
        {"duration": 60, "users": 99, "spawn_rate": 10},
        {"duration": 180.5, "users": 50, "spawn_rate": 2.5},
    ]

    def tick(self):
        """Where we are."""
        now = self.get_run_time()
        for stage in self.stages:
            if now < stage["duration"]:
                tick_data = (stage["users"], stage["spawn_rate"])
                return tick_data


class U(HttpUser):
    def on_start(self):
        self.seen = []
        self.client.headers.update({"X-Stage": STAGE})

    @task
    def t(self):
        row = {"id": 1}
        row["name"] = self.client.get("/name").text
        row["id"] += 1
        self.seen.append(dict(row))
        if len(self.seen) > 3:
            first = self.seen.pop(0)
            del row["id"]
            self.client.post("/first", json=first)
        names = [item["name"] for item in self.seen]
        names.sort(reverse=True)
        random.shuffle(names)
        for name in list(names):
            names.remove(name)
        row.update({"rest": names})
        self.client.post("/row", json={"row": row, "popped": row.pop("none", None)}, auth=("a", row["name"]), verify=False)
        self.client.post("/up", files={"f": ("a.txt", f"{row}", "text/plain"), "g": b"raw"}, data={"n": 1})
