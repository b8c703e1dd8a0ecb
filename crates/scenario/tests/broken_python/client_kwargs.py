import os
from locust import HttpUser, task

OPTIONS = {"headers": {"a": "b"}}
ARGS = ["/x"]


class U(HttpUser):
    def fetch(self, path, **kwargs):
        return self.client.get(path, **kwargs)

    @task
    def t(self):
        self.client.get("/", **OPTIONS)
        self.client.get(*ARGS)
        self.client.get("/", cookies={"a": "b"}, cert="x", proxies={}, hooks={})
        self.client.get("/", context={"a": 1})
        self.fetch("/", headers={})
        method = "get"
        getattr(self.client, method)("/")
        do = self.client.post
        do("/")
        self.client.get("/").json()["a"].fetch()
        self.client.auth = ("a", "b")
        self.client.params = {"a": 1}
        self.client.trust_env = False
        self.client.mount("http://", None)
        self.client.send("x")
        self.client.get("/", files={"f": open("x.bin", "rb")})
        with self.client.get("/", stream=True) as response:
            for line in response.iter_lines():
                pass
        with self.client.get("/", catch_response=True) as response, open("x") as f:
            pass
        response = self.client.get("/")
        response.history
        response.encoding = "utf-8"
        response.iter_content(3)
        response.request.headers
        response.raw
        response.elapsed.microseconds
        response.success
