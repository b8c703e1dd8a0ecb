from locust import HttpUser, task

FORM = {"fixed": "yes", "list": [1, None, 2]}


def both(user):
    first = user.client.get("/first")
    if first.ok:
        second = first.text
    user.kept = second


class U(HttpUser):
    @task
    def twice(self):
        both(self)
        outer = 1
        self.third()
        self.client.post("/form", data=FORM)
        self.client.post("/form", {"kept": self.kept, "outer": outer}, headers={"X-Kept": self.kept, "X-Text": f"{outer}"})

    def third(self):
        third = "x"
        both(self)
        self.client.get(f"/{third}")
