//! What a core holds on to, and what it lets go.

use super::*;
use crate::arrivals::Deal;
use akrida_scenario::UserClass;
use akrida_scenario::model::{self, Task};
use tokio::runtime::{Builder, LocalOptions};

/// A core within a runtime, that counts one user of the first class.
fn core(scenario: &Scenario) -> Rc<Core> {
    let options = Options::default();
    let networks = Arc::new(Networks::new(scenario, &options.roots).unwrap());
    let scenario = Arc::new(scenario.clone());
    let edited = Arc::new(Edited::new(&scenario));
    let shared = (edited, networks, mpsc::channel(1).0);
    let counts = Arc::new(vec![AtomicU64::new(1)]);
    Core::new(0, Clock::start(), scenario, &options, shared, counts).unwrap()
}

#[test]
fn a_user_whose_task_panics_has_left() {
    let scenario = Scenario { classes: vec![UserClass::default()], ..Scenario::default() };
    let runtime = Builder::new_current_thread().enable_all().build_local(LocalOptions::default()).unwrap();
    runtime.block_on(async {
        let core = core(&scenario);
        let (commands, inbox) = mpsc::channel(1);
        tokio::task::spawn_local(core.clone().serve(inbox));
        core.admit(0, |_| async { panic!("as a bug in the engine would") });
        while core.alive.get() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(core.counts[0].load(Ordering::Relaxed), 0, "it is not told as running");
        let (reply, done) = oneshot::channel();
        commands.send(Command::Stop { reply }).await.ok().unwrap();
        tokio::time::timeout(Duration::from_secs(60), done).await.unwrap().unwrap();
    });
}

/// How many of the arrivals are started that a stop hands out, if users may finish their tasks for so long.
fn check_stop(stop_timeout: Duration, expected: u64) {
    let arrivals = model::Arrivals { initial_rate: 1_000.0, spans: Vec::new() };
    let class = UserClass { arrivals: Some(arrivals), tasks: vec![Task::default()], ..UserClass::default() };
    let scenario = Scenario { classes: vec![class], ..Scenario::default() };
    let runtime = Builder::new_current_thread().enable_all().build_local(LocalOptions::default()).unwrap();
    runtime.block_on(async {
        let core = core(&scenario);
        let now = core.clock.now();
        let run = Arc::new(Run::new(&scenario, now, Duration::ZERO, 1, &Arc::default()));
        run.deal(now, 1, |_, _| Deal::new(1, 0..1));
        core.begin(&run);
        core.stop_timeout.set(stop_timeout);
        core.spawn(0, run);
        // It waits for an arrival, and none is handed out before the stop.
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        core.stop();
        while core.alive.get() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(core.pool(0).unwrap().drain().started, expected);
    });
}

#[test]
fn an_arrival_that_a_stop_overtakes_was_not_started() {
    check_stop(Duration::ZERO, 0);
    check_stop(Duration::from_secs(60), 1);
}
