//! How users end.

use crate::support::{Running, block_on, class, get, step};
use akrida_engine::{Job, Options};
use akrida_scenario::model::{Step, UserClass, Wait};
use akrida_stats::Delta;
use akrida_testkit::{Answer, Target};
use std::time::{Duration, Instant};

/// Answers after so many milliseconds as the path says.
fn slow_target() -> Target {
    Target::start(|request| {
        let ms = request.path.trim_start_matches('/').parse().unwrap_or(0);
        Answer::ok("").after(Duration::from_millis(ms))
    })
}

/// Starts users, stops them after `after`, and gives what they measured and how long the stop took.
fn stopped(
    class: UserClass,
    users: u64,
    target: &Target,
    after: Duration,
    timeout: Duration,
    drain: Duration,
) -> (Delta, Duration) {
    block_on(async {
        let options = Options { cores: 2, drain, ..Options::default() };
        let running = Running::start_with(class, users, &target.url(), options, timeout).await;
        tokio::time::sleep(after).await;
        #[expect(clippy::disallowed_methods, reason = "a test measures real time")]
        let began = Instant::now();
        running.engine.stop().await;
        let took = began.elapsed();
        (running.engine.report().await.delta, took)
    })
}

fn steps(paths: &[&str]) -> Vec<Step> {
    paths.iter().map(|path| step(get(path))).collect()
}

#[test]
fn a_request_in_flight_is_finished_and_counted_and_no_other_is_begun() {
    let target = slow_target();
    let ms = Duration::from_millis;
    let (delta, took) = stopped(class(steps(&["/300", "/0"])), 20, &target, ms(100), ms(0), ms(2_000));
    assert_eq!((delta.sum().requests, delta.sum().failures), (20, 0));
    assert_eq!(target.total(), 20);
    assert!(took < ms(1_500), "{took:?}");
}

#[test]
fn a_request_that_outlives_the_drain_bound_is_a_failure_row() {
    let target = slow_target();
    let ms = Duration::from_millis;
    let (delta, took) = stopped(class(steps(&["/20000"])), 5, &target, ms(300), ms(0), ms(200));
    assert_eq!((delta.sum().requests, delta.sum().failures, target.total()), (5, 5, 5));
    let texts: Vec<_> = delta.errors.iter().map(|(key, row)| (key.error.as_str(), row.occurrences)).collect();
    assert_eq!(
        texts,
        [("Abandoned('no complete answer within the drain time after the user was stopped')", 5)]
    );
    assert!((ms(150)..ms(2_000)).contains(&took), "{took:?}");
}

#[test]
fn the_stop_timeout_lets_a_task_finish_but_not_for_ever() {
    let target = slow_target();
    let ms = Duration::from_millis;
    let (delta, _) = stopped(class(steps(&["/200", "/0", "/0"])), 3, &target, ms(50), ms(5_000), ms(2_000));
    assert_eq!((delta.sum().requests, target.count("GET", "/0")), (9, 6), "the whole task");
    let (delta, took) = stopped(class(steps(&["/200"; 50])), 1, &target, ms(50), ms(500), ms(2_000));
    assert!((2..=5).contains(&delta.sum().requests), "{}", delta.sum().requests);
    assert!(took < ms(2_000), "{took:?}");
}

#[test]
fn users_that_wait_end_at_once_and_do_their_on_stop() {
    let target = slow_target();
    let ms = Duration::from_millis;
    let class = UserClass {
        wait: Wait::Constant(Duration::from_secs(600)),
        on_start: steps(&["/1"]),
        on_stop: steps(&["/2"]),
        ..class(steps(&["/0"]))
    };
    for timeout in [ms(0), ms(60_000)] {
        let before = target.total();
        let (delta, took) = stopped(class.clone(), 10, &target, ms(500), timeout, ms(2_000));
        assert_eq!((delta.sum().requests, target.total() - before), (30, 30));
        assert!(took < ms(1_500), "{took:?}");
    }
    assert_eq!((target.count("GET", "/1"), target.count("GET", "/2")), (20, 20));
}

#[test]
fn only_surplus_users_stop_and_the_engine_starts_again() {
    let target = slow_target();
    let class = UserClass { wait: Wait::Constant(Duration::from_millis(5)), ..class(steps(&["/0"])) };
    block_on(async {
        let running = Running::start(class, 10, &target.url()).await;
        while target.connections() < 10 {
            running.requests(1).await;
        }
        let job = |users| Job { users: vec![users], host: Some(target.url()), ..Job::default() };
        running.engine.set_users(job(3)).await;
        assert_eq!(running.engine.users(), [3]);
        running.engine.stop().await;
        assert_eq!(target.connections(), 10);
        running.engine.set_users(job(2)).await;
        while target.connections() < 12 {
            running.requests(1).await;
        }
        assert_eq!(running.engine.users(), [2]);
    });
}
