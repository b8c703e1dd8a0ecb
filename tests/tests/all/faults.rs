//! A server that misbehaves in the middle of a run and mends: memory stays flat, and the load comes back.

use crate::binary::{Akrida, now, scratch};
use akrida_testkit::{FAULTS, Fault, Moody};
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// How a trial is made.
#[derive(Clone, Copy)]
pub(crate) struct Trial {
    pub(crate) users: &'static str,
    /// Longest that a request takes.
    pub(crate) timeout: &'static str,
    /// How long the server is good before, and whole again after.
    pub(crate) good: Duration,
    /// How long it misbehaves.
    pub(crate) bad: Duration,
}

/// What was seen.
pub(crate) struct Seen {
    pub(crate) fault: &'static str,
    /// Requests per second before.
    pub(crate) before: f64,
    /// And after.
    pub(crate) after: f64,
    /// Resident memory while the server misbehaved, once in 200 ms, MiB.
    pub(crate) resident: Vec<f64>,
}

impl Seen {
    /// The most memory in the first and in the last third of the misbehaviour, MiB.
    pub(crate) fn thirds(&self) -> (f64, f64) {
        let third = self.resident.len().div_ceil(3);
        let most = |part: &[f64]| part.iter().copied().fold(0.0, f64::max);
        (most(&self.resident[..third]), most(&self.resident[self.resident.len() - third..]))
    }
}

impl Trial {
    /// Lets the server be good, misbehave, and be good again. The load has to come back, however slowly. Trials side by
    /// side do each of that together: whoever is measured before or after has the same others beside it.
    #[track_caller]
    fn run(self, fault: &'static str, together: &Together) -> Seen {
        let server = Moody::start();
        let timeout = self.timeout;
        let text = format!("users:\n  Visitor:\n    tasks:\n      - {{ get: /, timeout: {timeout} }}\n");
        let (url, scenario) = (server.url(), scratch("scenario.yaml", &text));
        let arguments = ["-f", &scenario, "-H", &url, "-u", self.users, "-r", "1000", "--headless"];
        let akrida = Akrida::start(&[&arguments[..], &["--cores", "1"]].concat());
        let rate = |window: Duration| {
            // Whatever the fault did to the users, a server that is good is asked again.
            let before = server.total();
            akrida.until(|| server.total() > before + 100);
            together.wait();
            let (before, began) = (server.total(), now());
            std::thread::sleep(window);
            let rate = (server.total() - before) as f64 / began.elapsed().as_secs_f64();
            together.wait();
            rate
        };
        let before = rate(self.good);
        server.misbehave(fault);
        let (began, mut resident) = (now(), Vec::new());
        while began.elapsed() < self.bad {
            resident.push(resident_mib(akrida.pid()));
            std::thread::sleep(Duration::from_millis(200).min(self.bad));
        }
        server.behave();
        let after = rate(self.good);
        akrida.interrupt();
        let ended = akrida.end(Duration::ZERO);
        assert!(matches!(ended.status.code(), Some(0 | 1)), "{fault}: {:?}\n{}", ended.status, ended.stderr);
        Seen { fault, before, after, resident }
    }

    /// One trial for each fault, some of them side by side.
    pub(crate) fn each(self, side_by_side: usize) -> Vec<Seen> {
        let mut seen = Vec::new();
        for group in FAULTS.chunks(side_by_side) {
            let together = &Together { trials: group.len(), steps: AtomicUsize::new(0) };
            std::thread::scope(|scope| {
                let run = |fault: &Fault| {
                    let path = fault.path;
                    scope.spawn(move || self.run(path, together))
                };
                let trials: Vec<_> = group.iter().map(run).collect();
                seen.extend(trials.into_iter().map(|trial| trial.join().unwrap()));
            });
        }
        seen
    }
}

/// Lets trials take their steps together.
struct Together {
    trials: usize,
    steps: AtomicUsize,
}

impl Together {
    /// Waits until all have come as far; not for ever, since one may have failed.
    fn wait(&self) {
        let steps = self.steps.fetch_add(1, Ordering::SeqCst) + 1;
        let all = steps.next_multiple_of(self.trials);
        let deadline = now() + Duration::from_secs(120);
        while self.steps.load(Ordering::SeqCst) < all && now() < deadline {
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

/// Resident memory of a process, MiB.
pub(crate) fn resident_mib(pid: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1_024.0
}

/// The long one is `cargo xtask prove faults`.
#[test]
fn the_load_comes_back_after_each_fault() {
    let second = Duration::from_secs(1);
    let trial = Trial { users: "20", timeout: "500ms", good: Duration::ZERO, bad: second };
    for seen in trial.each(6) {
        let (_, most) = seen.thirds();
        // 20 users with a megabyte of headers each are below this.
        assert!(most < 256.0, "{}: {most:.0} MiB", seen.fault);
    }
}
