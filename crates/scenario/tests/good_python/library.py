import base64
import hashlib as hashes
import random
import string
import time
from datetime import datetime, timedelta, timezone
from urllib.parse import quote, urlencode
from uuid import uuid4

from locust import HttpUser, task

LETTERS = string.ascii_lowercase[:5]
HEADERS = {"X-Letters": "".join(reversed(LETTERS))}


class Library(HttpUser):
    host = "http://127.0.0.1"

    def on_start(self):
        self.ids = [n for n in range(100) if n % 7 == 0]
        self.name = "".join(random.choices(string.ascii_letters + string.digits, k=8))

    @task
    def look(self):
        day = (datetime.now(timezone.utc) + timedelta(days=7)).strftime("%Y-%m-%d")
        best = max((n for n in self.ids if n < 50), default=0)
        digest = hashes.sha256(f"{self.name}:{time.time()}".encode()).hexdigest()
        self.client.get(f"/{quote(self.name)}/{best}?{urlencode({'day': day})}", headers=HEADERS)
        self.client.post("/", json={"id": str(uuid4()), "digest": digest, "ids": [str(n) for n in self.ids[:3]]})
        self.client.get("/", headers={"Authorization": "Basic " + base64.b64encode(b"foo:bar").decode()})
        self.client.post("/form", data={"raw": b"raw", "first": [i for i in self.ids][0]})
