from locust import HttpUser, task

class U(HttpUser):
    network_timeout = 5
    connection_timeout = 5.0

    def __init__(self, *args):
        super().__init__(*args)

    @task
    def t(self):
        self.client.get("/")
        self.host = "http://other"
        self.client.verify = False
