from locust import HttpUser, task

def ping(u):
    pong(u)

def pong(u):
    ping(u)

class U(HttpUser):
    @task
    def t(self):
        ping(self)
        self.helper(1)
