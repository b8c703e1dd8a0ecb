"""Texts, and how they are put together."""
import string
import time

from locust import HttpUser, constant, task

TEMPLATE = "/users/{}/posts/{post}"


class Visitor(HttpUser):
    wait_time = constant(0)

    @task
    def visit(self):
        name, price, count = "Green Tea", 3.14159, 7
        self.client.get(TEMPLATE.format(name.lower().replace(" ", "-"), post=count))
        self.client.get("/%s/%d/%05.2f/%x" % ("a b", count, price, 255), name="/percent")
        self.client.get(f"/{name!r:>12}/{price:.2f}/{count:03d}/{count:,}/{1234567:,}/{price:8.3f}/{0.256:.1%}", name="/f")
        words = "one two  three".split()
        self.client.post("/words", json={
            "joined": "-".join(words),
            "upper": name.upper(),
            "title": "green tea".title(),
            "parts": name.partition(" "),
            "starts": name.startswith("Green"),
            "found": [name.find("Tea"), name.count("e"), name.index("T")],
            "slice": [name[:5], name[-3:], name[::-1]],
            "strip": "  x ".strip() + "|" + "xxyxx".strip("x"),
            "zfill": str(count).zfill(4),
            "lines": "a\nb\r\nc".splitlines(),
            "letters": string.ascii_lowercase[:5] + string.digits,
            "digits": "12".isdigit() and not "1a".isdigit(),
            "in": "Tea" in name,
            "repeat": "ab" * 3,
            "ord": [ord("a"), chr(98)],
            "unicode": "é€".encode().hex(),
            "conv": [int("12"), float("1.5"), str(None), bool(""), int(3.9), round(2.567, 1)],
        })
        self.client.get("/end")
        time.sleep(1000)
