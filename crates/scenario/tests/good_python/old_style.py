"""The style of Locust before 1.0: functions, a dict of weights, milliseconds."""
from locust import HttpLocust, TaskSet


def login(l):
    l.client.post("/login", {"username": "ellen_key", "password": "education"})


def logout(l):
    l.client.post("/logout", {"username": "ellen_key", "password": "education"})


def index(l):
    l.client.get("/")


def profile(l):
    l.client.get("/profile")


class UserBehavior(TaskSet):
    tasks = {index: 2, profile: 1}

    def on_start(self):
        login(self)

    def on_stop(self):
        logout(self)


class WebsiteUser(HttpLocust):
    task_set = UserBehavior
    min_wait = 5000
    max_wait = 9000
    host = "http://example.org"


class _Hidden(HttpLocust):
    task_set = UserBehavior


class Other(WebsiteUser):
    weight = 5
    max_wait = 5000
