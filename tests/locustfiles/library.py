"""Python's library."""
import base64
import hashlib
import json
import math
import re
import time
import uuid
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

from locust import HttpUser, constant, task


class Visitor(HttpUser):
    wait_time = constant(0)

    @task
    def visit(self):
        day = datetime(2024, 2, 28, 12, 30) + timedelta(days=2)
        page = self.client.get("/page").text
        csrf = re.search(r'name="csrf" value="([^"]+)"', page).group(1)
        self.client.post("/form", data={"csrf": csrf})
        self.client.get("/q?" + urlencode({"a": "x y", "b": "ü"}))
        self.client.get("/" + quote("a b/ü"))
        credentials = base64.b64encode(b"foo:bar").decode()
        self.client.get("/basic", headers={"Authorization": f"Basic {credentials}"})
        self.client.post("/made", json={
            "md5": hashlib.md5("tea".encode("utf-8")).hexdigest(),
            "sha": hashlib.sha256(b"tea").hexdigest()[:8],
            "dumps": json.dumps({"a": [1, None, True]}),
            "loads": json.loads('{"x": [1.5, "y"]}')["x"][1],
            "math": [math.ceil(1.2), math.floor(1.8), math.sqrt(16)],
            "links": re.findall(r'href="(/items/\d+)"', page),
            "sub": re.sub(r"\s+", " ", "a  b \n c"),
            "day": day.strftime("%Y-%m-%d %H:%M"),
            "iso": day.isoformat(),
            "uuid": len(str(uuid.uuid4())),
            "decoded": base64.b64decode("dGVh").decode(),
        })
        self.client.get("/end")
        time.sleep(1000)
