//! What Locust's master said in the recorded sessions is said to a worker of ours. It answers as Locust's workers
//! did, message for message.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests stop at what they did not expect")]

use akrida_protocol::{ToMaster, ToWorker};
use akrida_scenario::Scenario;
use akrida_testkit::{Recorded, session};
use akrida_worker::{Config, Effects, End, Event, Job, Measured, Now, Usage, Work, WorkerCore};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// A worker in the place of a recorded one, with an engine that takes the time which the recorded one took.
struct Replay {
    core: WorkerCore,
    classes: Vec<String>,
    adjusting: Option<Job>,
    stopping: bool,
    /// What it said, but for what every second brings.
    said: Vec<String>,
    heartbeats: usize,
    end: Option<End>,
}

impl Replay {
    fn new(peer: &str, classes: Vec<String>, at: Duration) -> Self {
        let config =
            Config { classes: classes.clone(), ..Config::new(peer.to_owned(), &Scenario::default(), 1) };
        let now = now(at);
        Self {
            core: WorkerCore::new(config, now),
            classes,
            adjusting: None,
            stopping: false,
            said: Vec::new(),
            heartbeats: 0,
            end: None,
        }
    }

    /// Lets time pass until `at`, tick by tick.
    fn pass(&mut self, at: Duration) {
        while self.core.deadline() <= at && self.end.is_none() {
            let due = self.core.deadline();
            self.feed(due, Event::Tick { usage: Usage::default(), congested: false });
        }
    }

    fn feed(&mut self, at: Duration, event: Event) {
        let Effects { frames, work, end, notices, .. } = self.core.on(now(at), event);
        assert!(notices.iter().all(|notice| !format!("{notice:?}").contains("Warning")), "{notices:?}");
        for frame in frames {
            match ToMaster::decode(&frame).unwrap().message {
                ToMaster::Heartbeat { .. } => self.heartbeats += 1,
                ToMaster::Stats(_) => {}
                message => self.said.push(words(&message)),
            }
        }
        self.end = self.end.or(end);
        for work in work {
            match work {
                Work::Run(job) => self.adjusting = Some(job),
                Work::Stop => (self.adjusting, self.stopping) = (None, true),

                Work::Report => {
                    let users = vec![0; self.classes.len()];
                    self.feed(at, Event::Reported(Measured { users, ..Measured::default() }));
                }
                other => panic!("no master of Locust's asks for that: {other:?}"),
            }
        }
    }

    /// The recorded worker says that it did what it was told; so has this one's engine.
    fn catch_up(&mut self, at: Duration, kind: &str, asked_to_end: bool) {
        match kind {
            "spawning_complete" => {
                let job = self.adjusting.take().unwrap_or_else(|| panic!("no job at {at:?}"));
                self.feed(at, Event::Adjusted(job.users));
            }
            "client_stopped" => self.idle(at),
            "quit" => {
                if !asked_to_end {
                    self.feed(at, Event::Terminate);
                }
                self.idle(at);
            }
            _ => {}
        }
    }

    fn idle(&mut self, at: Duration) {
        assert!(std::mem::take(&mut self.stopping), "nobody asked it to stop: {at:?}");
        self.feed(at, Event::Idle);
    }
}

fn now(at: Duration) -> Now {
    Now { monotonic: at, wall_us: 1_795_000_000_000_000 + u64::try_from(at.as_micros()).unwrap() }
}

/// The kind of a message, and what it says of users.
fn words(message: &ToMaster) -> String {
    match message {
        ToMaster::SpawningComplete { user_classes_count, user_count } => {
            format!("spawning_complete {user_count} {user_classes_count:?}")
        }
        message => message.kind().to_owned(),
    }
}

/// The classes that a master named.
fn classes(session: &[Recorded]) -> Vec<String> {
    let mut classes = BTreeSet::new();
    for message in session.iter().filter(|message| !message.to_master) {
        if let ToWorker::Spawn(job) = ToWorker::decode(&message.frame).unwrap().message {
            classes.extend(job.user_classes_count.into_keys());
        }
    }
    classes.into_iter().collect()
}

/// What a recorded worker said of its own accord, in the words of [`words`]; and with `client_stopped` before each
/// `quit`, which ours say so that the master knows that nothing is owed.
fn expected(message: &ToMaster) -> Vec<String> {
    match message {
        ToMaster::ClientReady(_)
        | ToMaster::Spawning
        | ToMaster::SpawningComplete { .. }
        | ToMaster::ClientStopped => vec![words(message)],
        ToMaster::Quit => vec!["client_stopped".to_owned(), "quit".to_owned()],
        _ => Vec::new(),
    }
}

/// Replays all workers of a session; how many words were compared.
fn replay(name: &str) -> usize {
    let session = session(name);
    let classes = classes(&session);
    let mut replays: BTreeMap<&str, Replay> = BTreeMap::new();
    let mut theirs: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut told_to_quit: BTreeSet<&str> = BTreeSet::new();
    for message in &session {
        let Recorded { at, peer, kind, .. } = message;
        if kind == "locustfile" {
            continue;
        }
        if !replays.contains_key(peer.as_str()) {
            replays.insert(peer, Replay::new(peer, classes.clone(), *at));
        }
        let ours = replays.get_mut(peer.as_str()).unwrap();
        ours.pass(*at);
        if message.to_master {
            let read = ToMaster::decode(&message.frame).unwrap().message;
            theirs.entry(peer).or_default().extend(expected(&read));
            ours.catch_up(*at, kind, told_to_quit.contains(peer.as_str()));
        } else {
            if kind == "quit" {
                told_to_quit.insert(peer);
            }
            // One that was killed hears nothing any more; whatever ours says to that is not compared.
            ours.feed(*at, Event::Frame(message.frame.clone()));
        }
    }
    let mut compared = 0;
    for (peer, theirs) in theirs {
        let ours = &replays[peer];
        assert_eq!(ours.said, theirs, "{name}: {peer}");
        assert!(ours.heartbeats > 0, "{name}: {peer}");
        compared += theirs.len();
    }
    compared
}

#[test]
fn a_worker_of_ours_says_what_locusts_said() {
    let sessions = [
        ("a_connect_idle", 3),
        ("b_full_run", 46),
        ("c_worker_killed", 10),
        ("c2_worker_killed_rebalancing", 12),
        ("c3_worker_killed_wait70s", 15),
        ("d_worker_joins", 72),
        ("e_locustfile_fetch", 3),
    ];
    let compared = sessions.map(|(name, _)| (name, replay(name)));
    assert_eq!(compared, sessions, "how many messages were compared");
}
