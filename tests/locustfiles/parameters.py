"""Addresses, parameters and bodies at their edges."""
import time

from locust import HttpUser, constant, task


class Visitor(HttpUser):
    wait_time = constant(0)

    @task
    def visit(self):
        self.client.get("/plain", params=None)
        self.client.get("/plain", params={})
        self.client.get("/search", params={"q": "tea & coffee", "page": 1, "all": True, "none": None})
        self.client.get("/search", params={"ids": [3, 1, 2], "word": "grün"})
        self.client.get("/with?x=1", params={"y": 2})
        self.client.get("/dots/a.b-c_d~e")
        self.client.get("/space here")
        self.client.get("/ümlaut?k=ö")
        self.client.get("/percent%20done?a=%2F")
        self.client.post("/empty")
        self.client.post("/empty", data={})
        self.client.post("/empty", json={})
        self.client.post("/empty", json=[])
        self.client.post("/text", data="plain text")
        self.client.post("/form", data={"a": "1 2", "b": ["x", "y"], "c": "&="})
        self.client.post("/json", json={"text": "ü\"\\\n", "number": 1.0, "big": 12345678901, "bool": False, "none": None})
        self.client.put("/put", {"a": 1})
        self.client.patch("/patch", data="x=1")
        self.client.get("/headers", headers={"Accept": "text/html", "X-Empty": "", "User-Agent": "me"})
        self.client.get("/items/1", name="one item")
        self.client.get("/items/2", name="")
        self.client.get("/chain/2", name="chain")
        self.client.get("/end")
        time.sleep(1000)
