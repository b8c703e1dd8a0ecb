import csv
import itertools
import random

from locust import HttpUser, task

A = open("missing.csv").read()
OUT = open("out.txt", "w")
B = [1]
C = B
B.append(2)
D = random.randint(1, 2)
E = {}["x"]
with lock:
    pass
F = csv.DictReader(["a;b"], delimiter=";")


def recursive(n):
    return recursive(n + 1)


G = recursive(1)
KEPT = []
ids = itertools.count()


class U(HttpUser):
    kept = KEPT

    @task
    def t(self):
        KEPT.append(1)
        self.kept = KEPT
        self.client.get(ids)
        global task
