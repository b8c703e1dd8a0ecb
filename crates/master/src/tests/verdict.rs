//! Thresholds: what they are held against, and when they stop a run.

use super::{Bench, report, stats};
use crate::event::Command;
use crate::verdict::Verdict;
use akrida_protocol::StatsReport;
use akrida_run::{FleetEventKind, RunState, StopReason, ThresholdState};
use akrida_scenario::threshold::{Comparison, Metric, Scope, Threshold};
use akrida_stats::{EntryKey, Measured, Sparse};
use std::time::Duration;

fn threshold(metric: Metric, bound: f64, abort_s: Option<u64>) -> Threshold {
    Threshold {
        text: format!("{metric:?}"),
        metric,
        scope: Scope::default(),
        comparison: Comparison::Above,
        bound,
        abort: abort_s.map(Duration::from_secs),
    }
}

fn judged(thresholds: Vec<Threshold>, warm_up: u64) -> Bench {
    let mut bench = Bench::new(&["a", "b"]);
    let now = crate::event::Now { monotonic: bench.now, wall_us: 1_000_000 };
    bench.core.verdict = Verdict::new(thresholds, Duration::from_secs(warm_up), now);
    bench
}

/// A report of some requests that took so long, of which some failed.
fn measured(sequence: u64, requests: u64, failures: u64, us: u64) -> akrida_protocol::ToMaster {
    report(sequence, requests, 1, |report: &mut StatsReport| {
        let entry = Measured {
            requests,
            failures,
            total_us: requests * us,
            min_us: Some(us),
            max_us: us,
            times: Sparse::from_buckets(vec![(us, requests)]),
            ..Measured::since(1)
        };
        report.delta.entries = [(EntryKey::plain("GET", "/"), entry)].into();
    })
}

fn states(bench: &Bench) -> Vec<ThresholdState> {
    bench.snapshot.thresholds.iter().map(|row| row.state).collect()
}

#[test]
fn rows_are_of_the_whole_fleets_histograms() {
    let mut bench = judged(vec![threshold(Metric::Quantile(0.5), 150.0, None)], 0);
    assert!(bench.snapshot.thresholds.is_empty());
    bench.start(2);
    bench.say("a", &measured(1, 10, 0, 100_000));
    bench.pass(1, &["a", "b"]);
    assert_eq!(states(&bench), [ThresholdState::Passed]);
    bench.say("b", &measured(1, 11, 0, 200_000));
    bench.pass(1, &["a", "b"]);
    assert_eq!(states(&bench), [ThresholdState::Broken]);
    assert_eq!(bench.snapshot.thresholds[0].value, Some(200.0));
    assert_eq!(bench.snapshot.state, RunState::Running, "nobody said abort");
}

#[test]
fn abort_stops_the_run_at_once_but_not_before_its_delay() {
    let threshold = threshold(Metric::FailureRatio, 0.1, Some(5));
    let mut bench = judged(vec![threshold], 0);
    bench.start(2);
    bench.say("a", &measured(1, 10, 5, 1_000));
    bench.pass(4, &["a", "b"]);
    assert_eq!((states(&bench), bench.snapshot.state), (vec![ThresholdState::Broken], RunState::Running));
    bench.pass(2, &["a", "b"]);
    let reason = StopReason::Threshold("FailureRatio".to_owned());
    assert!(bench.events.contains(&FleetEventKind::Stopping { reason }), "{:?}", bench.events);
    assert!(bench.snapshot.thresholds[0].aborted);
    // Better figures that come while users end do not make it good again.
    bench.say("a", &measured(2, 1_000, 0, 1_000));
    bench.pass(1, &["a", "b"]);
    assert_eq!(states(&bench), [ThresholdState::Broken]);
}

#[test]
fn a_broken_threshold_is_seen_within_a_quarter_of_a_second() {
    let mut bench = judged(vec![threshold(Metric::FailureRatio, 0.1, Some(0))], 0);
    bench.start(2);
    bench.pass(3, &["a", "b"]);
    bench.say("a", &measured(1, 10, 5, 1_000));
    bench.now += crate::limits::LOOK;
    bench.on(crate::event::Event::Tick);
    assert_eq!(bench.snapshot.state, RunState::Stopping);
}

#[test]
fn nothing_measured_stops_nothing() {
    let mut bench = judged(vec![threshold(Metric::Quantile(0.5), 0.0, Some(0))], 0);
    bench.start(2);
    bench.pass(3, &["a", "b"]);
    assert_eq!((states(&bench), bench.snapshot.state), (vec![ThresholdState::Unmeasured], RunState::Running));
}

#[test]
fn a_warm_up_is_left_out_and_begins_anew_with_each_run_and_reset() {
    let mut bench = judged(vec![threshold(Metric::Max, 150.0, None)], 4);
    bench.start(2);
    bench.say("a", &measured(1, 10, 0, 900_000));
    bench.pass(2, &["a", "b"]);
    assert_eq!(states(&bench), [ThresholdState::Unmeasured]);
    bench.pass(3, &["a", "b"]);
    bench.say("a", &measured(2, 10, 0, 100_000));
    bench.pass(1, &["a", "b"]);
    assert_eq!(states(&bench), [ThresholdState::Passed]);
    assert_eq!(bench.snapshot.thresholds[0].value, Some(100.0));
    assert_eq!(bench.snapshot.total.max_response_time, 900.0, "tables leave nothing out");
    assert_eq!(bench.command(Command::Reset).0, Ok(()));
    bench.say("a", &stats(3, 5, 1));
    bench.pass(1, &["a", "b"]);
    assert_eq!(states(&bench), [ThresholdState::Unmeasured]);
}
