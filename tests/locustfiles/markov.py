"""Chains of tasks that say what comes next."""
import time

from locust import HttpUser, MarkovTaskSet, SequentialTaskSet, TaskSet, constant, task, transition, transitions


class Shop(MarkovTaskSet):
    wait_time = constant(0)
    rounds = 0

    def on_start(self):
        self.client.get("/enter")

    @transition("browse")
    def index(self):
        self.client.get("/")

    @transitions({"cart": 3, "never": 0})
    def browse(self):
        self.client.get("/items", name=f"/items/{self.user.visits}")

    @transitions(["pay"])
    @transition("never", weight=0)
    class cart(TaskSet):
        @task
        def add(self):
            self.client.post("/cart")
            self.interrupt(reschedule=False)

    @transitions([("browse", 2)])
    def pay(self):
        self.rounds += 1
        self.client.post("/pay", json={"round": self.rounds})
        if self.rounds == 2:
            self.interrupt()

    @transition("index")
    def never(self):
        self.client.get("/never")

    def on_stop(self):
        self.client.get("/leave")


class Visit(SequentialTaskSet):
    tasks = [Shop]

    @task
    def last(self):
        self.client.get("/end")
        time.sleep(1000)


class Visitor(HttpUser):
    wait_time = constant(0)
    visits = 1
    tasks = [Visit]
