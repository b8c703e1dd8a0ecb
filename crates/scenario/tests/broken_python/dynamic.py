import os
import sys
import json
import logging
import requests
from locust import HttpUser, task

session = requests.Session()
TOKEN = requests.post("https://example.org/login").json()["token"]
sys.path.append("..")
sys.exit(1)
os.environ["X"] = "1"
exec("A = 1")
B = eval("1 + 1")
C = globals()["B"]
D = __import__("json")
E = input("name")
F = type("F", (), {})
G = os.listdir(".")
H = os.path.exists("x")
open("log.txt", "a").write("x")


class U(HttpUser):
    @task
    def t(self):
        setattr(self, "x", 1)
        getattr(self, "t")()
        eval("self.t()")
        requests.get("https://example.org")
        session.get("/x")
        os.system("ls")
        name = sys.argv[1]
        self.__dict__["x"] = 1
        self.__class__.count = 1
        U.count += 1
        vars(self)
        print(self)
        logging.info(self)
        json.dump({}, open("x.json", "w"))
        id(self)
