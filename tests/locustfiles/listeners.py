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


counted = 0
slow = []
kinds = {"GET": 0}


@events.request.add_listener
def count(request_type, name, response_time, **kwargs):
    global counted
    counted += 1
    kinds[request_type] = kinds.get(request_type, 0) + 1
    if response_time > 1000:
        slow.append(f"{name}: {round(response_time)}")


@events.quitting.add_listener
def on_quitting(environment, **kwargs):
    ratio = environment.stats.total.fail_ratio
    print(counted, "requests", kinds, len(slow), f"{ratio:.1%}")
    for line in sorted(slow):
        print(line)


@events.request.add_listener
def on_request(request_type, name, response_time, response_length, exception, **kwargs):
    if exception:
        print(f"Request to {name} failed with exception {exception}")
    else:
        logger.debug("%s took %s", name, response_time)


def on_stopping(environment, **kwargs):
    print(counted)


events.test_stopping.add_listener(on_stopping)


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
