//! The web face of the real binary, as curl, proxies and other sites meet it.

mod curl;
mod edits;
mod follow;
mod kept;
mod login;
mod prefix;
mod replay;
mod rescale;
mod runs;
mod safety;

use crate::binary::{Akrida, free_port, scratch};
use akrida_testkit::{Answer as Reply, Target};
use curl::{Answer, curl};
use serde_json::Value;

/// As the recorded test: two classes, of which one fails now and then and raises.
const SCENARIO: &str = "
users:
  WebUser:
    weight: 3
    wait: {constant: 100ms}
    tasks:
      ok: {weight: 5, steps: [{get: /ok}]}
      fail: {steps: [{get: /fail}]}
      boom: {steps: [{get: '/{{ 1 / random.randint(0, 0) }}'}]}
  ApiUser:
    wait: {constant: 100ms}
    tasks:
      slow: {steps: [{post: /slow}]}
";

/// What the scenario loads. It fails below each path, as a recorded edit of the host adds one, with which users
/// run that are spawned after it.
fn target() -> Target {
    Target::start(|request| {
        let fails = request.path.ends_with("/fail");
        if fails { Reply::status(500, "no") } else { Reply::ok("x") }
    })
}

/// A process with a web face.
struct Served {
    akrida: Akrida,
    port: String,
}

impl Served {
    /// One that runs users itself.
    fn alone(target: &Target, arguments: &[&str]) -> Self {
        Self::with(&scratch("web.yaml", SCENARIO), &[], &[&["-H", &target.url()], arguments].concat())
    }

    fn with(file: &str, variables: &[(&str, &str)], arguments: &[&str]) -> Self {
        let port = free_port();
        let own = ["-f", file, "--web-host", "127.0.0.1", "--web-port", &port, "-L", "DEBUG"];
        let akrida = Akrida::start_with(variables, &[&own[..], arguments].concat());
        akrida.logs("Starting web interface at http");
        Self { akrida, port }
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    fn get(&self, path: &str) -> Answer {
        curl(&[&self.url(path)])
    }

    /// Posts a form.
    fn post(&self, path: &str, form: &str) -> Answer {
        curl(&["-X", "POST", "-d", form, &self.url(path)])
    }

    /// Posts JSON.
    fn post_json(&self, path: &str, json: &str) -> Answer {
        curl(&["-X", "POST", "-H", "content-type: application/json", "-d", json, &self.url(path)])
    }

    fn snapshot(&self) -> Value {
        self.get("/api/v1/snapshot").json()
    }

    /// Waits for a snapshot of which this is so.
    fn until(&self, so: impl Fn(&Value) -> bool) {
        self.akrida.until(|| so(&self.snapshot()));
    }
}
