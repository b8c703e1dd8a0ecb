"""The client for JSON, and what its blocks raise."""
import time

from locust import FastHttpUser, constant, task


class Visitor(FastHttpUser):
    wait_time = constant(0)
    default_headers = {"X-Visit": "rest"}
    max_redirects = 5

    @task
    def visit(self):
        with self.rest("GET", "/items/1") as response:
            self.client.get(f"/{response.js['id']}")
        with self.rest("POST", "/items", json={"name": "tea"}, name="/made") as resp:
            assert resp.js["method"] == "POST"
        with self.rest("GET", "/items/2") as resp:
            assert resp.js["id"] == 3, "another item"
        with self.rest("GET", "/items/3") as resp:
            assert resp.js is None
        with self.rest("GET", "/page") as resp:
            if resp.js is None:
                resp.failure("no JSON")
        with self.rest("GET", "/items/4", headers={"content-type": "text/plain"}) as resp:
            if resp.status_code == 200:
                resp.success()
        with self.rest("PUT", "/status/500") as resp:
            pass
        with self.rest("DELETE", "/status/404") as resp:
            resp.success()
        for number in range(2):
            with self.rest("GET", f"/items/{number}", name="/items/[n]") as resp:
                if number == 1:
                    continue
        self.client.get("/end")
        time.sleep(1000)
