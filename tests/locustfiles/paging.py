"""Pages until there are no more, and things that are made, changed and deleted."""
import time

from locust import HttpUser, constant, task


class Api(HttpUser):
    wait_time = constant(0)
    api = "/api/v2"

    @task
    def visit(self):
        page, seen = 1, []
        while True:
            answer = self.client.get(f"{self.api}/list", params={"page": page, "size": 2}, name=f"{self.api}/list")
            data = answer.json()
            seen += [data["query"]]
            page += 1
            if page > 3 or "items" in data:
                break
        created = self.client.post(f"{self.api}/things", json={"name": "thing", "tags": ["a", "b"], "size": None})
        thing = created.json()["path"].split("/")[-1]
        url = f"{self.api}/{thing}/{len(seen)}"
        self.client.get(url)
        self.client.put(url, json={"name": "other"})
        self.client.patch(url, json={"name": "more", "price": 1.50})
        with self.client.delete(url, catch_response=True) as gone:
            if gone.status_code != 204:
                gone.failure(f"status {gone.status_code} is not 204")
        self.client.get("/end")
        time.sleep(1000)
