//! Arrivals.

use super::{class, scenario, wrong_class};
use std::time::Duration;

#[test]
fn rates_and_caps() {
    let check = |arrivals: &str, rate: f64, users: u64| {
        let class = class(&format!("arrivals: {arrivals}, tasks: [{{get: /}}]"));
        let found = class.arrivals.unwrap();
        assert_eq!(
            (found.initial_rate, found.spans.len(), class.fixed_count),
            (rate, 0, users),
            "{arrivals}"
        );
    };
    check("50", 50.0, 50);
    check("0.5", 0.5, 10);
    check("300/m", 5.0, 10);
    check("{rate: 3600/h, max_users: 7}", 1.0, 7);
    check("{rate: 1000.5/s}", 1000.5, 1001);
    check("1000000", 1e6, 10_000);
}

#[test]
fn stages_ramp_from_the_rate_before() {
    let text = "stages: [{duration: 30s, rate: 600/m}, {duration: 0, rate: 20}, {duration: 1m, rate: 0}]";
    let class = class(&format!("arrivals: {{{text}}}, tasks: [{{get: /}}]"));
    let arrivals = class.arrivals.unwrap();
    let spans: Vec<_> = arrivals.spans.iter().map(|(duration, rate)| (duration.as_secs(), *rate)).collect();
    assert_eq!((arrivals.initial_rate, spans.as_slice()), (0.0, &[(30, 10.0), (0, 20.0), (60, 0.0)][..]));
    assert_eq!(
        (class.fixed_count, arrivals.peak(), arrivals.duration()),
        (20, 20.0, Some(Duration::from_secs(90)))
    );
}

#[test]
fn users_and_length_of_a_run_follow_where_all_is_open() {
    let check = |users: &str, expected: (Option<u64>, Option<u64>)| {
        let scenario = scenario(&format!("users: {{{users}}}"));
        let length = scenario.open_duration().map(|length| length.as_secs());
        assert_eq!((scenario.default_users(), length), expected, "{users}");
    };
    let staged =
        "A: {arrivals: {stages: [{duration: 5, rate: 1}, {duration: 6, rate: 1}]}, tasks: [{get: /}]}";
    let flat = "B: {arrivals: 100, tasks: [{get: /}]}";
    check(staged, (Some(10), Some(11)));
    check(&format!("{staged}, {flat}"), (Some(110), None));
    check("C: {tasks: [{get: /}]}", (None, None));
    check(&format!("{staged}, C: {{tasks: [{{get: /}}]}}"), (None, None));
}

#[test]
fn what_contradicts_arrivals_is_refused() {
    let check = |keys: &str, expected: &str| {
        assert_eq!(
            wrong_class(&format!("{keys}, tasks: [{{get: /}}]")).split(" (").next().unwrap(),
            expected
        );
    };
    check("arrivals: 5, wait: 1s", "`wait` has no meaning beside `arrivals`");
    check("arrivals: 5, weight: 1", "`weight` has no meaning beside `arrivals`");
    check("arrivals: 5, fixed_count: 1", "`fixed_count` has no meaning beside `arrivals`");
    check("arrivals: 0/s", "`0/s` is not a rate that can be kept");
    check("arrivals: 9999999/s", "`9999999/s` is not a rate that can be kept");
    check("arrivals: {stages: [{duration: 5, rate: 0}]}", "nothing ever arrives");
}
