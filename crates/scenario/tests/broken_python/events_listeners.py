from locust import HttpUser, task, events
from locust.runners import MasterRunner, WorkerRunner

COUNTS = {}


@events.init.add_listener
def on_init(environment, **kwargs):
    if isinstance(environment.runner, MasterRunner):
        environment.runner.register_message("users", on_users)

    @environment.web_ui.app.route("/added")
    def added():
        return "hello"


@events.init_command_line_parser.add_listener
def parser(parser):
    parser.add_argument("--my-argument", type=str, env_var="LOCUST_MY_ARGUMENT", default="")


@events.request.add_listener
def on_request(request_type, name, response_time, response_length, exception, **kwargs):
    COUNTS[name] = response_time


@events.test_start.add_listener
def setup(environment, **kwargs):
    environment.my_token = "x"


@events.quitting.add_listener
def check(environment, **kw):
    if environment.stats.total.fail_ratio > 0.01:
        environment.process_exit_code = 1


def on_users(environment, msg, **kwargs):
    environment.runner.send_message("done", msg)


events.test_stop.add_listener(on_users)
events.request += on_request


class U(HttpUser):
    @task
    def t(self):
        self.client.get("/", headers={"x": self.environment.parsed_options.my_argument})
        self.client.get(self.host + "/x")
        self.client.get(self.environment.host)
        self.environment.runner.send_message("users", 1)
        if self.environment.runner.user_count > 3:
            self.environment.process_exit_code = 1
        self.client.get(f"/{self.environment.my_token}")
        self.stop()
        self.user.environment.stats.total
