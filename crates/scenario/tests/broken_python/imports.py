import requests
import numpy as np
from mylib import users
from . import helpers
from locust import *
from locust import HttpUser, task

class U(HttpUser):
    @task
    def t(self):
        self.client.get("/")
