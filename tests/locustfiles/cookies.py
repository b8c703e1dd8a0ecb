"""What a client keeps of cookies, and what a test does with them."""
import time

from locust import HttpUser, constant, task


class Visitor(HttpUser):
    wait_time = constant(0)

    def on_start(self):
        self.client.get("/cookies/set?session=abc")
        self.client.cookies.set("theme", "dark")
        self.client.cookies["lang"] = "de"

    @task
    def visit(self):
        self.client.get("/kept")
        answer = self.client.get("/cookies/set?csrf=1234")
        token = self.client.cookies["csrf"]
        self.client.post("/form", data={"csrf": token, "theme": self.client.cookies.get("theme")})
        self.client.get(f"/set/{answer.cookies['csrf']}/{self.client.cookies.get('none', 'nothing')}")
        if "session" in self.client.cookies:
            self.client.get("/once", cookies={"once": "only", "theme": "light"})
        self.client.get("/redirect/302?to=/after", cookies={"way": "far"})
        self.client.cookies.update({"theme": "blue"})
        names = sorted(self.client.cookies.get_dict().keys())
        self.client.post("/names", json={"names": names, "count": len(names)})
        try:
            self.client.get(f"/{self.client.cookies['missing']}")
        except KeyError:
            self.client.get("/missing")
        self.client.cookies.clear()
        self.client.get("/cleared")
        self.client.get("/end")
        time.sleep(1000)
