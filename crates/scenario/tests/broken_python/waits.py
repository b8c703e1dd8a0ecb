import random
from locust import HttpUser, HttpLocust, TaskSet, task, between, constant, constant_throughput, constant_pacing

class T(TaskSet):
    @task
    def t(self):
        self.client.get("/")

class A(HttpUser):
    tasks = [T]
    wait_time = between(1)

class B(HttpUser):
    tasks = [T]
    wait_time = constant(-1)

class C(HttpUser):
    tasks = [T]
    wait_time = constant_throughput(0)

class D(HttpUser):
    tasks = [T]
    wait_time = lambda self: random.expovariate(1)

class E(HttpUser):
    tasks = [T]
    def wait_time(self):
        return 5

class F(HttpUser):
    tasks = [T]
    min_wait = 1000
    max_wait = 2000

class G(HttpLocust):
    task_set = T
    min_wait = 5000

class H(HttpUser):
    tasks = [T]
    wait_time = constant("one")

class I(HttpUser):
    tasks = [T]
    wait_time = constant_pacing(random.randint(1, 2))
