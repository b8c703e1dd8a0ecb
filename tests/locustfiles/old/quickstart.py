from locust import HttpLocust, TaskSet, task
import time


class UserBehaviour(TaskSet):
    def on_start(self):
        self.login()

    def login(self):
        self.client.post("/login", json={"username": "foo", "password": "bar"})

    @task(1)
    def view_items(self):
        for item_id in range(10):
            self.client.get("/item?id=%i" % item_id, name="/item")
            time.sleep(0.001)
        self.client.get("/hello")
        self.client.get("/end")
        time.sleep(1000)


class WebsiteUser(HttpLocust):
    task_set = UserBehaviour
    min_wait = 0
    max_wait = 1
