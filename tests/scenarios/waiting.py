from locust import HttpUser, constant, task


class Waiting(HttpUser):
    wait_time = constant(5)

    @task
    def index(self):
        self.client.get("/")
