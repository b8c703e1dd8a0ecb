//! Other sites, hostile names, slow and large requests, TLS.

use super::{Served, curl, target};
use crate::binary::scratch;
use akrida_testkit::{Authority, Target};
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

#[test]
fn other_sites_change_nothing_and_read_nothing() {
    let target = target();
    let served = Served::alone(&target, &[]);
    let swarm = served.url("/swarm");
    let evil = ["-H", "origin: https://evil.example", "-d", "user_count=1&spawn_rate=1"];
    let refused = curl(&[&evil[..], &[&swarm]].concat());
    assert_eq!((refused.status, refused.header("access-control-allow-origin")), (403, None));
    assert_eq!(served.snapshot()["state"], "ready");
    served.post("/swarm", "user_count=1&spawn_rate=1");
    served.until(|snapshot| snapshot["state"] == "running");
    for path in ["/stop", "/stats/reset"] {
        let image = curl(&["-H", "sec-fetch-site: cross-site", &served.url(path)]);
        assert_eq!(image.status, 403, "{path}");
        let hidden = curl(&["-A", "Mozilla/5.0", &served.url(path)]);
        assert_eq!(hidden.status, 403, "{path}");
    }
    assert_eq!(served.snapshot()["state"], "running");
    let own = format!("origin: {}", served.url(""));
    assert_eq!(curl(&["-H", &own, "-X", "POST", &served.url("/stop")]).json()["success"], true);
    let read = curl(&["-H", "origin: https://evil.example", &served.url("/stats/requests")]);
    assert_eq!(read.header("access-control-allow-origin"), None);
    let policy = served.get("/").header("content-security-policy").unwrap().to_owned();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");

    let shared = Served::alone(&target, &["--web-allow-origin", "https://grafana.example,*"]);
    let read = |origin: &str| {
        let origin = format!("origin: {origin}");
        let answer = curl(&["-H", &origin, &shared.url("/stats/requests")]);
        answer.header("access-control-allow-origin").map(str::to_owned)
    };
    assert_eq!(read("https://grafana.example").as_deref(), Some("https://grafana.example"));
    assert_eq!(read("https://evil.example").as_deref(), Some("*"));
    assert_eq!(curl(&[&evil[..], &[&shared.url("/swarm")]].concat()).status, 403, "reading is not changing");
}

/// A name that its owner gives this machine's address when a page is loaded from it.
#[test]
fn names_that_were_not_listed_are_not_served() {
    let target = target();
    let served = Served::alone(&target, &["--web-allow-host", "load.example.org"]);
    let asked = |host: &str, path: &str, more: &[&str]| {
        let (host, url) = (format!("host: {host}"), served.url(path));
        curl(&[&["-H", &host], more, &[&url]].concat())
    };
    let start = ["-H", "origin: http://evil.example", "-d", "user_count=1&spawn_rate=1"];
    for (path, more) in [("/swarm", &start[..]), ("/", &[]), ("/api/v1/snapshot", &[]), ("/stop", &[])] {
        let answer = asked("evil.example", path, more);
        assert_eq!(answer.status, 421, "{path}");
        assert!(answer.body.contains("--web-allow-host"), "{}", answer.body);
    }
    assert_eq!(asked("evil.example", "/healthz", &[]).status, 200);
    for host in ["load.example.org", "Load.example.org:8089", "akrida-master:8089", "127.0.0.1"] {
        assert_eq!(asked(host, "/api/v1/snapshot", &[]).json()["state"], "ready", "{host}");
    }
}

#[test]
fn names_are_text_wherever_they_are_shown() {
    let target = Target::start(|_| akrida_testkit::Answer::ok("x"));
    let text = "users: {A: {wait: {constant: 50ms}, tasks: {t: {steps: [{get: /, name: '=1+1'}, \
                {get: /, name: '<script>alert(1)</script>'}]}}}}";
    let served = Served::with(&scratch("names.yaml", text), &[], &["-H", &target.url()]);
    served.post("/swarm", "user_count=1&spawn_rate=1");
    served.until(|snapshot| snapshot["rows"].as_array().unwrap().len() == 2);
    let table = served.get("/stats/requests/csv").body;
    assert!(table.contains("\r\nGET,'=1+1,") && !table.contains("\r\nGET,=1+1,"), "{table}");
    let report = served.get("/stats/report").body;
    assert!(report.contains("alert(1)") && !report.contains("<script>alert"), "{report}");
    served.get("/stop");
}

#[test]
fn large_and_slow_requests_are_cut_off() {
    let target = target();
    let served = Served::alone(&target, &[]);
    let file = scratch("large", &"a".repeat(300_000));
    let large = curl(&["-H", "expect:", "--data-binary", &format!("@{file}"), &served.url("/swarm")]);
    assert_eq!(large.status, 413);
    let chunked = ["-H", "expect:", "-H", "transfer-encoding: chunked", "--data-binary"];
    let large = curl(&[&chunked[..], &[&format!("@{file}"), &served.url("/api/v1/swarm")]].concat());
    assert_eq!(large.status, 413);
    // Who writes all before it reads gets the reason too.
    let mut writer = TcpStream::connect(format!("127.0.0.1:{}", served.port)).unwrap();
    writer.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    writer.write_all(b"POST /swarm HTTP/1.1\r\nhost: x\r\ncontent-length: 3000000\r\n\r\n").unwrap();
    for _ in 0..300 {
        writer.write_all(&[b'a'; 10_000]).unwrap();
    }
    let mut answer = [0; 12];
    writer.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 413");
    let head = format!("x: {}", "a".repeat(100_000));
    assert_eq!(curl(&["-H", &head, &served.url("/")]).status, 431);

    let mut slow = TcpStream::connect(format!("127.0.0.1:{}", served.port)).unwrap();
    slow.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    slow.write_all(b"POST /swarm HTTP/1.1\r\nhost: x\r\n").unwrap();
    let mut body = TcpStream::connect(format!("127.0.0.1:{}", served.port)).unwrap();
    body.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    body.write_all(b"POST /swarm HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nuser").unwrap();
    let mut answer = [0; 12];
    body.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 408");
    // Ended, whatever is said before.
    let _ = slow.read_to_end(&mut Vec::new()).unwrap();
    assert_eq!(served.snapshot()["state"], "ready");
}

#[test]
fn over_tls() {
    let identity = Authority::new().good();
    let certificate = scratch("certificate.pem", identity.certificate_pem());
    let key = scratch("key.pem", identity.key_pem());
    let target = target();
    let served = Served::alone(&target, &["--tls-cert", &certificate, "--tls-key", &key]);
    let url = served.url("/stats/requests").replace("http:", "https:");
    served.akrida.logs("Starting web interface at https://127.0.0.1:");
    assert_eq!(curl(&["-k", &url]).json()["state"], "ready");
    fs::remove_file(&key).unwrap();
}
