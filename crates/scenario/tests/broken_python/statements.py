import time
from locust import HttpUser, RescheduleTask, StopUser, task

class U(HttpUser):
    @task
    def t(self):
        break
        continue
        time.sleep()
        def inner():
            pass
        global x
        del x
        match self.x:
            case 1:
                pass
        async with self.client.get("/") as response:
            pass
        try:
            raise StopUser()
        except Exception:
            raise RescheduleTask()
        try:
            raise Unknown("x")
        except (KeyError, Unknown):
            pass
        try:
            pass
        except* ValueError:
            pass
        raise ValueError(why="x")
        self.interrupt()
        while True:
            pass
        else:
            pass
        self.items.append(1)
