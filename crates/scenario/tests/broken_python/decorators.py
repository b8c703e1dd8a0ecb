from locust import HttpUser, task
import functools

class U(HttpUser):
    @task
    @functools.lru_cache
    def a(self):
        self.client.get("/")

    @task
    async def b(self):
        self.client.get("/")

    @task
    def c(self, times=3):
        self.client.get("/")

    @task
    def d():
        pass
