//! Real runs against real servers: what the binary says it did is what they saw.

use crate::binary::{Akrida, Ended, run, scratch};
use crate::repository::path;
use akrida_testkit::{Answer, Authority, ClosedPort, Target};
use std::collections::BTreeMap;
use std::time::Duration;

fn counts<const N: usize>(expected: [(&str, u64); N]) -> BTreeMap<String, u64> {
    expected.into_iter().map(|(name, count)| (name.to_owned(), count)).collect()
}

/// What a target counted for each of these.
fn seen(target: &Target, names: &[&str]) -> BTreeMap<String, u64> {
    let count = |name: &str| {
        let (method, path) = name.split_once(' ').unwrap();
        (name.to_owned(), target.count(method, path))
    };
    names.iter().map(|name| count(name)).collect()
}

/// Runs some users for two seconds; each request that is reported arrived, and the other way round.
#[track_caller]
fn check(arguments: &[&str], target: &Target, code: i32) -> Ended {
    let url = target.url();
    let common = ["-H", &url, "-r", "1000", "-t", "2s", "--headless"];
    let ended = run(&[arguments, &common].concat(), Duration::from_secs(2));
    ended.exits(code);
    assert_eq!(ended.requests().values().sum::<u64>(), target.total(), "{:?}", target.counts());
    assert!(target.total() > 0);
    ended
}

#[test]
fn quick_mode_loads_one_address() {
    let target = Target::start(|_| Answer::ok("hello"));
    let url = format!("{}/hello?a=b", target.url());
    let ended = run(&[&url, "-u", "5", "-r", "5", "-t", "2s", "--headless"], Duration::from_secs(2));
    assert_eq!(ended.exits(0).requests(), counts([("GET /hello?a=b", target.total())]));
    assert_eq!((target.count("GET", "/hello"), target.connections()), (target.total(), 5));
    assert!(target.total() > 0);
}

#[test]
fn failures_decide_the_exit_code() {
    let target = Target::start(|_| Answer::status(503, "no"));
    let ended = run(&[&target.url(), "-t", "1s", "--headless"], Duration::from_secs(1));
    let error = "GET /: HTTPError('503 Server Error: Service Unavailable for url: /')";
    assert_eq!(ended.exits(1).errors(), counts([(error, target.total())]));
}

/// Requests that fail without ever waiting must not keep a core from stopping its users.
#[test]
fn a_run_without_file_descriptors_ends_and_says_why() {
    let target = Target::start(|_| Answer::ok("hello"));
    let arguments = [&target.url(), "-u", "100", "-r", "100", "-t", "2s", "--headless", "--cores", "1"];
    let ended = Akrida::start_with_files(40, &arguments).end(Duration::from_secs(2));
    let errors = ended.exits(1).errors();
    let reason = "GET /: OSError(24, 'Too many open files: raise the limit with ulimit -n')";
    assert!(errors.keys().all(|error| error == reason) && errors[reason] > 0, "{errors:?}");
    assert!(target.total() > 0, "those that have a connection go on");
}

/// Ctrl-C in the middle of a ramp: users stop, requests in flight are finished, and the sums agree.
#[test]
fn an_interrupted_ramp_counts_exactly() {
    let target = Target::start(|_| Answer::ok("hello").after(Duration::from_millis(30)));
    let akrida = Akrida::start(&[&target.url(), "-u", "100", "-r", "20", "--headless"]);
    while target.total() < 200 {
        std::thread::sleep(Duration::from_millis(5));
    }
    akrida.interrupt();
    let ended = akrida.end(Duration::ZERO);
    assert_eq!(ended.exits(0).requests(), counts([("GET /", target.total())]));
    assert!((5..100).contains(&target.connections()), "{} users", target.connections());
}

#[test]
fn a_refused_connection_is_an_error_row() {
    let port = ClosedPort::new();
    let ended = run(&[&port.url(), "-t", "1s", "--headless"], Duration::from_secs(1));
    let errors: Vec<String> = ended.exits(1).errors().into_keys().collect();
    assert_eq!(errors, ["GET /: ConnectionRefusedError(111, 'Connection refused')"]);
}

/// A server of a private authority is believed only with that authority's certificate.
#[test]
fn a_private_authority_is_trusted_when_told() {
    let authority = Authority::new();
    let target = Target::start_tls(&authority.good(), |_| Answer::ok("safe"));
    let (url, ca) = (target.url(), scratch("ca.pem", &authority.pem()));
    let arguments = [&url, "-t", "1s", "--headless"];
    let ended = run(&arguments, Duration::from_secs(1));
    assert!(ended.exits(1).errors().keys().all(|error| error.starts_with("GET /: SSLError(")));
    assert_eq!(target.total(), 0);

    let ended = run(&[&arguments[..], &["--tls-ca", &ca]].concat(), Duration::from_secs(1));
    assert_eq!(ended.exits(0).requests(), seen(&target, &["GET /"]));
    assert!(target.total() > 0);
}

/// The demo's own target counted as many requests as are reported.
#[track_caller]
fn check_demo(ended: &Ended) {
    let sent: u64 = ended.exits(0).requests().values().sum();
    let line = format!("target counted {sent} requests, as many as were sent");
    assert!(sent > 0 && ended.stderr.contains(&line), "{sent}, but\n{}", ended.stderr);
}

#[test]
fn the_demo_ends_by_itself() {
    let arguments = ["demo", "--headless", "-u", "20", "-r", "20", "-t", "2s"];
    check_demo(&run(&arguments, Duration::from_secs(2)));
}

#[test]
fn the_demo_is_interrupted_in_its_ramp() {
    let akrida = Akrida::start(&["demo", "--headless", "-u", "1000", "-r", "10"]);
    akrida.logs("Ramping to 1000 users");
    std::thread::sleep(Duration::from_secs(1));
    akrida.interrupt();
    let ended = akrida.end(Duration::ZERO);
    check_demo(&ended);
    assert!(!ended.stderr.contains("All users spawned"), "{}", ended.stderr);
}

#[test]
fn the_quick_start_runs() {
    let target = Target::shop();
    let ended = check(&["-f", &path("scenarios/quick-start.yaml"), "-u", "20"], &target, 0);
    assert_eq!(ended.requests(), seen(&target, &["GET /", "GET /stats/requests"]));
}

#[test]
fn the_fibonacci_scenario_runs() {
    let target = Target::fibonacci();
    let ended = check(&["-f", &path("scenarios/fibonacci.yaml"), "-u", "5"], &target, 0);
    assert_eq!(ended.requests(), seen(&target, &["GET /fibonacci"]));
}

/// Users log in, carry their tokens, and file all items under one name; "error" in a text fails a request, "sold
/// out" does not.
#[test]
fn the_login_shop_runs() {
    let target = Target::shop();
    let ended = check(&["-f", &path("scenarios/login-shop.yaml"), "-u", "200"], &target, 1);
    assert_eq!(ended.requests(), seen(&target, &["POST /login", "GET /item", "POST /buy"]));
    assert_eq!(target.count("POST", "/login"), 200);
    assert_eq!(ended.errors().values().sum::<u64>(), broken_orders(&target));
}

/// The file's own stages decide how many users there are, and results are cut by them.
#[test]
fn the_stages_run() {
    let target = Target::start(|_| Answer::ok("hello"));
    let akrida = Akrida::start(&["-f", &path("scenarios/stages.yaml"), "-H", &target.url(), "--headless"]);
    while target.connections() < 5 {
        std::thread::sleep(Duration::from_millis(5));
    }
    akrida.interrupt();
    let ended = akrida.end(Duration::ZERO);
    assert_eq!(ended.exits(0).requests(), seen(&target, &["GET /"]));
    let stages = &ended.json[0]["run"]["stages"];
    assert_eq!((&stages[0]["label"], stages.as_array().map(Vec::len)), (&"ramp".into(), Some(1)));
    assert_eq!(stages[0]["row"]["num_requests"], target.total());
}

#[test]
fn an_old_locustfile_runs() {
    let target = Target::shop();
    let ended = check(&["-f", &path("scenarios/locustfiles/index.py"), "-u", "5"], &target, 0);
    let seen = [
        ("GET /", target.count("GET", "/")),
        ("GET /stats/requests", target.count("GET", "/stats/requests")),
    ];
    assert_eq!(ended.requests(), counts(seen));
}

#[test]
fn a_locustfile_with_a_query_runs() {
    let target = Target::fibonacci();
    let ended = check(&["-f", &path("scenarios/locustfiles/fibonacci.py"), "-u", "5"], &target, 0);
    assert_eq!(ended.requests(), counts([("GET /fibonacci?n=10", target.total())]));
}

/// It logs in, carries the token, files ten items under one name, and takes "sold out" for an answer.
#[test]
fn a_locustfile_that_shops_runs() {
    let target = Target::shop();
    let ended = check(&["-f", &path("scenarios/locustfiles/shopper.py"), "-u", "200"], &target, 1);
    assert_eq!(ended.requests(), seen(&target, &["POST /login", "GET /item", "POST /buy"]));
    assert_eq!(target.count("POST", "/login"), 200);
    let error = "POST /buy: CatchResponseError('Got an error in the answer')";
    assert_eq!(ended.errors(), counts([(error, broken_orders(&target))]));
}

/// Orders that the shop answered with 200 and a text that says "error".
fn broken_orders(target: &Target) -> u64 {
    let requests = target.requests();
    assert_eq!(requests.len() as u64, target.total(), "more requests than are kept");
    let orders = requests.iter().filter(|request| request.path == "/buy");
    let items = orders.map(|request| request.json().and_then(|order| order["item"].as_u64()).unwrap());
    items.filter(|item| item.is_multiple_of(7) && !item.is_multiple_of(10)).count() as u64
}
