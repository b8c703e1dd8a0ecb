use super::*;
use crate::evaluation::{Decay, Target};
use crate::measured::Figures;

fn evaluation() -> Evaluation {
    Evaluation {
        targets: vec![target("/a", What::Mean, 7.0)],
        decay: Some(Decay { replicas: 1, unchanged_runs: 3 }),
        ..Evaluation::default()
    }
}

fn target(endpoint: &str, what: What, limit: f64) -> Target {
    Target { method: "GET".to_owned(), endpoint: endpoint.to_owned(), what, limit }
}

fn measured(rows: &[(&str, u64, u64, f64)]) -> Measured {
    let row = |(endpoint, requests, failures, mean): &(&str, u64, u64, f64)| {
        let figures = Figures {
            requests: *requests,
            failures: *failures,
            mean: *mean,
            median: *mean,
            max: 2.0 * mean,
            percentiles: Some([*mean; 11]),
        };
        (("GET".to_owned(), (*endpoint).to_owned()), figures)
    };
    Measured { endpoints: rows.iter().map(row).collect() }
}

/// Plays rounds ten seconds apart, each with its mean; what was wanted after each.
fn play(evaluation: &Evaluation, mut current: u32, means: &[f64]) -> Vec<u32> {
    let mut memory = Memory::default();
    let round = |(index, mean): (usize, &f64)| {
        let decision =
            decide(evaluation, &memory, current, Ok(&measured(&[("/a", 10, 0, *mean)])), index as f64 * 10.0);
        (memory, current) = (decision.memory, decision.to);
        current
    };
    means.iter().enumerate().map(round).collect()
}

fn one(evaluation: &Evaluation, current: u32, outcome: Outcome<'_>) -> (Verdict, u32, String) {
    let due = Memory { runs_since_change: 100, replicas: Some(current), ..Memory::default() };
    let decision = decide(evaluation, &due, current, outcome, 0.0);
    (decision.verdict, decision.to, decision.why)
}

#[test]
fn above_the_target_goes_up_by_one_and_stops_at_the_bound() {
    assert_eq!(play(&Evaluation { max: 3, ..evaluation() }, 1, &[8.0; 5]), [2, 3, 3, 3, 3]);
    assert_eq!(play(&Evaluation { max: 9, rule: Rule::Step(3), ..evaluation() }, 1, &[8.0; 4]), [4, 7, 9, 9]);
}

#[test]
fn it_decays_by_one_after_three_runs_without_change_each_time() {
    assert_eq!(play(&evaluation(), 3, &[5.0; 12]), [3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1, 1]);
}

#[test]
fn decay_never_goes_below_the_minimum() {
    // One replica and a decay of five made minus four once.
    let steep = Evaluation { decay: Some(Decay { replicas: 5, unchanged_runs: 0 }), ..evaluation() };
    assert_eq!(play(&steep, 1, &[5.0; 3]), [1, 1, 1]);
    assert_eq!(play(&steep, 8, &[5.0; 3]), [3, 1, 1]);
    assert_eq!(play(&Evaluation { min: 2, ..steep.clone() }, 8, &[5.0; 3]), [3, 2, 2]);
    let to_nothing = Evaluation { min: 0, ..steep };
    assert_eq!(play(&to_nothing, 3, &[5.0; 3]), [0, 0, 0]);
}

#[test]
fn more_than_ten_unchanged_runs_are_counted() {
    let patient = Evaluation { decay: Some(Decay { replicas: 1, unchanged_runs: 12 }), ..evaluation() };
    let counts = play(&patient, 3, &[5.0; 40]);
    assert_eq!((counts[11], counts[12], counts[24], counts[25]), (3, 2, 2, 1));
}

#[test]
fn a_change_begins_counting_anew() {
    assert_eq!(play(&evaluation(), 3, &[5.0, 5.0, 8.0, 5.0, 5.0, 5.0, 5.0]), [3, 3, 4, 4, 4, 4, 3]);
    // Too slow at the bound is no run without change either.
    assert_eq!(
        play(&Evaluation { max: 3, ..evaluation() }, 3, &[5.0, 5.0, 5.0, 8.0, 5.0, 5.0, 5.0, 5.0]),
        [3, 3, 3, 3, 3, 3, 3, 2]
    );
}

#[test]
fn failed_empty_and_thin_tests_never_go_down_and_say_why() {
    let check = |outcome: Outcome<'_>, verdict: Verdict, why: &str| {
        assert_eq!(one(&evaluation(), 3, outcome), (verdict, 3, why.to_owned()));
        let up = Evaluation { on_failed_test: OnFailedTest::Up, ..evaluation() };
        assert_eq!(one(&up, 3, outcome).1, 4);
        assert_eq!(one(&Evaluation { max: 2, ..up }, 3, outcome).1, 3, "not even to the bound");
    };
    check(Err("no worker came"), Verdict::Failed, "the test failed: no worker came");
    // Every request failed, at once: a mean of nothing is no good mean.
    check(Ok(&measured(&[("/a", 10, 10, 0.0)])), Verdict::Failed, "10 of 10 requests of GET /a failed");
    check(Ok(&measured(&[("/a", 10, 1, 5.0)])), Verdict::Failed, "1 of 10 requests of GET /a failed");
    check(Ok(&measured(&[])), Verdict::Thin, "GET /a had 0 requests with a mean, 5 are the least");
    check(
        Ok(&measured(&[("/b", 10, 0, 5.0)])),
        Verdict::Thin,
        "GET /a had 0 requests with a mean, 5 are the least",
    );
    check(
        Ok(&measured(&[("/a", 4, 0, 5.0)])),
        Verdict::Thin,
        "GET /a had 4 requests with a mean, 5 are the least",
    );
    check(
        Ok(&measured(&[("/a", 4, 0, 50.0)])),
        Verdict::Thin,
        "GET /a had 4 requests with a mean, 5 are the least",
    );
}

#[test]
fn failures_within_the_tolerance_are_none() {
    let tolerant = Evaluation { failure_tolerance: 0.1, ..evaluation() };
    assert_eq!(one(&tolerant, 3, Ok(&measured(&[("/a", 10, 1, 5.0)]))).0, Verdict::Decay);
    assert_eq!(one(&tolerant, 3, Ok(&measured(&[("/a", 10, 2, 5.0)]))).0, Verdict::Failed);
}

#[test]
fn slow_failures_are_slow() {
    let found = one(&evaluation(), 3, Ok(&measured(&[("/a", 10, 10, 900.0)])));
    assert_eq!(found, (Verdict::Above, 4, "mean of GET /a is 900.0 ms, target 7.0 ms".to_owned()));
}

#[test]
fn a_ratio_of_failures_is_a_target_too() {
    let both = Evaluation {
        targets: vec![target("/a", What::Mean, 7.0), target("/a", What::FailureRatio, 0.05)],
        failure_tolerance: 0.05,
        ..evaluation()
    };
    let found = one(&both, 3, Ok(&measured(&[("/a", 10, 1, 5.0)])));
    assert_eq!(found, (Verdict::Above, 4, "failure_ratio of GET /a is 10.0 %, target 5.0 %".to_owned()));
}

#[test]
fn the_proportional_rule_goes_as_far_as_the_worst_value() {
    let rule = Evaluation {
        rule: Rule::Proportional { tolerance: 0.1 },
        targets: vec![target("/a", What::Mean, 10.0), target("/b", What::Mean, 10.0)],
        ..evaluation()
    };
    let check = |a, b, verdict, to| {
        let found = one(&rule, 3, Ok(&measured(&[("/a", 10, 0, a), ("/b", 10, 0, b)])));
        assert_eq!((found.0, found.1), (verdict, to), "{a} {b}");
    };
    check(9.0, 15.0, Verdict::Above, 5);
    check(25.0, 15.0, Verdict::Above, 8);
    check(10.9, 9.0, Verdict::Near, 3);
    check(1e9, 9.0, Verdict::Above, 10);
    check(9.0, 9.0, Verdict::Decay, 2);
}

#[test]
fn a_cool_down_is_kept_and_what_it_holds_back_is_said() {
    let cooling = Evaluation { cooldown: Duration::from_secs(25), ..evaluation() };
    assert_eq!(play(&cooling, 1, &[8.0; 7]), [2, 2, 2, 3, 3, 3, 4]);
    let memory = Memory { changed_at: Some(-5.0), replicas: Some(3), ..Memory::default() };
    let held = decide(&cooling, &memory, 3, Ok(&measured(&[("/a", 10, 0, 8.0)])), 0.0);
    assert_eq!(held.why, "mean of GET /a is 8.0 ms, target 7.0 ms; 4 has to wait for the cool-down of 25 s");
    // A clock that was set back does not hold it for longer.
    let ahead = Memory { changed_at: Some(1e6), ..memory };
    assert_eq!(decide(&cooling, &ahead, 3, Ok(&measured(&[("/a", 10, 0, 8.0)])), 0.0).to, 4);
}

#[test]
fn fewer_are_wanted_only_after_the_stabilization() {
    let stable = Evaluation {
        stabilization: Duration::from_secs(60),
        decay: Some(Decay { replicas: 1, unchanged_runs: 0 }),
        ..evaluation()
    };
    // Five were wanted until 10 s, and four until 80 s.
    assert_eq!(play(&stable, 3, &[8.0, 8.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0]), [4, 5, 5, 5, 5, 5, 5, 4, 4]);
}

#[test]
fn no_replicas_mean_off() {
    let found = one(&evaluation(), 0, Ok(&measured(&[("/a", 10, 0, 900.0)])));
    assert_eq!(found, (Verdict::Off, 0, "no replicas are wanted, so the autoscaler is off".to_owned()));
}

#[test]
fn what_somebody_else_changed_is_said_and_begins_counting_anew() {
    let memory = Memory { runs_since_change: 3, replicas: Some(5), ..Memory::default() };
    let decision = decide(&evaluation(), &memory, 3, Ok(&measured(&[("/a", 10, 0, 5.0)])), 0.0);
    assert_eq!((decision.to, decision.memory.runs_since_change), (3, 1));
    assert_eq!(decision.why, "mean of GET /a is 5.0 ms, target 7.0 ms; somebody else changed 5 to 3");
}

#[test]
fn bounds_are_kept_where_somebody_else_left_them() {
    let bounded = Evaluation { min: 2, max: 4, ..evaluation() };
    assert_eq!(play(&bounded, 1, &[5.0]), [2]);
    assert_eq!(play(&bounded, 9, &[5.0]), [4]);
    assert_eq!(one(&bounded, 1, Err("x")).1, 2, "more is no harm");
    assert_eq!(one(&bounded, 9, Err("x")).1, 9, "fewer may be");
}
