//! The shell among a master, the time and users that raise.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on says so by a panic")]

use akrida_engine::{Engine, Exception, Options};
use akrida_protocol::ToMaster;
use akrida_scenario::{Scenario, UserClass};
use akrida_transport::{Incoming, memory};
use akrida_worker::{Config, LogLines};
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// What users raised, and takes the shell far longer to tell than the time until its first word to the master.
const RAISED: usize = 100_000;

/// Users may raise faster than the shell turns; then they must not keep it from the time.
#[tokio::test(flavor = "current_thread")]
async fn exceptions_come_last() {
    let (mut hub, network) = memory::network();
    let scenario = Arc::new(Scenario { classes: vec![UserClass::default()], ..Scenario::default() });
    let (engine, _) = Engine::start(&scenario, &Options::default()).unwrap();
    let (raise, raised) = mpsc::channel(RAISED);
    for _ in 0..RAISED {
        let exception = Exception { class: 0, task: "task".into(), message: "ValueError('x')".into() };
        raise.try_send(exception).unwrap();
    }
    let config = Config::new("w".into(), &scenario, 1);
    let (notices, _notices) = mpsc::channel(16);
    let link = network.connect("w");
    let worker =
        tokio::spawn(akrida_worker::run(link, engine, raised, config, notices, LogLines::default, pending()));
    let (mut told, mut told_before) = (0, None);
    while told < RAISED {
        let incoming = tokio::time::timeout(Duration::from_secs(60), hub.recv()).await.unwrap();
        let Some(Incoming::Frame { body, .. }) = incoming else { panic!("the worker is gone") };
        match ToMaster::decode(&body).unwrap().message {
            ToMaster::Exception { .. } => told += 1,
            _ => _ = told_before.get_or_insert(told),
        }
    }
    assert!(told_before.is_some_and(|told| told < RAISED), "{told_before:?}");
    worker.abort();
}
