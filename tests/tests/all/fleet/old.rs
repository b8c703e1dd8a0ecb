//! Locust of old generations, as it was: its workers work for our master, alone and beside others, and ours for its
//! masters. What is reported is what arrived.

use super::{Meeting, agree, target};
use crate::binary::{Akrida, Ended, free_port, scratch};
use akrida_testkit::Target;
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::time::Duration;

/// What [`super::TEST`] is to Locust 1.6.
const OF_1_6: &str = "
from locust import HttpUser, constant, task

class Reader(HttpUser):
    weight = 3
    wait_time = constant(0.05)
    host = 'TARGET'

    @task
    def read(self):
        self.client.get('/read')

class Writer(HttpUser):
    wait_time = constant(0.05)
    host = 'TARGET'

    @task
    def write(self):
        self.client.post('/write')
";

/// The same to Locust 0.14.
const OF_0_14: &str = "
from locust import HttpLocust, TaskSet, constant, task

class Reads(TaskSet):
    @task
    def read(self):
        self.client.get('/read')

class Writes(TaskSet):
    @task
    def write(self):
        self.client.post('/write')

class Reader(HttpLocust):
    weight = 3
    task_set = Reads
    wait_time = constant(0.05)
    host = 'TARGET'

class Writer(HttpLocust):
    weight = 1
    task_set = Writes
    wait_time = constant(0.05)
    host = 'TARGET'
";

/// The same to Locust 0.8, which ends users in the middle of their requests: here each makes so many and no more.
const OF_0_8: &str = "
from locust import HttpLocust, TaskSet, task

class Once(TaskSet):
    def once(self, call, path):
        self.locust.done += 1
        if self.locust.done <= 20:
            call(path)

class Reads(Once):
    @task
    def read(self):
        self.once(self.client.get, '/read')

class Writes(Once):
    @task
    def write(self):
        self.once(self.client.post, '/write')

class Reader(HttpLocust):
    weight = 3
    task_set = Reads
    min_wait = max_wait = 50
    host = 'TARGET'
    done = 0

class Writer(HttpLocust):
    weight = 1
    task_set = Writes
    min_wait = max_wait = 50
    host = 'TARGET'
    done = 0
";

fn file(test: &str, target: &Target) -> String {
    scratch("locustfile.py", &test.replace("TARGET", &target.url()))
}

/// Workers of these versions for the master at `port`.
fn worker_of_1_6(target: &Target, port: &str) -> Akrida {
    Akrida::start_old("1.6.0", &["-f", &file(OF_1_6, target), "--worker", "--master-port", port])
}

fn worker_of_0_14(target: &Target, port: &str) -> Akrida {
    Akrida::start_old("0.14.6", &["-f", &file(OF_0_14, target), "--slave", "--master-port", port])
}

/// A run of eight users over `workers` of old generations; the master's log has to say `said`.
fn work_for_our_master(
    workers: &[fn(&Target, &str) -> Akrida],
    others: &[fn(&[&str]) -> Akrida],
    said: &[&str],
) {
    let target = target();
    let meeting = Meeting::at(&target);
    let master = meeting.master(Akrida::start, &(workers.len() + others.len()).to_string());
    let mut all: Vec<Akrida> = workers.iter().map(|worker| worker(&target, &meeting.port)).collect();
    all.extend(others.iter().map(|start| meeting.worker(*start)));
    let master = master.end(Duration::from_secs(30));
    agree(&target, &master);
    for said in said {
        assert!(master.stderr.contains(said), "{said}: {}", master.stderr);
    }
    for worker in all {
        worker.end(Duration::from_secs(10));
    }
}

#[test]
fn workers_of_1_6_work_for_our_master() {
    work_for_our_master(
        &[worker_of_1_6, worker_of_1_6],
        &[],
        &["speaks as Locust 1.4.4 to 1.6 does", "8 of classes that their workers chose (8 total users)"],
    );
}

#[test]
fn workers_of_0_14_work_for_our_master() {
    work_for_our_master(
        &[worker_of_0_14, worker_of_0_14],
        &[],
        &["speaks as Locust 0.14 to 1.1 does", "8 of classes that their workers chose (8 total users)"],
    );
}

#[test]
fn workers_of_four_kinds_work_for_our_master() {
    work_for_our_master(
        &[worker_of_1_6, worker_of_0_14],
        &[Akrida::start_locust, Akrida::start],
        &[
            r#"All users spawned: {"Reader": 3, "Writer": 1} and 4 of classes that their workers chose (8 total users)"#,
        ],
    );
}

/// Two ports beside each other that are free.
fn two_ports() -> u16 {
    loop {
        let first: u16 = free_port().parse().unwrap();
        if first < u16::MAX && TcpListener::bind(("127.0.0.1", first + 1)).is_ok() {
            return first;
        }
    }
}

#[test]
fn workers_of_0_8_work_for_our_master_beside_one_of_ours() {
    let target = target();
    let meeting = Meeting::at(&target);
    let port = two_ports().to_string();
    let load = ["--headless", "-u", "9", "-r", "9", "-t", "8s", "--stop-timeout", "10", "-H", &meeting.url];
    let fleet = ["--master", "--master-bind-port", &meeting.port, "--expect-workers", "3"];
    let master =
        Akrida::start(&[&["-f", &meeting.file, "--legacy-08-port", &port][..], &load, &fleet].concat());
    let old = || {
        Akrida::start_old(
            "0.8.1",
            &["-f", &file(OF_0_8, &target), "--slave", "--no-reset-stats", "--master-port", &port],
        )
    };
    let (old, ours) = ([old(), old()], meeting.worker(Akrida::start));
    let master = master.end(Duration::from_secs(40));
    agree(&target, &master);
    assert!(master.stderr.contains("Locust 0.5 to 0.9) reported as ready"), "{}", master.stderr);
    assert!(
        master.stderr.contains("and 6 of classes that their workers chose (9 total users)"),
        "{}",
        master.stderr
    );
    ours.end(Duration::from_secs(10)).exits(0);
    // They do not say that they leave.
    for worker in old {
        worker.end(Duration::from_secs(10));
    }
}

/// The requests of a run by `METHOD name`, in the table that a master of this age writes.
fn requests(master: &Ended) -> BTreeMap<String, u64> {
    let cells = |row: &str| row.split(',').map(|cell| cell.trim_matches('"').to_owned()).collect::<Vec<_>>();
    let rows = master.files.lines().map(cells).skip_while(|row| row[0] != "Type").skip(1);
    let named = rows.take_while(|row| ["GET", "POST"].contains(&row[0].as_str()));
    named.map(|row| (format!("{} {}", row[0], row[1]), row[2].parse().unwrap())).collect()
}

/// Our worker and one of its own work for a master of an old generation.
fn work_for_old_master(target: &Target, master: Akrida, meeting: &Meeting, old: Akrida) {
    let ours = meeting.worker(Akrida::start);
    let master = master.end(Duration::from_secs(30));
    let (read, write) = (target.count("GET", "/read"), target.count("POST", "/write"));
    assert!(read > 50 && write > 20, "{read} and {write}");
    let arrived = [("GET /read".to_owned(), read), ("POST /write".to_owned(), write)];
    assert_eq!(requests(&master), arrived.into(), "{}", master.stderr);
    let ours = ours.end(Duration::from_secs(10));
    ours.exits(0);
    old.end(Duration::from_secs(10));
}

#[test]
fn our_worker_works_for_a_master_of_1_6() {
    let target = target();
    let meeting = Meeting::at(&target);
    let file = file(OF_1_6, &target);
    let load = ["--headless", "-u", "8", "-r", "4", "-t", "6s", "--stop-timeout", "10", "--csv", "out"];
    let fleet = ["--master", "--master-bind-port", &meeting.port, "--expect-workers", "2"];
    let master =
        Akrida::start_old("1.6.0", &[&["-f", &file, "-H", &meeting.url][..], &load, &fleet].concat());
    let old = worker_of_1_6(&target, &meeting.port);
    work_for_old_master(&target, master, &meeting, old);
}

#[test]
fn our_worker_works_for_a_master_of_0_14() {
    let target = target();
    let meeting = Meeting::at(&target);
    let file = file(OF_0_14, &target);
    let load = ["--no-web", "-c", "8", "-r", "4", "-t", "6s", "--stop-timeout", "10", "--csv", "out"];
    let fleet = ["--master", "--master-bind-port", &meeting.port, "--expect-slaves", "2"];
    let master =
        Akrida::start_old("0.14.6", &[&["-f", &file, "-H", &meeting.url][..], &load, &fleet].concat());
    let old = worker_of_0_14(&target, &meeting.port);
    work_for_old_master(&target, master, &meeting, old);
}
