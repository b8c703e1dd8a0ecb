//! What people, machines and networks do to the cluster, and what must hold when they let it be.

use super::worker::SimWorker;
use super::{Simulation, named};
use akrida_master::{Command, Edit, Load, Start};
use akrida_run::{RunState, WorkerState};
use std::collections::BTreeSet;
use std::time::Duration;

/// What the network may do to frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Faults {
    /// It delays them and holds them back, as a connection that breaks and is mended does.
    Held,
    /// It drops some as well.
    Dropped,
}

/// Things that happen in one simulation.
const ACTIONS: usize = 40;

/// Time without a fault after which everything must be as it should.
const QUIET: Duration = Duration::from_secs(10);

/// Users that people want at most.
const USERS: u64 = 200;

/// Most workers at once.
const WORKERS: usize = 8;

/// Plays one history.
///
/// # Panics
/// When something does not hold at a quiet point. The seed and what happened are written to standard error.
pub fn run(seed: u64, faults: Faults) {
    let mut script = Script {
        simulation: Simulation::new(seed),
        ramped_by: Duration::ZERO,
        faults,
        wanted: None,
        began: Began::default(),
    };
    script.join();
    script.simulation.pass(Duration::from_secs(2));
    for _ in 0..ACTIONS {
        script.simulation.drop_percent = if faults == Faults::Dropped { 3 } else { 0 };
        script.act();
        let pause = script.simulation.rng.u64(0..4_000);
        script.simulation.pass(Duration::from_millis(pause));
    }
    script.quiet();
    script.end();
    script.quiet();
}

struct Script {
    simulation: Simulation,
    /// When the newest ramp is over at the latest.
    ramped_by: Duration,
    faults: Faults,
    /// Users that people want; `None` when no run goes on.
    wanted: Option<u64>,
    began: Began,
}

/// What had been finished and lost when the run began.
#[derive(Debug, Default)]
struct Began {
    finished: u64,
    lost: u64,
    /// Whether nothing of an earlier run was left.
    clean: bool,
}

impl Script {
    fn act(&mut self) {
        match self.simulation.rng.u8(0..16) {
            0..=2 => self.begin_or_edit(),
            3 => self.stop(),
            4..=6 => self.join(),
            7 | 8 => self.leave(),
            9 => self.crash(),
            10 | 11 => self.freeze(),
            12 | 13 => self.cut(),
            _ => self.quiet(),
        }
    }

    fn begin_or_edit(&mut self) {
        let users = self.simulation.rng.u64(0..USERS);
        let spawn_rate = [7.3, 33.0, 1_000.0][self.simulation.rng.usize(0..3)];
        self.ramped_by = self.simulation.now + Duration::from_secs_f64(USERS as f64 / spawn_rate);
        if self.wanted.is_some() {
            let edit = Edit { users, spawn_rate, host: None, run_time: None };
            assert_eq!(self.simulation.command(Command::Edit(edit)), Ok(()));
            self.wanted = Some(users);
            return;
        }
        if !matches!(self.simulation.snapshot.state, RunState::Ready | RunState::Stopped) {
            return;
        }
        let began = Began {
            finished: self.finished(),
            lost: self.simulation.lost,
            clean: self.simulation.is_clean(),
        };
        let load = Load::Constant { users, spawn_rate };
        let answer = self.simulation.command(Command::Start(Start { load, host: None, run_time: None }));
        // The first worker is never hurt, but it may be a moment before its ready arrives; only frames that are
        // dropped make that long.
        assert!(answer.is_ok() || self.faults == Faults::Dropped, "{answer:?}");
        if answer.is_ok() {
            (self.wanted, self.began) = (Some(users), began);
        }
    }

    /// Ends the run in one of the ways in which runs end.
    fn end(&mut self) {
        let way = self.simulation.rng.u8(0..3);
        let users = self.simulation.snapshot.user_count;
        let workers = self.simulation.workers.iter_mut().filter(|worker| worker.is_alive());
        match way {
            0 if users > 0 => workers.for_each(|worker| worker.engine.exhaust()),
            1 if self.wanted.is_some() => workers.take(1).for_each(|worker| worker.engine.stop_run = true),
            _ => return self.stop(),
        }
        self.simulation.note(if way == 0 { "all users end" } else { "a user ends the run" });
        self.wanted = None;
    }

    fn stop(&mut self) {
        if self.wanted.take().is_some() {
            assert_eq!(self.simulation.command(Command::Stop), Ok(()));
        }
    }

    fn join(&mut self) {
        let alive = self.simulation.workers.iter().filter(|worker| worker.is_alive()).count();
        if alive >= WORKERS {
            return;
        }
        let index = self.simulation.workers.len();
        let classes = ["Reader", "Writer", "Admin"].map(str::to_owned).to_vec();
        let now = self.simulation.now;
        let worker = SimWorker::new(index, classes, now, &mut self.simulation.rng);
        self.simulation.workers.push(worker);
        self.simulation.note(&format!("worker {index} joins"));
    }

    fn leave(&mut self) {
        if let Some(index) = self.victim() {
            self.simulation.note(&format!("worker {index} is asked to leave"));
            self.simulation.tell_worker(index, akrida_worker::Event::Terminate);
        }
    }

    fn crash(&mut self) {
        if let Some(index) = self.victim() {
            self.simulation.note(&format!("worker {index} crashes"));
            let lost = self.simulation.workers[index].crash();
            self.simulation.lost += lost;
        }
    }

    fn freeze(&mut self) {
        let until = self.some_time();
        if let Some(index) = self.victim() {
            self.simulation.note(&format!("worker {index} is frozen until {until:?}"));
            self.simulation.workers[index].frozen_until = until;
        }
    }

    fn cut(&mut self) {
        let until = self.some_time();
        if let Some(index) = self.victim() {
            self.simulation.note(&format!("worker {index} is cut off until {until:?}"));
            self.simulation.workers[index].cut_until = until;
        }
    }

    fn some_time(&mut self) -> Duration {
        self.simulation.now + Duration::from_millis(self.simulation.rng.u64(100..15_000))
    }

    /// A worker to hurt, never the first: with none left there is nothing to demand.
    fn victim(&mut self) -> Option<usize> {
        let now = self.simulation.now;
        let well: Vec<usize> = (1..self.simulation.workers.len())
            .filter(|index| self.simulation.workers[*index].is_well(now))
            .collect();
        self.simulation.rng.choice(well)
    }

    fn finished(&self) -> u64 {
        self.simulation.workers.iter().map(|worker| worker.engine.finished).sum()
    }

    /// Nobody does anything for a while. Then everything is as it should be.
    fn quiet(&mut self) {
        self.simulation.drop_percent = 0;
        let now = self.simulation.now;
        let mended = |worker: &SimWorker| worker.frozen_until.max(worker.cut_until);
        let mended = self.simulation.workers.iter().map(mended).fold(now.max(self.ramped_by), Duration::max);
        self.simulation.pass(mended - now + QUIET);
        self.simulation.note("quiet");
        self.check_workers();
        match self.wanted {
            Some(users) => self.check_users(users),
            None => self.check_stopped(),
        }
    }

    /// Workers that are gone are gone, and the others are there.
    fn check_workers(&self) {
        let shown = |index: usize| {
            let id = named(index);
            self.simulation.snapshot.workers.iter().find(|row| Some(row.id.as_str()) == id.as_str())
        };
        for (index, worker) in self.simulation.workers.iter().enumerate() {
            let state = shown(index).map(|row| row.state);
            if worker.is_alive() {
                assert!(
                    state.is_some_and(|state| state != WorkerState::Missing),
                    "worker {index}: {state:?}"
                );
            } else {
                assert!(state.is_none_or(|state| state == WorkerState::Missing), "worker {index}: {state:?}");
            }
        }
    }

    /// The wanted users run, class by class, and each worker has its share.
    fn check_users(&self, wanted: u64) {
        let snapshot = &self.simulation.snapshot;
        assert_eq!((snapshot.state, snapshot.user_count), (RunState::Running, wanted));
        let alive: Vec<&SimWorker> =
            self.simulation.workers.iter().filter(|worker| worker.is_alive()).collect();
        let mut by_class = vec![0; 3];
        for worker in &alive {
            by_class.iter_mut().zip(&worker.engine.users).for_each(|(sum, users)| *sum += users);
        }
        assert_eq!(by_class, self.simulation.sequence.totals(wanted), "users by class");
        let cores: u16 = alive.iter().map(|worker| worker.cores).sum();
        for worker in alive {
            let share = wanted as f64 * f64::from(worker.cores) / f64::from(cores);
            let has = worker.engine.user_count();
            assert!((has as f64 - share).abs() <= 1.0, "{:?} has {has}, its share is {share}", worker.peer);
        }
        self.check_shares();
        let counted = snapshot.total.num_requests;
        let finished = self.finished() - self.began.finished;
        assert!(!self.began.clean || counted <= finished, "{counted} counted, {finished} finished");
    }

    /// Who has users has a seat of its own for rows, and users of the class with open load stand side by side.
    fn check_shares(&self) {
        let workers = self.simulation.workers.iter().filter(|worker| worker.is_alive());
        let jobs = workers.filter_map(|worker| worker.engine.job.as_ref());
        let jobs: Vec<_> = jobs.filter(|job| job.users.iter().sum::<u64>() > 0).collect();
        let seats: BTreeSet<u64> = jobs.iter().map(|job| job.share.offset).collect();
        assert_eq!(seats.len(), jobs.len(), "a seat is taken twice");
        let strides: BTreeSet<u64> = jobs.iter().map(|job| job.share.stride).collect();
        assert!(
            strides.len() <= 1 && seats.last() < strides.last().or(Some(&u64::MAX)),
            "{seats:?} of {strides:?}"
        );
        let mut parts: Vec<_> = jobs
            .iter()
            .filter(|job| job.users[0] > 0)
            .map(|job| (job.share.users[0], job.users[0]))
            .collect();
        parts.sort_unstable();
        let open: u64 = parts.iter().map(|(_, users)| users).sum();
        let mut next = 0;
        for ((before, in_fleet), users) in parts {
            assert_eq!((before, in_fleet), (next, open), "users of open load");
            next += users;
        }
    }

    /// Nobody works any more, and everything that was finished is counted, but for what was lost with its worker.
    fn check_stopped(&self) {
        let snapshot = &self.simulation.snapshot;
        assert!(matches!(snapshot.state, RunState::Ready | RunState::Stopped), "{:?}", snapshot.state);
        assert_eq!(snapshot.user_count, 0);
        let started: u64 = snapshot.arrivals.iter().map(|row| row.started).sum();
        let dropped: u64 = snapshot.arrivals.iter().map(|row| row.dropped).sum();
        assert_eq!((started, dropped), (snapshot.total.num_requests, 2 * snapshot.total.num_requests));
        assert!(self.simulation.workers.iter().all(SimWorker::is_empty), "somebody still works");
        if snapshot.state == RunState::Stopped && self.began.clean {
            let lost = self.simulation.lost - self.began.lost;
            let finished = self.finished() - self.began.finished;
            assert_eq!(snapshot.total.num_requests + lost, finished, "{lost} lost");
        }
    }
}
