//! Every request that was recorded of a master of Locust 2.47.0, said to ours in the same situation; what differs is
//! listed, with a reason.

use super::{Answer, SCENARIO, Served, curl, target};
use crate::binary::{Akrida, free_port, now, scratch};
use crate::repository::root;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

/// What is different: the record's number (`*` for all that have it), what it is, and why that is so.
const ALLOWED: &[(&str, &str, &str)] = &[
    ("*", "json.total_avg_response_time is more", "Locust's page draws it, and Locust does not send it"),
    ("002", "percentiles are numbers, not null", "an exporter need not look whether there is a number yet"),
    ("013", "success is false", "no workers is not a success"),
    ("013", "message: no worker is connected: start one and try again", "no workers is not a success"),
    ("040", "success is true", "names of all generations are understood"),
    ("040", "message: Swarming started", "names of all generations are understood"),
    (
        "041",
        "status 200, not 500",
        "options of the command line are not fields of this form, and are ignored",
    ),
    ("041", "type application/json, not text/html", "the answer of a form, not a traceback"),
    ("042", "success is true", "JSON is understood"),
    ("042", "message: Swarming started", "JSON is understood"),
    ("044", "status 200, not 405", "GET stops too, as before Locust 2.47"),
    ("044", "type application/json, not text/html", "GET stops too, as before Locust 2.47"),
    ("045", "status 200, not 405", "GET resets too, as before Locust 2.47"),
    ("048", "location ./", "addresses are relative, so that they are right behind any proxy"),
    ("078", "status 400, not 500", "what is wrong with the request is told"),
    ("078", "type application/json, not text/html", "what is wrong with the request is told"),
    ("101", "status 200, not 404", "requests are taken with and without the base path"),
    ("102", "status 200, not 404", "requests are taken with and without the base path"),
    ("102", "type application/json, not text/html", "requests are taken with and without the base path"),
    ("103", "location ./locust/", "a relative address keeps what is before it, and TLS"),
    ("113", "success is false", "a class that is not there is not dropped in silence"),
    ("113", "message: Unknown user class in user_classes: 'Nope'", "the field is named"),
    ("113", "json.user_classes is missing", "nothing was started"),
    ("115", "status 200, not 500", "a form is answered with 200"),
    ("115", "type application/json, not text/html", "a form is answered with JSON"),
    ("120", "status 400, not 500", "what is wrong with the request is told, and no worker is harmed"),
    ("120", "type application/json, not text/html", "what is wrong with the request is told"),
    ("125", "status 401, not 200", "who may not read is told so"),
    ("125", "type application/json, not text/html", "who may not read is told so"),
    ("126", "status 401, not 200", "who may not read is told so"),
    ("126", "type application/json, not text/html", "who may not read is told so"),
];

/// The server that the recorded test loads.
const HOST: &str = "http://127.0.0.1:20782";

struct Record {
    number: String,
    phase: String,
    value: Value,
}

fn records(phases: &[&str]) -> Vec<Record> {
    let mut files: Vec<_> =
        fs::read_dir(root().join("tests/http")).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let records = files.iter().map(|file| {
        let value: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
        let phase = value["phase"].as_str().unwrap().to_owned();
        Record { number: format!("{:03}", value["n"].as_u64().unwrap()), phase, value }
    });
    records.filter(|record| phases.contains(&record.phase.as_str())).collect()
}

/// Sends the request of a record.
fn send(served: &Served, record: &Record, host: &str) -> Answer {
    let request = &record.value["request"];
    let method = request["method"].as_str().unwrap();
    let mut arguments = vec!["-X".to_owned(), method.to_owned()];
    for (name, value) in request["headers"].as_object().into_iter().flatten() {
        arguments.extend(["-H".to_owned(), format!("{name}: {}", value.as_str().unwrap())]);
    }
    match &request["form"] {
        Value::String(body) => arguments.extend(["--data-binary".to_owned(), body.replace(HOST, host)]),
        Value::Object(form) => {
            for (name, value) in form {
                let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
                for value in values {
                    let value = value.as_str().unwrap().replace(HOST, host);
                    arguments.extend(["--data-urlencode".to_owned(), format!("{name}={value}")]);
                }
            }
        }
        _ => {}
    }
    arguments.push(served.url(&format!("/{}", request["path"].as_str().unwrap())));
    curl(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

/// What of an answer differs from the recorded one.
fn differences(record: &Value, answer: &Answer) -> Vec<String> {
    let mut found = Vec::new();
    let status = record["status"].as_u64().unwrap();
    if u64::from(answer.status) != status {
        found.push(format!("status {}, not {status}", answer.status));
    }
    let header = |name: &str| {
        let headers = record["headers"].as_object().unwrap();
        headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).and_then(|(_, value)| value.as_str())
    };
    let kind =
        |value: Option<&str>| value.and_then(|value| value.split(';').next()).unwrap_or("none").to_owned();
    let (theirs, ours) = (kind(header("content-type")), kind(answer.header("content-type")));
    if theirs != ours && !(answer.body.is_empty() && answer.header("content-type").is_none()) {
        found.push(format!("type {ours}, not {theirs}"));
    }
    if let (Some(allow), 200..=499) = (header("allow"), answer.status)
        && answer.status == u16::try_from(status).unwrap()
        && answer.header("allow") != Some(allow)
    {
        found.push(format!("allow {:?}", answer.header("allow")));
    }
    if let Some(location) = header("location")
        && answer.header("location") != Some(location)
    {
        found.push(format!("location {}", answer.header("location").unwrap_or_default()));
    }
    if let Some(name) = header("content-disposition") {
        // The time and the host's port are their own.
        let ending = name.rsplit('_').next().unwrap_or_default();
        let ours = answer.header("content-disposition").unwrap_or_default();
        if !ours.starts_with("attachment;filename=Locust_2") || !ours.ends_with(ending) {
            found.push(format!("content-disposition {ours}"));
        }
    }
    if record["json"].is_object() && ours == "application/json" {
        compare("json", &record["json"], &answer.json(), &mut found);
    } else if let (Some(text), true) = (record["text"].as_str(), ours == theirs && status == 200) {
        let head = |text: &str| text.lines().next().unwrap_or_default().to_owned();
        let page = text.trim_start().starts_with("<!");
        if !page && head(text) != head(&answer.body) {
            found.push(format!("text {}", head(&answer.body)));
        }
    }
    found
}

/// Compares fields and types; of a list its first element, and values only where they are the answer.
fn compare(path: &str, theirs: &Value, ours: &Value, found: &mut Vec<String>) {
    match (theirs, ours) {
        (Value::Object(theirs), Value::Object(ours)) => {
            for (key, value) in theirs {
                match ours.get(key) {
                    Some(ours) => compare(&format!("{path}.{key}"), value, ours, found),
                    None => found.push(format!("{path}.{key} is missing")),
                }
            }
            let more = ours.keys().filter(|key| !theirs.contains_key(*key));
            found.extend(more.map(|key| format!("{path}.{key} is more")));
        }
        (Value::Array(theirs), Value::Array(ours)) => match (theirs.first(), ours.first()) {
            (Some(theirs), Some(ours)) => compare(&format!("{path}[0]"), theirs, ours, found),
            (Some(_), None) => found.push(format!("{path} is empty")),
            (None, _) => {}
        },
        (Value::Bool(theirs), Value::Bool(ours)) if path == "json.success" => {
            if theirs != ours {
                found.push(format!("success is {ours}"));
            }
        }
        (Value::String(theirs), Value::String(ours)) if path == "json.message" => {
            if theirs != ours {
                found.push(format!("message: {ours}"));
            }
        }
        (Value::Null, Value::Number(_)) if path.contains("percentile") => {
            found.push("percentiles are numbers, not null".to_owned());
        }
        (Value::Null, Value::String(_)) if path == "json.host" => {}
        _ => {
            if std::mem::discriminant(theirs) != std::mem::discriminant(ours) {
                found.push(format!("{path}: {ours}, not {theirs}"));
            }
        }
    }
}

/// Says what was recorded in these phases; what differs, without what may.
fn replay(served: &Served, phases: &[&str], host: &str, seen: &mut BTreeSet<usize>) -> Vec<String> {
    let mut wrong = Vec::new();
    for record in records(phases) {
        if record.number == "121" {
            // Locust took a minute to stop here, in which its users went on.
            served.until(|snapshot| !snapshot["errors"].as_array().unwrap().is_empty());
        }
        let reading = record.value["request"]["method"] == "GET";
        let deadline = now() + Duration::from_secs(if reading { 30 } else { 0 });
        loop {
            let answer = send(served, &record, host);
            let found: BTreeSet<String> = differences(&record.value, &answer).into_iter().collect();
            let allowed = |what: &str| {
                ALLOWED.iter().position(|(number, known, _)| {
                    (*number == "*" || *number == record.number) && *known == what
                })
            };
            let left: Vec<&String> = found.iter().filter(|what| allowed(what).is_none()).collect();
            // What is measured takes a while to be there.
            if !left.is_empty() && now() < deadline {
                std::thread::sleep(Duration::from_millis(200));
                continue;
            }
            seen.extend(found.iter().filter_map(|what| allowed(what)));
            wrong.extend(left.iter().map(|what| format!("{}: {what}", record.number)));
            break;
        }
    }
    wrong
}

#[test]
fn every_recorded_request_is_answered_as_locust_answers_it() {
    let (target, mut seen, mut wrong) = (target(), BTreeSet::new(), Vec::new());
    let (file, host) = (scratch("lf_http.yaml", SCENARIO), target.url());
    let master = |port: &str, more: &[&str]| {
        let own = ["--master", "--master-bind-host", "127.0.0.1", "--master-bind-port", port, "-H", &host];
        Served::with(&file, &[], &[&own[..], more].concat())
    };
    let workers = |port: &str| {
        [(); 2].map(|()| Akrida::start(&["-f", &file, "--worker", "--master-port", port, "--cores", "1"]))
    };

    let port = free_port();
    let served = master(&port, &[]);
    wrong.extend(replay(&served, &["0noworkers"], &host, &mut seen));
    let _workers = workers(&port);
    served.until(|snapshot| snapshot["worker_count"] == 2);
    wrong.extend(replay(&served, &["1before"], &host, &mut seen));
    for phase in ["2running", "3stopped", "4runtime", "8baduser"] {
        wrong.extend(replay(&served, &[phase], &host, &mut seen));
    }

    let port = free_port();
    let served = master(&port, &["--web-base-path", "/locust", "--class-picker"]);
    wrong.extend(replay(&served, &["5basepath"], &host, &mut seen));
    let _workers = workers(&port);
    served.until(|snapshot| snapshot["worker_count"] == 2);
    wrong.extend(replay(&served, &["6picker"], &host, &mut seen));

    let users = [("AKRIDA_WEB_USERS", &*format!("ci:sha256:{}", "0".repeat(64)))];
    let served = Served::with(&file, &users, &["--web-login", "-H", &host]);
    wrong.extend(replay(&served, &["7login"], &host, &mut seen));

    assert!(wrong.is_empty(), "{wrong:#?}");
    let stale: Vec<_> =
        (0..ALLOWED.len()).filter(|index| !seen.contains(index)).map(|at| ALLOWED[at]).collect();
    assert!(stale.is_empty(), "these do not differ any more: {stale:#?}");
}
