"""Exceptions, raised and caught."""
import json
import logging
import time

from locust import HttpUser, constant, task
from locust.exception import RescheduleTask

logger = logging.getLogger(__name__)


class Refused(Exception):
    pass


class Twice(Refused):
    pass


class Visitor(HttpUser):
    wait_time = constant(0.01)
    round = 0

    def ask(self, path, key="price"):
        answer = self.client.get(path)
        if answer.status_code == 400:
            raise Twice(f"no {path}")
        return answer.json()[key]

    @task
    def visit(self):
        self.round += 1
        if self.round == 1:
            nothing = self.client.get("/uncaught?x=1").json()
            self.client.get("/never/" + nothing["missing"])
        if self.round == 2:
            self.client.get("/rescheduled")
            raise RescheduleTask()
        for path, key in [("/items/1", "price"), ("/items/x", "price"), ("/items/2", "colour"), ("/slow?ms=1", "a")]:
            try:
                value = self.ask(path, key)
            except KeyError as error:
                self.client.post("/key", data=f"{error}")
            except (TypeError, json.JSONDecodeError):
                self.client.post("/no-json")
            except Refused as error:
                logger.warning("refused: %s", error)
                self.client.post("/refused", data=str(error))
            else:
                self.client.post("/fine", json=value)
            finally:
                self.client.post("/after", json={"path": path})
        try:
            assert self.round == 0, "not zero"
        except AssertionError as error:
            self.client.post("/assert", data=str(error))
        try:
            try:
                int(f"{self.round} five")
            finally:
                self.client.get("/inner")
        except Exception as error:
            self.client.post("/int", data=repr(error))
        self.client.get("/end")
        time.sleep(1000)
