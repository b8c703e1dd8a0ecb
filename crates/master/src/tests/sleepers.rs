//! Workers of Locust, which sleep for their stop timeout after each stop and read nothing meanwhile.

use super::*;

const STOP_TIMEOUT: Duration = Duration::from_secs(10);

fn locusts_heartbeat(state: WorkerState) -> ToMaster {
    ToMaster::Heartbeat { state, cpu_usage: 50.0, memory_usage: 1, extra: None }
}

/// A master whose only worker has stopped and sleeps, as its heartbeats do not say.
fn asleep() -> Bench {
    let mut bench = Bench::new(&["theirs"]);
    bench.core.config.stop_timeout = STOP_TIMEOUT;
    bench.start(2);
    bench.say("theirs", &locusts_heartbeat(WorkerState::Running));
    assert_eq!(bench.command(Command::Stop).1, [to("theirs", "stop")]);
    bench.say("theirs", &ToMaster::ClientStopped);
    bench.say("theirs", &locusts(0, 0));
    sleep(&mut bench, 2);
    assert_eq!(bench.snapshot.state, RunState::Stopped);
    bench
}

/// Lets time pass while the worker sleeps.
fn sleep(bench: &mut Bench, seconds: u64) {
    for _ in 0..seconds {
        assert_eq!(bench.pass(1, &[]), [], "it hears nothing");
        let answers = bench.say("theirs", &locusts_heartbeat(WorkerState::Running));
        assert_eq!(answers, [to("theirs", "heartbeat")]);
    }
}

#[test]
fn a_run_that_is_started_meanwhile_begins_to_ramp_when_they_are_ready() {
    let mut bench = asleep();
    let load = Load::Constant { users: 4, spawn_rate: 2.0 };
    let start = Command::Start(Start { load, host: None, run_time: None });
    assert_eq!(bench.command(start), (Ok(()), vec![]));
    sleep(&mut bench, 8);
    assert_eq!(bench.snapshot.state, RunState::Spawning);
    assert_eq!(bench.say("theirs", &ready()), [to("theirs", "ack"), to("theirs", "spawn 2")]);
    let jobs = bench.pass(1, &["theirs"]);
    assert_eq!(jobs, [to("theirs", "spawn 4")]);
    bench.carry_out(jobs);
    assert_eq!((bench.snapshot.state, bench.snapshot.user_count), (RunState::Running, 4));
}

#[test]
fn one_that_never_wakes_is_not_waited_for_in_vain() {
    let mut bench = asleep();
    assert_eq!(bench.command(start(2, None)).0, Ok(()));
    sleep(&mut bench, 19);
    assert_eq!(bench.snapshot.state, RunState::Spawning);
    sleep(&mut bench, 1);
    assert!(bench.events.contains(&FleetEventKind::Stopping { reason: StopReason::NoWorkers }));
}

#[test]
fn one_whose_word_that_it_is_ready_was_lost_is_ready_all_the_same() {
    let mut bench = asleep();
    bench.say("theirs", &locusts_heartbeat(WorkerState::Ready));
    assert_eq!(bench.command(start(2, None)).1, [to("theirs", "spawn 2")]);
}

/// They would read it after their sleep, and sleep once more, in the middle of the next run.
#[test]
fn they_are_not_told_twice_to_stop_while_their_users_may_finish() {
    let mut bench = Bench::new(&["theirs"]);
    bench.core.config.stop_timeout = STOP_TIMEOUT;
    bench.start(2);
    bench.say("theirs", &locusts_heartbeat(WorkerState::Running));
    assert_eq!(bench.command(Command::Stop).1, [to("theirs", "stop")]);
    sleep(&mut bench, 14);
    bench.pass(1, &[]);
    let answers = bench.say("theirs", &locusts_heartbeat(WorkerState::Running));
    assert_eq!(answers, [to("theirs", "heartbeat"), to("theirs", "stop")], "now it is overdue");
}

#[test]
fn one_that_ends_before_its_last_figures_have_come_is_missed() {
    let mut bench = Bench::new(&["theirs"]);
    bench.start(1);
    bench.say("theirs", &locusts(1, 1));
    assert_eq!(bench.command(Command::Stop).0, Ok(()));
    bench.say("theirs", &ToMaster::ClientStopped);
    bench.say("theirs", &ToMaster::Quit);
    assert_eq!((bench.snapshot.state, bench.snapshot.notices.len()), (RunState::Stopped, 1));
}
