"""What is read and computed when the file is loaded."""
import csv
import json
import os
import time

from locust import HttpUser, constant, task

HERE = os.path.dirname(__file__)
USERS_CSV = os.path.join(HERE, "data", "users.csv")


def load_products(name, only=None):
    with open(os.path.join(HERE, "data", name)) as file:
        products = json.load(file)["products"]
    if only is None:
        return products
    found = []
    for product in products:
        if product["name"] == only:
            found.append(product)
    return found


with open(USERS_CSV, encoding="utf-8") as f:
    reader = csv.DictReader(f)
    USERS = list(reader)

PLAIN = []
with open(USERS_CSV, newline="", encoding="utf-8") as f:
    rows = csv.reader(f)
    header = next(rows)
    for row in rows:
        PLAIN.append(dict(zip(header, row)))

with open(os.path.join(HERE, "data/paths.txt")) as f:
    PATHS = [line.strip() for line in f if line.strip()]

BODY = open(os.path.join(HERE, "data/paths.txt")).read()
BY_CITY = {}
for user in USERS:
    BY_CITY[user["city"]] = user["username"]

COUNT = 0
for number in range(10):
    if number % 3 == 0:
        continue
    COUNT += number
else:
    COUNT *= 2

try:
    with open(os.path.join(HERE, "data/settings.json")) as f:
        SETTINGS = json.load(f)
except FileNotFoundError:
    SETTINGS = {"mode": os.getenv("SURELY_NOT_SET", "default")}

if SETTINGS["mode"] == "default":
    PREFIX, SUFFIX = "/api", "v1"
else:
    PREFIX, SUFFIX = "/old", "v0"

TEA = load_products("products.json", only="tea")
ALL = load_products(name="products.json")


class Visitor(HttpUser):
    wait_time = constant(0)
    cities = sorted(BY_CITY)

    @task
    def visit(self):
        for user in USERS:
            self.client.post("/login", json=user)
        self.client.post("/same", json={"same": PLAIN == USERS, "cities": self.cities})
        for path in PATHS:
            self.client.get(path)
        self.client.post("/body", data=BODY)
        self.client.get(f"{PREFIX}/{SUFFIX}/{COUNT}/{TEA[0]['id']}/{len(ALL)}")
        self.client.get("/end")
        time.sleep(1000)
