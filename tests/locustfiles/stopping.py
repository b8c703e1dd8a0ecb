"""A user that ends itself."""
from locust import HttpUser, TaskSet, constant, task
from locust.exception import StopUser


class Visitor(HttpUser):
    wait_time = constant(0)

    def on_stop(self):
        self.client.get("/user/stop")
        self.client.get("/end")

    @task
    class Outer(TaskSet):
        @task
        class Inner(TaskSet):
            visits = 0

            @task
            def visit(self):
                self.visits += 1
                self.client.get("/visit")
                if self.visits == 3:
                    raise StopUser()

            def on_stop(self):
                self.client.get("/inner/stop")

        def on_stop(self):
            self.client.get("/outer/stop")
