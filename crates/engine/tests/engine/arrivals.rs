//! Open load: tasks start when they are due, and what cannot start is counted.

use crate::support::{block_on, class, get, step};
use akrida_engine::{Engine, Job, Options, Share};
use akrida_scenario::model::{Arrivals, Scenario, UserClass};
use akrida_stats::{Arrivals as Counted, Delta};
use akrida_testkit::{Answer, Target};
use std::sync::Arc;
use std::time::Duration;

/// A server that takes so long.
fn target(ms: u64) -> Target {
    Target::start(move |_| Answer::ok("").after(Duration::from_millis(ms)))
}

/// So many arrivals per second, for so long.
fn arriving(rate: f64, ms: u64) -> UserClass {
    let spans = vec![(Duration::from_millis(ms), rate), (Duration::ZERO, 0.0)];
    UserClass { arrivals: Some(Arrivals { initial_rate: rate, spans }), ..class(vec![step(get("/"))]) }
}

fn engine(class: UserClass, cores: usize) -> Engine {
    let scenario = Arc::new(Scenario { file: "test".into(), classes: vec![class], ..Scenario::default() });
    Engine::start(&scenario, &Options { cores, ..Options::default() }).unwrap().0
}

fn job(target: &Target, users: u64) -> Job {
    // Whoever was handed a task may finish it.
    let stop_timeout = Duration::from_secs(20);
    Job { users: vec![users], host: Some(target.url()), stop_timeout, ..Job::default() }
}

fn counted(delta: &Delta) -> Counted {
    delta.arrivals.get("User").copied().unwrap_or_default()
}

/// Stops the engine, and gives all that it counted.
async fn counts(engine: &Engine) -> Counted {
    engine.stop().await;
    counted(&engine.report().await.delta)
}

async fn pause(ms: u64) {
    tokio::time::sleep(Duration::from_millis(ms)).await;
}

#[test]
fn what_arrives_is_started_on_all_cores() {
    let target = target(0);
    block_on(async {
        let engine = engine(arriving(400.0, 500), 3);
        engine.set_users(job(&target, 600)).await;
        pause(600).await;
        assert_eq!(counts(&engine).await, Counted { started: 200, dropped: 0 });
        assert_eq!(target.total(), 200);
        // Three cores have the same part of them.
        assert!(target.connections() <= 200);
        // The next run begins at the beginning.
        engine.set_users(job(&target, 600)).await;
        pause(600).await;
        assert_eq!(counts(&engine).await, Counted { started: 200, dropped: 0 });
    });
}

#[test]
fn those_who_wait_last_go_first() {
    let target = target(0);
    block_on(async {
        let engine = engine(arriving(50.0, 400), 1);
        engine.set_users(job(&target, 50)).await;
        pause(500).await;
        assert_eq!(counts(&engine).await.started, 20);
    });
    assert!(target.connections() < 15, "{} connections for one request at a time", target.connections());
}

#[test]
fn at_the_cap_what_was_started_and_dropped_is_what_was_intended() {
    let target = target(200);
    block_on(async {
        let engine = engine(arriving(1_000.0, 1_000), 3);
        engine.set_users(job(&target, 10)).await;
        pause(1_100).await;
        let counted = counts(&engine).await;
        assert_eq!(counted.started + counted.dropped, 1_000);
        assert_eq!(counted.started, target.total());
        assert!((10..=60).contains(&counted.started), "{counted:?}");
    });
}

#[test]
fn edits_of_the_users_lose_nothing_and_count_nothing_twice() {
    let target = target(5);
    block_on(async {
        let engine = engine(arriving(2_000.0, 1_000), 3);
        for users in (0..40).map(|edit| 3 + edit * 7 % 11).chain([5]) {
            engine.set_users(job(&target, users)).await;
            pause(20).await;
        }
        pause(600).await;
        let counted = counts(&engine).await;
        assert_eq!((counted.started + counted.dropped, counted.started), (2_000, target.total()));
    });
}

#[test]
fn a_stop_counts_what_was_due_before_it() {
    let target = target(0);
    block_on(async {
        let engine = engine(arriving(1_000.0, 60_000), 2);
        #[expect(clippy::disallowed_methods, reason = "a test measures real time")]
        let began = std::time::Instant::now();
        engine.set_users(job(&target, 50)).await;
        pause(300).await;
        let least = 300;
        let counted = counts(&engine).await;
        let intended = counted.started + counted.dropped;
        let most = began.elapsed().as_millis() as u64 + 2;
        assert!((least..=most).contains(&intended), "{least} {intended} {most}");
        assert_eq!(counted.started, target.total());
        pause(50).await;
        assert_eq!(self::counted(&engine.report().await.delta), Counted::default());
    });
}

#[test]
fn engines_have_their_parts_and_those_that_join_begin_where_the_run_is() {
    let target = target(0);
    block_on(async {
        let share = |before, ms| Share {
            elapsed: Duration::from_millis(ms),
            users: vec![(before, 50)],
            ..Share::default()
        };
        let engines = [20, 30].map(|_| engine(arriving(1_000.0, 1_000), 2));
        let part = |users, share| Job { share, ..job(&target, users) };
        engines[0].set_users(part(20, share(0, 0))).await;
        engines[1].set_users(part(30, share(20, 500))).await;
        pause(1_100).await;
        let mut intended = Vec::new();
        for engine in &engines {
            let counted = counts(engine).await;
            intended.push(counted.started + counted.dropped);
        }
        // Two and three fifths, of all and of the second half.
        assert_eq!(intended, [400, 300]);
    });
}

#[test]
fn a_thousand_per_second_are_held() {
    let target = target(1);
    block_on(async {
        let engine = engine(arriving(1_000.0, 2_000), 2);
        engine.set_users(job(&target, 1_000)).await;
        pause(2_100).await;
        let counted = counts(&engine).await;
        assert_eq!(counted.started + counted.dropped, 2_000);
        // A machine that stands still for a second makes drops of them.
        assert!(counted.started > 1_500 && counted.started == target.total(), "{counted:?}");
    });
}

#[test]
fn a_user_starts_before_it_serves_and_stops_after() {
    let target = target(0);
    let class = UserClass {
        on_start: vec![step(get("/start"))],
        on_stop: vec![step(get("/stop"))],
        ..arriving(100.0, 300)
    };
    block_on(async {
        let engine = engine(class, 2);
        engine.set_users(job(&target, 7)).await;
        pause(400).await;
        let counted = counts(&engine).await;
        assert_eq!((counted.started + counted.dropped, counted.started), (30, target.count("GET", "/")));
    });
    assert_eq!((target.count("GET", "/start"), target.count("GET", "/stop")), (7, 7));
}

#[test]
fn more_than_any_machine_can_start_is_counted_and_does_not_hold_it_up() {
    let target = target(0);
    block_on(async {
        let engine = engine(arriving(1e9, 500), 2);
        engine.set_users(job(&target, 4)).await;
        pause(600).await;
        let counted = counts(&engine).await;
        assert_eq!((counted.started + counted.dropped, counted.started), (500_000_000, target.total()));
        assert!(counted.started > 4, "{counted:?}");
    });
}
