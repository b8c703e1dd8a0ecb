//! What locustfiles do that scenarios in YAML do not: functions, exceptions, task sets.

use crate::support::{Running, block_on};
use akrida_scenario::python;
use akrida_testkit::{Answer, Target};
use std::time::Duration;

/// Answers `{"path": ..., "n": ...}`, n being the number of the request, and 404 where the path says so.
fn target() -> Target {
    let count = std::sync::atomic::AtomicU64::new(0);
    Target::start(move |request| {
        let n = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let body = format!("{{\"path\": \"{}\", \"n\": {n}}}", request.path);
        Answer::status(if request.path.contains("404") { 404 } else { 200 }, body)
    })
}

/// The paths that one user of the locustfile asks for, the first of them up to `/end`.
fn paths_of(text: &str) -> Vec<String> {
    let scenario = python::load("locustfile.py", text).unwrap_or_else(|problems| panic!("{problems}"));
    let target = target();
    block_on(async {
        let class = scenario.classes.into_iter().next().unwrap();
        let running = Running::start(class, 1, &target.url()).await;
        for _ in 0..6_000 {
            if target.count("GET", "/end") > 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        running.engine.stop().await;
    });
    let mut paths: Vec<String> = target.requests().iter().map(|request| request.path.clone()).collect();
    let end = paths.iter().position(|path| path == "/end").unwrap();
    paths.truncate(end);
    paths
}

/// A task with this body asks for these paths; `get(path)` makes a request.
#[track_caller]
fn check(body: &str, expected: &[&str]) {
    let lines: String = body
        .lines()
        .map(|line| format!("        {}\n", line.strip_prefix("        ").unwrap_or(line)))
        .collect();
    let text = "import time\nfrom locust import *\n".to_owned()
        + &format!(
            "class Own(Exception):\n    pass\n\nclass Further(Own):\n    pass\n\nclass U(HttpUser):\n    \
         wait_time = constant(1000)\n    def on_start(self):\n        self.done = 0\n        self.run_it()\n        \
         self.client.get(\"/end\")\n    @task\n    def nothing(self):\n        pass\n    \
         def get(self, path):\n        return self.client.get(path)\n    def run_it(self):\n{lines}"
        );
    assert_eq!(paths_of(&text.replace("import *", "import HttpUser, constant, task")), expected, "{body}");
}

#[test]
fn loops_are_left_early() {
    check(
        r#"
        for i in range(5):
            for j in range(5):
                if j == 1:
                    continue
                if j == 3:
                    break
                self.get(f"/{i}{j}")
            if i == 1:
                break
        n = 0
        while True:
            n += 1
            if n == 2:
                continue
            if n == 4:
                break
            self.get(f"/n{n}")
        "#,
        &["/00", "/02", "/10", "/12", "/n1", "/n3"],
    );
}

#[test]
fn a_return_ends_its_function_alone() {
    check(
        r#"
        self.get("/a")
        for i in range(3):
            with self.client.get("/b", catch_response=True) as response:
                if i == 1:
                    return
        self.get("/never")
        "#,
        &["/a", "/b", "/b"],
    );
}

#[test]
fn exceptions_are_caught_by_kind() {
    check(
        r#"
        for number, text in enumerate(["{", "1", "[]"]):
            try:
                self.get(f"/{len(text)}")
                value = {"a": 1}["b" if text == "1" else "a"]
                if text == "[]":
                    raise Further("x" * 3)
                value = self.client.get("/json").text[1000]
            except KeyError as error:
                self.get(f"/key{error}")
            except (ValueError, LookupError) as error:
                self.get(f"/lookup/{error}")
            except Own as error:
                self.get(f"/own/{error}")
            else:
                self.get("/else")
            finally:
                self.get(f"/finally{number}")
        try:
            self.get("/quiet")
        except Exception:
            self.get("/never")
        else:
            self.get("/else")
        "#,
        &[
            "/1",
            "/json",
            "/lookup/string%20index%20out%20of%20range",
            "/finally0",
            "/1",
            "/key'b'",
            "/finally1",
            "/2",
            "/own/xxx",
            "/finally2",
            "/quiet",
            "/else",
        ],
    );
}

#[test]
fn finally_is_done_however_its_block_is_left() {
    check(
        r#"
        for way in ["break", "continue", "raise", "end"]:
            try:
                try:
                    self.get(f"/{way}")
                    if way == "continue":
                        continue
                    if way == "raise":
                        raise Own()
                    if way == "break":
                        for i in range(2):
                            try:
                                break
                            finally:
                                self.get(f"/inner{i}")
                finally:
                    self.get("/finally")
            except Own:
                try:
                    raise
                except Own:
                    self.get("/again")
        try:
            return
        finally:
            self.get("/last")
        "#,
        &["/break", "/inner0", "/finally", "/continue", "/finally", "/raise", "/finally", "/again", "/end"]
            [..8],
    );
}

#[test]
fn what_a_handler_raises_goes_on_outwards() {
    check(
        r#"
        try:
            for i in [1, 2]:
                try:
                    assert i == 2, "first"
                except AssertionError as error:
                    self.get(f"/{error}")
                    raise ValueError(f"again {error}")
        except ValueError as error:
            self.get(f"/{str(error)[:5]}")
        try:
            with self.client.get("/in", catch_response=True) as response:
                raise Own("x")
        except Own:
            self.get("/caught")
        "#,
        &["/first", "/again", "/in", "/caught"],
    );
}

#[test]
fn functions_take_arguments_and_give_results() {
    let text = r#"
from locust import HttpUser, constant, task

def double(number, by=2):
    return number * by

def first_with(user, *, text, paths=("/x", "/y404", "/z")):
    for path in paths:
        response = user.client.get(path)
        if text in response.text:
            return response.json()["path"]

class Base(HttpUser):
    abstract = True
    wait_time = constant(1000)

    def label(self, name):
        self.count = getattr_or_one(self.count)
        return f"base-{name}"

def getattr_or_one(value):
    return (value or 0) + 1

class U(Base):
    count = 0

    def label(self, name):
        return super().label(name) + f"-{self.count}"

    def side(self, path):
        self.client.get(path)
        return path == "/yes"

    def on_start(self):
        self.client.get("/" + self.label("a") + self.label("b"))
        self.client.get(f"/{double(3)}/{double(by=4, number=2)}/{first_with(self, text='y4')}")
        if self.side("/no") and self.side("/never") or self.side("/yes") or self.side("/never"):
            self.client.get("/and-or")
        path = self.client.get("/one").json()["path"] if self.side("/yes") else self.client.get("/two").text
        user = self
        client = self.client
        while (n := user.client.get("/n").json()["n"]) < 14:
            client.get(f"/{'even' if n % 2 == 0 else 'odd'}")
        client.get("/end")

    @task
    def nothing(self):
        pass
"#;
    assert_eq!(
        paths_of(text),
        [
            "/base-a-1base-b-2",
            "/x",
            "/y404",
            "/6/8//y404",
            "/no",
            "/yes",
            "/and-or",
            "/yes",
            "/one",
            "/n",
            "/odd",
            "/n",
            "/odd",
            "/n",
            "/odd",
            "/n",
        ]
    );
}

#[test]
fn task_sets_are_entered_and_left() {
    let text = r#"
from locust import HttpUser, InterruptTaskSet, RescheduleTask, SequentialTaskSet, TaskSet, constant, tag, task

class Inner(TaskSet):
    visits = 0

    def on_start(self):
        self.client.get("/inner/start")

    @task
    def visit(self):
        self.visits += 1
        self.parent.rounds += 1
        self.client.get(f"/inner/{self.visits}/{self.parent.rounds}/{self.user.name}")
        if self.visits == 2:
            raise InterruptTaskSet(reschedule=True)

    def on_stop(self):
        self.client.get("/inner/stop")

class Steps(SequentialTaskSet):
    rounds = 0

    @task(2)
    def first(self):
        self.client.get("/first")

    tasks = [Inner]

    @task
    def early(self):
        self.client.get("/early")
        if self.rounds == 2:
            raise RescheduleTask()
        self.client.get("/end")

    def on_stop(self):
        self.client.get("/steps/stop")

class U(HttpUser):
    name = "u"
    tasks = [Steps]
"#;
    assert_eq!(
        paths_of(text),
        [
            "/first",
            "/first",
            "/inner/start",
            "/inner/1/1/u",
            "/inner/2/2/u",
            "/inner/stop",
            "/early",
            "/first",
            "/first",
            "/inner/start",
            "/inner/1/3/u",
            "/inner/2/4/u",
            "/inner/stop",
            "/early",
        ]
    );
}

#[test]
fn a_user_that_stops_leaves_its_task_sets_first() {
    let text = r#"
from locust import HttpUser, StopUser, TaskSet, constant, task

class Inner(TaskSet):
    @task
    def end_it(self):
        self.client.get("/task")
        raise StopUser()

    def on_stop(self):
        self.client.get("/inner")

class Outer(TaskSet):
    tasks = [Inner]

    def on_stop(self):
        self.client.get("/outer")

class U(HttpUser):
    tasks = [Outer]

    def on_stop(self):
        self.client.get("/user")
        self.client.get("/end")
"#;
    assert_eq!(paths_of(text), ["/task", "/inner", "/outer", "/user"]);
}
