import random
from locust import HttpUser, task, between

class Helper:
    pass

def index(u):
    u.client.get("/")

class U(HttpUser):
    @task
    def t(self):
        a = Helper
        b = index(self)
        c = between
        d = random
        e = random.randint
        f = self
        g = self.client
        h = self.environment
        i = self.user
        j = json.dumps({})
