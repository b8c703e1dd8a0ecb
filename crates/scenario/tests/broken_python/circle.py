from locust import HttpUser

class A(B):
    pass

class B(A):
    pass

class U(HttpUser):
    def task(self):
        self.client.get("/")
