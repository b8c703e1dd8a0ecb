//! What is sent, and what is counted.

use crate::support::{Running, block_on, class, get, once, run, step, text};
use akrida_engine::{Engine, Job, Options};
use akrida_scenario::Scenario;
use akrida_scenario::expr::{Expr, Value};
use akrida_scenario::model::{Body, Connection, Content, Network, Request, Task, UserClass};
use akrida_testkit::{Answer, Target};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

#[test]
fn a_request_arrives_as_written() {
    let target = Target::start(|_| Answer::ok("hello"));
    let request = Request {
        method: "PATCH".into(),
        query: vec![(text("q"), text("a b&c")), (text("ü"), text("1"))],
        headers: vec![("X-One".into(), text("1")), ("X-Class".into(), text("mine"))],
        body: Body::Form(vec![(text("a"), text("1 2")), (text("b"), text("=&"))]),
        ..get("/päth with space?x=1#fragment")
    };
    let class =
        UserClass { headers: vec![("x-class".into(), text("theirs"))], ..once(class(vec![step(request)])) };
    let delta = run(class, &format!("{}/base/", target.url()), 1);

    let seen = &target.requests()[0];
    assert_eq!((seen.method.as_str(), seen.path.as_str()), ("PATCH", "/base/p%C3%A4th%20with%20space"));
    assert_eq!(seen.query.as_deref(), Some("x=1&q=a+b%26c&%C3%BC=1"));
    assert_eq!(seen.text(), "a=1+2&b=%3D%26");
    assert_eq!(seen.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!((seen.header("x-one"), seen.header("x-class")), (Some("1"), Some("mine")));
    assert_eq!(seen.header("host"), Some(target.addr().to_string().as_str()));
    assert!(seen.header("user-agent").unwrap().starts_with("akrida/"));

    let (key, measured) = delta.entries.iter().next().unwrap();
    assert_eq!(key.method, "PATCH");
    assert_eq!(key.name, "/base/p%C3%A4th%20with%20space?x=1&q=a+b%26c&%C3%BC=1", "named as Locust would");
    assert_eq!((measured.requests, measured.failures, measured.content_length), (1, 0, 5));
}

#[test]
fn json_and_raw_bodies() {
    let target = Target::start(|_| Answer::ok(""));
    let json = Value::from_json(&serde_json::json!({"username": "foo", "n": [1, 2.5, null, true]}));
    let post = |body| step(Request { method: "POST".into(), body, ..get("/") });
    let steps =
        vec![post(Body::Json(Expr::Constant(json))), post(Body::Raw(Content::Text(text("as it is"))))];
    run(once(class(steps)), &target.url(), 2);
    let seen = target.requests();
    assert_eq!(seen[0].json(), Some(serde_json::json!({"username": "foo", "n": [1, 2.5, null, true]})));
    assert_eq!(seen[0].header("content-type"), Some("application/json"));
    assert_eq!((seen[1].text().as_str(), seen[1].header("content-type")), ("as it is", None));
}

#[test]
fn a_user_keeps_its_connection_and_an_option_closes_it() {
    for (connection, expected) in [(Connection::User, 1), (Connection::Iteration, 5)] {
        let target = Target::start(|_| Answer::ok("hello"));
        let class = UserClass {
            network: Network { connection, ..Network::default() },
            ..class(vec![step(get("/"))])
        };
        block_on(async {
            let running = Running::start(UserClass { wait: pause(), ..class }, 1, &target.url()).await;
            running.requests(5).await;
            let (requests, connections) = (target.total(), target.connections());
            if connection == Connection::User {
                assert_eq!(connections, expected);
            } else {
                assert!(connections >= requests && connections >= expected, "{connections} for {requests}");
            }
        });
    }
}

fn pause() -> akrida_scenario::model::Wait {
    akrida_scenario::model::Wait::Constant(Duration::from_millis(5))
}

#[test]
fn redirects_are_followed_within_one_request() {
    let target = Target::start(|request| match request.path.as_str() {
        "/old" => Answer::redirect("/new?x=1"),
        "/loop" => Answer::redirect("/loop"),
        _ => Answer::ok("arrived"),
    });
    let steps = vec![
        step(Request {
            method: "POST".into(),
            body: Body::Raw(Content::Text(text("secret"))),
            ..get("/old")
        }),
        step(Request { redirects: 3, ..get("/loop") }),
        step(Request { redirects: 0, name: Some(text("as it is")), ..get("/old") }),
    ];
    let delta = run(once(class(steps)), &target.url(), 3);
    let counts: BTreeMap<_, _> = delta
        .entries
        .iter()
        .map(|(key, entry)| (key.name.as_str(), (entry.requests, entry.failures)))
        .collect();
    assert_eq!(counts, BTreeMap::from([("/loop", (1, 1)), ("/old", (1, 0)), ("as it is", (1, 0))]));
    let errors: Vec<_> = delta.errors.iter().map(|(key, _)| key.error.as_str()).collect();
    assert_eq!(errors, ["TooManyRedirects('Exceeded 3 redirects.')"]);
    let seen = target.requests();
    assert_eq!(
        (seen[1].method.as_str(), seen[1].path.as_str(), seen[1].text().as_str()),
        ("GET", "/new", "")
    );
    assert_eq!(target.count("GET", "/loop"), 4);
}

#[test]
fn every_request_is_counted_on_all_cores_and_by_weight() {
    let target = Target::start(|_| Answer::ok("0123456789"));
    let base = class(vec![]);
    let task = |path: &str, weight| Task {
        name: path.into(),
        weight,
        tags: vec!["tag".into()],
        steps: vec![step(get(path))],
        ..Task::default()
    };
    let class = UserClass { tasks: vec![task("/a", 3), task("/b", 1)], ..base };
    let scenario = Arc::new(Scenario { file: "test".into(), classes: vec![class], ..Scenario::default() });
    let delta = block_on(async {
        let options = Options { cores: 3, seed: 9, ..Options::default() };
        let (engine, _exceptions) = Engine::start(&scenario, &options).unwrap();
        let job = Job { users: vec![20], host: Some(target.url()), stage: Some(4), ..Job::default() };
        engine.set_users(job).await;
        assert_eq!(engine.users(), [20]);
        let mut delta = akrida_stats::Delta::default();
        while delta.sum().requests < 12_000 {
            tokio::time::sleep(Duration::from_millis(20)).await;
            delta.merge(engine.report().await.delta);
        }
        engine.stop().await;
        assert_eq!(engine.users(), [0]);
        delta.merge(engine.report().await.delta);
        delta
    });
    let sum = delta.sum();
    assert_eq!((sum.requests, sum.failures), (target.total(), 0));
    assert_eq!((sum.content_length, sum.times.len()), (10 * target.total(), target.total()));
    let counts: Vec<u64> = delta.entries.values().map(|entry| entry.requests).collect();
    assert_eq!((counts[0], counts[1]), (target.count("GET", "/a"), target.count("GET", "/b")));
    // Chi-square with one degree of freedom: 15 is exceeded by chance once in ten thousand.
    let (wanted_a, wanted_b) = (sum.requests as f64 * 0.75, sum.requests as f64 * 0.25);
    let chi_square =
        (counts[0] as f64 - wanted_a).powi(2) / wanted_a + (counts[1] as f64 - wanted_b).powi(2) / wanted_b;
    assert!(chi_square < 15.0, "{counts:?}: {chi_square}");
    assert!(delta.entries.keys().all(|key| key.stage == Some(4) && key.tags == ["tag"]));
}
