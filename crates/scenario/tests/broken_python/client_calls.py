from locust import HttpUser, task

class U(HttpUser):
    @task
    def t(self):
        self.client.get()
        self.client.get("index.html")
        self.client.get(5)
        self.client.fetch("/")
        self.client.get("/", files={"a": "b"})
        self.client.get("/", auth=("a", "b"), verify=False)
        self.client.get("/", timeout=(1, 2))
        self.client.get("/", timeout=-1)
        self.client.get("/", allow_redirects="no")
        self.client.post("/", data="x", json={})
        self.client.post("/", "data", url="/again")
        self.client.post("/", **{})
        self.client.request("NO GOOD", "/")
        self.client.request(self.client, "/")
        self.client.headers.update({"a": "b"})
        x = [self.client.get("/")]
