"""Several classes; the one whose number is fixed comes first."""
import time

from locust import HttpUser, constant, tag, task


class Common(HttpUser):
    abstract = True
    wait_time = constant(0)
    who = "common"

    @task
    def visit(self):
        self.client.get(f"/{self.who}")
        self.more()
        self.client.get("/end")
        time.sleep(1000)

    def more(self):
        pass


class Reader(Common):
    weight = 5
    who = "reader"


class Admin(Common):
    fixed_count = 1
    who = "admin"

    def more(self):
        self.client.get("/admin")
        self.audit(level=2)

    @tag("audit", "slow")
    def audit(self, level):
        self.client.post("/audit", {"level": level})
