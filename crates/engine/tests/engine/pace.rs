//! When tasks start.

use crate::support::{Running, block_on, class, get, step};
use akrida_scenario::model::{UserClass, Wait};
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
fn a_task_without_a_wait_or_a_request_does_not_starve_the_core() {
    let target = Target::start(|_| Answer::ok(""));
    let idle = UserClass { on_start: vec![step(get("/"))], ..class(vec![]) };
    block_on(async {
        let running = Running::start(idle, 5, &target.url()).await;
        running.requests(5).await;
        running.engine.stop().await;
    });
}
