//! Options, classes and stages of runs that go on, and what of them a master leaves to the next one.

use super::{Served, target};
use crate::binary::{Akrida, folder, free_port, scratch};
use akrida_testkit::Target;
use serde_json::json;

/// Tells in its addresses who asks, and with which options.
const SCENARIO: &str = "
options:
  tenant: acme
  size: { default: 20, choices: [20, 50], help: Items on a page }
users:
  Reader:
    wait: { constant: 20ms }
    tasks:
      read: { get: '/{{ tenant }}/{{ size }}', name: /read }
      look: { get: '/look' }
  Writer:
    wait: { constant: 20ms }
    tasks:
      write: { post: '/{{ tenant }}' }
";

/// Waits until this was asked for after now.
fn comes(served: &Served, target: &Target, method: &str, path: &str) {
    let before = target.count(method, path);
    served.akrida.until(|| target.count(method, path) > before);
}

#[test]
fn options_of_the_scenario_are_set_with_a_start_and_changed_in_a_run() {
    let target = target();
    let file = scratch("options.yaml", SCENARIO);
    let served = Served::with(&file, &[], &["-H", &target.url(), "--option", "size=50"]);
    let test = served.get("/api/v1/test").json();
    let expected = json!([
        { "name": "tenant", "kind": "string", "value": "acme", "choices": [], "help": null },
        { "name": "size", "kind": "integer", "value": "50", "choices": ["20", "50"], "help": "Items on a page" },
    ]);
    assert_eq!(test["options"], expected);
    for wrong in [r#"{"size": 30}"#, r#"{"sise": 20}"#] {
        let body = format!(r#"{{"users": 2, "spawn_rate": 9, "options": {wrong}}}"#);
        let refused = served.post_json("/api/v1/swarm", &body);
        assert_eq!((refused.status, &refused.json()["field"]), (400, &json!("options")), "{wrong}");
    }
    assert_eq!(served.snapshot()["state"], "ready");
    assert_eq!(served.post("/swarm", "user_count=4&spawn_rate=100&tenant=zoo").json()["success"], true);
    comes(&served, &target, "GET", "/zoo/50");
    assert_eq!((target.count("GET", "/acme/50"), target.count("GET", "/acme/20")), (0, 0));
    let edit = r#"{"users": 4, "spawn_rate": 100, "options": {"size": 20}}"#;
    assert_eq!(served.post_json("/api/v1/swarm", edit).status, 200);
    comes(&served, &target, "GET", "/zoo/20");
    served.get("/stop");
}

#[test]
fn a_class_is_changed_by_a_form() {
    let target = target();
    let served = Served::with(&scratch("classes.yaml", SCENARIO), &[], &["-H", &target.url()]);
    served.post("/swarm", "user_count=4&spawn_rate=100");
    served.until(|snapshot| snapshot["user_classes"]["Writer"] == 2);
    let none = served.post("/user", "user_class_name=Reader&tasks=");
    assert_eq!((none.status, &none.json()["field"]), (400, &json!("tasks")));
    let form = "user_class_name=Reader&weight=1&fixed_count=3&host=&tasks=&tasks=look";
    assert_eq!(served.post("/user", form).status, 201);
    served.until(|snapshot| snapshot["user_classes"]["Reader"] == 3);
    comes(&served, &target, "GET", "/look");
    let read = target.count("GET", "/acme/20");
    for _ in 0..10 {
        comes(&served, &target, "GET", "/look");
    }
    assert_eq!(target.count("GET", "/acme/20"), read, "that task was taken away");
    let class = served.get("/api/v1/test").json()["user_classes"][0].clone();
    assert_eq!((&class["fixed_count"], &class["all_tasks"]), (&json!(3), &json!(["read", "look"])));
    let page = served.get("/?view=tasks").body;
    assert!(page.contains("exactly 3 users") && page.contains(r#"value="look" checked"#), "{page}");
    assert!(!page.contains(r#"value="read" checked"#), "{page}");
    served.get("/stop");
}

#[test]
fn stages_go_on_or_are_taken_over() {
    let (target, other) = (target(), target());
    let file = scratch("staged.yaml", SCENARIO);
    let served = Served::with(&file, &[], &["-H", &target.url(), "--stages", "10m:4@100"]);
    served.post("/swarm", "");
    served.until(|snapshot| snapshot["user_count"] == 4 && snapshot["stage"]["of"] == 1);
    let edit = format!(r#"{{"host": "{}", "run_time": "5m"}}"#, other.url());
    assert_eq!(served.post_json("/api/v1/swarm", &edit).status, 200);
    comes(&served, &other, "GET", "/look");
    served.until(|snapshot| snapshot["stage"]["of"] == 1 && snapshot["time_left"].as_f64() < Some(301.0));
    let refused = served.post_json("/api/v1/swarm", r#"{"stages": "5m:9"}"#);
    assert_eq!((refused.status, &refused.json()["field"]), (400, &json!("stages")));
    let taken = served.post_json("/api/v1/swarm", r#"{"users": 7, "spawn_rate": 100, "stages": ""}"#);
    assert_eq!(taken.json()["message"], "Swarming started");
    served.until(|snapshot| snapshot["user_count"] == 7 && snapshot["stage"].is_null());
    let refused = served.post_json("/api/v1/swarm", r#"{"stages": "5m:9"}"#);
    assert_eq!(
        (refused.status, &refused.json()["field"]),
        (400, &json!("stages")),
        "a constant load stays one"
    );
    served.get("/stop");
}

#[test]
fn autostart_goes_on_with_what_was_chosen_for_a_run_that_was_left() {
    let target = target();
    let (file, port, state) = (scratch("left.yaml", SCENARIO), free_port(), folder().display().to_string());
    let load = ["-H", &target.url(), "--autostart", "-u", "4", "-r", "100"];
    let fleet = ["--master", "--master-bind-port", &port, "--state-dir", &state];
    let arguments = [&load[..], &fleet].concat();
    let first = Served::with(&file, &[], &arguments);
    let worker = Akrida::start(&["-f", &file, "--worker", "--master-port", &port]);
    first.until(|snapshot| snapshot["user_classes"] == json!({ "Reader": 2, "Writer": 2 }));
    let edit = r#"{"users": 3, "spawn_rate": 100, "user_classes": ["Reader"], "options": {"tenant": "zoo"}}"#;
    assert_eq!(first.post_json("/api/v1/swarm", edit).status, 200);
    first.until(|snapshot| snapshot["user_classes"] == json!({ "Reader": 3, "Writer": 0 }));
    comes(&first, &target, "GET", "/zoo/20");
    let began = first.snapshot()["start"].as_f64();
    // What is told to workers is written before; a second later the rest is, too.
    let since = first.snapshot()["at"].as_f64().unwrap();
    first.until(|snapshot| snapshot["at"].as_f64() > Some(since + 2.0));
    first.akrida.kill();
    let second = Served::with(&file, &[], &arguments);
    second.akrida.logs("Going on with the run of the master before");
    second.until(|snapshot| snapshot["state"] == "running" && snapshot["user_count"] == 3);
    assert_eq!(second.snapshot()["start"].as_f64(), began, "no other run was started");
    let written = target.count("POST", "/zoo") + target.count("POST", "/acme");
    comes(&second, &target, "GET", "/zoo/20");
    // Everybody is told anew what to run, and it is the same.
    let more = r#"{"users": 5, "spawn_rate": 100}"#;
    assert_eq!(second.post_json("/api/v1/swarm", more).status, 200);
    second.until(|snapshot| snapshot["user_classes"] == json!({ "Reader": 5, "Writer": 0 }));
    assert_eq!(target.count("POST", "/zoo") + target.count("POST", "/acme"), written);
    let acme = target.count("GET", "/acme/20");
    for _ in 0..10 {
        comes(&second, &target, "GET", "/zoo/20");
    }
    assert_eq!(target.count("GET", "/acme/20"), acme);
    drop(worker);
}
