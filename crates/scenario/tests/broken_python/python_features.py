import functools
from collections import namedtuple, defaultdict, deque, Counter, OrderedDict
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple
from locust import HttpUser, TaskSet, task

Point = namedtuple("Point", "x y")
SEEN = defaultdict(list)
QUEUE = deque()
COUNTER = Counter()
handler = lambda user: user.client.get("/")


@dataclass
class Account:
    name: str
    balance: int = 0


class Colour(Enum):
    RED = 1


class Row(NamedTuple):
    a: int


class Helper:
    def __init__(self, base):
        self.base = base

    def url(self, path):
        return self.base + path


HELPER = Helper("/api")
ACCOUNT = Account("foo")


def timed(function):
    @functools.wraps(function)
    def inner(self, *args, **kwargs):
        return function(self, *args, **kwargs)
    return inner


def pages(n):
    for i in range(n):
        yield i


def star(*args, **kwargs):
    return args


class U(HttpUser):
    class Meta:
        ordering = 1

    tasks = [lambda self: self.client.get("/"), handler]

    @task
    @timed
    def a(self):
        self.client.get(HELPER.url("/x"))
        account = Account("bar")
        account.balance += 1
        point = Point(1, 2)
        self.client.get(f"/{point.x}/{Colour.RED.value}/{ACCOUNT.name}")
        SEEN["x"].append(1)
        QUEUE.popleft()
        COUNTER["x"] += 1

    @task
    def b(self):
        def inner():
            return self.client.get("/inner")
        inner()
        for page in pages(3):
            self.client.get(f"/{page}")
        star(1, 2, a=3)
        self.x = lambda: 3
        self.x()

    @task
    async def c(self):
        await self.client.get("/")

    @task
    def d(self):
        yield self.client.get("/")

    @property
    def url(self):
        return "/x"

    @classmethod
    def make(cls):
        return cls.host

    @task
    def e(self):
        self.client.get(self.url)
        self.make()
        match self.url:
            case "/x":
                pass
        with open("out.txt", "w") as out:
            out.write("x")
