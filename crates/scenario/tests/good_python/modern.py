from __future__ import annotations

import json
import logging
import random as rnd
from random import choice

import locust
from locust import FastHttpUser, HttpUser, TaskSet, between, constant, constant_pacing, constant_throughput, tag, task

PATHS = ["/a", "/b"]
LIMIT: int = 2 * 5
HEADERS = {"X-Test": "yes", "X-None": None}


class Base(HttpUser):
    abstract = True
    wait_time = constant(0.5)
    api_key = "k1"
    counter = 0

    def on_start(self):
        self.login()

    def login(self):
        self.token = self.client.post("/auth", json={"key": self.api_key}, timeout=2.5).json()["token"]
        self.auth = {"Authorization": f"Bearer {self.token}", "X-Key": self.api_key}

    @task
    def ping(self):
        self.client.get("/ping", headers=HEADERS)


class Reader(Base):
    weight = 4
    fixed_count = 0

    @tag("slow", "read")
    @tag("read")
    @task(LIMIT)
    def search(self):
        """Looks for something."""
        self.counter += 1
        query = {"q": choice(PATHS), "n": self.counter, "tag": ["a", "b", None], "skip": None}
        self.client.get("/search", params={"q": choice(PATHS), "n": self.counter, "tag": ["a", None, "b"], "skip": None},
                        headers=self.auth, name="/search")
        self.client.post("/search", data=query, headers=self.auth, allow_redirects=False)
        self.client.request("options", url="/search")
        self.client.head("/search", verify=True)

    @task
    def bodies(self):
        self.client.put("/raw", json.dumps({"n": rnd.randint(1, 5)}), headers={"Content-Type": "application/json"})
        self.client.patch("/raw", data=f"n={self.counter}")
        self.client.delete("/raw", json=None)
        unread = self.client.get("/unread")
        for path in PATHS:
            response = self.client.get(path)
            if response.ok and response.status_code < 300 and "ok" in response.text:
                self.client.get(path + "/more")
            elif response.headers["X-Next"] == "1" or "x-last" in response.headers:
                pass
            else:
                self.client.get(f"{path}/{response.json()['id']:03d}")
        return

    @task
    def judged(self):
        with self.client.get("/judged", catch_response=True) as outer:
            if outer.elapsed.total_seconds() > 1.5:
                outer.failure(f"slow: {outer.elapsed.total_seconds():.1f}")
            with self.client.get("/inner", catch_response=True) as inner:
                inner.success()
            if not outer.text:
                outer.failure("empty")
        with self.client.get("/default", catch_response=True):
            pass


class Fast(FastHttpUser):
    wait_time = constant_pacing(2)

    @task
    class Tasks(TaskSet):
        wait_time = constant_throughput(0.5)
        data = {"a": 1}

        def on_start(self):
            self.user.session = self.client.get("/session").headers.get("X-Session", "none")
            self.session = "of the task set"

        @task(3)
        def fast(self):
            self.client.post("/fast", json=self.data)
            self.client.head(f"/fast/{self.user.session}/{self.session}")

        @task(0)
        def never(self):
            pass


def ping(user):
    user.client.get("/third")


class Third(locust.HttpUser):
    wait_time = locust.between(3, 1)
    tasks = [(ping, 2), ping]


if __name__ == "__main__":
    locust.run_single_user(Reader)
