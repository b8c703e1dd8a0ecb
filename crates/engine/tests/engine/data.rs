//! Rows of data: who gets which, and what happens at their end.

use crate::support::{Running, block_on, class, get, once, run, step};
use akrida_engine::{Job, Lease, Options, Report, Rows, Share};
use akrida_scenario::expr::{Value, parse_template};
use akrida_scenario::model::{AtEnd, Feed, Feeder, Per, Request, Slot, Step, Take, UserClass};
use akrida_testkit::{Answer, Target};
use std::sync::Arc;
use std::time::Duration;

const ROW: Slot = Slot::User(0);

/// So many rows, `{"n": 0}`, `{"n": 1}`, ...
fn feeder(rows: i64, take: Take) -> Arc<Feeder> {
    let row = |n| Value::dict(vec![("n".into(), Value::Int(n))]).unwrap();
    Arc::new(Feeder { name: "data".into(), rows: (0..rows).map(row).collect(), take })
}

fn fed(feeder: &Arc<Feeder>, per: Per, class: UserClass) -> UserClass {
    let feed = Feed { feeder: feeder.clone(), slot: ROW, per };
    UserClass { feeds: vec![feed], user_variables: vec!["row".into()], ..class }
}

/// A GET of `/PLACE/N` for the row's number.
fn ask(place: &str) -> Step {
    let source = format!("/{place}/{{{{ row['n'] }}}}");
    let url = parse_template(&source, 0, &mut |name| (name == "row").then_some(ROW)).unwrap();
    step(Request { url, name: None, ..get("/") })
}

fn target() -> Target {
    Target::start(|_| Answer::ok(""))
}

fn paths(target: &Target) -> Vec<String> {
    target.requests().iter().map(|request| request.path.clone()).collect()
}

async fn report_until(running: &Running, enough: impl Fn(&Report) -> bool) -> Report {
    for _ in 0..1_000 {
        let report = running.engine.report().await;
        if enough(&report) {
            return report;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it did not happen within ten seconds");
}

#[test]
fn a_row_may_be_kept_for_life_or_for_a_task() {
    let three = || vec![ask("a"), ask("b")];
    for (per, expected) in [
        (Per::User, ["/start/0", "/a/0", "/b/0", "/a/0", "/b/0", "/a/0"]),
        // Whoever starts with a row uses it in its first task.
        (Per::Iteration, ["/start/0", "/a/0", "/b/0", "/a/1", "/b/1", "/a/2"]),
    ] {
        let target = target();
        let class = UserClass { on_start: vec![ask("start")], ..class(three()) };
        run(fed(&feeder(9, Take::Cycle), per, class), &target.url(), 6);
        assert_eq!(paths(&target)[..6], expected);
    }
}

#[test]
fn without_an_on_start_the_first_task_has_the_first_row() {
    let target = target();
    let class = UserClass { on_stop: vec![ask("stop")], ..once(class(vec![ask("task")])) };
    run(fed(&feeder(9, Take::Cycle), Per::Iteration, class), &target.url(), 1);
    assert_eq!(paths(&target), ["/task/0", "/stop/0"]);
}

#[test]
fn a_thousand_users_on_all_cores_share_no_row() {
    let target = target();
    let feeder = feeder(1_500, Take::Unique(AtEnd::StopUser));
    block_on(async {
        let options = Options { cores: 4, ..Options::default() };
        let class = fed(&feeder, Per::User, once(class(vec![ask("row")])));
        let running = Running::start_with(class, 1_000, &target.url(), options, Duration::ZERO).await;
        running.requests(1_000).await;
        running.engine.stop().await;
    });
    let counts = target.counts();
    assert_eq!((counts.len(), counts.values().max()), (1_000, Some(&1)));
}

#[test]
fn no_row_is_given_twice_while_tasks_go_on_and_users_end_with_the_data() {
    let target = target();
    let feeder = feeder(2_000, Take::Unique(AtEnd::StopUser));
    block_on(async {
        let options = Options { cores: 4, ..Options::default() };
        let class = UserClass { on_stop: vec![step(get("/bye"))], ..class(vec![ask("row")]) };
        let running = Running::start_with(
            fed(&feeder, Per::Iteration, class),
            20,
            &target.url(),
            options,
            Duration::ZERO,
        )
        .await;
        report_until(&running, |report| report.ended == [20]).await;
        running.engine.stop().await;
        assert_eq!(running.engine.report().await.stop_run, None);
    });
    let mut counts = target.counts();
    assert_eq!(counts.remove("GET /bye"), Some(20));
    assert_eq!((counts.len(), counts.values().max()), (2_000, Some(&1)));
}

#[test]
fn who_finds_no_row_at_its_start_does_nothing() {
    let target = target();
    let feeder = feeder(2, Take::Unique(AtEnd::StopUser));
    let class = UserClass { on_start: vec![ask("start")], on_stop: vec![ask("stop")], ..once(class(vec![])) };
    block_on(async {
        let running = Running::start(fed(&feeder, Per::User, class), 5, &target.url()).await;
        report_until(&running, |report| report.ended == [3]).await;
        assert_eq!(running.engine.users(), [2]);
        running.engine.stop().await;
    });
    let mut paths = paths(&target);
    paths.sort_unstable();
    assert_eq!(paths, ["/start/0", "/start/1", "/stop/0", "/stop/1"]);
}

#[test]
fn the_end_of_the_data_may_end_the_run_and_the_next_begins_anew() {
    let target = target();
    let feeder = feeder(10, Take::Unique(AtEnd::StopRun));
    block_on(async {
        let running =
            Running::start(fed(&feeder, Per::Iteration, class(vec![ask("row")])), 3, &target.url()).await;
        for _ in 0..2 {
            let report = report_until(&running, |report| report.stop_run.is_some()).await;
            assert_eq!(report.stop_run.as_deref(), Some("all rows of data were given"));
            running.engine.stop().await;
            let job = Job { users: vec![3], host: Some(target.url()), ..Job::default() };
            running.engine.set_users(job).await;
        }
        report_until(&running, |report| report.ended == [3]).await;
    });
    assert!(target.counts().values().all(|&count| count == 3), "{:?}", target.counts());
    assert_eq!(target.total(), 30);
}

/// What is leased in the only term: numbered from 1, with an end if no more will come.
fn leased(leases: &[(u64, u64)], ended: bool) -> Rows {
    let lease = |(number, &(from, until)): (u64, &(u64, u64))| Lease { feeder: 0, number, from, until };
    let leases = (1..).zip(leases).map(lease).collect();
    Rows::Leased { term: 1, leases, ended: if ended { vec![0] } else { Vec::new() } }
}

#[test]
fn users_wait_for_rows_that_are_leased_later_and_end_when_none_will_be() {
    let target = target();
    let feeder = feeder(100, Take::Unique(AtEnd::StopUser));
    block_on(async {
        let class = fed(&feeder, Per::Iteration, class(vec![ask("row")]));
        let running = Running::start(class, 0, &target.url()).await;
        let engine = &running.engine;
        let share = Share { rows: leased(&[(4, 6)], false), ..Share::default() };
        let host = Some(target.url());
        engine.set_users(Job { users: vec![2], host, share, ..Job::default() }).await;
        engine.starved().await;
        let report = report_until(&running, |report| report.used[0].waiting == 2).await;
        assert_eq!((report.used[0].given, report.used[0].term, report.ended), (2, 1, vec![0]));
        engine.supply(&leased(&[(4, 6), (50, 53)], false));
        report_until(&running, |report| report.used[0].given == 5 && report.used[0].waiting == 2).await;
        engine.supply(&leased(&[(4, 6), (50, 53)], true));
        report_until(&running, |report| report.ended == [2]).await;
    });
    let mut paths = paths(&target);
    paths.sort_unstable();
    assert_eq!(paths, ["/row/4", "/row/5", "/row/50", "/row/51", "/row/52"]);
}

#[test]
fn users_that_wait_for_rows_stop_at_once() {
    let target = target();
    let feeder = feeder(100, Take::Unique(AtEnd::StopRun));
    block_on(async {
        let class = fed(&feeder, Per::User, class(vec![ask("row")]));
        let running = Running::start(class, 0, &target.url()).await;
        let share = Share { rows: leased(&[], false), ..Share::default() };
        let (host, stop_timeout) = (Some(target.url()), Duration::from_secs(3_600));
        running.engine.set_users(Job { users: vec![2], host, share, stop_timeout, ..Job::default() }).await;
        running.engine.starved().await;
        running.engine.stop().await;
        assert_eq!(running.engine.report().await.stop_run, None);
    });
    assert_eq!(target.total(), 0);
}

#[test]
fn engines_take_rows_that_go_round_by_their_lanes() {
    let targets = [target(), target()];
    let feeder = feeder(7, Take::Cycle);
    block_on(async {
        for (offset, target) in targets.iter().enumerate() {
            let class = fed(&feeder, Per::Iteration, class(vec![ask("row")]));
            let running = Running::start(class, 0, &target.url()).await;
            let share = Share { offset: offset as u64, stride: 2, ..Share::default() };
            let job = Job { users: vec![1], host: Some(target.url()), share, ..Job::default() };
            running.engine.set_users(job).await;
            running.requests(5).await;
            running.engine.stop().await;
        }
    });
    assert_eq!(paths(&targets[0])[..5], ["/row/0", "/row/2", "/row/4", "/row/6", "/row/1"]);
    assert_eq!(paths(&targets[1])[..5], ["/row/1", "/row/3", "/row/5", "/row/0", "/row/2"]);
}
