from locust import FastHttpUser, constant, task


class Waiting(FastHttpUser):
    wait_time = constant(5)

    @task
    def index(self):
        self.client.get("/")
