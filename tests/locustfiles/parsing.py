"""What is found in answers leads to more requests."""
import json
import re
import time

from locust import HttpUser, constant, task


class Browser(HttpUser):
    wait_time = constant(0)

    @task
    def browse(self):
        page = self.client.get("/page").text
        for link in re.findall(r'href="([^"]+)"', page):
            self.client.get(link, name="/items/[id]")
        title = re.search("<title>(.*?)</title>", page)
        if title:
            self.client.get("/title/" + title.group(1).replace(" ", "_"))
        if re.match("<!doctype", page) and not re.search("nothing like this", page):
            self.client.get("/html")
        form = self.client.get("/login").text
        token = form.split('name="csrf" value="')[1].split('"')[0]
        with self.client.post("/login", {"username": "foo", "password": "bar", "csrf": token}, catch_response=True) as login:
            answer = json.loads(login.text)
            if "token" not in answer:
                login.failure("no token")
        echoed = self.client.post("/echo", json={"a": {"b": [1, {"c": "deep"}]}}).json()
        inner = json.loads(echoed["body"])
        self.client.get(f"/{inner['a']['b'][1]['c']}/{inner.get('x', {}).get('y', 'none')}")
        self.client.get("/end")
        time.sleep(1000)
