from locust import FastHttpUser, task


class Plain(FastHttpUser):
    @task
    def index(self):
        self.client.get("/")
