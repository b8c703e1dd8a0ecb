"""Functions as tasks, in dicts and lists, as old tests have them."""
import time

from locust import HttpUser, TaskSet, constant


def index(l):
    l.client.get("/")


def end(l):
    l.client.post("/login", {"username": "ellen_key", "password": "education"})
    l.client.get("/items/%d" % 7, name="/items/%i")
    stats(l, "/stats/%s/%s" % ("a", l.user.host_name))
    l.client.get("/end")
    time.sleep(1000)


def stats(l, path):
    l.client.get(path)
    l.client.get("/first")


class UserBehavior(TaskSet):
    tasks = {end: 2}

    def on_start(self):
        index(self)


class WebsiteUser(HttpUser):
    tasks = [UserBehavior]
    host_name = "example"
    wait_time = constant(0)
