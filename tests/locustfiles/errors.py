"""What goes wrong, and what tests make of it."""
import time
from json import JSONDecodeError

from locust import HttpUser, constant, task
from locust.exception import ResponseError


class Visitor(HttpUser):
    wait_time = constant(0)

    @task
    def visit(self):
        with self.client.get("/status/200", catch_response=True) as response:
            try:
                if response.json()["greeting"] != "hello":
                    response.failure("Did not get expected value in greeting")
            except JSONDecodeError:
                response.failure("Response could not be decoded as JSON")
            except KeyError:
                response.failure("Response did not contain expected key 'greeting'")
        with self.client.get("/items/1", catch_response=True) as response:
            try:
                if response.json()["greeting"] != "hello":
                    response.failure("no")
            except (ValueError, KeyError) as error:
                response.failure(f"missing {error}")
        with self.client.get("/items/2", catch_response=True) as response:
            if response.elapsed.total_seconds() > 60:
                response.failure("Request took too long")
            elif "coffee" in response.text:
                response.failure(ResponseError("coffee again"))
        retries = 0
        while retries < 3:
            answer = self.client.get(f"/status/{503 - retries}", name="/status")
            if answer.status_code < 502:
                break
            retries += 1
        for number in range(3):
            try:
                value = 10 / number
                assert value > 5, "too small"
            except ZeroDivisionError:
                self.client.get("/zero")
            except AssertionError as error:
                self.client.get(f"/assert/{error}")
            else:
                self.client.get(f"/value/{value}")
            finally:
                self.client.get(f"/finally/{number}")
        self.client.get("/end")
        time.sleep(1000)
