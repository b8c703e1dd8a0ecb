"""Listeners that only tell, and a logger."""
import logging
import time

from locust import HttpUser, constant, events, task

logging.basicConfig(level=logging.INFO)
logger = logging.getLogger(__name__)


@events.test_start.add_listener
def on_test_start(environment, **kwargs):
    print("A new test is starting")


@events.test_stop.add_listener
def on_test_stop(environment, **kwargs):
    logger.info("The test is over")


@events.request.add_listener
def on_request(request_type, name, response_time, response_length, exception, **kwargs):
    if exception:
        print(f"Request to {name} failed with exception {exception}")
    else:
        logger.debug("%s took %s", name, response_time)


class Visitor(HttpUser):
    wait_time = constant(0)

    @task
    def visit(self):
        answer = self.client.get("/items")
        logger.info("Answer: %s, %d", answer.text, answer.status_code)
        logging.warning(f"{len(answer.json()['items'])} items")
        print("items:", answer.json()["items"], sep=" ")
        self.client.get("/missing")
        self.client.get("/end")
        time.sleep(1000)


if __name__ == "__main__":
    print("not when Locust reads it")
