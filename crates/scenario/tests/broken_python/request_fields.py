from locust import HttpUser, task

class U(HttpUser):
    payload = {"a": 1}

    @task
    def t(self):
        payload = {"a": 1}
        payload = {"b": 2}
        self.client.post("/", data=payload)
        self.client.get("/", headers=payload, params=payload)
        self.client.get("/", headers={"bad name": "x", "X-Number": 5, "X-Line": "a\nb"})
        key = "k"
        self.client.get("/", headers={key: "x"})
        self.client.post("/", data={"nested": {"a": 1}})
        self.client.post("/", data=[1, 2])
        self.client.post("/", data=self.value)
        self.value = 5
