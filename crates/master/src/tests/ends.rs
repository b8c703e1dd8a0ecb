//! Runs that end because of what users do, and figures that begin anew.

use super::*;

/// A report of a worker with so many users, of which so many have ended by themselves.
fn of_ended(sequence: u64, users: u64, ended: u64, stop_run: Option<&str>) -> ToMaster {
    report(sequence, 1, users, |report| {
        report.ended = [("User".to_owned(), ended)].into();
        report.stop_run = stop_run.map(str::to_owned);
    })
}

#[test]
fn a_run_whose_users_have_all_ended_is_over() {
    let mut bench = Bench::new(&["a", "b"]);
    bench.start(5);
    bench.say("a", &of_ended(1, 0, 3, None));
    assert!(bench.say("b", &of_ended(1, 1, 1, None)).is_empty(), "one is left");
    assert_eq!((bench.snapshot.state, bench.snapshot.user_count), (RunState::Running, 5));
    bench.requests();
    assert_eq!(bench.snapshot.user_count, 1);
    assert_eq!(bench.say("b", &of_ended(2, 0, 2, None)), [to("a", "stop"), to("b", "stop")]);
    assert!(bench.events.contains(&FleetEventKind::Stopping { reason: StopReason::UsersEnded }));
}

#[test]
fn users_that_ended_are_neither_missed_nor_replaced() {
    let mut bench = Bench::new(&["a"]);
    bench.start(5);
    bench.say("a", &of_ended(1, 3, 2, None));
    let sent = bench.pass(12, &["a"]);
    assert!(sent.is_empty(), "{sent:?}");
    assert_eq!((bench.snapshot.state, bench.snapshot.user_count), (RunState::Running, 3));
}

#[test]
fn a_ramp_goes_on_when_its_first_users_have_ended_and_so_do_stages_with_more_to_come() {
    let stage = |users: u64| Stage {
        name: users.to_string(),
        duration: Duration::from_secs(5),
        users,
        spawn_rate: 100.0,
    };
    let mut bench = Bench::new(&["a"]);
    let load = Load::Stages(vec![stage(1), stage(3)]);
    let (_, jobs) = bench.command(Command::Start(Start { load, host: None, run_time: None }));
    bench.carry_out(jobs);
    assert!(bench.say("a", &of_ended(1, 0, 1, None)).is_empty());
    let jobs = bench.pass(5, &["a"]);
    assert_eq!(jobs, [to("a", "spawn 3")]);
    bench.carry_out(jobs);
    bench.say("a", &of_ended(2, 2, 1, None));
    assert_eq!(bench.say("a", &of_ended(3, 0, 3, None)), [to("a", "stop")]);
}

#[test]
fn a_user_may_end_the_run() {
    let mut bench = Bench::new(&["a", "b", "late"]);
    bench.say("a", &of_ended(1, 0, 0, Some("before there is a run")));
    bench.start(3);
    let stop = of_ended(2, 1, 0, Some("no row of `account` is left"));
    assert!(bench.say("stranger", &stop).is_empty());
    assert_eq!(bench.say("a", &stop).len(), 3, "all are told to stop");
    bench.say("b", &of_ended(1, 1, 0, Some("another reason")));
    let reasons: Vec<_> =
        bench.events.iter().filter(|kind| matches!(kind, FleetEventKind::Stopping { .. })).collect();
    let reason = StopReason::User("no row of `account` is left".to_owned());
    assert_eq!(reasons, [&FleetEventKind::Stopping { reason }]);
}

/// Workers still hold what they measured in the ramp when it is over. Counting begins when each has reported.
#[test]
fn figures_that_are_reset_after_the_ramp_wait_for_what_workers_still_hold() {
    let mut bench = Bench::new(&["a", "b", "silent"]);
    bench.core.config.reset_stats = true;
    bench.start(3);
    bench.say("a", &stats(1, 100, 1));
    assert_eq!(bench.requests(), 100, "another report of the ramp is to come");
    bench.say("a", &stats(2, 7, 1));
    bench.say("silent", &ToMaster::Quit);
    bench.say("b", &stats(1, 50, 1));
    assert_eq!(bench.requests(), 0);
    bench.say("b", &stats(2, 20, 1));
    assert_eq!(bench.requests(), 20);
}

#[test]
fn a_run_is_not_over_before_the_last_figures_of_locusts_workers() {
    let mut bench = Bench::new(&["ours", "theirs"]);
    bench.start(2);
    bench.say("ours", &stats(1, 5, 1));
    bench.say("theirs", &locusts(5, 1));
    assert_eq!(bench.command(Command::Stop).0, Ok(()));
    bench.say("ours", &stats(2, 1, 0));
    for worker in ["ours", "theirs"] {
        bench.say(worker, &ToMaster::ClientStopped);
        bench.say(worker, &ready());
    }
    assert_eq!(bench.snapshot.state, RunState::Stopping);
    bench.say("theirs", &locusts(3, 0));
    assert_eq!((bench.snapshot.state, bench.snapshot.total.num_requests), (RunState::Stopped, 14));
}

#[test]
fn figures_that_locusts_workers_never_send_are_not_waited_for_in_vain() {
    let mut bench = Bench::new(&["theirs"]);
    bench.start(1);
    bench.say("theirs", &locusts(1, 1));
    assert_eq!(bench.command(Command::Stop).0, Ok(()));
    bench.say("theirs", &ToMaster::ClientStopped);
    bench.say("theirs", &ready());
    bench.pass(3, &[]);
    assert_eq!(bench.snapshot.state, RunState::Stopping);
    bench.pass(2, &[]);
    assert_eq!(bench.snapshot.state, RunState::Stopped);
    assert_eq!(bench.snapshot.notices.len(), 1, "they are missed: {:?}", bench.snapshot.notices);
}
