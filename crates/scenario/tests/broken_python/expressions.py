import uuid
import json
from locust import HttpUser, task

class U(HttpUser):
    @task
    def t(self):
        a = [x for x in range(3)]
        b = a[1:2]
        c = "%s" % 5
        d = uuid.uuid4()
        e = random.randint(1, 2)
        f = lambda x: x
        g = unknown + 1
        h = a.sort()
        i = 2 ** 8
        j = json.dump(a)
        k = {1: "a"}
        l = self.missing
        m = self.t()
        n = b"bytes"
        o = a is b
        p = 1 / 0
        q = f"{a!a}{a:>{b}}{a=}"
        r = len(1, 2)
        s = "a".startswith()
        t = a.content
        u = 99999999999999999999
