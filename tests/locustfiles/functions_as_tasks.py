"""Functions in dicts and lists of tasks, helpers with all kinds of parameters."""
import time

from locust import HttpUser, SequentialTaskSet, constant, task, tag


def first(user):
    user.client.get("/first")


def second(user):
    user.client.get(path_of("second", version=2))


def path_of(name, *, version=1, prefix="/api"):
    return f"{prefix}/v{version}/{name}"


class Steps(SequentialTaskSet):
    tasks = {first: 2, second: 1}

    @tag("last")
    @task
    def last(self):
        self.helper("a", "b")
        self.helper("a", last="c")
        self.client.get(path_of("last", prefix=self.prefix()))
        self.client.get("/end")
        time.sleep(1000)

    def helper(self, one, two="two", last=None):
        self.client.get(f"/{one}/{two}/{last or '-'}")

    @staticmethod
    def prefix():
        return "/static"


class Visitor(HttpUser):
    wait_time = constant(0)
    tasks = [Steps]
