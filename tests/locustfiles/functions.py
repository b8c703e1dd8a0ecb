"""Functions of the file, as tasks and as helpers."""
import random
import string
import time

from locust import FastHttpUser, constant


def name_of(length, letters="ab"):
    return "".join(letters[i % len(letters)] for i in range(length))


def post_all(client, path, items, extra=None):
    count = 0
    for item in items:
        answer = client.post(path, json={"item": item, "extra": extra})
        if answer.status_code != 200:
            return count
        count += 1
    return count


def visit(user):
    sent = post_all(user.client, "/things", ["a", "b"], extra=name_of(3))
    failed = post_all(user.client, "/status/400", ["a", "b"])
    user.client.get(f"/{sent}/{failed}/{name_of(letters=string.digits, length=4)}")
    if user.client.get("/cookies").json() == {} and user.client.get("/missing").status_code == 404:
        user.client.get("/both")
    kind = "even" if user.client.get("/items/2").json()["price"] % 2 else "odd"
    user.client.get("/" + kind, name=kind)
    user.client.get("/end")
    time.sleep(1000)


class Visitor(FastHttpUser):
    wait_time = constant(0)
    tasks = [visit]
