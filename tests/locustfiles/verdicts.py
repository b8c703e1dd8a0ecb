"""What counts as passed."""
import time

from locust import HttpUser, constant, task

GOOD = {200, 204}


class Visitor(HttpUser):
    wait_time = constant(0)

    def expect(self, path, *, status, text=None):
        with self.client.get(path, catch_response=True) as response:
            if response.status_code != status:
                return response.failure(f"{response.status_code} instead of {status}")
            if text is not None and text not in response.text:
                response.failure(f"no {text!r}")
            else:
                response.success()

    @task
    def visit(self):
        self.expect("/status/404", status=404)
        self.expect("/status/200", status=404)
        self.expect("/status/201", status=201, text="status 201")
        self.expect("/status/202", status=202, text="missing")
        for status in [200, 204, 400, 503]:
            with self.client.get(f"/status/{status}", name="/status/[code]", catch_response=True) as response:
                if response.status_code in GOOD:
                    continue
                if 400 <= response.status_code < 500:
                    response.failure("client error")
                elif response.status_code >= 500:
                    response.success()
        with self.client.post("/login", json={}, catch_response=True) as response:
            response.failure("first")
            response.success()
        with self.client.get("/items", catch_response=True) as response:
            response.success()
            response.failure("second")
        self.client.get("/end")
        time.sleep(1000)
