"""Compiled patterns, and classes that hold constants."""
import re
import time

from locust import HttpUser, constant, task

CSRF = re.compile(r'name="csrf" value="([^"]+)"')
LINK = re.compile(r"HREF=\"(/items/(\d+))\"", re.IGNORECASE)
WORDS = re.compile(r"^(?P<first>\w+)\s+  # the first word", flags=re.M | re.VERBOSE)


class Config:
    API = "/api/v1"
    PATHS = ["/a", "/b"]
    RETRIES: int = 2
    HEADERS = {"X-Visit": "config"}


class Names:
    LOGIN = f"{Config.API}/login"


BASE = Config.API + "/base"


class Visitor(HttpUser):
    wait_time = constant(0)

    @task
    def visit(self):
        page = self.client.get("/page").text
        found = CSRF.search(page)
        self.client.post(Names.LOGIN, data={"csrf": found.group(1)}, headers=Config.HEADERS)
        for path, number in LINK.findall(page):
            self.client.get(path, name=LINK.sub("[link]", f'href="{path}"') + number)
        for path in Config.PATHS:
            self.client.get(Config.API + path)
        for _ in range(Config.RETRIES):
            self.client.get(BASE)
        first = WORDS.match("green  tea").group("first")
        last = re.compile(r"t(.)a").search("green tea").group(1)
        upper = re.search("TEA", "green tea", re.I).start()
        parts = re.split("x", "1X2x3", flags=re.I)
        self.client.post("/made", json=[first, last, upper, parts, WORDS.match(" green") is None])
        self.client.get("/end")
        time.sleep(1000)
