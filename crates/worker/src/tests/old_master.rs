//! Under masters of before Locust 2.0.

use super::{Bench, CONGESTED, measured, said};
use crate::event::{Effects, Event, Job, Work};
use akrida_protocol::{Echo, Generation, Generations, ToMaster, ToWorker, UsersJob};
use std::time::Duration;

const OF_0_14: Generations = Generations::only(Generation::V0_14);
const OF_1_6: Generations = Generations::only(Generation::V1_4);

impl Bench {
    /// The master wants so many users.
    fn number(&mut self, generations: Generations, users: u64, spawn_rate: f64) -> Effects {
        let job = UsersJob { users, spawn_rate, host: Some("http://h".to_owned()), stop_timeout: Some(3.0) };
        let frames = ToWorker::SpawnUsers(job).encode_in(generations, "w");
        assert_eq!(frames.len(), 1);
        self.on(Event::Frame(frames[0].clone()))
    }

    fn step(&mut self, millis: u64) -> Effects {
        self.now += Duration::from_millis(millis);
        self.on(Event::Tick { usage: crate::Usage::default(), congested: false })
    }
}

/// The users that the engine is to run.
fn users(effects: &Effects) -> Vec<u64> {
    let run = |work: &Work| match work {
        Work::Run(Job { users, .. }) => Some(users.clone()),
        _ => None,
    };
    effects.work.iter().find_map(run).unwrap_or_default()
}

/// The types of messages on the wire.
fn kinds(effects: &Effects) -> Vec<String> {
    let kind = |frame: &bytes::Bytes| {
        let length = usize::from(frame[1] & 0x1f);
        String::from_utf8(frame[2..2 + length].to_vec()).unwrap()
    };
    effects.frames.iter().map(kind).filter(|kind| kind != "heartbeat" && kind != "stats").collect()
}

#[test]
fn a_master_that_never_answers_is_told_that_the_worker_lives() {
    let mut bench = Bench::new();
    assert_eq!(bench.tick(0), ["client_ready"]);
    bench.now += Duration::from_secs(2);
    assert!(said(&bench.on(CONGESTED)).is_empty(), "nobody has heard it yet");
    assert_eq!(bench.tick(2_000), ["heartbeat"]);
    let mut announced = 0;
    for _ in 0..600 {
        let said = bench.tick(1_000);
        assert!(said.contains(&"heartbeat".to_owned()), "{said:?}");
        announced += said.iter().filter(|kind| *kind == "client_ready").count();
    }
    assert!((18..=22).contains(&announced), "another master may be there: {announced}");
}

#[test]
fn a_master_that_answers_heartbeats_is_asked_again_soon_to_acknowledge() {
    let mut bench = Bench::new();
    assert_eq!(bench.tick(0), ["client_ready"]);
    bench.tick(5_000);
    bench.frame(&ToWorker::Heartbeat(Some(Echo { sent_at_us: 0, master_us: 0, acknowledged: None })));
    let announced: usize =
        (0..20).map(|_| bench.tick(1_000).iter().filter(|kind| *kind == "client_ready").count()).sum();
    assert_eq!(announced, 4, "each five seconds");
}

#[test]
fn a_number_of_users_is_reached_at_its_rate_and_told_in_the_masters_words() {
    for (generations, words) in
        [(OF_0_14, ["hatching", "hatch_complete"]), (OF_1_6, ["spawning", "spawning_complete"])]
    {
        let mut bench = Bench::new();
        bench.tick(0);
        let begun = bench.number(generations, 8, 4.0);
        assert_eq!((kinds(&begun), users(&begun)), (vec![words[0].to_owned()], vec![1, 0]));
        let Work::Run(job) = &begun.work[0] else { panic!("{:?}", begun.work) };
        assert_eq!((job.host.as_deref(), job.stop_timeout), (Some("http://h"), Some(Duration::from_secs(3))));
        assert!(kinds(&bench.on(Event::Adjusted(vec![1, 0]))).is_empty(), "there are more to come");
        for (users_then, told) in [(2, [2, 0]), (3, [3, 0]), (4, [3, 1])] {
            assert_eq!(users(&bench.step(250)), told, "{users_then}");
        }
        assert_eq!(users(&bench.step(1_000)), [6, 2]);
        let done = bench.on(Event::Adjusted(vec![6, 2]));
        assert_eq!(kinds(&done), [words[1]]);
        let read = ToMaster::decode(&done.frames[0]).unwrap().message;
        let ToMaster::SpawningComplete { user_count, .. } = read else { panic!("{read:?}") };
        assert_eq!(user_count, 8);
        assert!(bench.step(5_000).work.iter().all(|work| !matches!(work, Work::Run(_))));
        // Downwards at once.
        assert_eq!(users(&bench.number(generations, 4, 1.0)), [3, 1]);
        assert_eq!(kinds(&bench.on(Event::Adjusted(vec![3, 1]))), [words[1]]);
    }
}

#[test]
fn a_stop_ends_a_ramp_and_the_worker_is_ready_again() {
    let mut bench = Bench::new();
    bench.tick(0);
    bench.number(OF_0_14, 100, 1.0);
    assert_eq!(bench.frame(&ToWorker::Stop).work, [Work::Stop]);
    let late = bench.step(10_000);
    assert!(late.work.iter().all(|work| !matches!(work, Work::Run(_))), "{:?}", late.work);
    bench.on(Event::Idle);
    assert!(kinds(&bench.on(Event::Reported(measured(1)))).is_empty());
    let last = bench.on(Event::Reported(measured(1)));
    assert_eq!(kinds(&last), ["client_stopped", "client_ready"]);
    assert_eq!(users(&bench.number(OF_0_14, 2, 1.0)), [1, 0], "from the beginning");
}
