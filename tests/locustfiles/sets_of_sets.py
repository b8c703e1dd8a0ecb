"""Sets in sets, entered and left."""
import time

from locust import HttpUser, SequentialTaskSet, TaskSet, constant, task


class Leaf(SequentialTaskSet):
    @task
    def one(self):
        self.client.get(f"/leaf/one/{self.user.round}")

    @task
    def two(self):
        self.client.get("/leaf/two")
        self.interrupt()

    @task
    def never(self):
        self.client.get("/never")


class Branch(SequentialTaskSet):
    tasks = [Leaf]
    count = 0

    def on_start(self):
        self.client.get("/branch/start")

    @task
    def after(self):
        self.count += 1
        self.client.get(f"/branch/after/{self.count}")
        if self.count == 2:
            self.interrupt(False)

    @task
    class Inner(TaskSet):
        @task
        def only(self):
            self.client.get(f"/inner/{self.parent.count}")
            self.interrupt(reschedule=True)

    def on_stop(self):
        self.client.get("/branch/stop")


class Root(SequentialTaskSet):
    @task
    def begin(self):
        self.user.round += 1
        self.client.get("/begin")

    @task
    class Middle(Branch):
        pass

    @task
    def end(self):
        if self.user.round < 2:
            return
        self.client.get("/end")
        time.sleep(1000)


class Visitor(HttpUser):
    wait_time = constant(0)
    round = 0
    tasks = [Root]
