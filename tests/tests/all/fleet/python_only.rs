//! A locustfile that Akrida cannot translate: our master shares out its users among workers of Locust, and none among
//! its own.

use super::{Meeting, agree, target};
use crate::binary::{Akrida, scratch};
use std::time::Duration;

/// What only Python can do stands in it: a class is made by code.
const LOCUSTFILE: &str = r#"
import os
from locust import FastHttpUser, task

PACE = float(os.environ.get("NO_SUCH_PACE", "0.05"))

class Common(FastHttpUser):
    abstract = True

    def wait_time(self):
        return PACE

class Reader(Common):
    weight = 3

    @task
    def read(self):
        self.client.get("/read")

class Writer(Common):
    @task
    def write(self):
        self.client.post("/write")

Made = type("Made", (Reader,), {})
"#;

/// One of Akrida's could run this, and must not.
const SCENARIO: &str = "
users:
  Reader: { wait: { constant: 50ms }, tasks: { read: { get: /read-by-akrida } } }
  Writer: { wait: { constant: 50ms }, tasks: { write: { post: /write-by-akrida } } }
";

#[test]
fn users_run_on_python_workers_only() {
    let target = target();
    let meeting = Meeting { file: scratch("untranslatable.py", LOCUSTFILE), ..Meeting::at(&target) };
    let master = meeting.master(Akrida::start, "2");
    master.logs("This test runs on Python workers only");
    let scenario = scratch("scenario.yaml", SCENARIO);
    let ours = Akrida::start(&["-f", &scenario, "--worker", "--master-port", &meeting.port]);
    master.logs("gets no users: it is one of Akrida's, and only Python can run this test");
    let asks = |start: fn(&[&str]) -> Akrida| start(&["-f", "-", "--worker", "--master-port", &meeting.port]);
    let refused = asks(Akrida::start).end(Duration::from_secs(20));
    assert!(refused.exits(2).stderr.contains("only Python can run this test"), "{}", refused.stderr);
    let workers = [meeting.worker(Akrida::start_locust), asks(Akrida::start_locust)];
    let master = master.end(Duration::from_secs(30));
    agree(&target, &master);
    let said = |text: &str| master.stderr.matches(text).count();
    assert!(master.stderr.contains("untranslatable.py:25:"), "the first reason: {}", master.stderr);
    assert!(master.stderr.contains(r#"All users spawned: {"Reader": 6, "Writer": 2} (8 total users)"#));
    // In the log, and beside the results.
    assert_eq!(said("gets no users: it is one of Akrida's"), 2, "{}", master.stderr);
    assert_eq!(said("Workers have user classes that were not seen in the test, and get no users: Made"), 2);
    ours.end(Duration::from_secs(10)).exits(0);
    for worker in workers {
        worker.end(Duration::from_secs(10)).exits(0);
    }
}
