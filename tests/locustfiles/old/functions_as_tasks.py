import time

from locust import HttpLocust, TaskSequence, seq_task, task


def path_of(name, version=1, prefix="/api"):
    return "%s/v%d/%s" % (prefix, version, name)


class Steps(TaskSequence):
    @seq_task(1)
    @task(2)
    def first(self):
        self.client.get("/first")

    @seq_task(3)
    def last(self):
        self.helper("a", "b")
        self.helper("a", last="c")
        self.client.get(path_of("last", prefix=self.prefix()))
        self.client.get("/end")
        time.sleep(1000)

    @seq_task(2)
    def second(self):
        self.client.get(path_of("second", version=2))

    def helper(self, one, two="two", last=None):
        self.client.get("/{}/{}/{}".format(one, two, last or "-"))

    def prefix(self):
        return "/static"


class Visitor(HttpLocust):
    task_set = Steps
    min_wait = 0
    max_wait = 0
