import math
from locust import HttpUser, LoadTestShape, task


class Double(LoadTestShape):
    min_users = 20
    time_limit = 600

    def tick(self):
        run_time = round(self.get_run_time())
        if run_time < self.time_limit:
            count = math.e ** -(((run_time / (self.time_limit / 10 * 2 / 3)) - 5) ** 2) + self.min_users
            return (round(count), round(count))
        return None


class U(HttpUser):
    @task
    def t(self):
        self.client.get("/")
