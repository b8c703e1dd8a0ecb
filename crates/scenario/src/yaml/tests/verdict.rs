//! Thresholds.

use super::scenario;
use crate::threshold::Metric;
use std::time::Duration;

const USERS: &str = "users: { A: { host: http://a, tasks: [{ get: / }] } }\n";

#[test]
fn a_list_or_a_mapping_with_a_warm_up() {
    let check = |text: &str, warm_up: u64, texts: &[&str]| {
        let scenario = scenario(&format!("{USERS}thresholds: {text}"));
        let found: Vec<_> = scenario.thresholds.iter().map(|threshold| threshold.text.as_str()).collect();
        assert_eq!((scenario.warm_up, found.as_slice()), (Duration::from_secs(warm_up), texts), "{text}");
    };
    check("[p95 > 300ms, failures > 1%]", 0, &["p95 > 300ms", "failures > 1%"]);
    check("{warm_up: 1m, fail_if: [\"p95 > 300ms\"]}", 60, &["p95 > 300ms"]);
    check(
        "\n  warm_up: 20\n  fail_if:\n    - rps{name=\"/buy\"} < 50 abort after 1m\n    - p99 > 1s\n",
        20,
        &["rps{name=\"/buy\"} < 50 abort after 1m", "p99 > 1s"],
    );
}

#[test]
fn they_are_what_the_command_line_would_read() {
    let scenario = scenario(&format!("{USERS}thresholds:\n  - failures > 1% abort after 5s\n"));
    let [threshold] = scenario.thresholds.as_slice() else { panic!("{:?}", scenario.thresholds) };
    assert_eq!(*threshold, crate::threshold::parse("failures > 1% abort after 5s").unwrap());
    assert_eq!((threshold.metric, threshold.abort), (Metric::FailureRatio, Some(Duration::from_secs(5))));
}
