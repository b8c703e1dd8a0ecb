//! What workers of Locust 0.8.1, 0.14.6 and 1.6.0 said in the recorded sessions is said to our master, of which the same
//! is wanted as of Locust's. It tells them the same jobs, counts the same users and figures, and says nothing else.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests stop at what they did not expect")]

use akrida_master::{Command, Config, Edit, Event, Load, MasterCore, Now, Start};
use akrida_protocol::{ToMaster, ToWorker};
use akrida_run::{RunState, Snapshot};
use akrida_scenario::yaml;
use akrida_testkit::{Recorded, session};
use akrida_transport::{Deal, PeerId};
use bytes::Bytes;
use std::sync::Arc;
use std::time::Duration;

/// What all sessions were recorded with.
const SCENARIO: &str = "
users:
  WebUser: { weight: 3, tasks: [{ get: /ok }] }
  ApiUser: { weight: 1, tasks: [{ get: /ok }] }
";

/// What was wanted of each recorded master: users and rate, and when its jobs say so.
const WISHES: [(u64, f64); 3] = [(10, 5.0), (4, 5.0), (3, 3.0)];

/// A master in the place of a recorded one.
struct Replay {
    core: MasterCore,
    snapshot: Arc<Snapshot>,
    /// What it said since somebody last looked.
    said: Vec<Bytes>,
}

impl Replay {
    fn feed(&mut self, at: Duration, event: Event) {
        let wall_us = 1_795_362_615_000_000 + u64::try_from(at.as_micros()).unwrap();
        let effects = self.core.on(Now { monotonic: at, wall_us }, event);
        assert!(effects.answer.is_none_or(|answer| answer.is_ok()), "{at:?}");
        self.snapshot = effects.snapshot.unwrap_or_else(|| self.snapshot.clone());
        self.said.extend(effects.frames.into_iter().map(|(_, frame)| frame));
        match effects.deal {
            Some(Deal::Each(frames)) => self.said.extend(frames),
            // There are two of them.
            Some(Deal::All(frame)) => self.said.extend([frame.clone(), frame]),
            None => {}
        }
    }

    /// Lets time pass until `at`, tick by tick.
    fn pass(&mut self, at: Duration) {
        while self.core.deadline() <= at {
            let due = self.core.deadline();
            self.feed(due, Event::Tick);
        }
    }

    /// It shows so many requests and failures.
    fn agrees(&self, version: &str, counted: (u64, u64)) {
        let total = &self.snapshot.total;
        assert_eq!((total.num_requests, total.num_failures), counted, "{version}");
    }

    fn wish(&mut self, at: Duration, command: Command) {
        self.pass(at);
        self.feed(at, Event::Command(command));
    }
}

/// What masters say, in an order of its own: of two workers neither is the first.
fn words<'a>(frames: impl Iterator<Item = &'a Bytes>) -> Vec<String> {
    let word = |frame: &Bytes| match ToWorker::decode(frame).unwrap().message {
        ToWorker::SpawnUsers(job) => format!("{} users at {}", job.users, job.spawn_rate),
        message => message.kind().to_owned(),
    };
    let mut words: Vec<String> = frames.map(word).collect();
    words.sort();
    words
}

/// Replays a session.
fn replay(version: &str) -> Replay {
    let session = session(&format!("old/{version}_run"));
    let config = Config::new(&yaml::load("recorded.yaml", SCENARIO).unwrap());
    let mut ours = Replay {
        core: MasterCore::new(config, Now { monotonic: Duration::ZERO, wall_us: 1_795_362_615_000_000 }),
        snapshot: Arc::default(),
        said: Vec::new(),
    };
    // What is under way of theirs, until workers say something again: that was said at once.
    let mut theirs: Vec<Bytes> = Vec::new();
    let (mut jobs, mut runs, mut counted) = (0, 0, (0, 0));
    for message in &session {
        let Recorded { at, peer, to_master, kind, frame } = message;
        if !to_master {
            if theirs.is_empty() {
                ours.pass(*at);
                assert!(ours.said.is_empty(), "{version}, {at:?}: {:?}", words(ours.said.iter()));
                let command = match (kind.as_str(), WISHES.get(jobs)) {
                    ("stop", _) => Command::Stop,
                    ("quit", _) => Command::Quit,
                    (_, Some(&(users, spawn_rate))) if jobs == 1 => {
                        Command::Edit(Edit { users, spawn_rate, host: None, run_time: None })
                    }
                    (_, Some(&(users, spawn_rate))) => {
                        assert!(runs == 0 || counted.0 > 50, "{version}: {counted:?}");
                        ours.agrees(version, counted);
                        (runs, counted) = (runs + 1, (0, 0));
                        let load = Load::Constant { users, spawn_rate };
                        Command::Start(Start { load, host: None, run_time: None })
                    }
                    other => panic!("{other:?}"),
                };
                jobs += usize::from(kind == "hatch" || kind == "spawn");
                ours.wish(*at, command);
            }
            theirs.push(frame.clone());
            continue;
        }
        if !theirs.is_empty() {
            compare(version, *at, &theirs, &ours.said);
            theirs.clear();
            ours.said.clear();
        }
        ours.pass(*at);
        if let ToMaster::Stats(report) = ToMaster::decode(frame).unwrap().message
            && runs > 0
        {
            let sum = report.delta.sum();
            counted = (counted.0 + sum.requests, counted.1 + sum.failures);
        }
        let (by, body) = (PeerId::from(peer.as_str()), frame.clone());
        let event =
            if version == "0.8.1" { Event::Pushed { by, body } } else { Event::Frame { peer: by, body } };
        ours.feed(*at, event);
    }
    let end = session.last().unwrap().at + Duration::from_secs(1);
    ours.pass(end);
    ours.agrees(version, counted);
    assert_eq!((runs, jobs), (2, WISHES.len()), "{version}");
    ours
}

/// The two masters said the same. Where both stop and send home at once, ours stops first and waits for that.
fn compare(version: &str, at: Duration, theirs: &[Bytes], ours: &[Bytes]) {
    let (mut theirs, ours) = (words(theirs.iter()), words(ours.iter()));
    if ours == ["stop", "stop"] {
        theirs.retain(|word| word != "quit");
        if theirs.is_empty() {
            theirs = ours.clone();
        }
    }
    // A worker that may word it either way is told in both.
    let mut once = ours.clone();
    if once.len() > theirs.len() {
        once = ours.iter().step_by(2).cloned().collect();
    }
    assert_eq!(once, theirs, "{version}, {at:?}");
}

#[test]
fn workers_of_0_14_and_1_6_are_told_what_their_own_master_told_them() {
    for version in ["0.14.6", "1.6.0"] {
        let ours = replay(version);
        assert_eq!((ours.snapshot.state, ours.snapshot.workers.len()), (RunState::Stopped, 0), "{version}");
    }
}

#[test]
fn workers_of_0_8_are_told_what_their_own_master_told_them() {
    let ours = replay("0.8.1");
    let workers: Vec<&str> = ours.snapshot.workers.iter().map(|worker| worker.generation.as_str()).collect();
    assert_eq!(workers, ["0.5 to 0.9"; 2]);
}
