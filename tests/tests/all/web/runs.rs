//! Runs that the web face starts, changes and stops.

use super::{SCENARIO, Served, curl, target};
use crate::binary::{folder, scratch};
use serde_json::json;
use std::time::Duration;

#[test]
fn many_runs_one_after_the_other() {
    let target = target();
    let served = Served::alone(&target, &[]);
    assert_eq!(served.snapshot()["state"], "ready");
    // As the first generations were asked.
    let swarm = served.url("/swarm");
    let started = curl(&["-X", "POST", "-F", "locust_count=4", "-F", "hatch_rate=4", &swarm]).json();
    assert_eq!((&started["success"], &started["message"]), (&json!(true), &json!("Swarming started")));
    served.until(|snapshot| {
        snapshot["state"] == "running" && snapshot["total"]["num_requests"].as_u64() > Some(3)
    });
    let edited = served.post_json("/api/v1/swarm", r#"{"users": 6, "spawn_rate": 100}"#);
    assert_eq!(edited.status, 200, "{edited:?}");
    served.until(|snapshot| snapshot["user_count"] == 6);
    served.until(|snapshot| snapshot["point"]["at"].is_f64());
    let columns = served.get("/api/v1/history").json();
    assert_eq!(columns["response_times"].as_array().unwrap().len(), 11);

    assert_eq!(served.get("/stop").json(), json!({ "success": true, "message": "Test stopped" }));
    let first = served.snapshot();
    assert_eq!((&first["state"], &first["user_count"]), (&json!("stopped"), &json!(0)));
    assert_eq!(first["total"]["num_requests"].as_u64().unwrap(), target.total());
    let before = target.total();
    assert_eq!(served.post("/stop", "").json()["message"], "Test stopped", "there is nothing to stop");

    assert_eq!(served.post("/swarm", "user_count=2&spawn_rate=2&run_time=1s").json()["run_time"], 1);
    served.until(|snapshot| snapshot["state"] == "running");
    served.until(|snapshot| snapshot["state"] == "stopped");
    let second = served.snapshot();
    assert!(second["start"].as_f64() > first["start"].as_f64());
    assert_eq!(second["total"]["num_requests"].as_u64().unwrap() + before, target.total());
    assert_eq!(served.post("/stats/reset", "").body, "ok");
    let reset = served.snapshot();
    assert_eq!((&reset["total"]["num_requests"], &reset["point"]), (&json!(0), &json!(null)));

    served.post("/swarm", "user_count=2&spawn_rate=2");
    served.until(|snapshot| !snapshot["errors"].as_array().unwrap().is_empty());
    served.akrida.terminate();
    let ended = served.akrida.end(Duration::ZERO);
    ended.exits(1);
    assert!(
        ended.stderr.contains("Got SIGTERM signal") && ended.stderr.contains("Aggregated"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_run_that_starts_by_itself_and_a_process_that_quits_by_itself() {
    let target = target();
    let file = scratch("auto.yaml", SCENARIO);
    let load = ["--autostart", "--autoquit", "1", "-u", "2", "-r", "2", "-t", "1s", "-H", &target.url()];
    let served = Served::with(&file, &[], &load);
    let ended = served.akrida.end(Duration::from_secs(3));
    for line in ["--run-time limit reached, stopping test", "--autoquit time reached, shutting down"] {
        assert!(ended.stderr.contains(line), "{}", ended.stderr);
    }
    assert!(ended.json[0]["num_requests"].as_u64() > Some(0));
}

#[test]
fn what_cannot_be_done_is_told_with_its_field() {
    let file = scratch("bare.yaml", "users: {A: {wait: {constant: 1s}, tasks: {t: {get: /}}}}");
    let served = Served::with(&file, &[], &[]);
    for (body, status, field) in [
        (r#"{"users": 1, "spawn_rate": 1}"#, 400, "host"),
        (r#"{"users": "x", "spawn_rate": 1, "host": "http://127.0.0.1:1"}"#, 400, "users"),
        (r#"{"users": 1, "host": "http://127.0.0.1:1"}"#, 400, "spawn_rate"),
        (r#"{"users": 99999999999, "spawn_rate": 1, "host": "http://127.0.0.1:1"}"#, 400, "users"),
        (r#"{"users": 1, "spawn_rate": 1, "host": "127.0.0.1"}"#, 400, "host"),
        (r#"{"users": 1, "spawn_rate": 1, "host": "http://a", "user_classes": ["B"]}"#, 400, "user_classes"),
        (r#"{"users": 1, "spawn_rate": 1, "host": "http://a", "user_classes": []}"#, 400, "user_classes"),
        (r#"{"users": 1, "spawn_rate": 1, "host": "http://a", "stages": "1m"}"#, 400, "stages"),
        ("[]", 400, "body"),
    ] {
        let answer = served.post_json("/api/v1/swarm", body);
        let told = answer.json();
        assert_eq!(
            (answer.status, &told["success"], &told["field"]),
            (status, &json!(false), &json!(field)),
            "{body}"
        );
        assert!(!told["message"].as_str().unwrap().is_empty());
    }
    assert_eq!(served.post_json("/api/v1/swarm", "{").status, 400);
    assert_eq!(served.post_json("/api/v1/user", r#"{"user_class_name": "B"}"#).status, 400);
    let text = curl(&["-H", "content-type: text/plain", "-d", "users=1", &served.url("/api/v1/swarm")]);
    assert_eq!(text.status, 415);
    assert_eq!(served.get("/api/v1/nothing").json()["success"], false);
    assert_eq!(served.get("/api/v1/swarm").status, 405);
    assert_eq!(served.snapshot()["state"], "ready", "nothing of that has started anything");
    // A browser without script is led back to the page, which tells it.
    let form = ["-H", "accept: text/html", "-d", "user_count=x&spawn_rate=1"];
    let back = curl(&[&form[..], &[&served.url("/swarm")]].concat());
    let location = back.header("location").unwrap();
    assert!(back.status == 303 && location.starts_with("./?message=Invalid+user_count"), "{back:?}");
    assert!(location.ends_with("&error=1"), "{location}");
}

#[test]
fn the_description_names_what_is_sent() {
    let target = target();
    let runs_dir = folder().display().to_string();
    let served = Served::alone(&target, &["--runs-dir", &runs_dir]);
    served.post("/swarm", "user_count=4&spawn_rate=4");
    served
        .until(|snapshot| !snapshot["point"].is_null() && !snapshot["errors"].as_array().unwrap().is_empty());
    let described = served.get("/api/v1/openapi.json").json();
    for (path, schema) in [
        ("snapshot", "Snapshot"),
        ("history", "History"),
        ("workers", "Workers"),
        ("logs", "Logs"),
        ("tasks", "Tasks"),
        ("test", "Test"),
        ("runs", "Runs"),
    ] {
        let value = served.get(&format!("/api/v1/{path}")).json();
        fits(path, &value, &described["components"]["schemas"][schema], &described);
    }
    served.get("/stop");
}

/// Whether `value` has all properties that are required, and no others, all the way down.
fn fits(path: &str, value: &serde_json::Value, schema: &serde_json::Value, described: &serde_json::Value) {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap();
        return fits(path, value, &described["components"]["schemas"][name], described);
    }
    if let Some(one) = schema["oneOf"].get(0) {
        if !value.is_null() {
            fits(path, value, one, described);
        }
        return;
    }
    if let Some(items) = value.as_array() {
        let schema = schema.get("items").unwrap_or_else(|| panic!("{path} is a list"));
        items.iter().for_each(|item| fits(&format!("{path}[]"), item, schema, described));
    } else if let Some(object) = value.as_object() {
        let properties = schema["properties"].as_object();
        for (key, value) in object {
            let known =
                properties.and_then(|known| known.get(key)).or_else(|| schema.get("additionalProperties"));
            let known = known.unwrap_or_else(|| panic!("{path}.{key} is not described"));
            fits(&format!("{path}.{key}"), value, known, described);
        }
        for required in schema["required"].as_array().into_iter().flatten() {
            assert!(object.contains_key(required.as_str().unwrap()), "{path}.{required} is missing");
        }
    } else {
        let kind = match value {
            serde_json::Value::Null => "null",
            serde_json::Value::Bool(_) => "boolean",
            serde_json::Value::String(_) => "string",
            _ => "number",
        };
        let kinds = schema["type"].to_string();
        assert!(
            kinds.contains(kind) || kind == "number" && kinds.contains("integer"),
            "{path} is {kind}, not {kinds}"
        );
    }
}
