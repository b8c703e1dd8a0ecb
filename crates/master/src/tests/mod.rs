//! What a master makes of what it is told.

mod broken;
mod choice;
mod distribution;
mod ends;
mod foreign_stages;
mod health;
mod joins;
mod leases;
mod old;
mod processes;
mod receipts;
mod restart;
mod shares;
mod sleepers;
mod unaddressed;
mod verdict;

use crate::event::{Command, Edit, Effects, Event, Load, Now, Refusal, Start};
use crate::{Config, MasterCore, limits};
use akrida_dispatch::Class;
use akrida_protocol::{
    AkridaHeartbeat, ParsedOptions, StatsReport, ToMaster, ToWorker, Version, WorkerState,
};
use akrida_run::{FleetEventKind, RunState, Snapshot, StopReason};
use akrida_scenario::Stage;
use akrida_stats::{Delta, EntryKey, Measured};
use akrida_transport::PeerId;
use bytes::Bytes;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// A master, the time, and what it said.
struct Bench {
    core: MasterCore,
    now: Duration,
    snapshot: Arc<Snapshot>,
    events: Vec<FleetEventKind>,
}

impl Bench {
    /// With workers that are ready.
    fn new(workers: &[&str]) -> Self {
        Self::with_classes(&["User"], workers)
    }

    /// As [`Bench::new`], with these classes.
    fn with_classes(classes: &[&str], workers: &[&str]) -> Self {
        let class = |name: &&str| Class { name: (*name).to_owned(), weight: 1, fixed_count: 0 };
        let config = Config {
            classes: classes.iter().map(class).collect(),
            stop_timeout: Duration::ZERO,
            drain: limits::DRAIN,
            worker_wait: limits::WORKER_WAIT,
            open: vec![None; classes.len()],
            rows: false,
            sources: Vec::new(),
            reset_stats: false,
            parsed_options: ParsedOptions::default(),
            options: Vec::new(),
            heartbeat_interval: limits::HEARTBEAT_INTERVAL,
            liveness: limits::LIVENESS,
            tasks: vec![vec!["read".to_owned(), "write".to_owned()]],
            python_only: false,
            left_out: Vec::new(),
            handout: crate::Handout::default(),
            thresholds: Vec::new(),
            warm_up: Duration::ZERO,
        };
        let core = MasterCore::new(config, Now::default());
        let mut bench = Self { core, now: Duration::ZERO, snapshot: Arc::default(), events: Vec::new() };
        for worker in workers {
            assert_eq!(bench.say(worker, &ready()), [((*worker).to_owned(), "ack".to_owned())]);
        }
        bench.events.clear();
        bench
    }

    fn on(&mut self, event: Event) -> Effects {
        let wall_us = 1_000_000 + u64::try_from(self.now.as_micros()).unwrap();
        let mut effects = self.core.on(Now { monotonic: self.now, wall_us }, event);
        self.events.extend(effects.events.drain(..).map(|event| event.kind));
        if let Some(snapshot) = effects.snapshot.take() {
            self.snapshot = snapshot;
        }
        effects
    }

    /// A worker says something; who is answered what.
    fn say(&mut self, worker: &str, message: &ToMaster) -> Vec<(String, String)> {
        self.frame(worker, message.encode(worker))
    }

    fn frame(&mut self, worker: &str, body: Bytes) -> Vec<(String, String)> {
        sent(&self.on(Event::Frame { peer: PeerId::from(worker), body }))
    }

    fn command(&mut self, command: Command) -> (Result<(), Refusal>, Vec<(String, String)>) {
        let effects = self.on(Event::Command(command));
        (effects.answer.unwrap(), sent(&effects))
    }

    /// Starts a run and lets the workers carry it out.
    fn start(&mut self, users: u64) {
        let (answer, jobs) = self.command(start(users, None));
        assert_eq!(answer, Ok(()));
        self.carry_out(jobs);
        assert_eq!(self.snapshot.state, RunState::Running);
    }

    fn carry_out(&mut self, jobs: Vec<(String, String)>) {
        for (worker, job) in jobs {
            let users = job.strip_prefix("spawn ").unwrap().parse().unwrap();
            let user_classes_count = [("User".to_owned(), users)].into();
            self.say(&worker, &ToMaster::Spawning);
            self.say(&worker, &ToMaster::SpawningComplete { user_classes_count, user_count: users });
        }
    }

    /// Lets time pass while these workers are alive.
    fn pass(&mut self, seconds: u64, alive: &[&str]) -> Vec<(String, String)> {
        let mut all = Vec::new();
        for _ in 0..seconds * 4 {
            self.now += Duration::from_millis(250);
            all.extend(sent(&self.on(Event::Tick)));
            for worker in alive {
                self.say(worker, &heartbeat(WorkerState::Running, 0));
            }
        }
        all
    }

    fn requests(&mut self) -> u64 {
        // In steps: a master that is called late is a late master.
        let until = self.now + limits::SNAPSHOT;
        while self.now < until {
            self.now += limits::LOOK;
            self.on(Event::Tick);
        }
        self.snapshot.total.num_requests
    }
}

fn sent(effects: &Effects) -> Vec<(String, String)> {
    let text = |frame: &Bytes| match ToWorker::decode(frame).unwrap().message {
        ToWorker::Spawn(job) => format!("spawn {}", job.user_classes_count["User"]),
        message => message.kind().to_owned(),
    };
    effects.frames.iter().map(|(peer, body)| (peer.as_str().unwrap().to_owned(), text(body))).collect()
}

fn ready() -> ToMaster {
    ToMaster::ClientReady(Version::Told("2.47.0".to_owned()))
}

fn heartbeat(state: WorkerState, lag_p95_us: u64) -> ToMaster {
    let extra =
        AkridaHeartbeat { cores: 1, lag_p95_us, lag_max_us: lag_p95_us, sent_at_us: 7, clock_ahead_us: None };
    ToMaster::Heartbeat { state, cpu_usage: 50.0, memory_usage: 1, extra: Some(extra) }
}

fn stats(sequence: u64, requests: u64, users: u64) -> ToMaster {
    report(sequence, requests, users, |_| {})
}

/// As one of Locust's workers reports.
fn locusts(requests: u64, users: u64) -> ToMaster {
    report(0, requests, users, |report| report.sequence = None)
}

/// A report that has something of its own.
fn report(sequence: u64, requests: u64, users: u64, change: impl FnOnce(&mut StatsReport)) -> ToMaster {
    let entry = Measured { requests, ..Measured::since(1) };
    let entries = [(EntryKey::plain("GET", "/"), entry)].into();
    let mut report = StatsReport {
        delta: Delta { entries, ..Delta::default() },
        user_classes_count: [("User".to_owned(), users)].into(),
        user_count: users,
        exact: true,
        sequence: Some(sequence),
        process: Some(1),
        receipt: None,
        job: None,
        ended: BTreeMap::new(),
        stop_run: None,
        rows: None,
    };
    change(&mut report);
    ToMaster::Stats(report)
}

fn start(users: u64, run_time: Option<Duration>) -> Command {
    let load = Load::Constant { users, spawn_rate: 100.0 };
    Command::Start(Start { load, host: None, run_time })
}

fn to(worker: &str, message: &str) -> (String, String) {
    (worker.to_owned(), message.to_owned())
}

#[test]
fn every_worker_is_told_at_the_start_and_later_only_those_that_change() {
    let mut bench = Bench::new(&["a", "b", "c"]);
    let (_, jobs) = bench.command(start(2, None));
    assert_eq!(jobs, [to("a", "spawn 1"), to("b", "spawn 1"), to("c", "spawn 0")]);
    bench.carry_out(jobs);
    let edit = Edit { users: 3, spawn_rate: 100.0, host: None, run_time: None };
    assert_eq!(bench.command(Command::Edit(edit)).1, [to("c", "spawn 1")]);
}

#[test]
fn a_second_start_and_commands_without_a_run_are_refused() {
    let mut bench = Bench::new(&[]);
    assert_eq!(bench.command(start(1, None)).0, Err(Refusal::NoWorkers));
    let edit = || Command::Edit(Edit { users: 1, spawn_rate: 1.0, host: None, run_time: None });
    assert_eq!(bench.command(edit()).0, Err(Refusal::NotRunning));
    let mut bench = Bench::new(&["a"]);
    bench.start(1);
    assert_eq!(bench.command(start(1, None)).0, Err(Refusal::Running));
    assert_eq!(bench.command(Command::Stop).0, Ok(()));
    assert_eq!(bench.command(start(1, None)).0, Err(Refusal::Stopping));
    assert_eq!(bench.command(edit()).0, Err(Refusal::Stopping));
    assert_eq!(bench.command(Command::Stop).0, Ok(()));
}

#[test]
fn figures_count_only_from_workers_that_take_part_and_only_once() {
    let mut bench = Bench::new(&["a"]);
    bench.say("a", &stats(1, 100, 0));
    bench.start(5);
    bench.say("a", &stats(2, 7, 5));
    bench.say("a", &stats(2, 7, 5));
    bench.say("stranger", &stats(1, 100, 5));
    assert_eq!(bench.requests(), 7);
    bench.say("late", &ready());
    assert_eq!(bench.snapshot.user_count, 5);
}

#[test]
fn figures_of_an_old_run_are_not_those_of_a_new_one() {
    let mut bench = Bench::new(&["slow", "good"]);
    bench.start(2);
    assert_eq!(bench.command(Command::Stop).0, Ok(()));
    bench.say("good", &ToMaster::ClientStopped);
    bench.pass(8, &["slow"]);
    bench.say("good", &ready());
    assert_eq!(bench.snapshot.state, RunState::Stopped);
    assert_eq!(bench.snapshot.notices.len(), 1, "{:?}", bench.snapshot.notices);
    bench.say("slow", &stats(1, 30, 1));
    assert_eq!(bench.requests(), 30, "until there is a new run they belong to the last one");
    bench.start(2);
    bench.say("slow", &stats(2, 40, 1));
    assert_eq!(bench.requests(), 0);
}

#[test]
fn the_connection_says_who_speaks() {
    let mut bench = Bench::new(&["a", "b"]);
    bench.start(2);
    bench.frame("b", ToMaster::Quit.encode("a"));
    let ids: Vec<_> = bench.snapshot.workers.iter().map(|worker| worker.id.as_str()).collect();
    assert_eq!(ids, ["a"]);
}

#[test]
fn a_silent_worker_hands_over_its_users_and_gets_its_share_back() {
    let mut bench = Bench::new(&["a", "b"]);
    bench.start(10);
    let jobs = bench.pass(4, &["a"]);
    assert!(bench.events.contains(&FleetEventKind::WorkerMissing { id: "b".to_owned() }));
    assert_eq!(jobs, [to("a", "spawn 10")]);
    bench.carry_out(jobs);
    let jobs = bench.say("b", &heartbeat(WorkerState::Running, 0));
    assert_eq!(jobs, [to("b", "heartbeat"), to("a", "spawn 5"), to("b", "spawn 5")]);
}

#[test]
fn a_worker_that_works_for_nobody_is_told_to_stop() {
    let mut bench = Bench::new(&["a"]);
    assert_eq!(bench.say("stranger", &heartbeat(WorkerState::Running, 0)), [to("stranger", "stop")]);
    let answers = bench.say("a", &heartbeat(WorkerState::Running, 0));
    assert_eq!(answers, [to("a", "heartbeat"), to("a", "stop")]);
}

#[test]
fn a_run_without_workers_waits_and_then_stops() {
    let mut bench = Bench::new(&["a"]);
    bench.start(3);
    bench.say("a", &ToMaster::Quit);
    bench.pass(9, &[]);
    assert_eq!(bench.snapshot.state, RunState::Running);
    bench.pass(2, &[]);
    assert_eq!(bench.snapshot.state, RunState::Stopped);
    assert!(bench.events.contains(&FleetEventKind::Stopping { reason: StopReason::NoWorkers }));
}

#[test]
fn the_run_time_stops_the_run() {
    let mut bench = Bench::new(&["a"]);
    let (_, jobs) = bench.command(start(1, Some(Duration::from_secs(3))));
    bench.carry_out(jobs);
    assert_eq!(bench.snapshot.time_left, Some(3.0));
    assert_eq!(bench.pass(3, &["a"]), [to("a", "stop")]);
    bench.say("a", &ToMaster::ClientStopped);
    bench.say("a", &ready());
    assert_eq!((bench.snapshot.state, bench.snapshot.time_left), (RunState::Stopped, None));
}

#[test]
fn a_late_generator_is_told_and_marked() {
    let mut bench = Bench::new(&["a"]);
    bench.say("a", &heartbeat(WorkerState::Ready, 90_000));
    bench.start(1);
    assert!(!bench.snapshot.generator.saturated(), "what was before the run does not count");
    for _ in 0..2 {
        bench.say("a", &heartbeat(WorkerState::Running, 30_000));
    }
    bench.requests();
    let generator = bench.snapshot.generator;
    assert_eq!((generator.saturated_now, generator.saturated_seconds), (true, 2));
    assert_eq!((generator.worst_lag_ms, generator.lag_bound_ms), (30.0, 20.0));
    let told = bench.events.iter().filter(|kind| matches!(kind, FleetEventKind::WorkerSaturated { .. }));
    assert_eq!(told.count(), 1);
}

#[test]
fn quitting_stops_the_run_first_and_then_sends_everybody_home() {
    let mut bench = Bench::new(&["a"]);
    bench.start(1);
    assert_eq!(bench.command(Command::Quit), (Ok(()), vec![to("a", "stop")]));
    assert_eq!(bench.command(Command::Reset).0, Err(Refusal::Quitting));
    bench.say("a", &ToMaster::ClientStopped);
    assert_eq!(bench.say("a", &ready()), [to("a", "ack"), to("a", "quit")]);
    let body = ToMaster::Quit.encode("a");
    assert!(bench.on(Event::Frame { peer: PeerId::from("a"), body }).end);
}

#[test]
fn a_run_is_marked_where_other_workers_were_asked_for() {
    let mut bench = Bench::new(&["a"]);
    bench.start(5);
    let why = "250 users at 100 per worker".to_owned();
    let rescaled = Command::Rescaled { from: 2, to: 3, why: why.clone() };
    assert_eq!(bench.command(rescaled), (Ok(()), Vec::new()));
    assert_eq!(bench.events.last(), Some(&FleetEventKind::Rescaled { from: 2, to: 3, why }));
}

#[test]
fn nonsense_changes_nothing() {
    let mut bench = Bench::new(&["a"]);
    bench.start(4);
    for nonsense in [&b""[..], b"\x93", b"not msgpack at all", &[0xff; 40]] {
        let told = bench.frame("a", Bytes::from_static(nonsense));
        assert!(told.iter().all(|(_, message)| message == "reconnect"), "{told:?}");
        assert!(bench.frame("stranger", Bytes::from_static(nonsense)).is_empty());
    }
    let unwritable = PeerId::from(Bytes::from_static(&[0xff, 0xfe]));
    let body = ready().encode("x");
    assert!(bench.on(Event::Frame { peer: unwritable, body }).frames.is_empty());
    let warnings = bench.events.iter().filter(|kind| matches!(kind, FleetEventKind::Warning(_))).count();
    assert_eq!((warnings, bench.snapshot.workers.len()), (1, 1), "told once, of the worker that is known");
}
