"""Requests that decide themselves whether they passed."""
import time

from locust import HttpUser, constant, task


class Visitor(HttpUser):
    wait_time = constant(0)

    def check(self, response, wanted):
        if response.json()["name"] != wanted:
            response.failure(f"not {wanted}")
            return False
        return True

    def item(self, number, wanted):
        with self.client.get(f"/items/{number}", name="/items/[id]", catch_response=True) as response:
            if not self.check(response, wanted):
                return None
            return response.json()["price"]

    @task
    def visit(self):
        with self.client.get("/missing", catch_response=True) as response:
            if response.status_code == 404:
                response.success()
        with self.client.get("/status/500", catch_response=True) as response:
            pass
        with self.client.get("/items", catch_response=True) as response:
            for item in response.json()["items"]:
                if item["name"] == "coffee":
                    response.failure("coffee")
                    break
                with self.client.get("/status/503", catch_response=True) as inner:
                    inner.success()
        first = self.item(1, "tea")
        second = self.item(2, "tea")
        self.client.post("/prices", json=[first, second])
        with self.client.post("/login", json={"username": "foo", "password": "bar"}, catch_response=True) as login, \
             self.client.get("/private", catch_response=True) as private:
            if private.text != "welcome":
                private.failure("no welcome")
        self.client.get("/bearer", headers={"Authorization": "Bearer " + login.json()["token"]})
        self.client.get("/end")
        time.sleep(1000)
