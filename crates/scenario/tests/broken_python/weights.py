from locust import HttpUser, tag, task

class U(HttpUser):
    weight = 0
    fixed_count = "many"
    host = "example.org"

    @task(-1)
    def a(self):
        self.client.get("/")

    @task("3")
    def b(self):
        self.client.get("/")

    @task(1, 2)
    def c(self):
        self.client.get("/")

    @tag
    @task
    def d(self):
        self.client.get("/")

    @tag(5)
    @task
    def e(self):
        self.client.get("/")
