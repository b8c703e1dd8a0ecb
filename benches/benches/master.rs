//! What a master with thousands of workers does with each message, and with each snapshot; without sockets.

use akrida_benches::delta;
use akrida_master::{Command, Config, Event, Load, MasterCore, Now, Start};
use akrida_protocol::{AkridaHeartbeat, StatsReport, ToMaster, Version, WorkerState};
use akrida_scenario::{Scenario, UserClass};
use akrida_stats::Delta;
use akrida_transport::PeerId;
use bytes::Bytes;
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

const WORKERS: usize = 5_000;

/// A master in the middle of a run.
struct Fleet {
    master: MasterCore,
    at: Duration,
    peers: Vec<PeerId>,
    /// Number of the newest report of each.
    sequence: u64,
}

impl Fleet {
    fn new() -> Self {
        let class = UserClass { name: "User".to_owned(), weight: 1, ..UserClass::default() };
        let scenario = Scenario { classes: vec![class], ..Scenario::default() };
        let master = MasterCore::new(Config::new(&scenario), Now::default());
        let peers = (0..WORKERS).map(|number| PeerId::from(&*format!("host{}_{number:032x}", number % 50)));
        let mut fleet = Self { master, at: Duration::from_secs(1), peers: peers.collect(), sequence: 0 };
        for worker in 0..WORKERS {
            fleet.say(worker, &ToMaster::ClientReady(Version::Told("2.47.0".to_owned())));
            fleet.say(worker, &heartbeat());
        }
        let load = Load::Constant { users: 2 * WORKERS as u64, spawn_rate: 2.0 * WORKERS as f64 };
        let start = Command::Start(Start { load, host: None, run_time: None });
        fleet.on(Event::Command(start));
        for _ in 0..20 {
            fleet.at += Duration::from_millis(250);
            fleet.on(Event::Tick);
        }
        for worker in 0..WORKERS {
            let (user_classes_count, user_count) = ([("User".to_owned(), 2)].into(), 2);
            fleet.say(worker, &ToMaster::SpawningComplete { user_classes_count, user_count });
        }
        fleet
    }

    fn on(&mut self, event: Event) {
        let wall_us = self.at.as_micros() as u64;
        std::hint::black_box(self.master.on(Now { monotonic: self.at, wall_us }, event));
    }

    fn say(&mut self, worker: usize, message: &ToMaster) {
        let (peer, body) = self.frame(worker, message);
        self.on(Event::Frame { peer, body });
    }

    fn frame(&self, worker: usize, message: &ToMaster) -> (PeerId, Bytes) {
        let peer = self.peers[worker % WORKERS].clone();
        let body = message.encode(peer.as_str().unwrap_or_default());
        (peer, body)
    }

    /// All live, and a second has passed since the last snapshot.
    fn second(&mut self) {
        for worker in 0..WORKERS {
            self.say(worker, &heartbeat());
        }
        self.at += Duration::from_secs(1);
    }

    /// What a worker says next, as all of them do in turn, spread over a second.
    fn turn(&mut self, message: &dyn Fn(u64) -> ToMaster) -> (PeerId, Bytes) {
        self.sequence += 1;
        self.at += Duration::from_secs(1) / WORKERS as u32;
        let number = self.sequence / WORKERS as u64 + 1;
        self.frame(self.sequence as usize, &message(number))
    }
}

fn heartbeat() -> ToMaster {
    let (lag_p95_us, lag_max_us, sent_at_us) = (100, 300, 1_700_000_000_000_000);
    let extra = AkridaHeartbeat { cores: 1, lag_p95_us, lag_max_us, sent_at_us, clock_ahead_us: Some(0) };
    ToMaster::Heartbeat {
        state: WorkerState::Running,
        cpu_usage: 12.5,
        memory_usage: 1 << 26,
        extra: Some(extra),
    }
}

fn report(delta: &Delta, sequence: u64) -> ToMaster {
    ToMaster::Stats(StatsReport {
        delta: delta.clone(),
        user_classes_count: BTreeMap::from([("User".to_owned(), 2)]),
        user_count: 2,
        exact: true,
        sequence: Some(sequence),
        process: Some(1),
        receipt: None,
        job: Some(1.5),
        ended: BTreeMap::new(),
        stop_run: None,
        rows: None,
    })
}

fn master(c: &mut Criterion) {
    let fleet = RefCell::new(Fleet::new());
    let delta = delta(20, 200);
    let mut messages = |what: &str, message: &dyn Fn(u64) -> ToMaster| {
        c.bench_function(&format!("master/{what} among 5,000 workers"), |b| {
            b.iter_batched(
                || fleet.borrow_mut().turn(message),
                |(peer, body)| fleet.borrow_mut().on(Event::Frame { peer, body }),
                BatchSize::PerIteration,
            );
        });
    };
    messages("a heartbeat", &|_| heartbeat());
    messages("a report of 20 names", &|sequence| report(&delta, sequence));
    c.bench_function("master/a snapshot of 5,000 workers and 20 names", |b| {
        b.iter_batched(
            || fleet.borrow_mut().second(),
            |()| fleet.borrow_mut().on(Event::Tick),
            BatchSize::PerIteration,
        );
    });
}

criterion_group!(benches, master);
criterion_main!(benches);
