from locust import HttpUser, SequentialTaskSet, TaskSet, between, constant, tag, task


class Inner(TaskSet):
    wait_time = constant(2)
    visits = 0

    def on_start(self):
        self.token = self.client.get("/enter").text
        self.parent.entered = True

    @task
    def visit(self):
        self.visits += 1
        self.client.get(f"/visit/{self.visits}/{self.token}/{self.user.name}/{self.parent.entered}")
        if self.visits == 3:
            self.interrupt()

    @task
    def away(self):
        self.interrupt(reschedule=False)

    def on_stop(self):
        self.client.get("/left")


class Outer(TaskSet):
    tasks = [Inner]
    entered = False


@tag("steps")
class Steps(SequentialTaskSet):
    def last(self):
        self.client.get("/last")
        self.interrupt()

    @task(2)
    def first(self):
        self.client.get("/first")

    tasks = [last, Inner]


class Mixin:
    name = "mixin"

    def on_start(self):
        self.greet("hello")

    def greet(self, word, to="you"):
        self.client.get(f"/{word}/{to}")


class A(Mixin, HttpUser):
    wait_time = between(1, 2)
    tasks = {Outer: 2, Steps: 1}

    def on_start(self):
        super().on_start()
        self.greet(to="me", word="bye")

    @task
    def index(self):
        self.client.get("/")


class B(A):
    def __init__(self, environment):
        super().__init__(environment)
        self.name = "b"

    @task
    def index(self):
        self.client.get("/again")
