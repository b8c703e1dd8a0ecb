//! Changes of user classes, and logs: what a master tells and is told beside the load. Workers of ours under a master of
//! Locust, led by its HTTP API, and under ours.

use super::our_master;
use super::web::Web;
use crate::binary::{Akrida, free_port, scratch};
use akrida_master::ClassEdit;
use akrida_testkit::{Answer, Target};
use serde_json::{Value, json};
use std::time::Duration;

/// For Locust's master, which only needs the names.
const LOCUSTFILE: &str = "
from locust import HttpUser, task

class Both(HttpUser):
    host = 'http://127.0.0.1:1'

    @task
    def read(self):
        pass

    @task
    def write(self):
        pass
";

/// For our worker.
fn scenario(host: &str) -> String {
    let text = format!(
        "
secrets: {{ token: {{ env: AKRIDA_TEST_TOKEN }} }}
users:
  Both:
    host: {host}
    wait: {{ constant: 20ms }}
    tasks:
      read: {{ get: '/read' }}
      write: {{ post: '/write', headers: {{ x: '{{{{ token }}}}' }} }}
"
    );
    scratch("scenario.yaml", &text)
}

/// Waits until `target` was asked for both, or only for one of them some times in a row.
fn asked(worker: &Akrida, target: &Target, read: bool, write: bool) {
    let counts = || (target.count("GET", "/read"), target.count("POST", "/write"));
    let before = counts();
    worker.until(|| {
        let now = counts();
        (!read || now.0 > before.0 + 5) && (!write || now.1 > before.1 + 5)
    });
    let now = counts();
    // One request may have been on its way.
    assert!(read || now.0 <= before.0 + 1, "{before:?}, then {now:?}");
    assert!(write || now.1 <= before.1 + 1, "{before:?}, then {now:?}");
}

#[test]
fn our_worker_takes_over_what_locusts_page_changes_and_locust_shows_its_log() {
    let (here, there) = (Target::start(|_| Answer::ok("")), Target::start(|_| Answer::ok("")));
    let (port, web) = (free_port(), free_port());
    let file = scratch("locustfile.py", LOCUSTFILE);
    let master = ["-f", &file, "--web-host", "127.0.0.1", "--web-port", &web];
    let master = Akrida::start_locust(&[&master[..], &["--master", "--master-bind-port", &port]].concat());
    let worker = Akrida::start_with(
        &[("AKRIDA_TEST_TOKEN", "5ecret5")],
        &["-f", &scenario(&here.url()), "--worker", "--master-port", &port],
    );
    let web = Web::at(&web);
    web.until("/worker-count", |answer| answer["worker_count"] == 1);
    assert_eq!(web.post("/swarm", "user_count=1&spawn_rate=1")["success"], true);
    asked(&worker, &here, true, true);
    // As the page does: what it shows of the class, with what was changed.
    web.change(&json!({ "user_class_name": "Both", "host": null, "weight": 1, "fixed_count": 0, "tasks": ["write"] }));
    worker.logs("The master changes host and tasks of user class Both.");
    asked(&worker, &here, false, true);
    web.change(&json!({ "user_class_name": "Both", "host": there.url(), "tasks": ["read"] }));
    asked(&worker, &there, true, false);
    asked(&worker, &there, true, false);
    web.change(&json!({ "user_class_name": "Both", "tasks": ["read", "write"] }));
    asked(&worker, &there, true, true);

    let lines = |answer: &Value| {
        let logs = answer["workers"].as_object().unwrap().values();
        logs.flat_map(|lines| lines.as_array().unwrap().clone()).collect::<Vec<_>>()
    };
    let has =
        |answer: &Value, text: &str| lines(answer).iter().any(|line| line.as_str().unwrap().contains(text));
    let shown =
        web.until("/logs", |answer| has(answer, "The master changes host and tasks of user class Both."));
    assert!(has(&shown, "/INFO/locust.runners: Connected to the master"), "in Locust's form: {shown}");
    assert!(!shown.to_string().contains("5ecret5"));
    master.terminate();
    master.end(Duration::from_secs(10));
    worker.end(Duration::from_secs(10)).exits(0);
}

#[tokio::test]
async fn our_worker_takes_over_what_our_master_changes_and_sends_its_log() {
    let fleet = our_master::Fleet::of_akrida(1).await;
    let edit = ClassEdit {
        user_class_name: "Reader".to_owned(),
        host: Some("http://127.0.0.1:1".to_owned()),
        ..ClassEdit::default()
    };
    fleet.handle.edit_class(edit).await.unwrap();
    let text = "The master changes host of user class Reader.";
    let shown = async {
        loop {
            let logs = fleet.handle.logs().await.unwrap();
            if logs.values().flat_map(|lines| lines.iter()).any(|line| line.ends_with(text)) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), shown).await.unwrap();
    fleet.quit().await;
}
