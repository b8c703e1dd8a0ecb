from locust import HttpUser, constant_throughput, task


class Steady(HttpUser):
    wait_time = constant_throughput(5)

    @task
    def index(self):
        self.client.get("/")
