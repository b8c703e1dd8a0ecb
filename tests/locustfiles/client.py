"""What the client can send."""
import json
import time

from locust import HttpUser, constant, task

DEFAULTS = {"X-Team": "tea", "X-Stage": "test"}


def headers_for(user, number):
    return {"X-Number": str(number), "X-Token": user.token}


class Visitor(HttpUser):
    wait_time = constant(0)
    token = "none"

    def on_start(self):
        self.client.get("/before", headers={"X-Before": "1"})
        self.client.headers.update(DEFAULTS)
        self.client.headers["X-Visitor"] = "v"
        answer = self.client.post("/login", json={"username": "foo", "password": "bar"})
        self.token = answer.json()["token"]
        self.client.headers.update({"Authorization": f"Bearer {self.token}"})

    @task
    def visit(self):
        self.client.get("/bearer")
        self.client.get("/one", headers=headers_for(self, 1))
        self.client.get("/two", headers={**headers_for(self, 2), "X-Team": "coffee"})
        self.client.get("/three", headers={"x-stage": "other", "Authorization": "none"})
        fields = {"a": 1, "b": [1, 2], "c": None}
        if self.token:
            fields = {**fields, "d": "x y"}
        self.client.get("/search", params=fields, name="/search")
        self.client.get("/search?x=1", params=[("a", "1"), ("a", 2)], name="/search")
        self.client.post("/form", data=fields)
        self.client.post("/form", fields if self.token else "text")
        self.client.post("/text", data=json.dumps(fields), headers={"Content-Type": "application/json"})
        self.client.post("/raw", data=b"bytes \xc3\xa9")
        self.client.put("/put", json=fields, timeout=5, verify=False, stream=False)
        self.client.patch("/patch", json=[fields, self.token])
        self.client.delete("/delete", params={"id": 3})
        self.client.options("/options")
        self.client.head("/head")
        self.client.request("PURGE", "/purge", json={"n": 1})
        self.client.request(method="POST", url="/post", data={"n": 1}, name="named")
        self.client.post("/upload", data={"n": 1}, files={"note": ("note.txt", f"for {self.token}", "text/plain")})
        self.client.get("/redirect/302?to=/x", allow_redirects=False)
        self.client.get("/end")
        time.sleep(1000)
