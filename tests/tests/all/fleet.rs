//! Fleets of real processes, Akrida's and Locust's: what they report together is what the target counted.

mod edits;
mod ground;
mod handout;
mod locusts_master;
mod old;
mod our_master;
mod python_only;
mod web;

use crate::binary::{Akrida, Ended, free_port, scratch};
use akrida_testkit::{Answer, Target};
use std::time::Duration;

/// Two classes in the words that both read; the second one fails.
const TEST: &str = "
from locust import FastHttpUser, constant, task

class Reader(FastHttpUser):
    weight = 3
    wait_time = constant(0.05)

    @task
    def read(self):
        self.client.get('/read')

class Writer(FastHttpUser):
    wait_time = constant(0.05)

    @task
    def write(self):
        self.client.post('/write')
";

/// What every process is told of where its fleet meets.
struct Meeting {
    file: String,
    port: String,
    url: String,
}

impl Meeting {
    fn at(target: &Target) -> Self {
        Self { file: scratch("locustfile.py", TEST), port: free_port(), url: target.url() }
    }

    /// A run of eight users over `workers`, in which every request ends before its user does.
    fn master(&self, start: fn(&[&str]) -> Akrida, workers: &str) -> Akrida {
        let load = ["--headless", "-u", "8", "-r", "8", "-t", "4s", "--stop-timeout", "10", "-H", &self.url];
        let fleet = ["--master", "--master-bind-port", &self.port, "--expect-workers", workers];
        start(&[&["-f", &self.file][..], &load, &fleet].concat())
    }

    fn worker(&self, start: fn(&[&str]) -> Akrida) -> Akrida {
        start(&["-f", &self.file, "--worker", "--master-port", &self.port])
    }
}

fn target() -> Target {
    Target::start(|request| match request.path.as_str() {
        "/write" => Answer::status(500, "no"),
        _ => Answer::ok("yes"),
    })
}

/// The master and its workers have ended, and the figures are the target's.
fn agree(target: &Target, master: &Ended) {
    master.exits(1);
    let (read, write) = (target.count("GET", "/read"), target.count("POST", "/write"));
    assert!(read > 50 && write > 20, "{read} and {write}");
    let expected = [("GET /read".to_owned(), read), ("POST /write".to_owned(), write)];
    assert_eq!(master.requests(), expected.into(), "{}", master.stderr);
}

#[test]
fn workers_of_both_kinds_work_for_our_master() {
    let target = target();
    let meeting = Meeting::at(&target);
    let master = meeting.master(Akrida::start, "2");
    let workers = [meeting.worker(Akrida::start_locust), meeting.worker(Akrida::start)];
    let master = master.end(Duration::from_secs(20));
    agree(&target, &master);
    assert!(master.stderr.contains("Sending spawn jobs of 8 users at 8.00 spawn rate to 2 ready workers"));
    assert!(master.stderr.contains(r#"All users spawned: {"Reader": 6, "Writer": 2} (8 total users)"#));
    for worker in workers {
        worker.end(Duration::from_secs(10)).exits(0);
    }
}

#[test]
fn a_worker_of_locust_gets_its_locustfile_from_our_master() {
    let target = target();
    let meeting = Meeting::at(&target);
    let master = meeting.master(Akrida::start, "1");
    let worker = Akrida::start_locust(&["-f", "-", "--worker", "--master-port", &meeting.port]);
    agree(&target, &master.end(Duration::from_secs(30)));
    worker.end(Duration::from_secs(10)).exits(0);
}

#[test]
fn our_workers_work_for_locusts_master_beside_its_own() {
    let target = target();
    let meeting = Meeting::at(&target);
    let master = meeting.master(Akrida::start_locust, "2");
    let workers = [meeting.worker(Akrida::start_locust), meeting.worker(Akrida::start)];
    let master = master.end(Duration::from_secs(20));
    agree(&target, &master);
    for worker in workers {
        worker.end(Duration::from_secs(10)).exits(0);
    }
}

#[test]
fn a_master_starts_workers_of_its_own_and_one_that_is_asked_to_leave_leaves_nothing_behind() {
    let target = target();
    let meeting = Meeting::at(&target);
    let start = |arguments: &[&str]| Akrida::start(&[arguments, &["--processes", "2"]].concat());
    let master = meeting.master(start, "3");
    let worker = meeting.worker(Akrida::start);
    master.logs("All users spawned");
    worker.terminate();
    worker.end(Duration::from_secs(10)).exits(0);
    agree(&target, &master.end(Duration::from_secs(20)));
}

#[test]
fn a_master_whose_workers_do_not_come_gives_up() {
    let target = target();
    let meeting = Meeting::at(&target);
    let start =
        |arguments: &[&str]| Akrida::start(&[arguments, &["--expect-workers-max-wait", "1"]].concat());
    let ended = meeting.master(start, "1").end(Duration::from_secs(5));
    ended.exits(3);
    assert!(
        ended.stderr.contains("Gave up waiting for workers to connect: 0 of 1 are there"),
        "{}",
        ended.stderr
    );
    assert_eq!(target.total(), 0);
}

/// Two tasks of one class.
const TAGGED: &str = "
from locust import FastHttpUser, constant, tag, task

class Both(FastHttpUser):
    wait_time = constant(0.05)

    @tag('reading')
    @task
    def read(self):
        self.client.get('/read')

    @tag('writing')
    @task
    def write(self):
        self.client.post('/write')
";

#[test]
fn locusts_workers_take_over_the_tags_of_our_master() {
    let target = target();
    let meeting = Meeting { file: scratch("locustfile.py", TAGGED), ..Meeting::at(&target) };
    let start = |arguments: &[&str]| Akrida::start(&[arguments, &["--tags", "reading"]].concat());
    let master = meeting.master(start, "1");
    let worker = meeting.worker(Akrida::start_locust);
    master.end(Duration::from_secs(20)).exits(0);
    worker.end(Duration::from_secs(10)).exits(0);
    assert!(target.count("GET", "/read") > 20);
    assert_eq!(target.count("POST", "/write"), 0);
}

#[test]
fn our_workers_say_what_tags_the_master_wants() {
    let target = target();
    let meeting = Meeting { file: scratch("locustfile.py", TAGGED), ..Meeting::at(&target) };
    let start = |arguments: &[&str]| Akrida::start_locust(&[arguments, &["--tags", "reading"]].concat());
    let master = meeting.master(start, "2");
    let other = meeting.worker(Akrida::start);
    let same = meeting.worker(|arguments| Akrida::start(&[arguments, &["--tags", "reading"]].concat()));
    let said = "The master selects tasks by --tags reading: start this worker with the same.";
    other.logs(said);
    master.end(Duration::from_secs(20));
    other.end(Duration::from_secs(10)).exits(0);
    assert!(!same.end(Duration::from_secs(10)).exits(0).stderr.contains(said));
}
