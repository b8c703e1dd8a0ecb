//! When tasks start.

use crate::support::{Running, block_on, class, get, step};
use akrida_scenario::model::{Arrivals, UserClass, Wait};
use akrida_testkit::{Answer, Target};
use std::time::Duration;

#[test]
fn throughput_is_held_although_answers_take_their_time() {
    let target = Target::start(|_| Answer::ok("").after(Duration::from_millis(30)));
    let class = UserClass { wait: Wait::Throughput(10.0), ..class(vec![step(get("/"))]) };
    block_on(async {
        let running = Running::start(class, 20, &target.url()).await;
        tokio::time::sleep(Duration::from_millis(2_050)).await;
        running.engine.stop().await;
        let requests = running.engine.report().await.delta.sum().requests;
        // 20 users start at once and then ten times per second: 21 starts each in 2.05 s.
        assert!((400..=420).contains(&requests), "{requests}");
    });
}

#[test]
fn lateness_counts_where_a_task_has_a_time_of_its_own() {
    let target = Target::start(|_| Answer::ok("").after(Duration::from_millis(5)));
    let ms = Duration::from_millis(20);
    let arrivals = Some(Arrivals { initial_rate: 50.0, spans: Vec::new() });
    for (wait, arrivals, timed) in [
        (Wait::Constant(ms), None, false),
        (Wait::Between(ms, ms), None, false),
        (Wait::Pacing(ms), None, true),
        (Wait::Throughput(50.0), None, true),
        (Wait::Constant(ms), arrivals, true),
    ] {
        let class = UserClass { wait, arrivals, ..class(vec![step(get("/"))]) };
        let sum = block_on(async {
            let running = Running::start(class, 3, &target.url()).await;
            running.requests(10).await.sum()
        });
        let expected = if timed { sum.requests } else { 0 };
        let late = sum.from_intended.map(|late| (late.times.len(), late.max_us));
        assert_eq!(late.map_or(0, |(count, _)| count), expected, "{wait:?}");
        // Nothing is sent before its time.
        assert!(late.is_none_or(|(_, max)| max >= sum.max_us), "{wait:?}");
    }
}

#[test]
fn a_task_without_a_wait_or_a_request_does_not_starve_the_core() {
    let target = Target::start(|_| Answer::ok(""));
    let idle = UserClass { on_start: vec![step(get("/"))], ..class(vec![]) };
    block_on(async {
        let running = Running::start(idle, 5, &target.url()).await;
        running.requests(5).await;
        running.engine.stop().await;
    });
}
