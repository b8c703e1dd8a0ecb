//! Workers of the time before Locust 2.0.

use super::{Bench, heartbeat, ready, start, stats, to};
use crate::event::{Command, Edit, Event, Load, Start};
use crate::limits;
use akrida_dispatch::Class;
use akrida_protocol::{Generation, Generations, StatsReport, ToMaster, ToWorker, Version, WorkerState};
use akrida_run::{FleetEventKind, RunState};
use akrida_stats::{Delta, Measured};
use akrida_transport::PeerId;
use bytes::Bytes;
use std::collections::BTreeMap;
use std::time::Duration;

/// What workers are told: the kind of the message, and for a job its number and rate.
fn words(frames: &[(PeerId, Bytes)]) -> Vec<(String, String)> {
    let text = |frame: &Bytes| {
        let read = ToWorker::decode(frame).unwrap();
        match read.message {
            ToWorker::SpawnUsers(job) if read.generations.may_be(Generations::HATCHING) => {
                format!("hatch {} at {}", job.users, job.spawn_rate)
            }
            ToWorker::SpawnUsers(job) => format!("spawn {} at {}", job.users, job.spawn_rate),
            ToWorker::Spawn(job) => format!("spawn {:?}", job.user_classes_count),
            message => message.kind().to_owned(),
        }
    };
    frames.iter().map(|(peer, body)| (peer.as_str().unwrap().to_owned(), text(body))).collect()
}

impl Bench {
    fn hear(&mut self, worker: &str, body: Bytes) -> Vec<(String, String)> {
        words(&self.on(Event::Frame { peer: PeerId::from(worker), body }).frames)
    }

    fn order(&mut self, command: Command) -> Vec<(String, String)> {
        let effects = self.on(Event::Command(command));
        effects.answer.unwrap().unwrap();
        words(&effects.frames)
    }

    /// An old worker comes, and says nothing that only some of them say.
    fn join(&mut self, worker: &str) {
        let nil = ToMaster::ClientReady(Version::Old).encode(worker);
        assert_eq!(self.hear(worker, nil), [], "nothing that it does not know");
    }

    /// The same, and shows of which generation it is.
    fn join_as(&mut self, worker: &str, generation: Generation) {
        self.join(worker);
        let body: &[u8] = match generation {
            Generation::V0_10 => b"\x81\xa5state\xa5ready",
            Generation::V0_14 => b"\x82\xa5state\xa5ready\xb1current_cpu_usage\x05",
            _ => b"\x83\xa5state\xa5ready\xb1current_cpu_usage\x05\xa5count\x00",
        };
        let heartbeat = [&b"\x93\xa9heartbeat"[..], body, b"\xa1w"].concat();
        assert_eq!(self.hear(worker, heartbeat.into()), [], "no answer that it does not know");
    }

    fn done(&mut self, worker: &str, users: u64, generations: Generations) {
        let done = ToMaster::SpawningComplete { user_classes_count: BTreeMap::new(), user_count: users };
        self.hear(worker, ToMaster::Spawning.encode_in(generations, worker));
        self.hear(worker, done.encode_in(generations, worker));
    }

    fn generations(&self) -> Vec<String> {
        self.snapshot.workers.iter().map(|worker| worker.generation.clone()).collect()
    }
}

fn ramp(users: u64, spawn_rate: f64) -> Command {
    Command::Start(Start { load: Load::Constant { users, spawn_rate }, host: None, run_time: None })
}

fn edit(users: u64, spawn_rate: f64) -> Command {
    Command::Edit(Edit { users, spawn_rate, host: None, run_time: None })
}

const SPAWNING: Generations = Generations::only(Generation::V1_4);

#[test]
fn each_is_told_in_its_own_words_what_a_whole_ramp_leads_to() {
    let mut bench = Bench::new(&[]);
    bench.join_as("a", Generation::V0_10);
    bench.join_as("b", Generation::V1_4);
    bench.join_as("c", Generation::V0_14);
    let told = bench.order(ramp(10, 3.0));
    let both = [to("c", "hatch 3 at 1"), to("c", "spawn 3 at 1")];
    assert_eq!(told[..2], [to("a", "hatch 4 at 1"), to("b", "spawn 3 at 1")]);
    assert_eq!(told[2..], both);
    for (worker, users, words) in
        [("a", 4, Generations::HATCHING), ("b", 3, SPAWNING), ("c", 3, Generations::HATCHING)]
    {
        bench.done(worker, users, words);
    }
    assert_eq!(bench.generations(), ["0.10 to 0.13", "1.4.4 to 1.6", "0.14 to 1.1"]);
    assert_eq!(bench.snapshot.state, RunState::Spawning, "the ramp goes on");
    assert_eq!(bench.pass(3, &["a", "b", "c"]), [], "they ramp by themselves");
    let users = (bench.snapshot.user_count, bench.snapshot.unclassed_user_count);
    assert_eq!((bench.snapshot.state, users), (RunState::Running, (10, 10)));
    assert_eq!(bench.snapshot.user_classes["User"], 0);
    let spawned = FleetEventKind::Spawned { users: [("User".to_owned(), 0)].into(), unclassed: 10 };
    assert!(bench.events.contains(&spawned), "{:?}", bench.events);
    // Now it is known how they word it.
    assert_eq!(bench.order(edit(3, 30.0)).last(), Some(&to("c", "hatch 1 at 10")));
}

#[test]
fn the_log_names_generations_as_they_become_known() {
    let mut bench = Bench::new(&[]);
    bench.join_as("a", Generation::V1_4);
    let told: Vec<_> = bench
        .events
        .iter()
        .filter_map(|event| match event {
            FleetEventKind::WorkerReady { generation, .. }
            | FleetEventKind::WorkerRecognised { generation, .. } => Some(generation.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(told, ["0.10 to 1.6", "1.4.4 to 1.6"]);
    let mut bench = Bench::new(&[]);
    bench.say("new", &ready());
    assert_eq!(bench.generations(), ["2.0 or later"]);
    assert!(
        matches!(&bench.events[..], [FleetEventKind::WorkerReady { generation, .. }] if generation == "2.47.0")
    );
}

#[test]
fn in_a_mixed_fleet_those_that_know_classes_are_led_beside_the_others() {
    let mut bench = Bench::new(&["new"]);
    bench.join_as("old", Generation::V1_4);
    let told = bench.order(ramp(8, 2.0));
    // Two each second, of which each has one; the old one goes there by itself.
    assert_eq!(told, [to("old", "spawn 4 at 1"), to("new", r#"spawn {"User": 1}"#)]);
    let mut led = Vec::new();
    for _ in 0..16 {
        bench.now += Duration::from_millis(250);
        led.extend(words(&bench.on(Event::Tick).frames));
        bench.say("new", &heartbeat(WorkerState::Running, 0));
        bench.say("old", &stats_without_classes(0, 0));
    }
    let steps: Vec<String> = (2..=4).map(|users| format!("spawn {{\"User\": {users}}}")).collect();
    assert_eq!(led, steps.iter().map(|step| to("new", step)).collect::<Vec<_>>());
}

fn stats_without_classes(requests: u64, users: u64) -> ToMaster {
    let measured = Measured { requests, ..Measured::since(1_000_000) };
    ToMaster::Stats(StatsReport {
        delta: Delta { total: Some(measured), ..Delta::default() },
        user_classes_count: BTreeMap::new(),
        user_count: users,
        exact: false,
        sequence: None,
        process: None,
        job: None,
        ended: BTreeMap::new(),
        stop_run: None,
        rows: None,
        receipt: None,
    })
}

#[test]
fn users_of_a_lost_worker_run_elsewhere_at_once() {
    let mut bench = Bench::new(&["new"]);
    bench.join_as("old", Generation::V1_4);
    let _ = bench.order(ramp(20, 10.0));
    bench.pass(3, &["new"]);
    bench.say("old", &ToMaster::SpawningComplete { user_classes_count: BTreeMap::new(), user_count: 10 });
    let frames =
        bench.on(Event::Frame { peer: PeerId::from("new"), body: ToMaster::Quit.encode("new") }).frames;
    assert_eq!(words(&frames), [to("old", "spawn 20 at 20")]);
}

#[test]
fn fixed_counts_that_nobody_can_have_are_told() {
    let mut bench = Bench::new(&[]);
    bench.core.sequence =
        akrida_dispatch::ClassSequence::new(&[Class { name: "User".to_owned(), weight: 1, fixed_count: 3 }]);
    bench.join_as("old", Generation::V1_4);
    assert_eq!(bench.order(start(9, None)), [to("old", "spawn 3 at 100")], "no more than there can be");
    bench.requests();
    assert_eq!(bench.snapshot.notices.len(), 1, "{:?}", bench.snapshot.notices);
    assert_eq!(bench.say("new", &ready()), [to("new", "ack"), to("old", "spawn"), to("new", "spawn 3")]);
    bench.requests();
    assert!(bench.snapshot.notices.is_empty(), "{:?}", bench.snapshot.notices);
}

#[test]
fn a_worker_that_never_says_that_it_is_done_is_so_when_its_number_is_right() {
    // 1.6.0 after an edit downwards.
    let mut bench = Bench::new(&[]);
    bench.join_as("old", Generation::V1_4);
    let _ = bench.order(start(9, None));
    bench.done("old", 9, SPAWNING);
    assert_eq!(bench.snapshot.state, RunState::Running);
    assert_eq!(bench.order(edit(4, 100.0)), [to("old", "spawn 4 at 100")]);
    bench.say("old", &ToMaster::Spawning);
    assert_eq!(bench.snapshot.state, RunState::Spawning);
    bench.say("old", &stats_without_classes(5, 4));
    assert_eq!((bench.snapshot.state, bench.snapshot.user_count), (RunState::Running, 4));
    let beat =
        ToMaster::Heartbeat { state: WorkerState::Spawning, cpu_usage: 1.0, memory_usage: 0, extra: None };
    for _ in 0..20 {
        bench.now += Duration::from_secs(1);
        assert_eq!(bench.hear("old", beat.encode("old")), [], "it is not told again");
    }
}

#[test]
fn a_job_that_is_not_carried_out_is_told_again_once_its_ramp_is_over() {
    let mut bench = Bench::new(&[]);
    bench.join_as("old", Generation::V1_4);
    let _ = bench.order(ramp(20, 1.0));
    let beat = |bench: &mut Bench| {
        bench.now += Duration::from_secs(1);
        let beat = ToMaster::Heartbeat {
            state: WorkerState::Spawning,
            cpu_usage: 1.0,
            memory_usage: 0,
            extra: None,
        };
        bench.hear("old", beat.encode("old"))
    };
    for second in 1..20 + limits::REPEAT_JOB.as_secs() {
        assert_eq!(beat(&mut bench), [], "after {second} s");
    }
    assert_eq!(beat(&mut bench), [to("old", "spawn 20 at 20")]);
}

#[test]
fn figures_of_all_generations_are_added_up_and_the_last_ones_are_waited_for() {
    let mut bench = Bench::new(&["new"]);
    bench.join_as("old", Generation::V1_4);
    let _ = bench.order(start(2, None));
    bench.say("new", &stats(1, 10, 1));
    bench.say("old", &stats_without_classes(7, 1));
    assert_eq!(bench.requests(), 17);
    assert_eq!(bench.order(Command::Stop), [to("new", "stop"), to("old", "stop")]);
    for worker in ["new", "old"] {
        bench.say(worker, &ToMaster::ClientStopped);
    }
    bench.say("new", &ready());
    bench.join("old");
    assert_eq!(bench.snapshot.state, RunState::Stopping, "the old one reports every three seconds");
    bench.say("old", &stats_without_classes(3, 0));
    assert_eq!((bench.snapshot.state, bench.requests()), (RunState::Stopped, 20));
}

#[test]
fn a_choice_of_classes_leaves_their_users_as_they_are_and_says_so() {
    let mut bench = Bench::with_classes(&["A", "B"], &[]);
    bench.join_as("a", Generation::V1_4);
    bench.say("b", &ready());
    bench.order(ramp(8, 100.0));
    bench.done("a", 4, SPAWNING);
    let choose = Command::Choose(vec!["B".to_owned()]);
    let told = bench.order(choose);
    assert_eq!(told, [to("b", r#"spawn {"A": 0, "B": 4}"#)], "it is told no number anew");
    bench.on(Event::Tick);
    let said = |bench: &Bench| {
        bench.snapshot.notices.iter().any(|notice| notice.contains("choose classes by themselves"))
    };
    assert!(said(&bench), "{:?}", bench.snapshot.notices);
    bench.order(Command::Choose(vec!["A".to_owned(), "B".to_owned()]));
    bench.on(Event::Tick);
    assert!(!said(&bench), "{:?}", bench.snapshot.notices);
}
