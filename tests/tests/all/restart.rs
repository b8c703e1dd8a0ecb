//! A master that is killed in the middle of a run, again and again, and started anew: its fleet of real processes works
//! on, and what was measured is there at the end.

use crate::binary::{Akrida, folder, free_port, now, scratch};
use akrida_testkit::{Answer, Target};
use std::time::Duration;

/// What Akrida's workers do.
const SCENARIO: &str = "
users:
  Reader:
    wait: { constant: 50ms }
    tasks:
      - get: /akrida
";

/// What Locust's do: the same class, and other requests, so that they can be told apart.
const LOCUSTFILE: &str = "
from locust import FastHttpUser, constant, task

class Reader(FastHttpUser):
    wait_time = constant(0.05)

    @task
    def read(self):
        self.client.get('/locust')
";

const USERS: u64 = 18;
const OURS: usize = 4;
const THEIRS: usize = 2;

/// Requests that arrive between two things that are done.
const SOME: u64 = 300;

/// Of Locust's workers, requests of so many seconds may be lost with a master: they report every three, and keep
/// nothing.
const UNSENT: f64 = 3.0;

/// Kills the master of a run so often, and then asks it by SIGTERM so often to leave; how long each new one took until
/// it had heard all workers, with all users.
pub(crate) fn survive(kills: usize, moves: usize) -> Vec<Duration> {
    let target = Target::start(|_| Answer::ok("yes").after(Duration::from_millis(5)));
    let (port, url, state) = (free_port(), target.url(), folder().display().to_string());
    let (scenario, locustfile) = (scratch("scenario.yaml", SCENARIO), scratch("locustfile.py", LOCUSTFILE));
    let workers = (OURS + THEIRS).to_string();
    let start = || {
        let users = USERS.to_string();
        let load = ["--headless", "-u", &users, "-r", "100", "--stop-timeout", "10", "-H", &url];
        let fleet = ["--master", "--master-bind-port", &port, "--expect-workers", &workers];
        Akrida::start(&[&["-f", &scenario][..], &load, &fleet, &["--state-dir", &state]].concat())
    };
    let mut master = start();
    let worker =
        |start: fn(&[&str]) -> Akrida, file: &str| start(&["-f", file, "--worker", "--master-port", &port]);
    let ours: Vec<Akrida> = (0..OURS).map(|_| worker(Akrida::start, &scenario)).collect();
    let theirs: Vec<Akrida> = (0..THEIRS).map(|_| worker(Akrida::start_locust, &locustfile)).collect();
    master.until(|| is_whole(&master.stderr()));
    let began = now();
    let some = |master: &Akrida| {
        let before = target.total();
        master.until(|| target.total() >= before + SOME);
    };
    let mut took = Vec::new();
    for round in 0..kills + moves {
        some(&ours[0]);
        if round < kills {
            master.kill();
        } else {
            master.terminate();
            let left = master.end(Duration::from_secs(10));
            left.exits(143);
            assert!(left.stderr.contains("error: the run is not over"), "{}", left.stderr);
        }
        // Nobody is there, and users work on.
        some(&ours[0]);
        let at = now();
        master = start();
        master.logs("Going on with the run of the master before");
        master.until(|| is_whole(&master.stderr()));
        took.push(at.elapsed());
    }
    some(&master);
    let rate = target.count("GET", "/locust") as f64 / began.elapsed().as_secs_f64();
    master.interrupt();
    let master = master.end(Duration::from_secs(30));
    master.exits(0);
    for worker in ours.into_iter().chain(theirs) {
        worker.end(Duration::from_secs(20)).exits(0);
    }

    let requests = master.requests();
    let (ours, theirs) = (target.count("GET", "/akrida"), target.count("GET", "/locust"));
    assert_eq!(requests["GET /akrida"], ours, "{}", master.stderr);
    let missing = theirs - requests["GET /locust"];
    let most = rate * UNSENT * (kills + moves) as f64;
    println!(
        "{ours} requests of ours are counted; of {theirs} of Locust's {missing} are missing, at most {most:.0}"
    );
    assert!(missing as f64 <= most, "{missing} of {theirs} are missing, {most} may be\n{}", master.stderr);
    // Each user has a connection of its own: none was started twice, or anew.
    assert_eq!(target.connections(), USERS, "{}", master.stderr);
    let told = format!("The master was restarted {} times in this run.", kills + moves);
    assert!(master.stderr.contains(&told), "{}", master.stderr);
    took
}

/// Whether the newest table of the workers shows all of them at work, with all users. A worker that was not heard yet
/// has no memory.
fn is_whole(stderr: &str) -> bool {
    let Some(at) = stderr.rfind("Clock ms") else { return false };
    let rows = stderr[at..].lines().skip(1).take_while(|line| !line.is_empty());
    let (mut workers, mut users) = (0, 0);
    for row in rows {
        let cells: Vec<&str> = row.split_whitespace().collect();
        let [_, "running", count, _, memory, ..] = cells[..] else { return false };
        if memory == "0.0" {
            return false;
        }
        workers += 1;
        users += count.parse().unwrap_or(0);
    }
    (workers, users) == (OURS + THEIRS, USERS)
}

#[test]
fn a_master_that_is_killed_again_and_again_goes_on_with_its_run() {
    survive(2, 1);
}
