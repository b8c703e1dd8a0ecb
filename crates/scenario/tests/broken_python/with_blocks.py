from locust import HttpUser, task

class U(HttpUser):
    @task
    def t(self):
        with self.client.get("/") as response:
            response.success()
        response = self.client.get("/", catch_response=True)
        response.success()
        response.failure("late")
        with open("file") as f:
            pass
        with self.client.get("/a", catch_response=True) as a, self.client.get("/b", catch_response=True) as b:
            pass
        with self.client.get("/", catch_response=True) as outer:
            with self.client.get("/", catch_response=True) as inner:
                outer.failure("not mine")
            outer.failure()
            outer.success("why")
        with self.client.rename_request("/x"):
            pass
