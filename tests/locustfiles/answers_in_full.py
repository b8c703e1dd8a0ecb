"""Status, cookies, addresses of answers."""
import time

from locust import HttpUser, constant, task


class Visitor(HttpUser):
    wait_time = constant(0)

    @task
    def visit(self):
        answer = self.client.get("/cookies/set?csrftoken=abc123")
        token = answer.cookies["csrftoken"]
        self.client.post("/form", {"csrf": token, "none": answer.cookies.get("none", "-")}, headers={"X-CSRFToken": token})
        with self.client.get("/status/404", catch_response=True) as response:
            try:
                response.raise_for_status()
            except Exception as error:
                response.failure(str(error)[:16])
        self.client.get("/items").raise_for_status()
        moved = self.client.get("/redirect/302?to=/moved", name="/redirect")
        self.client.get("/after" + moved.url[moved.url.index("/moved"):])
        here = self.client.get("/here?a=1")
        self.client.post("/facts", json={
            "ok": here.ok,
            "reason": here.reason,
            "quick": here.elapsed.total_seconds() < 60,
            "path": here.url.split("/")[-1],
            "length": len(here.content) > 10,
        })
        self.client.get("/end")
        time.sleep(1000)
