//! Tests that a running master does for the autoscaler.

use super::beside::round;
use super::site::Site;
use crate::binary::{Akrida, folder, free_port};
use crate::health::{get, post};
use crate::repository::root;

#[test]
fn a_running_master_runs_the_tests_unless_it_is_busy() {
    let (site, here) = (Site::start(1), folder());
    let (port, host) = (free_port(), site.url());
    let test = root().join("scenarios/locustfiles/fibonacci.py").display().to_string();
    let master = Akrida::start(&["-f", &test, "-H", &host, "--web-host", "127.0.0.1", "--web-port", &port]);
    master.until(|| get(&port, "/readyz").is_some_and(|(status, _)| status == 200));
    let (address, state) =
        (format!("http://127.0.0.1:{port}"), here.join("state.json").display().to_string());
    let on_master = ["--state", &state, "--on-master", &address];
    let told = round(&site, &here, &on_master);
    told.exits(0);
    assert_eq!(site.wanted(), 2, "{}", told.stderr);
    assert!(
        told.stderr.contains("Round 1: scaled 1 to 2: mean of GET /fibonacci?n=10 is "),
        "{}",
        told.stderr
    );

    let staged = round(&site, &here, &[&on_master[..], &["--stages", "2s:10@10"]].concat());
    assert!(staged.stderr.contains("Round 1: scaled 2 to 3: "), "{}", staged.stderr);

    let started = post(&port, "/swarm", "user_count=1&spawn_rate=1").unwrap();
    assert!(started.0 == 200 && started.1.contains("true"), "{started:?}");
    let told = round(&site, &here, &on_master);
    assert!(told.stderr.contains("the master has a run of its own going on"), "{}", told.stderr);
    assert_eq!(site.wanted(), 3);
    master.kill();
    let told = round(&site, &here, &on_master);
    assert!(told.stderr.contains("Round 1: kept 3: the test failed: the master at "), "{}", told.stderr);
    std::fs::remove_dir_all(here).unwrap();
}
