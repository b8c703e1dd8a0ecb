"""A sequence with others within it."""
import time

from locust import HttpUser, SequentialTaskSet, TaskSet, constant, task


class Shop(HttpUser):
    wait_time = constant(0)
    name = "shop"

    @task
    class Visit(SequentialTaskSet):
        bought = 0

        def on_start(self):
            self.client.post("/login", json={"username": self.user.name})

        @task
        def browse(self):
            self.client.get("/items")

        @task(2)
        def search(self):
            self.client.get("/search", params={"bought": self.bought}, name="/search")

        @task
        class Buy(TaskSet):
            tries = 0

            def on_start(self):
                self.client.get("/cart")

            @task
            def buy(self):
                self.tries += 1
                self.parent.bought += 1
                self.client.post("/buy", json={"try": self.tries, "bought": self.parent.bought})
                if self.tries == 2:
                    self.interrupt()

            def on_stop(self):
                self.client.delete("/cart")

        @task
        def leave(self):
            self.client.get("/leave")
            if self.user.name == "shop":
                self.interrupt(reschedule=False)
            self.client.get("/end")
            time.sleep(1000)

        def on_stop(self):
            if self.user.name == "shop":
                self.client.get("/goodbye")
            self.user.name = f"again {self.bought}"
