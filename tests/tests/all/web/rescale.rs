//! The rescale form of the real binary, against a strict stand-in for Kubernetes' API server.

use super::{Answer, Served, curl};
use crate::binary::{folder, free_port, scratch};
use akrida_testkit::{ApiFault, Grant, Kubernetes};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;

const SCENARIO: &str = "users: {A: {wait: {constant: 1s}, tasks: {t: {steps: [{get: /}]}}}}";

const FORM: &str = "content-type: application/x-www-form-urlencoded";
const JSON: &str = "content-type: application/json";

/// A master whose workers are to be in this cluster.
fn master(kubernetes: &Kubernetes, arguments: &[&str]) -> Served {
    let config = kubernetes.kubeconfig(&folder());
    with(&[("KUBECONFIG", &config)], arguments)
}

fn with(variables: &[(&str, &str)], arguments: &[&str]) -> Served {
    let port = free_port();
    let own = [
        "--master",
        "--master-bind-host",
        "127.0.0.1",
        "--master-bind-port",
        &port,
        "-H",
        "http://127.0.0.1:1",
    ];
    Served::with(&scratch("rescale.yaml", SCENARIO), variables, &[&own[..], arguments].concat())
}

fn send(served: &Served, kind: &str, body: &str) -> Answer {
    curl(&["-X", "POST", "-H", kind, "--data-binary", body, &served.url("/rescale")])
}

fn view(served: &Served) -> Value {
    served.get("/api/v1/rescale").json()
}

/// The self-test asks first; what comes after is a test's own.
fn tested(served: &Served) {
    served.akrida.logs("Self-test: this master may rescale Deployment akrida-worker");
}

#[test]
fn a_number_becomes_the_wish() {
    let kubernetes = Kubernetes::start(2);
    let served = master(&kubernetes, &["--web-base-path", "/locust"]);
    tested(&served);
    let parts = "--x\r\nContent-Disposition: form-data; name=\"worker_count\"\r\n\r\n7\r\n--x--\r\n";
    for (kind, body, count) in [
        (FORM, "worker_count=5", 5),
        (JSON, "{\"worker_count\": 6}", 6),
        ("content-type: multipart/form-data; boundary=x", parts, 7),
        (JSON, "{\"worker_count\": \"100\"}", 100),
        (FORM, "worker_count=0", 0),
    ] {
        let answer = send(&served, kind, body);
        assert_eq!((answer.status, answer.json()["success"].clone()), (200, json!(true)), "{answer:?}");
        assert_eq!(kubernetes.wanted(), count);
        // The same at once, where the page asks.
        assert_eq!(view(&served)["numbers"]["wanted"], count);
    }
    let patches: Vec<i64> =
        kubernetes.patches().iter().map(|patch| patch["spec"]["replicas"].as_i64().unwrap()).collect();
    assert_eq!(patches, [5, 6, 7, 100, 0]);
    served.akrida.logs("Deployment akrida-worker: workers 2 -> 5, by 127.0.0.1");
    let changes = view(&served)["changes"].clone();
    assert_eq!(changes.as_array().unwrap().len(), 5, "{changes}");
    assert_eq!(changes[0]["text"], "workers 100 -> 0, by 127.0.0.1");

    // A browser is led back to the form, under the prefix: the proxy's, or our own.
    let browser = ["-H", "accept: text/html", "-d", "worker_count=3"];
    for (path, field, back) in [
        ("/locust/rescale", "x: y", "/locust/rescale-form?follow=1&message=3+workers+wanted"),
        ("/rescale", "x: y", "/locust/rescale-form?follow=1&message=3+workers+wanted"),
        (
            "/rescale",
            "x-forwarded-prefix: /tools/load",
            "/tools/load/rescale-form?follow=1&message=3+workers+wanted",
        ),
    ] {
        let answer = curl(&[&browser[..], &["-H", field, &served.url(path)]].concat());
        let location = answer.header("location").unwrap_or_default();
        assert!(answer.status == 303 && location.starts_with(back), "{location}");
    }
    let form = served.get("/locust/rescale-form");
    assert!(
        form.status == 200 && form.body.contains("Deployment akrida-worker in namespace load"),
        "{form:?}"
    );
    assert!(form.body.contains("action=\"rescale\"") && form.body.contains("value=\"3\""), "{form:?}");
    assert!(form.body.contains("Self-test passed"), "{form:?}");
    assert!(!form.body.contains("http-equiv=\"refresh\""), "it would empty the field");
    let follows = served.get("/locust/rescale-form?follow=1");
    assert!(
        follows.body.contains("http-equiv=\"refresh\""),
        "3 are wanted, and none is connected: {follows:?}"
    );
}

#[test]
fn nothing_bad_is_forwarded() {
    let kubernetes = Kubernetes::start(2);
    let served = master(&kubernetes, &["--min-workers", "1", "--max-workers", "50"]);
    tested(&served);
    let values = [
        "",
        "%20",
        "abc",
        "-1",
        "%2B3",
        "0",
        "51",
        "1000000",
        "2147483647",
        "2147483648",
        "99999999999999999999",
        "2.5",
        "3.0",
        "1e1",
        "0x10",
        "007",
        "null",
        "true",
        "NaN",
        "Infinity",
        "5+6",
        "5%0A",
        "1%2C000",
        "%EF%BC%95",
        "%D9%A3",
        "1%7D%2C%7B%22op%22%3A%22add%22%2C%22path%22%3A%22%2Fspec%22%7D",
        "{{7*7}}",
        "%00",
        "${5}",
    ];
    for value in values {
        refuses(&served, FORM, &format!("worker_count={value}"), 400);
    }
    for value in [
        "null", "true", "[]", "{}", "2.5", "3.0", "1e1", "-1", "0", "51", "\"\"", "\"abc\"", "\"3 \"", "9e99",
    ] {
        refuses(&served, JSON, &format!("{{\"worker_count\": {value}}}"), 400);
    }
    refuses(&served, FORM, "", 400);
    refuses(&served, FORM, "workers=3", 400);
    refuses(&served, FORM, "worker_count=3&worker_count=4", 400);
    refuses(&served, JSON, "{\"worker_count\": 3", 400);
    refuses(&served, JSON, "3", 400);
    refuses(&served, "content-type: text/plain", "worker_count=3", 415);
    refuses(&served, "content-type: multipart/form-data; boundary=y", "--x--", 400);
    let large = scratch("large", &format!("worker_count={}", "1".repeat(300_000)));
    let large = curl(&["-H", "expect:", "--data-binary", &format!("@{large}"), &served.url("/rescale")]);
    assert_eq!(large.status, 413);
    // In an address it means nothing.
    let query = curl(&["-X", "POST", &served.url("/rescale?worker_count=3")]);
    assert_eq!(query.status, 400);
    assert_eq!(curl(&[&served.url("/rescale?worker_count=3")]).status, 405);
    assert_eq!((kubernetes.patches(), kubernetes.wanted()), (Vec::new(), 2));
    assert_eq!(view(&served)["changes"], json!([]));
    // And what is good still goes through.
    assert_eq!(send(&served, FORM, "worker_count=50").status, 200);
    assert_eq!(kubernetes.patches(), [json!({ "spec": { "replicas": 50 } })]);
}

#[track_caller]
fn refuses(served: &Served, kind: &str, body: &str, status: u16) {
    let answer = send(served, kind, body);
    let told = answer.json();
    assert_eq!((answer.status, &told["success"]), (status, &json!(false)), "{body}: {answer:?}");
    let message = told["message"].as_str().unwrap();
    let explained = message.contains("whole number from 1 to 50") || message.starts_with("Not rescaled: ");
    assert!(explained, "{body}: {message}");
}

#[test]
fn each_failure_has_its_own_words_and_passes() {
    let kubernetes = Kubernetes::start(2);
    let served = master(&kubernetes, &[]);
    tested(&served);
    let status = |code, reason, message: &str| ApiFault::Status(code, reason, message.to_owned());
    let mut messages = BTreeSet::new();
    let mut check = |what: &str, expected: u16| {
        let answer = send(&served, FORM, "worker_count=5");
        let message = answer.json()["message"].as_str().unwrap().to_owned();
        assert_eq!(answer.status, expected, "{what}: {message}");
        assert!(!message.contains("Status {") && !message.contains("ApiError"), "{what}: {message}");
        // A browser gets the same on the form.
        let form = ["-H", "accept: text/html", "-d", "worker_count=5", &served.url("/rescale")];
        let page = curl(&form);
        assert!(page.status == expected && page.body.contains("role=\"alert\""), "{what}: {page:?}");
        assert!(messages.insert(message.clone()), "{what} has the words of another: {message}");
        assert_eq!(kubernetes.wanted(), 2, "{what} changed something");
    };
    for (what, method, fault, expected) in [
        ("400", "PATCH", status(400, "BadRequest", "error decoding patch"), 502),
        ("401", "", status(401, "Unauthorized", "Unauthorized"), 502),
        ("409", "PATCH", status(409, "Conflict", "the object has been modified"), 409),
        ("415", "PATCH", status(415, "UnsupportedMediaType", "unknown format"), 502),
        ("422", "PATCH", status(422, "Invalid", &"dump ".repeat(200)), 502),
        ("500", "", status(500, "InternalError", "etcdserver: request timed out"), 502),
        (
            "404 of another server",
            "",
            ApiFault::Text(404, "text/plain", "404 page not found".to_owned()),
            502,
        ),
        ("no JSON", "", ApiFault::Text(200, "text/html", "<html>".to_owned()), 502),
        ("cut off", "PATCH", ApiFault::CutBody, 502),
        ("a slow body", "PATCH", ApiFault::SlowBody, 504),
        ("hang", "GET", ApiFault::Hang, 504),
    ] {
        kubernetes.fault_on(method, fault);
        check(what, expected);
        kubernetes.fault(ApiFault::None);
    }
    kubernetes.grant(vec![Grant::scale("get", "akrida-worker")]);
    check("403", 403);
    kubernetes.grant(vec![Grant::scale("get", "akrida-worker"), Grant::scale("patch", "akrida-worker")]);
    // Without a new process.
    assert_eq!(send(&served, FORM, "worker_count=5").status, 200);
    assert_eq!(kubernetes.wanted(), 5);
    kubernetes.delete("akrida-worker");
    let gone = send(&served, FORM, "worker_count=6");
    assert!(gone.status == 404 && gone.body.contains("There is no Deployment akrida-worker"), "{gone:?}");
}

#[test]
fn an_api_server_that_comes_back_is_used_again() {
    let mut kubernetes = Kubernetes::start(2);
    let folder = folder();
    let config = kubernetes.kubeconfig(&folder);
    let served = with(&[("KUBECONFIG", &config)], &[]);
    tested(&served);
    kubernetes.stop();
    let refused = send(&served, FORM, "worker_count=5");
    assert!(refused.status == 502 && refused.body.contains("Connection refused"), "{refused:?}");
    assert_eq!(served.get("/readyz").status, 200);
    kubernetes.resume();
    assert_eq!(send(&served, FORM, "worker_count=5").status, 200);

    kubernetes.set_token("another");
    assert_eq!(send(&served, FORM, "worker_count=6").status, 502);
    fs::write(folder.join("token"), "another\n").unwrap();
    assert_eq!(send(&served, FORM, "worker_count=6").status, 200);

    let pem = kubernetes.rotate();
    let refused = send(&served, FORM, "worker_count=7");
    assert!(refused.status == 502 && refused.body.contains("certificate is not trusted"), "{refused:?}");
    fs::write(folder.join("ca.crt"), pem).unwrap();
    assert_eq!(send(&served, FORM, "worker_count=7").status, 200);
    assert_eq!(kubernetes.wanted(), 7);
}

#[test]
fn who_may_not_change_a_run_may_not_rescale() {
    let kubernetes = Kubernetes::start(2);
    let served = master(&kubernetes, &[]);
    tested(&served);
    let evil = curl(&["-H", "origin: https://evil.example", "-d", "worker_count=5", &served.url("/rescale")]);
    assert_eq!(evil.status, 403);
    let evil =
        curl(&["-H", "sec-fetch-site: cross-site", "-d", "worker_count=5", &served.url("/api/v1/rescale")]);
    assert_eq!(evil.status, 403);

    let line = crate::binary::tool(&["web-user", "ada"], "correct horse\n").0;
    let users = scratch("users", &line);
    let served = master(&kubernetes, &["--web-login", "--web-users", &users]);
    tested(&served);
    for path in ["/rescale", "/api/v1/rescale"] {
        assert_eq!(curl(&["-d", "worker_count=5", &served.url(path)]).status, 401);
    }
    assert_eq!(curl(&[&served.url("/rescale-form")]).status, 401);
    assert_eq!((kubernetes.patches(), kubernetes.wanted()), (Vec::new(), 2));
    let login = ["-d", "username=ada", "-d", "password=correct horse", &served.url("/login")];
    let cookie = curl(&login).header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let answer = curl(&["-b", &cookie, "-d", "worker_count=5", &served.url("/rescale")]);
    assert_eq!(answer.status, 200, "{answer:?}");
    served.akrida.logs("workers 2 -> 5, by ada (127.0.0.1)");
}

#[test]
fn outside_kubernetes_it_says_so() {
    let served = with(&[], &[]);
    let form = served.get("/rescale-form");
    assert!(form.status == 200 && form.body.contains("does not run in Kubernetes"), "{form:?}");
    assert!(!form.body.contains("<form"), "{form:?}");
    assert_eq!(view(&served)["in_cluster"], false);
    let refused = send(&served, FORM, "worker_count=5");
    assert!(refused.status == 409 && refused.body.contains("does not run in Kubernetes"), "{refused:?}");
    assert!(!served.akrida.stderr().contains("Self-test"), "there is nothing to test");

    let target = super::target();
    let alone = Served::alone(&target, &[]);
    let refused = send(&alone, FORM, "worker_count=5");
    assert!(refused.status == 409 && refused.body.contains("only a master"), "{refused:?}");
}

#[test]
fn what_became_of_a_wish_is_explained() {
    let kubernetes = Kubernetes::start(2);
    kubernetes.change("akrida-worker", |object| object.quota = 4);
    let served = master(&kubernetes, &[]);
    tested(&served);
    assert_eq!(send(&served, FORM, "worker_count=9").status, 200);
    served.akrida.until(|| view(&served)["numbers"] == json!({ "wanted": 9, "existing": 4 }));
    // A while later it is told as a problem, with the command that says why.
    served.akrida.until(|| view(&served)["notes"][0]["command"] != json!(null));
    let note = view(&served)["notes"][0].clone();
    assert_eq!(note["command"], "kubectl describe deployment akrida-worker -n load");
    assert!(note["text"].as_str().unwrap().starts_with("Kubernetes has made 4 of 9 pods"), "{note}");
    let form = served.get("/rescale-form").body;
    assert!(form.contains("<pre>kubectl describe deployment akrida-worker -n load</pre>"), "{form}");

    // An autoscaler on the same Deployment.
    kubernetes.change("akrida-worker", |object| (object.wanted, object.existing) = (4, 4));
    served.akrida.until(|| view(&served)["numbers"]["wanted"] == 4);
    let told = view(&served);
    assert!(
        told["notes"][0]["text"]
            .as_str()
            .unwrap()
            .starts_with("The wish went from 9 to 4 without this page.")
    );
    assert_eq!(told["notes"][0]["command"], "kubectl get hpa -n load");
    assert_eq!(told["changes"][0]["text"], "workers 9 -> 4, by something other than this page");
    served.akrida.logs("Deployment akrida-worker: workers 9 -> 4, by something other than this page");
}

#[test]
fn the_self_test_stands_on_the_form() {
    let kubernetes = Kubernetes::start(2);
    let served = master(&kubernetes, &["--worker-deployment", "another", "--worker-namespace", "load"]);
    served.akrida.logs("Self-test: this master cannot rescale Deployment another in namespace load: ");
    let form = served.get("/rescale-form").body;
    assert!(
        form.contains("Self-test failed") && form.contains("the Role names another one than this"),
        "{form}"
    );
    assert_eq!(view(&served)["rehearsal"]["passed"], false);
    assert!(kubernetes.requests().iter().all(|request| request.path.ends_with("/deployments/another/scale")));
}
