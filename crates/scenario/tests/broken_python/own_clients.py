import socket
import time
import xmlrpc.client
from locust import User, task, events


class XmlRpcClient(xmlrpc.client.ServerProxy):
    def __init__(self, host, request_event):
        super().__init__(host)
        self._request_event = request_event

    def __getattr__(self, name):
        func = super().__getattr__(name)

        def wrapper(*args, **kwargs):
            start = time.perf_counter()
            result = func(*args, **kwargs)
            self._request_event.fire(request_type="xmlrpc", name=name, response_time=time.perf_counter() - start)
            return result

        return wrapper


class XmlRpcUser(User):
    abstract = True

    def __init__(self, environment):
        super().__init__(environment)
        self.client = XmlRpcClient(self.host, environment.events.request)


class MyUser(XmlRpcUser):
    host = "http://127.0.0.1:8877/"

    @task
    def get_time(self):
        self.client.get_time()
        events.request.fire(request_type="x", name="y", response_time=1, response_length=2, exception=None)
        self.environment.events.request.fire(request_type="x", name="y", response_time=1, response_length=2)


class Raw(User):
    def on_start(self):
        self.socket = socket.create_connection(("localhost", 1))

    @task
    def send(self):
        self.socket.sendall(b"x")
