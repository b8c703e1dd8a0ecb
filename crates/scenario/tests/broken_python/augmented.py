from locust import HttpUser, task

class U(HttpUser):
    @task
    def t(self):
        self.a += 1
        self.client += 1
        x @= 2
        y: int
        z += y
