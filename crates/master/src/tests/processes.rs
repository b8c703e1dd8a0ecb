//! Workers whose process begins again, or is gone for good; and very many of them.

use super::*;

/// A report of the process that began at `process`.
fn of_process(process: u64, sequence: u64, requests: u64) -> ToMaster {
    report(sequence, requests, 1, |report| report.process = Some(process))
}

fn missing_figures(bench: &Bench) -> Vec<&str> {
    let notices = bench.snapshot.notices.iter().map(String::as_str);
    notices.filter(|notice| notice.starts_with("The last figures")).collect()
}

const ONE: &str = "The last figures of one worker are missing: it fell silent or left without a word.";

#[test]
fn a_process_that_begins_again_under_its_name_is_counted_from_its_first_report() {
    let mut bench = Bench::new(&["a"]);
    bench.start(1);
    bench.say("a", &of_process(10, 1, 5));
    bench.say("a", &of_process(10, 2, 5));
    // So soon that nobody missed it.
    let answers = bench.say("a", &ready());
    assert_eq!(answers, [to("a", "ack"), to("a", "spawn 1")]);
    bench.say("a", &of_process(20, 1, 100));
    assert_eq!(bench.requests(), 110);
    assert_eq!(missing_figures(&bench), [ONE]);
    // Its end in good order does not bring back what the first one had.
    assert_eq!(bench.command(Command::Stop).0, Ok(()));
    bench.say("a", &ToMaster::ClientStopped);
    bench.say("a", &ready());
    assert_eq!((bench.snapshot.state, missing_figures(&bench)), (RunState::Stopped, vec![ONE]));
}

#[test]
fn what_a_connection_repeats_is_no_new_process() {
    let mut bench = Bench::new(&["a"]);
    bench.start(1);
    for _ in 0..2 {
        bench.say("a", &of_process(10, 1, 5));
        bench.say("a", &ready());
    }
    bench.say("a", &of_process(10, 2, 7));
    assert_eq!(bench.requests(), 12);
    assert_eq!(missing_figures(&bench), [""; 0]);
}

#[test]
fn what_a_forgotten_worker_had_stays_missing_also_when_it_comes_back() {
    let mut bench = Bench::new(&["a", "b"]);
    bench.start(2);
    bench.say("b", &of_process(10, 1, 5));
    bench.pass(65, &["a"]);
    assert_eq!(missing_figures(&bench), [ONE]);
    assert_eq!(bench.say("b", &heartbeat(WorkerState::Running, 0)), [to("b", "stop")]);
    bench.say("b", &ready());
    bench.requests();
    assert_eq!(missing_figures(&bench), [ONE]);
}

#[test]
fn names_of_the_lost_are_kept_no_longer_than_they_are_on_the_list() {
    let mut bench = Bench::new(&["a"]);
    bench.start(100);
    for number in 0..50 {
        bench.say(&format!("gone_{number}"), &ready());
        bench.pass(4, &["a"]);
    }
    bench.pass(65, &["a"]);
    assert_eq!((bench.core.lost.len(), bench.core.lost_for_good), (0, 50));
    assert!(bench.snapshot.notices[0].contains("of 50 workers are missing"), "{:?}", bench.snapshot.notices);
}

/// Else each of ten thousand that come at once would cost time for all that are there.
#[test]
fn users_of_a_large_fleet_are_placed_once_in_a_while_and_then_on_all() {
    let mut bench = Bench::new(&["first"]);
    bench.start(90);
    let edit = Edit { users: 5_000, spawn_rate: 5_000.0, host: None, run_time: None };
    assert_eq!(bench.command(Command::Edit(edit)).0, Ok(()));
    let mut jobs = 0;
    let many = limits::SMALL_FLEET * 4;
    for number in 0..many {
        let told = bench.say(&format!("w{number}"), &ready());
        jobs += told.iter().filter(|(_, text)| text.starts_with("spawn")).count();
    }
    assert!(jobs < many * 60, "{jobs} jobs for {many} workers");
    let due = bench.core.deadline();
    assert!(due <= bench.now + limits::PAUSE_PER_WORKER * (many as u32 + 1), "{due:?}");
    bench.now = due;
    let placed = sent(&bench.on(Event::Tick)).len();
    assert!(placed > many / 2, "{placed} workers are told");
    let told = bench.core.registry.nodes().filter(|node| node.job.is_some()).count();
    assert_eq!(told, many + 1);
}

#[test]
fn a_stop_that_found_no_room_is_said_again_when_the_worker_is_heard() {
    let mut bench = Bench::new(&["a"]);
    bench.say("a", &heartbeat(WorkerState::Ready, 0));
    bench.start(1);
    bench.pass(6, &["a"]);
    assert_eq!(bench.command(Command::Stop).1, [to("a", "stop")]);
    assert_eq!(bench.say("a", &heartbeat(WorkerState::Running, 0)), [to("a", "heartbeat")]);
    bench.on(Event::Unsent(PeerId::from("a"), akrida_transport::SendError::Full));
    let told = bench.say("a", &heartbeat(WorkerState::Running, 0));
    assert_eq!(told, [to("a", "heartbeat"), to("a", "stop")]);
}
