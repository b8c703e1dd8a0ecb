from locust import HttpLocust, TaskSet, events
import time

failed = 0


def count(request_type, name, response_time, exception, **kw):
    global failed
    failed += 1


events.request_failure += count


def index(l):
    l.client.get("/")


def end(l):
    l.client.post("/login", {"username": "ellen_key", "password": "education"})
    l.client.get("/items/%d" % 7, name="/items/%i")
    stats(l, "/stats/%s/%s" % ("a", l.locust.host_name))
    l.client.get("/end")
    time.sleep(1000)


def stats(l, path):
    l.client.get(path)
    l.client.get("/first")


class UserBehavior(TaskSet):
    tasks = {end: 2}

    def on_start(self):
        index(self)


class WebsiteUser(HttpLocust):
    task_set = UserBehavior
    host_name = "example"
    min_wait = 0
    max_wait = 0
