from locust import HttpUser, task

class U(HttpUser):
    @task
    def t(self):
        a, b = 1, 2
        c = d = 3
        items = [1, 2]
        items[0] = 5
        items.append(3)
        for k, v in [[1, 2]]:
            pass
        other.x = 1
        a **= 2
