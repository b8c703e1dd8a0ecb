"""Waits that Python computes."""
import random
import time

from locust import HttpUser, TaskSet, task


class Patient(TaskSet):
    waits = 0

    def wait_time(self):
        self.waits += 1
        if self.waits < 3:
            return 0.01
        return random.uniform(0, 0.01)

    @task
    def visit(self):
        self.client.get(f"/waits/{self.waits}")
        if self.waits == 4:
            self.interrupt()


class Visitor(HttpUser):
    wait_time = lambda self: self.least * 2 + random.random() / 100
    least = 0.001
    done = 0
    tasks = [Patient]

    @task(1000000)
    def other(self):
        self.done += 1
        if self.done == 3:
            self.client.get("/end")
            time.sleep(1000)
