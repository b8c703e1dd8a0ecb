from locust import HttpUser, MarkovTaskSet, tag, task, transition, transitions


class Chain(MarkovTaskSet):
    @transition("missing")
    def a(self):
        pass

    @transition("a", weight=0)
    def b(self):
        pass

    @transitions([("a", "often")])
    def c(self):
        pass

    @transition()
    @transitions({"a": 1})
    def d(self):
        pass

    @tag("x")
    @transition("a", -1)
    def e(self):
        pass

    @transition(3)
    @print
    def f(self):
        pass


class Empty(MarkovTaskSet):
    @task
    def a(self):
        pass


class U(HttpUser):
    tasks = [Chain, Empty]
