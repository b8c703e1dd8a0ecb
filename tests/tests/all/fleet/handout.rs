//! Workers that were started with `-f -` have their test from their master.

use super::{Meeting, agree, target};
use crate::binary::{Akrida, folder, free_port};
use akrida_protocol::{ToMaster, ToWorker, Version};
use akrida_testkit::{Answer, Target};
use akrida_transport::{Link, zmq};
use std::collections::BTreeSet;
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

/// Rows from a file, a body from another folder's file of the same name, and everything that is secret.
const SHOP: &str = "
secrets:
  api_key: { env: API_KEY }
  password: { file: password.txt }
data:
  account: { file: rows.csv, pick: unique, per: iteration, at_end: stop_run }
users:
  Shopper:
    wait: 10ms
    headers: { X-Key: '{{ api_key }}', X-Password: '{{ password }}' }
    tasks:
      visit:
        - post: /visit/{{ account['name'] }}
          name: /visit
          body: { file: bodies/rows.csv }
";

const KEY: &str = "key-of-the-worker";
const PASSWORD: &str = "password-of-the-worker";

/// What only the master's machine has, in each of the places where a secret may be.
const MASTERS: [&str; 4] =
    ["key-of-the-master", "password-of-the-master", "certificate-of-mine", "key-of-mine"];

const ROWS: usize = 200;

/// A scenario with its files, in a folder of the master's.
fn shop(scenario: &str) -> String {
    let folder = folder();
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
    fs::create_dir(folder.join("bodies")).unwrap();
    let rows: String = (0..ROWS).map(|row| format!("{row}\n")).collect();
    write("rows.csv", &format!("name\n{rows}"));
    write("bodies/rows.csv", "the body");
    write("password.txt", MASTERS[1]);
    write("me.pem", &format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", MASTERS[2]));
    write("me.key", &format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", MASTERS[3]));
    write("shop.yaml", scenario);
    folder.join("shop.yaml").display().to_string()
}

/// Tests of Akrida's workers alone: they need nothing but the port.
fn master(test: &str, port: &str, url: &str, workers: &str) -> Akrida {
    let load = ["-f", test, "-H", url, "--headless", "-u", "6", "-r", "6", "--stop-timeout", "10"];
    let fleet = ["--master", "--master-bind-port", port, "--expect-workers", workers];
    Akrida::start_with(&[("API_KEY", MASTERS[0])], &[&load[..], &fleet].concat())
}

fn worker(port: &str) -> Akrida {
    Akrida::start(&["-f", "-", "--worker", "--master-port", port])
}

#[test]
fn a_scenario_comes_with_its_data_and_each_worker_has_secrets_of_its_own() {
    let target = Target::start(|request| {
        let is = |header, value: &str| request.header(header) == Some(value);
        let right = is("x-key", KEY) && is("x-password", PASSWORD) && request.body == b"the body"[..];
        if right { Answer::ok("") } else { Answer::status(400, "") }
    });
    let port = free_port();
    let master = master(&shop(SHOP), &port, &target.url(), "2");
    // It has to lie where it is started, since its path in the scenario says no more.
    let password = folder();
    fs::write(password.join("password.txt"), format!("{PASSWORD}\n")).unwrap();
    let joins = ["-f", "-", "--worker", "--processes", "2", "--master-port", &port];
    let workers = Akrida::start_at(&password, &[("API_KEY", KEY)], &joins);
    let master = master.end(Duration::from_secs(30));
    master.exits(0);
    workers.end(Duration::from_secs(15)).exits(0);
    let names: BTreeSet<String> = target.counts().into_keys().collect();
    assert_eq!(names, (0..ROWS).map(|row| format!("POST /visit/{row}")).collect());
    assert_eq!(target.total(), ROWS as u64, "each row once");
}

#[test]
fn a_worker_without_the_secrets_says_which_it_misses() {
    let port = free_port();
    let master = master(&shop(SHOP), &port, "http://127.0.0.1:1", "1");
    let worker = worker(&port).end(Duration::from_secs(30));
    worker.exits(2);
    for expected in [
        "the environment variable `API_KEY` is not set",
        "`password.txt` cannot be read: No such file or directory (os error 2); no master hands",
        "shop.yaml:4:",
    ] {
        assert!(worker.stderr.contains(expected), "{expected}:\n{}", worker.stderr);
    }
    drop(master);
}

/// A peer of a master that takes down everything that it is told.
struct Probe {
    id: String,
    link: Link,
}

impl Probe {
    fn at(port: &str, id: &str) -> Self {
        let link = zmq::connect("127.0.0.1", port.parse().unwrap(), id).unwrap();
        Self { id: id.to_owned(), link }
    }

    /// All frames up to the first of a kind; says this again and again until it has come.
    async fn hear(&mut self, say: &[ToMaster], until: fn(&ToWorker) -> bool) -> Vec<Vec<u8>> {
        let mut frames = Vec::new();
        loop {
            for message in say {
                // The master may not be there yet.
                let _ = self.link.send(message.encode(&self.id));
            }
            let said = tokio::time::timeout(Duration::from_secs(1), self.link.recv()).await;
            let Ok(Some(frame)) = said else { continue };
            frames.push(frame.to_vec());
            if until(&ToWorker::decode(&frame).unwrap().message) {
                return frames;
            }
        }
    }
}

#[tokio::test]
async fn no_frame_holds_a_secret() {
    let scenario =
        SHOP.replace("wait: 10ms", "tls: { ca: me.pem, certificate: me.crt, key: me.key }\n    wait: 10ms");
    let test = shop(&scenario);
    let beside = |name: &str| Path::new(&test).with_file_name(name);
    // The certificate of the user is no secret by itself, but goes the way of its key.
    fs::rename(beside("me.pem"), beside("me.crt")).unwrap();
    fs::write(beside("me.pem"), "-----BEGIN CERTIFICATE-----\nof others\n-----END CERTIFICATE-----\n")
        .unwrap();
    let port = free_port();
    let master = master(&test, &port, "http://127.0.0.1:1", "1");
    let heard = async {
        let mut frames = Vec::new();
        for akrida in [true, false] {
            let question = ToMaster::Locustfile { version: "2.47.0".to_owned(), akrida };
            let mut probe = Probe::at(&port, &format!("probe_download_locustfile_{akrida}"));
            let until = |message: &ToWorker| matches!(message, ToWorker::Locustfile(_));
            frames.append(&mut probe.hear(&[question], until).await);
        }
        let ready = ToMaster::ClientReady(Version::Told("2.47.0".to_owned()));
        let mut probe = Probe::at(&port, "probe_1");
        let until = |message: &ToWorker| matches!(message, ToWorker::Spawn(_));
        frames.append(&mut probe.hear(&[ready], until).await);
        frames
    };
    let frames = tokio::time::timeout(Duration::from_secs(60), heard).await.unwrap();
    let holds =
        |text: &str| frames.iter().any(|frame| frame.windows(text.len()).any(|part| part == text.as_bytes()));
    for handed_out in ["the body", "name\n0\n1\n", "of others", "X-Password"] {
        assert!(holds(handed_out), "{handed_out} is what a worker needs");
    }
    let seen: Vec<&str> = MASTERS.into_iter().filter(|secret| holds(secret)).collect();
    assert_eq!(seen, Vec::<&str>::new());
    drop(master);
}

#[test]
fn a_test_whose_secret_is_data_too_is_not_handed_out() {
    let port = free_port();
    let test = shop(&SHOP.replace("bodies/rows.csv", "bodies/../password.txt"));
    let master = master(&test, &port, "http://127.0.0.1:1", "1");
    let worker = worker(&port).end(Duration::from_secs(30));
    worker.exits(2);
    let reason =
        "bodies/../password.txt is a secret, and these are not handed out: start the worker with -f FILE";
    assert!(worker.stderr.contains(reason), "{}", worker.stderr);
    master.logs("A worker of Akrida's asked for the test and gets none");
}

#[test]
fn a_locustfile_comes_from_locusts_master() {
    let target = target();
    let meeting = Meeting::at(&target);
    let master = meeting.master(Akrida::start_locust, "1");
    let worker = worker(&meeting.port);
    agree(&target, &master.end(Duration::from_secs(30)));
    worker.end(Duration::from_secs(10)).exits(0);
}

#[test]
fn an_address_is_loaded_by_workers_of_both_kinds() {
    let target = Target::start(|_| Answer::ok("").after(Duration::from_millis(20)));
    let (port, url) = (free_port(), format!("{}/a?b=%20c", target.url()));
    let load = [&*url, "--headless", "-u", "8", "-t", "4s", "--stop-timeout", "10"];
    let fleet = ["--master", "--master-bind-port", &port, "--expect-workers", "2"];
    let master = Akrida::start(&[&load[..], &fleet].concat());
    let workers = [Akrida::start, Akrida::start_locust]
        .map(|start| start(&["-f", "-", "--worker", "--master-port", &port]));
    let master = master.end(Duration::from_secs(30));
    master.exits(0);
    assert!(master.stderr.contains(r#"All users spawned: {"QuickUser": 8}"#), "{}", master.stderr);
    for worker in workers {
        worker.end(Duration::from_secs(10)).exits(0);
    }
    let counted = target.count("GET", "/a");
    assert!(counted > 100, "{:?}", target.counts());
    assert_eq!(master.requests(), [("GET /a?b=%20c".to_owned(), counted)].into());
}

#[test]
fn a_worker_of_locust_is_told_that_it_cannot_run_a_scenario() {
    let port = free_port();
    let master = master(&shop(SHOP), &port, "http://127.0.0.1:1", "1");
    let worker = Akrida::start_locust(&["-f", "-", "--worker", "--master-port", &port]);
    let worker = worker.end(Duration::from_secs(30));
    worker.exits(1);
    let reason = "shop.yaml is a scenario, which only Akrida's workers run";
    assert!(worker.stderr.contains(reason), "{}", worker.stderr);
    master.logs("A worker of Locust's asked for the test and gets none");
}

/// Where nobody answers until the listener is dropped.
fn nobody(port: &str) -> TcpListener {
    TcpListener::bind(format!("127.0.0.1:{port}")).unwrap()
}

#[test]
fn a_worker_waits_for_a_master_that_comes_late() {
    let target = target();
    let meeting = Meeting::at(&target);
    let nobody = nobody(&meeting.port);
    let worker = worker(&meeting.port);
    // It comes again and again.
    for _ in 0..3 {
        drop(nobody.accept().unwrap());
    }
    drop(nobody);
    let master = meeting.master(Akrida::start, "1");
    agree(&target, &master.end(Duration::from_secs(30)));
    worker.end(Duration::from_secs(10)).exits(0);
}

#[test]
fn a_worker_that_waits_for_its_test_leaves_when_it_is_asked_to() {
    let port = free_port();
    let nobody = nobody(&port);
    let worker = worker(&port);
    let _connection = nobody.accept().unwrap();
    // The connection is there before that is told.
    worker.logs("Asking the master at 127.0.0.1");
    worker.terminate();
    let ended = worker.end(Duration::from_secs(5));
    ended.exits(0);
    assert!(ended.stderr.contains("Asking the master at 127.0.0.1"), "{}", ended.stderr);
}
