import uuid
import json
import re
import time
import string
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
        v = (x for x in a)
        w = [x for self.x in a]
        x = [y for x in a for z in y]
        y = a.append(1)
        z = time.sleep(1)
        aa = re.search("(?=a)", "a")
        ab = re.search(c, "a")
        ac = isinstance(a, Thing)
        ad = sorted(a, key=g)
        ae = next(a)
        af = quote("a")
        ag = string.ascii_leters
        ah = [*a for a in b]
        ai = a @ b
        aj = {**a for a in b}
        ak = json
        al = sorted(a, True)
        am = [n for n in range(3)] + n
