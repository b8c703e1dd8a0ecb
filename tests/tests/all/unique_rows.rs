//! Rows that are given once, in a fleet whose workers come, leave and are killed.

use crate::binary::{Akrida, free_port, scratch};
use akrida_testkit::{Answer, Target};
use std::time::Duration;

const ROWS: u64 = 3_000;

#[test]
fn no_row_is_given_twice_whoever_comes_and_goes() {
    let rows: String = (0..ROWS).map(|row| format!("{row}\n")).collect();
    let file = scratch("logins.csv", &format!("name\n{rows}"));
    let test = "
data:
  login: { file: FILE, pick: unique, per: iteration, at_end: stop_run }
users:
  Visitor:
    wait: 10ms
    tasks:
      visit:
        - get: /visit/{{ login['name'] }}
          name: /visit
";
    let file = scratch("test.yaml", &test.replace("FILE", &file));
    let target = Target::start(|_| Answer::ok(""));
    let (port, url) = (free_port(), target.url());
    let load = ["-f", &file, "-H", &url, "--headless", "-u", "12", "-r", "12", "--stop-timeout", "10"];
    let fleet = ["--master", "--master-bind-port", &port, "--expect-workers", "3"];
    let master = Akrida::start(&[&load[..], &fleet].concat());
    let worker = || Akrida::start(&["-f", &file, "--worker", "--master-port", &port]);
    let [stays, leaves, dies] = [worker(), worker(), worker()];
    master.logs("All users spawned");
    master.until(|| target.total() > 300);
    leaves.terminate();
    leaves.end(Duration::from_secs(15)).exits(0);
    master.until(|| target.total() > 600);
    let comes = worker();
    master.until(|| target.total() > 900);
    dies.kill();
    // The rows run out, whatever the dead one had of them.
    let master = master.end(Duration::from_secs(60));
    master.exits(0);
    for worker in [stays, comes] {
        worker.end(Duration::from_secs(15)).exits(0);
    }
    let counts = target.counts();
    assert_eq!(counts.values().max(), Some(&1), "a row was given twice");
    let missing = ROWS - counts.len() as u64;
    // What it gave and had not told of yet is among those that are told.
    let told =
        master.stderr.lines().find(|line| line.contains("rows of login went to workers that fell silent"));
    let told = told.and_then(|line| line.trim_start_matches("Note: ").split(' ').next()?.parse::<u64>().ok());
    assert!(told.is_some_and(|told| (missing..ROWS / 2).contains(&told)), "{missing} missing, {told:?} told");
}
