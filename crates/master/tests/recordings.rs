//! What Locust's workers said in the recorded sessions is said to our master, which is wanted to do what Locust's was
//! wanted to do. It answers each of them, counts what they measured, and begins with the users that Locust began with.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests stop at what they did not expect")]

use akrida_dispatch::Class;
use akrida_master::{Command, Config, Edit, Effects, Event, Load, MasterCore, Now, Start};
use akrida_protocol::{ToMaster, ToWorker};
use akrida_run::{FleetEventKind, RunState, Snapshot};
use akrida_scenario::yaml;
use akrida_testkit::{Recorded, session};
use akrida_transport::PeerId;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

type Counts = BTreeMap<String, u64>;

/// What all sessions were recorded with.
const SCENARIO: &str = "
users:
  WebUser: { weight: 3, tasks: [{ get: /ok }] }
  ApiUser: { weight: 1, tasks: [{ get: /ok }] }
  AdminUser: { fixed_count: 2, tasks: [{ get: /ok }] }
";

/// What somebody wanted of the recorded master.
#[derive(Clone, Copy)]
enum Wish {
    Start(u64, f64),
    Edit(u64, f64),
    Stop,
    Quit,
    /// Not a wish: these users must run, of `AdminUser`, `ApiUser` and `WebUser`.
    See(u64, u64, u64),
}

/// When somebody wanted it, milliseconds since the recording began.
type Wishes<'a> = &'a [(u64, Wish)];

/// A master in the place of the recorded one.
struct Replay {
    core: MasterCore,
    /// Unix microseconds when the recording began.
    began_us: u64,
    snapshot: Arc<Snapshot>,
    /// What each worker was last told to run.
    jobs: BTreeMap<String, Counts>,
    /// Users by class of the whole fleet, after each moment at which somebody was told of some.
    told: Vec<Counts>,
    events: Vec<FleetEventKind>,
    ended: bool,
}

impl Replay {
    fn new(session: &[Recorded]) -> Self {
        let began_us = began_us(session);
        let config = Config::new(&yaml::load("recorded.yaml", SCENARIO).unwrap());
        assert_eq!(config.classes.iter().map(|class: &Class| class.fixed_count).sum::<u64>(), 2);
        Self {
            core: MasterCore::new(config, now(began_us, Duration::ZERO)),
            began_us,
            snapshot: Arc::default(),
            jobs: BTreeMap::new(),
            told: Vec::new(),
            events: Vec::new(),
            ended: false,
        }
    }

    /// Lets time pass until `at`, tick by tick.
    fn pass(&mut self, at: Duration) {
        while self.core.deadline() <= at && !self.ended {
            let due = self.core.deadline();
            self.feed(due, Event::Tick);
        }
    }

    /// Tells the master; what it says to whom.
    fn feed(&mut self, at: Duration, event: Event) -> Vec<(String, ToWorker)> {
        let Effects { frames, answer, events, snapshot, end, .. } =
            self.core.on(now(self.began_us, at), event);
        assert!(answer.is_none_or(|answer| answer.is_ok()), "{answer:?} at {at:?}");
        self.events.extend(events.into_iter().map(|event| event.kind));
        self.snapshot = snapshot.unwrap_or_else(|| self.snapshot.clone());
        self.ended |= end;
        let mut said = Vec::new();
        for (peer, frame) in frames {
            let peer = peer.as_str().unwrap().to_owned();
            let read = ToWorker::decode(&frame).unwrap();
            assert_eq!(read.node_id, peer);
            if let ToWorker::Spawn(job) = &read.message {
                self.jobs.insert(peer.clone(), job.user_classes_count.clone());
            }
            said.push((peer, read.message));
        }
        if said.iter().any(|(_, message)| matches!(message, ToWorker::Spawn(_))) {
            self.told.push(sum(self.jobs.values()));
        }
        said
    }

    fn wish(&mut self, at: Duration, wish: Wish) {
        let command = match wish {
            Wish::Start(users, spawn_rate) => {
                self.told.clear();
                let load = Load::Constant { users, spawn_rate };
                Command::Start(Start { load, host: None, run_time: None })
            }
            Wish::Edit(users, spawn_rate) => {
                Command::Edit(Edit { users, spawn_rate, host: None, run_time: None })
            }
            Wish::Stop => Command::Stop,
            Wish::Quit => Command::Quit,
            Wish::See(admins, apis, webs) => {
                return assert_eq!(self.snapshot.user_classes, users(admins, apis, webs), "at {at:?}");
            }
        };
        self.feed(at, Event::Command(command));
    }
}

fn now(began_us: u64, at: Duration) -> Now {
    Now { monotonic: at, wall_us: began_us + us(at) }
}

fn us(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap()
}

/// When a session began by the clock of its master, which is that of its workers: as its first job tells.
fn began_us(session: &[Recorded]) -> u64 {
    let jobs = session.iter().filter(|message| message.kind == "spawn").take(1);
    let began = jobs.map(|message| match ToWorker::decode(&message.frame).unwrap().message {
        ToWorker::Spawn(job) => us(Duration::from_secs_f64(job.timestamp) - message.at),
        other => panic!("{other:?}"),
    });
    began.last().unwrap_or(1_795_000_000_000_000)
}

fn sum<'a>(all: impl Iterator<Item = &'a Counts>) -> Counts {
    let mut sum = Counts::new();
    for (class, count) in all.flatten() {
        *sum.entry(class.clone()).or_insert(0) += count;
    }
    sum
}

/// What a run came to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Figures {
    requests: u64,
    failures: u64,
    /// By `METHOD name`.
    by_name: Counts,
    occurrences: u64,
    exceptions: u64,
}

impl Figures {
    /// Adds what a worker tells, as Locust's master does.
    fn add(&mut self, message: &ToMaster) {
        match message {
            ToMaster::Stats(report) => {
                let total = report.delta.total.as_ref().unwrap();
                (self.requests, self.failures) =
                    (self.requests + total.requests, self.failures + total.failures);
                for (key, entry) in &report.delta.entries {
                    *self.by_name.entry(format!("{} {}", key.method, key.name)).or_insert(0) +=
                        entry.requests;
                }
                self.occurrences += report.delta.errors.iter().map(|(_, row)| row.occurrences).sum::<u64>();
            }
            ToMaster::Exception { .. } => self.exceptions += 1,
            _ => {}
        }
    }

    fn shown(snapshot: &Snapshot) -> Self {
        let names =
            snapshot.rows.iter().map(|row| (format!("{} {}", row.method, row.name), row.num_requests));
        Self {
            requests: snapshot.total.num_requests,
            failures: snapshot.total.num_failures,
            by_name: names.collect(),
            occurrences: snapshot.errors.iter().map(|error| error.occurrences).sum(),
            exceptions: snapshot.exceptions.iter().map(|exception| exception.count).sum(),
        }
    }
}

/// Replays a session and checks each answer and, before each wish that ends a run, its figures. Yields the master as
/// it is then, and what Locust's told its fleet to run, step by step.
fn replay(name: &str, wishes: Wishes<'_>) -> (Replay, Vec<Counts>) {
    let session = session(name);
    let mut ours = Replay::new(&session);
    let mut wishes = wishes.iter().map(|(at, wish)| (Duration::from_millis(*at), *wish)).peekable();
    let (mut figures, mut runs) = (Figures::default(), 0);
    let mut theirs: BTreeMap<String, Counts> = BTreeMap::new();
    let mut ramp: Vec<(Duration, Counts)> = Vec::new();
    let mut acks = session.iter().filter(|message| message.kind == "ack");
    for message in &session {
        while let Some((at, wish)) = wishes.next_if(|(at, _)| *at <= message.at) {
            ours.pass(at);
            if matches!(wish, Wish::Start(..)) {
                (figures, runs) = (Figures::default(), runs + 1);
            }
            ours.wish(at, wish);
        }
        ours.pass(message.at);
        if !message.to_master {
            if let ToWorker::Spawn(job) = ToWorker::decode(&message.frame).unwrap().message
                && runs > 0
            {
                theirs.insert(message.peer.clone(), job.user_classes_count);
                // All workers are told within a few milliseconds.
                ramp.pop_if(|(at, _)| message.at < *at + Duration::from_millis(100));
                ramp.push((message.at, sum(theirs.values())));
            }
            continue;
        }
        let read = ToMaster::decode(&message.frame).unwrap().message;
        let known = ours.snapshot.workers.iter().any(|worker| worker.id == message.peer);
        let event = Event::Frame { peer: PeerId::from(message.peer.as_str()), body: message.frame.clone() };
        let said = ours.feed(message.at, event);
        let to_peer = |wanted: &str| {
            said.iter().find(|(peer, answer)| *peer == message.peer && answer.kind() == wanted)
        };
        match &read {
            ToMaster::ClientReady(_) => {
                let Some((_, ToWorker::Ack { index, akrida: true })) = to_peer("ack") else {
                    panic!("{name}: {said:?}");
                };
                let theirs = ToWorker::decode(&acks.next().unwrap().frame).unwrap();
                assert_eq!(
                    (theirs.node_id, theirs.message),
                    (message.peer.clone(), ToWorker::Ack { index: *index, akrida: false },)
                );
            }
            ToMaster::Heartbeat { .. } => {
                let answer = if known { "heartbeat" } else { "stop" };
                assert!(to_peer(answer).is_some(), "{name}: {said:?} at {:?}", message.at);
            }
            _ => {}
        }
        if known && runs > 0 {
            figures.add(&read);
        }
    }
    let end = session.last().unwrap().at + Duration::from_secs(1);
    ours.pass(end);
    assert_eq!(Figures::shown(&ours.snapshot), figures, "{name}");
    let ramp = ramp.into_iter().map(|(_, users)| users).collect();
    (ours, ramp)
}

fn users(admins: u64, apis: u64, webs: u64) -> Counts {
    let users = [("AdminUser", admins), ("ApiUser", apis), ("WebUser", webs)];
    users.map(|(class, users)| (class.to_owned(), users)).into()
}

#[test]
fn a_worker_that_only_waits_is_answered() {
    let (ours, _) = replay("a_connect_idle", &[]);
    assert_eq!((ours.snapshot.state, ours.snapshot.workers.len()), (RunState::Ready, 0));
}

#[test]
fn two_runs_with_edits_and_an_end() {
    let wishes: Wishes<'_> = &[
        (1_880, Wish::Start(20, 5.0)),
        (15_880, Wish::See(2, 5, 13)),
        (15_881, Wish::Edit(8, 5.0)),
        (21_890, Wish::See(2, 2, 4)),
        (21_893, Wish::Stop),
        // Refused if the first run were not over: the last figures of both have come.
        (25_899, Wish::Start(4, 2.0)),
        (31_890, Wish::See(2, 1, 1)),
        (31_900, Wish::Quit),
    ];
    let (ours, _) = replay("b_full_run", wishes);
    assert!(ours.ended);
}

#[test]
fn a_first_ramp_has_the_classes_that_locusts_has() {
    let wishes: Wishes<'_> = &[(1_880, Wish::Start(20, 5.0)), (15_880, Wish::See(2, 5, 13))];
    let (ours, ramp) = replay("b_full_run", wishes);
    let iterations = [users(2, 1, 2), users(2, 2, 6), users(2, 3, 10), users(2, 5, 13)];
    assert_eq!((&ours.told[..4], &ramp[..4]), (&iterations[..], &iterations[..]));
}

#[test]
fn workers_that_are_killed_are_missed() {
    for (name, started, stopped, quit) in
        [("c_worker_killed", 1_510, 16_808, 19_815), ("c2_worker_killed_rebalancing", 1_970, 17_285, 20_290)]
    {
        let wishes = [(started, Wish::Start(9, 9.0)), (stopped, Wish::Stop), (quit, Wish::Quit)];
        let (ours, _) = replay(name, &wishes);
        let missing =
            ours.events.iter().filter(|event| matches!(event, FleetEventKind::WorkerMissing { .. }));
        assert_eq!((missing.count(), ours.ended), (1, true), "{name}");
        assert_eq!(ours.snapshot.notices.len(), 1, "{name}: {:?}", ours.snapshot.notices);
    }
}

#[test]
fn one_that_was_killed_is_followed_by_one_that_stands_still() {
    let (ours, _) = replay("c3_worker_killed_wait70s", &[(1_590, Wish::Start(6, 6.0))]);
    let count =
        |wanted: fn(&FleetEventKind) -> bool| ours.events.iter().filter(|event| wanted(event)).count();
    let missing = count(|event| matches!(event, FleetEventKind::WorkerMissing { .. }));
    let back = count(|event| matches!(event, FleetEventKind::WorkerBack { .. }));
    let left = count(|event| matches!(event, FleetEventKind::WorkerLeft { .. }));
    assert_eq!((missing, back, left), (2, 1, 1), "{:?}", ours.events);
}

#[test]
fn workers_of_another_master_are_told_to_introduce_themselves() {
    let (ours, _) = replay("c4_master_killed_restarted", &[]);
    assert!(ours.snapshot.workers.is_empty());
    assert_eq!(ours.snapshot.total.num_requests, 0);
}

#[test]
fn workers_join_a_steady_run_and_a_ramp() {
    let wishes: Wishes<'_> = &[
        (1_070, Wish::Start(9, 9.0)),
        (5_340, Wish::See(2, 2, 5)),
        (15_820, Wish::Edit(24, 2.0)),
        (26_830, Wish::See(2, 6, 16)),
        (26_835, Wish::Stop),
        (29_843, Wish::Quit),
    ];
    let (ours, _) = replay("d_worker_joins", wishes);
    assert!(ours.ended);
    assert!(ours.snapshot.notices.is_empty(), "{:?}", ours.snapshot.notices);
}

#[test]
fn a_worker_that_asks_for_the_test_is_no_worker_yet() {
    let (ours, _) = replay("e_locustfile_fetch", &[]);
    let ready = ours.events.iter().filter(|event| matches!(event, FleetEventKind::WorkerReady { .. }));
    assert_eq!(ready.count(), 1);
}
