//! What the mixed fleets run, as a locustfile and as a scenario, and the server that counts it.

use crate::binary::scratch;
use akrida_testkit::{Answer, Target};
use std::collections::BTreeMap;
use std::time::Duration;

/// For Locust's workers. One class fails, one raises.
const LOCUSTFILE: &str = r#"
from locust import FastHttpUser, constant, task

class Reader(FastHttpUser):
    weight = 3
    wait_time = constant(0.05)

    @task
    def read(self):
        self.client.get("/read")

class Writer(FastHttpUser):
    wait_time = constant(0.05)

    @task
    def write(self):
        self.client.post("/write")

class Watcher(FastHttpUser):
    fixed_count = 2
    wait_time = constant(0.2)

    @task
    def watch(self):
        with self.client.get("/watch", catch_response=True) as response:
            if "tea" not in response.text:
                response.failure("no tea")
        raise RuntimeError("deliberate \u2603")
"#;

/// The same for ours. What its watch does not find fails it, and is missed by the step after it.
pub(super) const SCENARIO: &str = "
users:
  Reader:
    weight: 3
    wait: { constant: 50ms }
    tasks:
      - get: /read
  Writer:
    wait: { constant: 50ms }
    tasks:
      - post: /write
  Watcher:
    fixed_count: 2
    wait: { constant: 200ms }
    tasks:
      - name: watch
        steps:
          - { get: /watch, capture: { tea: { json: $.tea } } }
          - { get: '/{{ tea }}' }
";

/// What Locust's workers say of what they raise.
pub(super) const LOCUSTS_EXCEPTION: &str = "deliberate \u{2603}";

/// Between a stop and what follows it: Locust's workers report every three seconds, whatever happens.
pub(super) const BETWEEN: Duration = Duration::from_secs(4);

/// So that each request ends before its user does, whatever the machine is busy with.
pub(super) const STOP_TIMEOUT: u64 = 10;

/// The files, and where the fleet meets.
pub(super) struct Ground {
    pub(super) target: Target,
    pub(super) locustfile: String,
    pub(super) scenario: String,
}

impl Ground {
    pub(super) fn new() -> Self {
        Self {
            target: Target::start(|request| match request.path.as_str() {
                // Long enough that some are on their way whenever the run is stopped.
                "/write" => Answer::status(500, "no").after(Duration::from_millis(100)),
                "/watch" => Answer::ok("coffee"),
                _ => Answer::ok("yes").after(Duration::from_millis(20)),
            }),
            locustfile: scratch("locustfile.py", LOCUSTFILE),
            scenario: scratch("scenario.yaml", SCENARIO),
        }
    }

    /// What arrived until now.
    pub(super) fn counted(&self) -> Counted {
        Counted { requests: self.target.counts(), exceptions: self.target.count("GET", "/watch") }
    }
}

/// What is counted: requests by `METHOD path`, and exceptions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Counted {
    pub(super) requests: BTreeMap<String, u64>,
    /// Users raise after each watch.
    pub(super) exceptions: u64,
}

impl Counted {
    /// What was counted since `before`.
    pub(super) fn since(&self, before: &Self) -> Self {
        let earlier = |key: &String| before.requests.get(key).copied().unwrap_or(0);
        let requests = self.requests.iter().map(|(key, count)| (key.clone(), count - earlier(key)));
        Self { requests: requests.collect(), exceptions: self.exceptions - before.exceptions }
    }

    /// How many requests had to fail: all but the reads.
    pub(super) fn failures(&self) -> BTreeMap<String, u64> {
        let failed = self.requests.iter().filter(|(key, _)| key.as_str() != "GET /read");
        failed.map(|(key, count)| (key.clone(), *count)).collect()
    }
}

/// Users of each class in a fleet that has so many.
pub(super) fn users(readers: u64, watchers: u64, writers: u64) -> BTreeMap<String, u64> {
    let users = [("Reader", readers), ("Watcher", watchers), ("Writer", writers)];
    users.map(|(class, users)| (class.to_owned(), users)).into()
}
