from locust import HttpUser, task

SHARED = []
ROW = {"a": 1}


def add(items, item):
    items.append(item)


class U(HttpUser):
    seen = []

    def on_start(self):
        self.kept = []
        self.other = self.kept
        self.rows = [[1]]
        self.given = self.client.get("/").json()
        self.client.get("/", headers={"x": self.given})

    @task
    def t(self):
        SHARED.append(1)
        ROW["a"] = 2
        self.seen.append(1)
        self.kept.append(1)
        self.other.append(1)
        self.rows[0].append(2)
        for row in self.rows:
            self.rows.append(3)
            row.append(1)
        self.given["x"] = 1
        mine = {"a": self.given}
        add(mine, 1)
        mine.update(a=1)
        mine.sort(key=len)
