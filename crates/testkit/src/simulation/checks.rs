//! What must hold: some of it all the time, the rest at quiet points.

use super::script::Began;
use super::worker::SimWorker;
use super::{CLASSES, Simulation, WATCH};
use akrida_master::limits;
use akrida_run::{RunState, Snapshot, WorkerState};
use std::collections::BTreeSet;
use std::time::Duration;

/// How long a worker that is well may take until it is used, while nothing is lost: a `client_ready` that came while
/// its master was away is repeated after five seconds.
const USED_WITHIN: Duration = Duration::from_secs(6);

/// How long users may be too many where a message was lost, which is told again only after a while.
const TOLD_AGAIN: Duration = Duration::from_secs(9);

/// What is watched all the time.
#[derive(Debug, Default)]
pub(super) struct Watched {
    /// How many users there may be, each from its time on, ascending.
    limits: Vec<(Duration, u64)>,
    /// Since when there are more.
    too_many_since: Option<Duration>,
    /// Since when there is a worker that is well.
    well_since: Option<Duration>,
    /// Whether messages are lost in this history.
    pub(super) lossy: bool,
}

impl Watched {
    /// From `from` on there may be `users`, whatever was said of that time before.
    pub(super) fn allow(&mut self, from: Duration, users: u64) {
        self.limits.retain(|(earlier, _)| *earlier < from);
        self.limits.push((from, users));
    }

    /// How many users there may be, and since when.
    pub(super) fn allowed(&self, now: Duration) -> (Duration, u64) {
        let begun = self.limits.iter().rev().find(|(from, _)| *from <= now);
        begun.copied().unwrap_or_default()
    }
}

impl Simulation {
    /// No user is in two places for longer than the liveness time: where nothing is wrong, there are never for longer
    /// than that more users than wanted.
    pub(super) fn watch(&mut self) {
        let now = self.now;
        let well: Vec<&SimWorker> = self.workers.iter().filter(|worker| worker.is_well(now)).collect();
        let users: u64 = well.iter().map(|worker| worker.engine.user_count()).sum();
        let any = well.iter().any(|worker| !worker.leaving);
        let watched = &mut self.watched;
        watched.well_since = any.then(|| watched.well_since.unwrap_or(now));
        let (from, allowed) = watched.allowed(now);
        watched.too_many_since = (users > allowed).then(|| watched.too_many_since.unwrap_or(now));
        if let Some(since) = watched.too_many_since {
            let since = since.max(from).max(self.last_fault);
            let patience = if watched.lossy { TOLD_AGAIN } else { limits::LIVENESS };
            let too_long = now.saturating_sub(since);
            assert!(too_long <= patience + WATCH, "{users} users, {allowed} wanted, for {too_long:?}");
        }
    }

    /// A run ended because it had no workers: there was none for long enough.
    pub(super) fn check_no_workers(&self, at: Duration) {
        if let Some(since) = self.watched.well_since.filter(|_| !self.watched.lossy) {
            let unused = at.saturating_sub(since);
            assert!(unused <= USED_WITHIN, "no workers, and one was well for {unused:?}");
        }
    }

    /// Whether a start may find no worker.
    pub(super) fn may_lack_workers(&self) -> bool {
        self.watched.lossy
            || self
                .watched
                .well_since
                .is_none_or(|since| self.now - since.max(self.master_from) <= USED_WITHIN)
    }

    /// Workers that are gone are gone, and the others are there.
    pub(super) fn check_workers(&self) {
        for (index, worker) in self.workers.iter().enumerate() {
            if self.newest(&worker.peer) != Some(index) {
                continue;
            }
            let id = worker.peer.as_str();
            let row = self.snapshot.workers.iter().find(|row| Some(row.id.as_str()) == id);
            let state = row.map(|row| row.state);
            let is_there = state.is_some_and(|state| state != WorkerState::Missing);
            assert_eq!(is_there, worker.is_alive(), "worker {index}: {state:?}");
        }
    }

    /// Nothing is left of workers that are gone.
    pub(super) fn check_forgotten(&self) {
        let alive = self.workers.iter().filter(|worker| worker.is_alive());
        let alive: BTreeSet<&str> = alive.filter_map(|worker| worker.peer.as_str()).collect();
        let shown: BTreeSet<&str> = self.snapshot.workers.iter().map(|row| row.id.as_str()).collect();
        assert_eq!(shown, alive, "workers that the master knows");
    }

    /// The wanted users run or have ended by themselves, class by class, and each worker has its share.
    pub(super) fn check_users(&self, wanted: u64) {
        let snapshot = &self.snapshot;
        let alive: Vec<&SimWorker> = self.workers.iter().filter(|worker| worker.is_alive()).collect();
        let mut by_class = vec![0; CLASSES.len()];
        for worker in &alive {
            by_class.iter_mut().zip(worker.engine.accounted()).for_each(|(sum, users)| *sum += users);
        }
        assert_eq!(by_class, self.sequence.totals(wanted), "users by class");
        let run: u64 = alive.iter().map(|worker| worker.engine.user_count()).sum();
        assert_eq!((snapshot.state, snapshot.user_count), (RunState::Running, run));
        let cores: u16 = alive.iter().map(|worker| worker.cores).sum();
        for worker in alive {
            let share = wanted as f64 * f64::from(worker.cores) / f64::from(cores);
            let has: u64 = worker.engine.accounted().iter().sum();
            assert!((has as f64 - share).abs() <= 1.0, "{:?} has {has}, its share is {share}", worker.peer);
        }
        self.check_shares();
    }

    /// Users of the class with open load stand side by side.
    fn check_shares(&self) {
        let workers = self.workers.iter().filter(|worker| worker.is_alive());
        let jobs = workers.filter_map(|worker| worker.engine.job.as_ref());
        let mut parts: Vec<_> =
            jobs.filter(|job| job.users[0] > 0).map(|job| (job.share.users[0], job.users[0])).collect();
        parts.sort_unstable();
        let open: u64 = parts.iter().map(|(_, users)| users).sum();
        let mut next = 0;
        for ((before, in_fleet), users) in parts {
            assert_eq!((before, in_fleet), (next, open), "users of open load");
            next += users;
        }
    }

    /// What the master read is counted, once.
    pub(super) fn check_counted(&self, began: &Began) {
        if began.clean && self.remembered {
            let counted = self.snapshot.total.num_requests;
            assert_eq!(counted, self.arrived_by_snapshot - began.arrived, "counted of what arrived");
        }
    }

    /// Nobody works any more, and everything that was finished is counted, but for what was lost with its worker, or
    /// with the network.
    pub(super) fn check_stopped(&self, began: &Began) {
        let snapshot = &self.snapshot;
        assert!(matches!(snapshot.state, RunState::Ready | RunState::Stopped), "{:?}", snapshot.state);
        assert_eq!(snapshot.user_count, 0);
        for worker in &self.workers {
            assert!(worker.is_empty(), "{:?} still works", worker.peer);
        }
        if snapshot.state == RunState::Stopped {
            self.check_counted(began);
            let finished = self.finished() - began.finished;
            let (lost, reset) = (self.lost() - began.lost, began.reset);
            let counted = snapshot.total.num_requests;
            if began.clean && self.remembered {
                assert_eq!(counted + lost + reset, finished, "{lost} lost, {reset} before the reset");
            }
        }
    }

    /// What a snapshot says is sound.
    pub(super) fn check_snapshot(&self) {
        check_numbers(&self.snapshot);
        let started: u64 = self.snapshot.arrivals.iter().map(|row| row.started).sum();
        let dropped: u64 = self.snapshot.arrivals.iter().map(|row| row.dropped).sum();
        let counted = self.snapshot.total.num_requests;
        assert_eq!((started, dropped), (counted, 2 * counted), "starts of open load");
    }

    pub(super) fn finished(&self) -> u64 {
        self.workers.iter().map(|worker| worker.engine.finished).sum()
    }
}

/// A snapshot is JSON, and holds no number that is none.
pub(crate) fn check_numbers(snapshot: &Snapshot) {
    let text = serde_json::to_string(snapshot).expect("a snapshot is JSON");
    let read: Result<serde_json::Value, _> = serde_json::from_str(&text);
    assert!(read.is_ok(), "{:?}", read.err());
    // JSON has no word for these, and would say null.
    let numbers = format!("{snapshot:?}");
    for wrong in [": NaN", ": inf", ": -inf", "(NaN", "(inf", "[NaN", "[inf", " NaN,", " inf,"] {
        if let Some(at) = numbers.find(wrong) {
            panic!("{wrong} after {}", &numbers[numbers.floor_char_boundary(at.saturating_sub(200))..at]);
        }
    }
}
