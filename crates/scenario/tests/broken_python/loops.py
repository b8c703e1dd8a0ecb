from locust import HttpUser, task

class U(HttpUser):
    @task
    def t(self):
        for i in range(3):
            self.client.get("/")
        else:
            self.client.get("/")
        async for j in range(3):
            pass
        for self.k in [1]:
            continue
