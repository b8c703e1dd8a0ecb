from locust import HttpUser, task

class U(HttpUser):
    @task
    def t(self):
        r = self.client.get("/")
        h = r.headers
        s = r.status
        t = r.json
        u = r.statuscode
        v = r.txt
        w = r.raise_for_status()
        x = r.jsn()
