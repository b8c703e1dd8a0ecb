import time
from locust import HttpUser, task

class U(HttpUser):
    @task
    def t(self):
        while True:
            self.client.get("/")
        try:
            self.client.get("/")
        except Exception:
            pass
        for i in range(3):
            if i == 2:
                break
        time.sleep(1)
        print("done")
        assert True
        raise ValueError("x")
        def inner():
            pass
        import os
        global x
        del x
        if True:
            return
        1 + 2
