import gevent
from gevent.pool import Pool, Group
from gevent.lock import Semaphore
from locust import HttpUser, task

lock = Semaphore()
pool = Pool(10)


class U(HttpUser):
    def on_start(self):
        self.pool = Pool(5)

    def load(self, path):
        self.client.get(path)

    @task
    def t(self):
        jobs = [gevent.spawn(self.load, path) for path in ["/a", "/b"]]
        gevent.joinall(jobs)
        pool.spawn(self.client.get, "/c")
        self.pool.map(self.load, ["/d"])
        group = Group()
        group.spawn(lambda: self.client.get("/e"))
        group.join()
        with lock:
            self.client.get("/f")
        gevent.sleep(1)
