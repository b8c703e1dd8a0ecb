"""Branches and loops, and the ways out of them."""
import time

from locust import HttpUser, constant, task

PAGES = {"first": 1, "second": 2}


class Visitor(HttpUser):
    wait_time = constant(0)

    @task
    def visit(self):
        for name, number in PAGES.items():
            for part in range(4):
                if part == number:
                    continue
                if part > 2:
                    break
                self.client.get(f"/{name}/{part}", name=f"/{name}/[part]")
        n = 10
        while n > 1:
            n = n // 2 if n % 2 == 0 else 3 * n + 1
            if n == 8:
                break
            self.client.get("/n/%d" % n)
        first = last = "x"
        a, (b, c) = 1, (2, [3])
        self.client.post("/values", json={"all": [first, last, a, b, c], "text": "{:>5}|{}".format(a, b)})
        self.finish()

    def finish(self):
        response = self.client.get("/status/404")
        if response.ok:
            return
        elif response.status_code in (404, 410) and not response.ok:
            self.client.get("/gone")
        self.client.get("/end")
        time.sleep(1000)
