//! A master and workers under virtual time, on one thread, from a seed.
//!
//! The real state machines of both roles talk in encoded frames over a network that delays, holds and drops them;
//! only the engines are imitations, which count what they finish. Nothing here depends on a clock, a thread or
//! the order of a hash map, so a seed is a whole history: a failure names it and tells the last of what happened.

mod engine;
mod rows;
mod script;
mod worker;

pub use script::{Faults, run};

use akrida_dispatch::{Class, ClassSequence};
use akrida_master::{Command, Config, Event, MasterCore, Refusal, Source};
use akrida_protocol::{ParsedOptions, ToMaster, ToWorker};
use akrida_run::Snapshot;
use akrida_scenario::model::Arrivals;
use akrida_transport::PeerId;
use bytes::Bytes;
use fastrand::Rng;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use worker::SimWorker;

/// What happened last, kept for whoever reads of a failure.
const HISTORY: usize = 60;

/// Unix microseconds at virtual 0.
const EPOCH_US: u64 = 1_700_000_000_000_000;

/// The class with open load: the first.
const OPEN: &str = "Reader";

/// The feeder whose rows are given only once.
const ROWS: u16 = 0;

/// A frame on its way.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct InFlight {
    arrives: Duration,
    /// Breaks ties, in the order of sending.
    number: u64,
    worker: usize,
    to_master: bool,
    body: Bytes,
}

/// A cluster under virtual time.
struct Simulation {
    seed: u64,
    rng: Rng,
    now: Duration,
    master: MasterCore,
    snapshot: Arc<Snapshot>,
    sequence: ClassSequence,
    workers: Vec<SimWorker>,
    network: BinaryHeap<Reverse<InFlight>>,
    sent: u64,
    /// Of a hundred frames so many are dropped.
    drop_percent: u32,
    /// Requests in reports that were dropped, or that died with their worker.
    lost: u64,
    history: VecDeque<String>,
    /// Rows that were given.
    given: rows::Given,
}

impl Simulation {
    fn new(seed: u64) -> Self {
        let class = |name: &str, weight, fixed_count| Class { name: name.to_owned(), weight, fixed_count };
        let classes = vec![class(OPEN, 3, 0), class("Writer", 1, 0), class("Admin", 1, 2)];
        let config = Config {
            classes: classes.clone(),
            stop_timeout: Duration::ZERO,
            drain: Duration::from_secs(2),
            worker_wait: Duration::from_secs(10),
            open: vec![Some(Arrivals { initial_rate: 50.0, spans: Vec::new() }), None, None],
            rows: true,
            sources: vec![Source {
                feeder: ROWS,
                name: "rows".to_owned(),
                rows: None,
                classes: vec![0, 1, 2],
            }],
            reset_stats: false,
            parsed_options: ParsedOptions::default(),
        };
        Self {
            seed,
            rng: Rng::with_seed(seed),
            now: Duration::ZERO,
            master: MasterCore::new(config, now_at(Duration::ZERO)),
            snapshot: Arc::default(),
            sequence: ClassSequence::new(&classes),
            workers: Vec::new(),
            network: BinaryHeap::new(),
            sent: 0,
            drop_percent: 0,
            lost: 0,
            history: VecDeque::new(),
            given: rows::Given::default(),
        }
    }

    fn note(&mut self, text: &str) {
        if self.history.len() == HISTORY {
            self.history.pop_front();
        }
        self.history.push_back(format!("{:9.3} s  {text}", self.now.as_secs_f64()));
    }

    /// Lets virtual time pass.
    fn pass(&mut self, time: Duration) {
        let until = self.now + time;
        while self.step(until) {}
        self.now = until;
    }

    /// Does the next thing that is due by `until`; whether there was one.
    fn step(&mut self, until: Duration) -> bool {
        let frame = self.network.peek().map_or(Duration::MAX, |Reverse(frame)| frame.arrives);
        let (worker, work) = self
            .workers
            .iter()
            .enumerate()
            .map(|(index, worker)| (index, worker.deadline()))
            .min_by_key(|(_, due)| *due)
            .unwrap_or((0, Duration::MAX));
        let tick = self.master.deadline();
        let next = frame.min(work).min(tick);
        if next > until {
            return false;
        }
        self.now = self.now.max(next);
        if next == frame {
            self.deliver();
        } else if next == work {
            let events = self.workers[worker].due(self.now, &mut self.rng);
            events.into_iter().for_each(|event| self.tell_worker(worker, event));
        } else {
            self.tell_master(Event::Tick);
        }
        true
    }

    fn deliver(&mut self) {
        let Some(Reverse(frame)) = self.network.pop() else { return };
        let worker = &self.workers[frame.worker];
        if frame.to_master {
            let peer = worker.peer.clone();
            self.tell_master(Event::Frame { peer, body: frame.body });
        } else if worker.frozen_until > self.now {
            // It reads when it runs again.
            let arrives = worker.frozen_until;
            self.network.push(Reverse(InFlight { arrives, ..frame }));
        } else if worker.is_alive() {
            self.tell_worker(frame.worker, akrida_worker::Event::Frame(frame.body));
        }
    }

    fn tell_master(&mut self, event: Event) -> Option<Result<(), Refusal>> {
        let begins = matches!(event, Event::Command(Command::Start(_)));
        let effects = self.master.on(now_at(self.now), event);
        if begins && effects.answer == Some(Ok(())) {
            self.given.begin();
        }
        for event in effects.events {
            self.note(&format!("master: {:?}", event.kind));
        }
        for (peer, body) in effects.frames {
            let Some(worker) = self.workers.iter().position(|worker| worker.peer == peer) else { continue };
            self.given.see(&body);
            self.send(worker, false, body);
        }
        if let Some(snapshot) = effects.snapshot {
            self.snapshot = snapshot;
        }
        effects.answer
    }

    fn command(&mut self, command: Command) -> Result<(), Refusal> {
        self.note(&format!("command: {command:?}"));
        self.tell_master(Event::Command(command)).expect("every command is answered")
    }

    fn tell_worker(&mut self, index: usize, event: akrida_worker::Event) {
        let (frames, ended) = self.workers[index].on(self.now, event, &mut self.rng);
        for row in self.workers[index].engine.rows.taken() {
            self.given.note(row);
        }
        for body in frames {
            self.send(index, true, body);
        }
        if let Some(end) = ended {
            self.note(&format!("worker {index}: ended, {end:?}"));
        }
    }

    /// Puts a frame on its way. Frames of one direction of one connection stay in order.
    fn send(&mut self, worker: usize, to_master: bool, body: Bytes) {
        if self.rng.u32(0..100) < self.drop_percent {
            return self.lose(to_master, &body);
        }
        let slowest = if self.rng.u8(0..20) == 0 { 300_000 } else { 5_000 };
        let delay = Duration::from_micros(self.rng.u64(50..slowest));
        let connection = &mut self.workers[worker];
        let last = &mut connection.last_arrival[usize::from(to_master)];
        *last = (self.now + delay).max(*last).max(connection.cut_until);
        let arrives = *last;
        self.sent += 1;
        self.network.push(Reverse(InFlight { arrives, number: self.sent, worker, to_master, body }));
    }

    /// What a frame that is never delivered takes with it.
    fn lose(&mut self, to_master: bool, body: &Bytes) {
        if !to_master {
            return;
        }
        if let Ok(ToMaster::Stats(report)) = ToMaster::decode(body).map(|envelope| envelope.message) {
            self.lost += report.delta.sum().requests;
        }
    }

    /// Whether nothing of an earlier run is left: no users, no figures, and no job on its way to make some.
    fn is_clean(&self) -> bool {
        let figures_or_job = |frame: &InFlight| {
            if frame.to_master {
                ToMaster::decode(&frame.body).is_ok_and(|it| matches!(it.message, ToMaster::Stats(_)))
            } else {
                ToWorker::decode(&frame.body).is_ok_and(|it| matches!(it.message, ToWorker::Spawn(_)))
            }
        };
        self.workers.iter().all(SimWorker::is_empty)
            && !self.network.iter().any(|Reverse(frame)| figures_or_job(frame))
    }
}

impl Drop for Simulation {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let history: Vec<_> = self.history.iter().cloned().collect();
            eprintln!("seed {} failed at {:?}:\n{}", self.seed, self.now, history.join("\n"));
        }
    }
}

fn wall_us(now: Duration) -> u64 {
    EPOCH_US + u64::try_from(now.as_micros()).unwrap_or(u64::MAX / 2)
}

fn now_at(now: Duration) -> akrida_master::Now {
    akrida_master::Now { monotonic: now, wall_us: wall_us(now) }
}

fn named(index: usize) -> PeerId {
    PeerId::from(format!("host{}_{index}", index % 3).as_str())
}
