"""A token that ends, and is asked for again."""
import time

from locust import HttpUser, constant, task


class ApiUser(HttpUser):
    wait_time = constant(0)
    token = None
    refreshed = 0

    def login(self):
        with self.client.post("/login", json={"username": "foo", "password": "bar"}, catch_response=True) as response:
            if response.status_code != 200:
                response.failure(f"login failed: {response.status_code}")
                return False
            self.token = response.json().get("token")
            self.refreshed += 1
            response.success()
        return True

    def authorized(self, path, attempts=2):
        for attempt in range(attempts):
            headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
            with self.client.get(path, headers=headers, name=f"{path} ({attempt})", catch_response=True) as response:
                if response.status_code == 401:
                    response.success()
                    if not self.login():
                        return None
                    continue
                return response.text
        return None

    @task
    def visit(self):
        text = self.authorized("/bearer")
        self.client.post("/result", json={"text": text, "refreshed": self.refreshed})
        self.client.get("/end")
        time.sleep(1000)
