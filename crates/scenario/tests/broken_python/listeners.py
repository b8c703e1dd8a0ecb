import requests
from locust import HttpUser, events, task

COUNT = 0
SEEN = []


@events.request.add_listener
def counts_what_a_task_reads(**kwargs):
    global COUNT
    COUNT += 1


@events.request.add_listener
def fills_a_list_that_a_task_reads(name, **kwargs):
    SEEN.append(name)


@events.quitting.add_listener
def decides(environment, **kwargs):
    if environment.stats.total.fail_ratio > 0.01:
        environment.process_exit_code = 1


@events.test_stop.add_listener
def sends(environment, **kwargs):
    print(requests.post("https://example.org", json={"done": True}))


@events.test_stop.add_listener
def knows_a_list_by_another_name(environment, **kwargs):
    mine = SEEN
    mine.append(1)


class U(HttpUser):
    @task
    def t(self):
        self.client.get(f"/{COUNT}/{len(SEEN)}")
