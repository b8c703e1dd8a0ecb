//! Whether a process lives: what probes are told, and what `akrida healthcheck` makes of it.

use crate::binary::{Akrida, free_port, run_tool, scratch};
use akrida_testkit::Authority;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

const SCENARIO: &str = "users: {A: {tasks: [{get: /}]}}";

/// Status and body of an answer; `None` where nobody listens.
pub(crate) fn get(port: &str, path: &str) -> Option<(u16, String)> {
    exchange(port, &format!("GET {path}"), "")
}

/// The same for a form.
pub(crate) fn post(port: &str, path: &str, form: &str) -> Option<(u16, String)> {
    exchange(port, &format!("POST {path}"), form)
}

fn exchange(port: &str, what: &str, form: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let kind = "application/x-www-form-urlencoded";
    let body = format!("content-type: {kind}\r\ncontent-length: {}\r\n\r\n{form}", form.len());
    write!(stream, "{what} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{body}").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
}

fn status(port: &str, path: &str) -> Option<u16> {
    get(port, path).map(|(status, _)| status)
}

/// Exit code and what is said.
fn healthcheck(variables: &[(&str, &str)], arguments: &[&str]) -> (i32, String) {
    let output = run_tool(variables, &[&["healthcheck"], arguments].concat());
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap(), text(&output.stdout) + &text(&output.stderr))
}

#[test]
fn a_worker_is_ready_once_it_has_a_master() {
    let (file, port, master_port) = (scratch("health.yaml", SCENARIO), free_port(), free_port());
    let variables = [("LOCUST_MODE", "worker"), ("AKRIDA_HEALTH_PORT", port.as_str())];
    let fleet = ["-f", &file, "--master-port", &master_port];
    let worker = Akrida::start_with(&variables, &fleet);
    worker.until(|| status(&port, "/healthz") == Some(200));
    assert_eq!(get(&port, "/readyz"), Some((503, "no master has answered yet\n".to_owned())));
    assert_eq!(status(&port, "/"), Some(404));
    assert_eq!(healthcheck(&variables, &[]), (0, format!("http://127.0.0.1:{port}/healthz is well\n")));

    let web = ["--web-host", "127.0.0.1", "--web-port", "0", "-H", "http://127.0.0.1:1"];
    let binding = ["-f", &file, "--master", "--master-bind-port", &master_port];
    let master = Akrida::start(&[&binding[..], &web].concat());
    worker.until(|| status(&port, "/readyz") == Some(200));

    // Asked to end, it signs off at once and leaves no ghost behind.
    worker.terminate();
    worker.end(Duration::ZERO).exits(0);
    master.terminate();
    master.end(Duration::ZERO).exits(0);
    let (code, said) = healthcheck(&variables, &[]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains(&format!("http://127.0.0.1:{port}/healthz is not well: ")), "{said}");
}

#[test]
fn a_worker_that_hangs_does_not_say_that_it_lives() {
    let (file, port) = (scratch("health.yaml", SCENARIO), free_port());
    let worker = Akrida::start(&["-f", &file, "--worker", "--health-port", &port]);
    worker.until(|| status(&port, "/healthz") == Some(200));
    worker.signal("-STOP");
    let (code, said) = healthcheck(&[], &["--worker", "--health-port", &port]);
    assert_eq!(
        (code, said),
        (1, format!("http://127.0.0.1:{port}/healthz is not well: no answer within 3 s\n"))
    );
    worker.signal("-CONT");
    worker.until(|| healthcheck(&[], &["--worker", "--health-port", &port]).0 == 0);
}

#[test]
fn a_page_is_asked_over_tls_and_under_any_prefix() {
    let identity = Authority::new().good();
    let certificate = scratch("certificate.pem", identity.certificate_pem());
    let key = scratch("key.pem", identity.key_pem());
    let (file, port) = (scratch("health.yaml", SCENARIO), free_port());
    for tls in [false, true] {
        let page = ["--web-host", "127.0.0.1", "--web-port", &port, "--web-base-path", "/locust"];
        let tls = if tls { &["--tls-cert", &certificate, "--tls-key", &key][..] } else { &[] };
        let page = [&page[..], tls].concat();
        let akrida = Akrida::start(&[&["-f", &file], &page[..]].concat());
        let scheme = if tls.is_empty() { "http" } else { "https" };
        let well = (0, format!("{scheme}://127.0.0.1:{port}/healthz is well\n"));
        akrida.until(|| healthcheck(&[], &page) == well);
        // Whoever speaks TLS to what does not, or the other way round, hears of it.
        let other = if tls.is_empty() { &["--tls-cert", "a", "--tls-key", "b"][..] } else { &[] };
        let (code, said) = healthcheck(&[], &[&["--web-port", &port], other].concat());
        assert_eq!(code, 1, "{said}");
        akrida.terminate();
        akrida.end(Duration::ZERO).exits(0);
    }
}

#[test]
fn whoever_has_no_page_is_asked_at_the_health_port() {
    let (file, port, master_port) = (scratch("health.yaml", SCENARIO), free_port(), free_port());
    let roles = [
        vec!["--headless", "-H", "http://127.0.0.1:1"],
        vec!["--headless", "--master", "--master-bind-port", &master_port, "-H", "http://127.0.0.1:1"],
        // Its workers do not ask for the port that it has.
        vec!["--worker", "--processes", "2", "--master-port", &master_port],
    ];
    for role in roles {
        let akrida = Akrida::start(&[&["-f", &file, "--health-port", &port], &role[..]].concat());
        akrida.until(|| status(&port, "/readyz") == Some(200));
        assert_eq!(healthcheck(&[], &["--health-port", &port]).0, 0);
        assert!(!akrida.stderr().contains("cannot be had"), "{}", akrida.stderr());
        akrida.terminate();
        akrida.end(Duration::from_secs(10));
    }
}

#[test]
fn a_health_port_that_is_taken_costs_no_load() {
    let taken = TcpListener::bind("0.0.0.0:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let (file, master_port) = (scratch("health.yaml", SCENARIO), free_port());
    let worker =
        Akrida::start(&["-f", &file, "--worker", "--health-port", &port, "--master-port", &master_port]);
    worker.logs(&format!("The health port {port} cannot be had, and nothing answers there: "));
    worker.logs("Connecting to the master");
}

#[test]
fn the_demos_target_stands_alone() {
    let target = Akrida::start_bare(&["demo-target", "--port", "0"]);
    target.logs("/fibonacci?n=10");
    let log = target.stderr();
    let port = log.split("http://127.0.0.1:").nth(1).and_then(|rest| rest.split('/').next()).unwrap();
    assert_eq!(get(port, "/fibonacci?n=10"), Some((200, "34".to_owned())));
    assert_eq!(status(port, "/fibonacci?n=31"), Some(400));
    target.terminate();
    let ended = target.end(Duration::ZERO);
    assert!(ended.exits(0).stderr.contains("Answered 2 requests"), "{}", ended.stderr);
}
