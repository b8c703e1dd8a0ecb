"""What tests read of answers."""
import time

from locust import FastHttpUser, constant, task


class Visitor(FastHttpUser):
    wait_time = constant(0)

    @task
    def visit(self):
        answer = self.client.get("/items")
        items = answer.json()["items"]
        names = [item["name"].title() for item in items if item["price"] > 1.5]
        dear = max(items, key=lambda item: item["price"])
        self.client.post("/summary", json={
            "names": names,
            "dear": dear["id"],
            "status": answer.status_code,
            "type": answer.headers["Content-Type"].split(";")[0],
            "missing": answer.headers.get("X-Missing", "-"),
            "length": len(answer.text) == len(answer.content),
            "sum": round(sum(item["price"] for item in items), 2),
            "by_name": {item["name"]: item["id"] for item in items},
            "sorted": sorted(item["name"] for item in items)[::-1],
        })
        self.client.get("/end")
        time.sleep(1000)
