//! Every fault of a server has its fixed text.

use crate::support::{failures, get, step, text};
use akrida_scenario::expr::Expr;
use akrida_scenario::model::{Check, Request, Test};
use akrida_testkit::{Answer, ClosedPort, FAULTS, Target};
use std::time::Duration;

#[test]
fn what_servers_do_wrong() {
    let target = Target::faults();
    let mut table = String::new();
    for fault in FAULTS {
        let method = if fault.path == "/head" { "HEAD" } else { "GET" };
        let slow = fault.path.starts_with("/s") && fault.path != "/server-error";
        let request = Request {
            method: method.into(),
            timeout: Some(if slow { Duration::from_millis(300) } else { Duration::from_secs(20) }),
            ..get(fault.path)
        };
        let failures = failures(vec![step(request)], &target.url(), 1);
        let text = failures.first().map_or("passed", String::as_str);
        table.push_str(&format!("{:<24} {text}\n", fault.path));
    }
    insta::assert_snapshot!(table);
}

#[test]
fn a_head_is_read_up_to_a_bound() {
    let target = Target::start(|request| {
        let bytes = request.path.trim_start_matches('/').parse().unwrap();
        Answer::ok("").header("x-long", &"x".repeat(bytes))
    });
    for (kib, expected) in
        [(100, None), (300, Some("BadStatusLine('the head of the answer is not HTTP/1.1, or too long')"))]
    {
        let texts = failures(vec![step(get(&format!("/{}", kib * 1024)))], &target.url(), 1);
        assert_eq!(texts.first().map(String::as_str), expected, "{kib} KiB");
    }
}

#[test]
fn nobody_listens() {
    let port = ClosedPort::new();
    let texts = failures(vec![step(get("/"))], &port.url(), 1);
    assert_eq!(texts, ["ConnectionRefusedError(111, 'Connection refused')"]);
}

#[test]
fn the_name_has_no_address() {
    let texts = failures(vec![step(get("/"))], "http://no-such-host.invalid", 1);
    assert_eq!(texts, ["gaierror(-2, 'Name or service not known: no-such-host.invalid')"]);
}

#[test]
fn statuses_fail_unless_a_check_says_otherwise() {
    let target = Target::start(|_| Answer::status(404, "nothing here"));
    let named = Request { name: Some(text("lookup")), ..get("/x?id=7") };
    let texts = failures(vec![step(named.clone())], &target.url(), 1);
    assert_eq!(texts, ["HTTPError('404 Client Error: Not Found for url: lookup')"]);

    let other = Check::Status(vec![(200, 299), (301, 301)]);
    for (checks, expected) in [
        (vec![Check::Status(vec![(404, 404)])], None),
        (vec![other], Some("CatchResponseError('status 404 is not 200-299 or 301')")),
        (
            vec![Check::Body(Test::Contains(text("nothing")))],
            Some("HTTPError('404 Client Error: Not Found for url: lookup')"),
        ),
    ] {
        let request = Request { checks, ..named.clone() };
        let texts = failures(vec![step(request)], &target.url(), 1);
        assert_eq!(texts.first().map(String::as_str), expected);
    }
}

#[test]
fn a_failed_check_is_a_row_of_its_own() {
    let target = Target::start(|_| Answer::status(404, "nothing here"));
    let named = Request { name: Some(text("lookup")), ..get("/x?id=7") };
    let cases = [
        (Check::Body(Test::Contains(text("nothing"))), None),
        (
            Check::Body(Test::Contains(text("hello"))),
            Some("CatchResponseError('the body does not contain \"hello\"')"),
        ),
        (Check::Body(Test::Lacks(text("here"))), Some("CatchResponseError('the body contains \"here\"')")),
        (Check::Body(Test::Equals(Expr::text(text("nothing here")))), None),
        (
            Check::Body(Test::Equals(Expr::text(text("no")))),
            Some("CatchResponseError('the body is not \"no\"')"),
        ),
    ];
    for (check, expected) in cases {
        let request = Request { checks: vec![Check::Status(vec![(404, 404)]), check], ..named.clone() };
        let texts = failures(vec![step(request)], &target.url(), 1);
        assert_eq!(texts.first().map(String::as_str), expected);
    }
}

#[test]
fn a_server_that_closes_every_connection_at_once_is_a_failure_each_time() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    // Detached: it ends with the test's process.
    std::thread::spawn(move || listener.incoming().for_each(drop));
    let texts = failures(vec![step(get("/"))], &url, 1);
    assert!(texts.len() == 1, "{texts:?}");
    assert!(
        texts[0].starts_with("RemoteDisconnected(") || texts[0].starts_with("ConnectionResetError("),
        "{texts:?}"
    );
}
