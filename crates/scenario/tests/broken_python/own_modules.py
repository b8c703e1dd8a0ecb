import os
import common
import helpers.auth as auth
from common import helper, URL
from common.settings import *
from . import data
from .pages import Login
import numpy as np
import pandas as pd
import yaml, boto3
import threading
import subprocess
from concurrent.futures import ThreadPoolExecutor
from faker import Faker
from locust import HttpUser, task, between
from locust_plugins.users import RestUser
from locust.contrib.fasthttp import FastHttpUser

fake = Faker()
frame = pd.read_csv("users.csv")
rng = np.random.default_rng()


class U(HttpUser):
    wait_time = between(1, 2)
    host = URL

    def on_start(self):
        self.token = helper.login(self.client)
        self.name = fake.name()

    @task
    def t(self):
        self.client.get(f"/{common.path()}", headers=auth.headers(self.token))
        Login(self).open()
        threading.Thread(target=self.t).start()
        subprocess.run(["ls"])


class V(RestUser):
    @task
    def t(self):
        self.client.get("/")
