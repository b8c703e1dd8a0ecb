//! A fleet that never rests: each second a worker comes and the one that is there longest leaves, and every tenth time
//! it is killed instead of asked. One worker stays from beginning to end.

use crate::binary::{Akrida, free_port, now, scratch};
use crate::faults::resident_mib;
use akrida_testkit::{Answer, Target};
use std::collections::VecDeque;
use std::fs;
use std::thread::sleep;
use std::time::Duration;

const SCENARIO: &str = "
users:
  Reader:
    wait: { constant: 100ms }
    tasks:
      - get: /read
";

/// Users of the run.
const USERS: &str = "40";

/// Workers that come and go, and one that stays.
const WORKERS: usize = 7;

/// How many workers have left before the next one is killed.
const KILL_AFTER: u64 = 10;

/// Seconds between the worker that is asked to leave and the look whether it has.
const LEAVING: usize = 5;

/// For how long no worker comes or goes at the end.
const REST: Duration = Duration::from_secs(10);

/// How long it goes on, and what may be lost.
pub(crate) struct Soak {
    pub(crate) seconds: u64,
    /// Whether workers are killed.
    pub(crate) kills: bool,
}

/// What a process held at some moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held {
    /// MiB.
    pub(crate) resident: f64,
    /// Descriptors.
    pub(crate) files: usize,
}

impl Held {
    fn by(akrida: &Akrida) -> Self {
        let files = fs::read_dir(format!("/proc/{}/fd", akrida.pid())).unwrap().count();
        Self { resident: resident_mib(akrida.pid()), files }
    }

    /// The most of both.
    fn most(all: &[Self]) -> Self {
        let resident = all.iter().map(|held| held.resident).fold(0.0, f64::max);
        Self { resident, files: all.iter().map(|held| held.files).max().unwrap_or(0) }
    }
}

/// What was seen of it.
pub(crate) struct Endured {
    /// The master's, each second.
    pub(crate) master: Vec<Held>,
    /// The same of the worker that stayed.
    pub(crate) elder: Vec<Held>,
    /// Requests that the master counted.
    pub(crate) counted: u64,
    /// Requests that the target answered.
    pub(crate) served: u64,
    /// Workers that were asked to leave.
    pub(crate) left: u64,
    /// Workers that were killed.
    pub(crate) killed: u64,
}

impl Soak {
    /// Lets the fleet come and go. Whoever leaves in order has to leave with exit code 0, and at the end all users run.
    #[track_caller]
    pub(crate) fn endure(&self) -> Endured {
        let target = Target::start(|_| Answer::ok("yes"));
        let (file, port, url) = (scratch("scenario.yaml", SCENARIO), free_port(), target.url());
        let join = || Akrida::start(&["-f", &file, "--worker", "--master-port", &port]);
        let load = ["--headless", "-u", USERS, "-r", USERS, "--stop-timeout", "10", "-H", &url];
        let workers = (WORKERS + 1).to_string();
        let fleet = ["--master", "--master-bind-port", &port, "--expect-workers", &workers];
        let history = ["--csv", "soak", "--csv-full-history", "--only-summary"];
        let master = Akrida::start(&[&["-f", &file][..], &load, &fleet, &history].concat());
        let elder = join();
        let mut there: VecDeque<_> = (0..WORKERS).map(|_| join()).collect();
        master.logs("All users spawned");

        let mut leaving = VecDeque::new();
        let mut seen =
            Endured { master: Vec::new(), elder: Vec::new(), counted: 0, served: 0, left: 0, killed: 0 };
        let began = now();
        for second in 1..=self.seconds {
            there.push_back(join());
            if let Some(oldest) = there.pop_front() {
                if self.kills && (seen.left + seen.killed) % KILL_AFTER == KILL_AFTER - 1 {
                    oldest.kill();
                    seen.killed += 1;
                } else {
                    oldest.terminate();
                    seen.left += 1;
                    leaving.push_back(oldest);
                }
            }
            if leaving.len() > LEAVING
                && let Some(gone) = leaving.pop_front()
            {
                gone.end(Duration::ZERO).exits(0);
            }
            sleep(Duration::from_secs(second).saturating_sub(began.elapsed()));
            seen.master.push(Held::by(&master));
            seen.elder.push(Held::by(&elder));
            if second % 60 == 0 {
                let (master, elder) = (seen.master.last(), seen.elder.last());
                println!(
                    "{} min: {} requests; master {master:?}, worker {elder:?}",
                    second / 60,
                    target.total()
                );
            }
        }
        for gone in leaving {
            gone.end(Duration::ZERO).exits(0);
        }
        sleep(REST);
        master.until(|| users(&master.read("soak_stats_history.csv")) == Some(USERS));

        master.interrupt();
        let ended = master.end(Duration::from_secs(20));
        ended.exits(0);
        for worker in there.into_iter().chain([elder]) {
            worker.end(Duration::from_secs(10)).exits(0);
        }
        (seen.counted, seen.served) = (ended.requests().values().sum(), target.total());
        seen
    }
}

/// The users of the last line of a history.
fn users(history: &str) -> Option<&str> {
    history.trim_end().lines().last()?.split(',').nth(1)
}

/// What a process held at most in the first and in the last third of the time.
pub(crate) fn thirds(all: &[Held]) -> (Held, Held) {
    let third = all.len().div_ceil(3);
    (Held::most(&all[..third]), Held::most(&all[all.len() - third..]))
}

/// The long one, with workers that are killed, is `cargo xtask prove soak`.
#[test]
fn a_fleet_whose_workers_come_and_go_loses_no_request_and_no_user() {
    let Endured { counted, served, left, .. } = Soak { seconds: 10, kills: false }.endure();
    assert_eq!((counted, left), (served, 10));
    assert!(served > 1_000, "{served}");
}
