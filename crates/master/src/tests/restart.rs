//! Masters that go on where another one was.

use super::*;
use crate::class_edit::ClassEdit;
use akrida_protocol::{Acknowledged, Receipt};
use akrida_run::Record;

/// A master with a journal.
struct Kept {
    bench: Bench,
    /// The sum of what was written.
    journal: Record,
    /// Whether it can be written.
    disk: bool,
    frames: Vec<(PeerId, Bytes)>,
}

impl Kept {
    fn new(workers: &[&str]) -> Self {
        Self::of(Bench::new(workers))
    }

    fn of(mut bench: Bench) -> Self {
        bench.core.keep_journal(Now::default());
        Self { bench, journal: Record::default(), disk: true, frames: Vec::new() }
    }

    /// As the shell does it.
    fn on(&mut self, event: Event) {
        let mut effects = self.bench.on(event);
        let mut written = false;
        if let Some(record) = effects.record.take() {
            written = self.disk;
            let next = if written {
                self.journal.absorb((*record).clone());
                Event::Recorded(record)
            } else {
                Event::Unrecorded(record, "no space left".to_owned())
            };
            self.on(next);
        }
        for (place, (peer, frame)) in effects.frames.into_iter().enumerate() {
            if effects.leases.contains(&place) && !written {
                self.on(Event::Unsent(peer, akrida_transport::SendError::Full));
            } else {
                self.frames.push((peer, frame));
            }
        }
    }

    fn say(&mut self, worker: &str, message: &ToMaster) {
        self.on(Event::Frame { peer: PeerId::from(worker), body: message.encode(worker) });
    }

    fn pass(&mut self, millis: u64) {
        let until = self.bench.now + Duration::from_millis(millis);
        while self.bench.now < until {
            self.bench.now =
                self.bench.core.deadline().clamp(self.bench.now + Duration::from_millis(1), until);
            self.on(Event::Tick);
        }
    }

    /// Lets time pass while these workers are alive.
    fn live(&mut self, seconds: u64, workers: &[&str]) {
        for _ in 0..seconds {
            workers.iter().for_each(|worker| self.say(worker, &heartbeat(WorkerState::Running, 0)));
            self.pass(1_000);
        }
    }

    /// Starts a run and lets the workers carry out what they are told.
    fn start(&mut self, users: u64, run_time: Option<Duration>) {
        self.on(Event::Command(start(users, run_time)));
        self.carry_out();
    }

    fn carry_out(&mut self) {
        for (worker, job) in self.told() {
            let Some(users) = job.strip_prefix("spawn ").map(|users| users.parse().unwrap()) else {
                continue;
            };
            let user_classes_count = [("User".to_owned(), users)].into();
            self.say(&worker, &ToMaster::SpawningComplete { user_classes_count, user_count: users });
        }
    }

    fn told(&mut self) -> Vec<(String, String)> {
        let frames = std::mem::take(&mut self.frames);
        sent(&Effects { frames, ..Effects::default() })
    }

    fn acknowledged(&mut self) -> Vec<u64> {
        let sequence = |frame: &Bytes| match ToWorker::decode(frame).unwrap().message {
            ToWorker::Acknowledged(Acknowledged { sequence, .. }) => Some(sequence),
            ToWorker::Heartbeat(echo) => echo?.acknowledged.map(|acknowledged| acknowledged.sequence),
            _ => None,
        };
        std::mem::take(&mut self.frames).iter().filter_map(|(_, frame)| sequence(frame)).collect()
    }

    fn report(&self, sequence: u64, requests: u64, users: u64, at_once: bool) -> ToMaster {
        let ToMaster::Stats(report) = stats(sequence, requests, users) else { panic!("a report") };
        let receipt = Some(Receipt { acknowledged: 0, at_once });
        ToMaster::Stats(StatsReport { receipt, job: Some(self.bench.core.newest_job), ..report })
    }

    /// Users that a worker was last told to run.
    fn users(&mut self) -> Option<std::collections::BTreeMap<String, u64>> {
        let job = |frame: &Bytes| match ToWorker::decode(frame).unwrap().message {
            ToWorker::Spawn(job) => Some(job.user_classes_count),
            _ => None,
        };
        std::mem::take(&mut self.frames).iter().filter_map(|(_, frame)| job(frame)).last()
    }

    /// The process is gone, and another one begins some time later with what was written.
    fn restart(&mut self, after: Duration) {
        // What is written is read.
        let bytes = self.journal.encode().unwrap();
        self.journal = akrida_run::file::Records::new(&bytes).next().unwrap();
        self.bench.now += after;
        let wall_us = 1_000_000 + u64::try_from(self.bench.now.as_micros()).unwrap();
        let config = self.bench.core.config().clone();
        self.bench.core =
            MasterCore::restore(config, Now { monotonic: self.bench.now, wall_us }, &self.journal);
        self.frames.clear();
        self.bench.events.clear();
        self.on(Event::Tick);
    }
}

#[test]
fn a_run_goes_on_and_nobody_is_told_anything_new() {
    let mut kept = Kept::new(&["a", "b"]);
    kept.start(5, Some(Duration::from_secs(60)));
    kept.say("a", &kept.report(1, 30, 3, false));
    kept.live(2, &["a", "b"]);
    kept.told();
    kept.restart(Duration::from_secs(1));
    let resumed = |kind: &FleetEventKind| {
        matches!(kind, FleetEventKind::Resumed { users: 5, workers: 2, requests: 30, .. })
    };
    assert!(kept.bench.events.iter().any(resumed), "{:?}", kept.bench.events);
    kept.live(8, &["a", "b"]);
    let told: Vec<_> = kept.told().into_iter().filter(|(_, what)| what != "heartbeat").collect();
    assert_eq!(told, [], "their users run on");
    let snapshot = kept.bench.snapshot.clone();
    assert_eq!((snapshot.state, snapshot.user_count, snapshot.target_user_count), (RunState::Running, 5, 5));
    assert_eq!((snapshot.total.num_requests, snapshot.workers.len()), (30, 2));
    let left = snapshot.time_left.unwrap();
    assert!((48.0..=50.0).contains(&left), "{left} s of 60 are left after 11");
    kept.live(50, &["a", "b"]);
    assert_eq!(kept.bench.snapshot.state, RunState::Stopping);
}

#[test]
fn a_report_counts_once_whether_it_was_written_or_not() {
    let mut kept = Kept::new(&["a"]);
    kept.start(1, None);
    let (first, second) = (kept.report(1, 10, 1, false), kept.report(2, 7, 1, false));
    kept.say("a", &first);
    kept.live(2, &["a"]);
    assert!(kept.acknowledged().contains(&1));
    kept.say("a", &second);
    assert_eq!(kept.acknowledged(), [0; 0], "that is merged, and not written");
    kept.restart(Duration::from_secs(1));
    assert_eq!(kept.bench.requests(), 10);
    for report in [&first, &second, &second] {
        kept.say("a", report);
    }
    kept.live(2, &["a"]);
    assert_eq!(kept.bench.snapshot.total.num_requests, 17);
    assert_eq!(kept.acknowledged().last(), Some(&2));
}

#[test]
fn who_waits_is_acknowledged_soon_and_never_before_it_is_written() {
    let mut kept = Kept::new(&["a"]);
    kept.start(1, None);
    kept.pass(1_100);
    kept.told();
    kept.say("a", &kept.report(1, 10, 1, true));
    assert_eq!(kept.acknowledged(), [0; 0]);
    kept.pass(u64::try_from(limits::WRITE_SOON.as_millis()).unwrap());
    assert_eq!(kept.acknowledged(), [1]);
    assert_eq!(kept.journal.exact.sum().requests, 10);
}

#[test]
fn a_worker_that_went_with_the_master_is_replaced_and_one_that_is_back_is_not() {
    let mut kept = Kept::new(&["a", "b"]);
    kept.start(4, None);
    kept.live(2, &["a", "b"]);
    kept.restart(Duration::from_millis(500));
    kept.live(7, &["a"]);
    assert!(kept.bench.events.contains(&FleetEventKind::WorkerMissing { id: "b".to_owned() }));
    let told: Vec<_> = kept.told().into_iter().filter(|(_, what)| what.starts_with("spawn")).collect();
    assert_eq!(told, [to("a", "spawn 4")]);
}

#[test]
fn a_ramp_and_its_stages_go_on_where_they_were() {
    let mut kept = Kept::new(&["a"]);
    let stage = |name: &str, seconds, users| Stage {
        name: name.to_owned(),
        duration: Duration::from_secs(seconds),
        users,
        spawn_rate: 1.0,
    };
    let load = Load::Stages(vec![stage("up", 10, 8), stage("peak", 10, 20), stage("down", 10, 1)]);
    kept.on(Event::Command(Command::Start(Start { load, host: Some("http://a".into()), run_time: None })));
    kept.carry_out();
    kept.live(12, &["a"]);
    kept.restart(Duration::from_secs(2));
    kept.live(1, &["a"]);
    let snapshot = kept.bench.snapshot.clone();
    assert_eq!(
        (snapshot.stage.as_ref().unwrap().name.as_str(), snapshot.host.as_deref()),
        ("peak", Some("http://a"))
    );
    assert_eq!((snapshot.target_user_count, snapshot.state), (20, RunState::Spawning));
    let told =
        kept.told().into_iter().filter_map(|(_, what)| what.strip_prefix("spawn ")?.parse::<u64>().ok());
    let told: Vec<_> = told.collect();
    assert!(told.last().is_some_and(|users| (13..=15).contains(users)), "{told:?} at 15 s");
    kept.live(6, &["a"]);
    assert_eq!(kept.bench.snapshot.stage.as_ref().unwrap().name, "down");
}

#[test]
fn a_run_that_was_being_stopped_is_stopped() {
    let mut kept = Kept::new(&["a"]);
    kept.start(2, None);
    kept.on(Event::Command(Command::Stop));
    kept.restart(Duration::from_secs(1));
    assert_eq!(kept.bench.snapshot.state, RunState::Stopping);
    kept.told();
    kept.say("a", &heartbeat(WorkerState::Running, 0));
    assert_eq!(kept.told(), [to("a", "heartbeat"), to("a", "stop")]);
    kept.say("a", &kept.report(1, 9, 0, true));
    kept.say("a", &ToMaster::ClientStopped);
    kept.say("a", &ready());
    kept.pass(1_000);
    assert_eq!((kept.bench.snapshot.state, kept.bench.snapshot.total.num_requests), (RunState::Stopped, 9));
}

#[test]
fn while_the_disk_is_full_nothing_is_acknowledged_and_nothing_is_lost() {
    let mut kept = Kept::new(&["a"]);
    kept.start(1, None);
    kept.live(2, &["a"]);
    kept.disk = false;
    kept.acknowledged();
    kept.say("a", &kept.report(1, 10, 1, true));
    kept.live(5, &["a"]);
    let warned = |kept: &Kept, text: &str| {
        let of = |kind: &FleetEventKind| matches!(kind, FleetEventKind::Warning(warning) if warning.contains(text));
        kept.bench.events.iter().filter(|kind| of(kind)).count()
    };
    assert_eq!(kept.acknowledged(), [0; 0]);
    assert_eq!((warned(&kept, "no space left"), kept.bench.snapshot.total.num_requests), (1, 10));
    kept.disk = true;
    kept.live(2, &["a"]);
    assert!(kept.acknowledged().contains(&1));
    assert_eq!((warned(&kept, "written again"), kept.journal.exact.sum().requests), (1, 10));
    // At its end a run does not wait for a disk.
    kept.disk = false;
    kept.on(Event::Command(Command::Stop));
    kept.acknowledged();
    kept.say("a", &kept.report(2, 5, 0, true));
    kept.pass(1_500);
    assert_eq!(kept.acknowledged(), [2]);
}

#[test]
fn figures_that_begin_anew_do_so_in_the_journal_too() {
    let mut kept = Kept::new(&["a"]);
    kept.start(1, None);
    kept.say("a", &kept.report(1, 10, 1, false));
    kept.live(1, &["a"]);
    kept.on(Event::Command(Command::Reset));
    kept.say("a", &kept.report(2, 3, 1, false));
    kept.live(2, &["a"]);
    kept.restart(Duration::ZERO);
    assert_eq!((kept.bench.requests(), kept.bench.snapshot.rows.len()), (3, 1));
    let bench = &mut kept.bench;
    let exception = ToMaster::Exception { msg: "no".to_owned(), traceback: "line 1".to_owned() };
    bench.say("a", &exception);
    assert_eq!(bench.requests(), 3);
    assert_eq!(bench.snapshot.exceptions.len(), 1);
}

#[test]
fn what_users_raised_and_the_course_of_the_run_are_there_again() {
    let mut kept = Kept::new(&["a"]);
    kept.start(1, None);
    let exception = || ToMaster::Exception { msg: "no".to_owned(), traceback: "line 1".to_owned() };
    kept.say("a", &exception());
    kept.say("a", &heartbeat(WorkerState::Running, 50_000));
    kept.live(3, &["a"]);
    let before = kept.bench.snapshot.clone();
    kept.restart(Duration::ZERO);
    kept.say("a", &exception());
    kept.live(2, &["a"]);
    let after = kept.bench.snapshot.clone();
    assert_eq!((after.exceptions.len(), after.exceptions[0].count), (1, 2));
    assert!(after.history.starts_with(&before.history), "{:?}", after.history);
    assert!(before.history.len() >= 2 && after.generator.saturated());
    assert_eq!(after.start, before.start);
}

/// Its first job is made when the disk is full already, and made again and again: each has rows that nobody would know of.
#[test]
fn rows_wait_for_the_journal_and_nothing_else_does() {
    let mut kept = Kept::new(&["a"]);
    let source = crate::Source { feeder: 3, name: "logins".to_owned(), rows: Some(100), classes: vec![0] };
    kept.bench.core.config.sources = vec![source];
    kept.disk = false;
    kept.on(Event::Command(start(2, None)));
    kept.live(8, &["a"]);
    let told = kept.told();
    assert!(told.len() >= 8 && told.iter().all(|(_, what)| what == "heartbeat"), "{told:?}");
    kept.disk = true;
    kept.live(6, &["a"]);
    assert!(kept.told().contains(&to("a", "spawn 2")));
    let spawned = |kept: &Kept| {
        kept.bench.events.iter().filter(|kind| matches!(kind, FleetEventKind::Spawned { .. })).count()
    };
    kept.say(
        "a",
        &ToMaster::SpawningComplete { user_classes_count: [("User".to_owned(), 2)].into(), user_count: 2 },
    );
    kept.live(1, &["a"]);
    let before = spawned(&kept);
    // It wants more rows, and what it is told of them is lost, and its job with it: that is no ramp.
    kept.disk = false;
    kept.bench.core.on_unsent(&PeerId::from("a"));
    kept.bench.core.ledger.touched = true;
    kept.live(5, &["a"]);
    assert_eq!(spawned(&kept), before);
    kept.disk = true;
    kept.live(2, &["a"]);
    let held: Vec<_> =
        kept.journal.workers.values().flatten().filter_map(|mark| mark.holding.as_ref()).collect();
    assert!(matches!(held.as_slice(), [holding] if !holding.held[0].leases.is_empty()), "{held:?}");
}

#[test]
fn a_master_that_is_moved_writes_its_journal_and_leaves_the_run_alone() {
    let mut kept = Kept::new(&["a"]);
    let answer = |kept: &mut Kept| kept.bench.on(Event::Command(Command::HandOver)).answer;
    assert_eq!(answer(&mut kept), Some(Err(Refusal::NotRunning)));
    kept.start(2, None);
    kept.live(1, &["a"]);
    kept.say("a", &kept.report(1, 10, 2, false));
    kept.told();
    let effects = kept.bench.on(Event::Command(Command::HandOver));
    assert_eq!(
        (effects.answer, effects.end, sent(&Effects { frames: effects.frames, ..Effects::default() })),
        (Some(Ok(())), true, Vec::new())
    );
    kept.journal.absorb(*effects.record.unwrap());
    kept.restart(Duration::from_secs(1));
    kept.live(2, &["a"]);
    assert_eq!((kept.bench.requests(), kept.bench.snapshot.state), (10, RunState::Running));

    let mut bench = Bench::new(&["a"]);
    bench.command(start(1, None)).0.unwrap();
    assert_eq!(bench.command(Command::HandOver).0, Err(Refusal::NoJournal));
}

#[test]
fn classes_are_as_somebody_made_them() {
    let mut kept = Kept::of(Bench::with_classes(&["A", "B", "C"], &[]));
    kept.say("a", &ready());
    kept.on(Event::Command(Command::Choose(vec!["A".to_owned(), "B".to_owned()])));
    kept.on(Event::Command(start(4, None)));
    kept.live(1, &["a"]);
    let edit = ClassEdit { user_class_name: "A".to_owned(), weight: Some(3), ..ClassEdit::default() };
    kept.on(Event::Command(Command::EditClass(edit)));
    kept.live(1, &["a"]);
    let config = Bench::with_classes(&["A", "B", "C"], &[]).core.config().clone();
    kept.bench.core.config = config;
    kept.restart(Duration::from_secs(1));
    kept.live(1, &["a"]);
    kept.users();
    kept.on(Event::Command(Command::Edit(Edit { users: 8, spawn_rate: 100.0, host: None, run_time: None })));
    kept.live(2, &["a"]);
    let counts = [("A".to_owned(), 6), ("B".to_owned(), 2), ("C".to_owned(), 0)].into();
    assert_eq!(kept.users(), Some(counts));
    // Who comes later is told what was changed.
    kept.say("b", &ready());
    let update =
        |frame: &Bytes| matches!(ToWorker::decode(frame).unwrap().message, ToWorker::UpdateUserClass { .. });
    assert_eq!(
        kept.frames.iter().filter(|(peer, frame)| peer.as_str() == Some("b") && update(frame)).count(),
        1
    );
}
