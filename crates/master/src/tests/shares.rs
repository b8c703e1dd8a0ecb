//! What each worker is dealt of what the fleet divides.

use super::*;
use akrida_protocol::{ClassShare, Share};
use akrida_scenario::model::Arrivals;
use akrida_stats::Arrivals as Counted;

impl Bench {
    /// With rows of data that go round.
    fn with_rows(workers: &[&str]) -> Self {
        let mut bench = Self::new(workers);
        bench.core.config.rows = true;
        bench
    }

    /// The shares of the jobs that `effects` sends, which are carried out.
    fn shares(&mut self, effects: &Effects) -> Vec<(String, Share)> {
        let jobs = effects.frames.iter().filter_map(|(peer, body)| {
            let ToWorker::Spawn(job) = ToWorker::decode(body).unwrap().message else { return None };
            Some((peer.as_str().unwrap().to_owned(), job.share.unwrap()))
        });
        let jobs = jobs.collect();
        let spawns = sent(effects).into_iter().filter(|(_, text)| text.starts_with("spawn "));
        self.carry_out(spawns.collect());
        jobs
    }

    fn dealt(&mut self, event: Event) -> Vec<String> {
        let effects = self.on(event);
        let shares = self.shares(&effects);
        shares.iter().map(|(worker, share)| format!("{worker} {}/{}", share.offset, share.stride)).collect()
    }

    fn notices(&mut self) -> Vec<String> {
        self.requests();
        self.snapshot.notices.clone()
    }
}

fn edit(users: u64) -> Event {
    Event::Command(Command::Edit(Edit { users, spawn_rate: 1_000.0, host: None, run_time: None }))
}

fn says(worker: &str, message: &ToMaster) -> Event {
    Event::Frame { peer: PeerId::from(worker), body: message.encode(worker) }
}

#[test]
fn rows_are_divided_among_those_who_will_have_users() {
    let mut bench = Bench::with_rows(&["a", "b", "c"]);
    let load = Load::Constant { users: 2, spawn_rate: 0.1 };
    let start = Start { load, host: None, run_time: None };
    let first = bench.dealt(Event::Command(Command::Start(start)));
    // The second user comes ten seconds later, and finds its rows untouched.
    assert_eq!(first, ["a 0/2", "b 1/2", "c 0/2"]);
    bench.pass(10, &["a", "b", "c"]);
    assert_eq!(bench.dealt(edit(2)), Vec::<String>::new());
}

#[test]
fn a_worker_that_leaves_frees_its_seat_and_one_that_comes_takes_a_free_seat() {
    let mut bench = Bench::with_rows(&["a", "b"]);
    assert_eq!(bench.dealt(Event::Command(start(4, None))), ["a 0/2", "b 1/2"]);
    // Its users go on elsewhere, on the rows of that place.
    assert_eq!(bench.dealt(says("a", &ToMaster::ClientStopped)), ["b 1/2"]);
    bench.say("a", &ToMaster::Quit);
    assert_eq!(bench.dealt(says("c", &ready())), ["b 1/2", "c 0/2"]);
    assert_eq!(bench.dealt(says("d", &ready())).last().unwrap(), "d 2/3");
    assert_eq!(bench.command(Command::Stop).0, Ok(()));
    for worker in ["b", "c", "d"] {
        bench.say(worker, &ToMaster::ClientStopped);
        bench.say(worker, &ready());
    }
    assert_eq!(bench.dealt(Event::Command(start(4, None))), ["b 0/3", "c 1/3", "d 2/3"]);
}

#[test]
fn silence_changes_nothing_of_how_rows_are_divided() {
    let mut bench = Bench::with_rows(&["a", "b"]);
    assert_eq!(bench.dealt(Event::Command(start(4, None))), ["a 0/2", "b 1/2"]);
    let jobs = bench.pass(4, &["a"]);
    bench.carry_out(jobs);
    assert_eq!(bench.dealt(says("b", &heartbeat(WorkerState::Running, 0))), ["a 0/2", "b 1/2"]);
}

#[test]
fn starts_of_open_load_are_divided_by_users_and_everybody_is_told_when_that_changes() {
    let mut bench = Bench::new(&["a", "b"]);
    bench.core.config.open = vec![Some(Arrivals { initial_rate: 50.0, spans: Vec::new() })];
    let effects = bench.on(Event::Command(start(5, None)));
    let part = |before, in_fleet| [("User".to_owned(), ClassShare { before, in_fleet })].into();
    let share = |offset, elapsed_us, users| Share { offset, stride: 2, workers: 2, elapsed_us, users };
    let shares = bench.shares(&effects);
    assert_eq!(shares[0], ("a".to_owned(), share(0, 0, part(0, 5))));
    assert_eq!(shares[1], ("b".to_owned(), share(1, 0, part(3, 5))));
    bench.pass(2, &["a", "b"]);
    let effects = bench.on(edit(6));
    let shares = bench.shares(&effects);
    // Nothing of a's own changes, but its users are fewer of all.
    assert_eq!(shares[0], ("a".to_owned(), share(0, 2_000_000, part(0, 6))));
    assert_eq!(shares[1], ("b".to_owned(), share(1, 2_000_000, part(3, 6))));
}

#[test]
fn starts_are_shown_by_class_and_drops_are_told() {
    let mut bench = Bench::new(&["a"]);
    bench.core.config.open = vec![Some(Arrivals { initial_rate: 50.0, spans: Vec::new() })];
    bench.start(1);
    let report = |sequence, started, dropped| {
        let ToMaster::Stats(mut report) = stats(sequence, 1, 1) else { panic!("a report") };
        for class in ["User", "Ghost"] {
            report.delta.arrivals.insert(class.to_owned(), Counted { started, dropped });
        }
        ToMaster::Stats(report)
    };
    bench.say("a", &report(1, 40, 0));
    assert_eq!(bench.notices(), Vec::<String>::new());
    bench.say("a", &report(2, 40, 10));
    let told = "10 of 90 starts of User found no free user and were dropped; raise its max_users.";
    assert_eq!(bench.notices(), [told]);
    let row =
        akrida_run::ArrivalsRow { user_class: "User".to_owned(), rate: Some(50.0), started: 80, dropped: 10 };
    assert_eq!(bench.snapshot.arrivals, [row], "and nothing of a class that this test does not have");
    assert_eq!(bench.snapshot.history.last().unwrap().dropped, 10);
}

#[test]
fn workers_of_locust_get_no_users_of_open_load() {
    let mut bench = Bench::new(&["a", "b"]);
    bench.core.config.open = vec![Some(Arrivals { initial_rate: 50.0, spans: Vec::new() })];
    bench.start(4);
    let locusts =
        ToMaster::Heartbeat { state: WorkerState::Running, cpu_usage: 0.0, memory_usage: 0, extra: None };
    assert_eq!(bench.say("a", &locusts), [to("a", "heartbeat"), to("a", "stop"), to("b", "spawn 4")]);
    let told = "Worker a gets no users: it is one of Locust's, and they cannot do open load: start one of Akrida's \
                instead.";
    assert_eq!(bench.notices(), [told]);
    // Who comes now is not asked too early.
    assert_eq!(bench.say("c", &ready()), [to("c", "ack")]);
    let jobs = bench.say("c", &heartbeat(WorkerState::Ready, 0));
    assert!(jobs.contains(&to("c", "spawn 2")), "{jobs:?}");
}

#[test]
fn users_of_open_load_do_not_wait_for_a_ramp() {
    let first_job = |open: Option<Arrivals>| {
        let mut bench = Bench::new(&["a"]);
        let class = Class { name: "User".to_owned(), weight: 0, fixed_count: 50 };
        bench.core.sequence = akrida_dispatch::ClassSequence::new(&[class]);
        bench.core.config.open = vec![open];
        let load = Load::Constant { users: 50, spawn_rate: 1.0 };
        bench.command(Command::Start(Start { load, host: None, run_time: None })).1
    };
    assert_eq!(first_job(None), [to("a", "spawn 1")]);
    assert_eq!(first_job(Some(Arrivals { initial_rate: 50.0, spans: Vec::new() })), [to("a", "spawn 50")]);
}
