//! When a run has failed: whether the conditions of its thresholds hold for exact figures.
//!
//! A condition for which nothing was measured holds at the end: whoever misspells the name of a request hears of it.

use crate::Span;
use akrida_scenario::threshold::{Metric, Scope, Threshold};
use akrida_stats::{Measured, Totals};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Begins the text of an error that a check or a handler gave, in the words that Locust's workers use too.
const CHECK: &str = "CatchResponseError(";

/// What a value is counted in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Milliseconds.
    Ms,
    /// A share from 0 to 1.
    Ratio,
    /// A number.
    #[default]
    Count,
    /// A number per second.
    PerSecond,
}

/// How a run stands to one threshold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ThresholdRow {
    /// The condition, as it was written.
    pub text: String,
    /// What was measured, in `unit`; `None` where nothing was.
    pub value: Option<f64>,
    /// The bound, in `unit`.
    pub bound: f64,
    /// What both are counted in.
    pub unit: Unit,
    /// Whether the condition holds.
    pub state: ThresholdState,
    /// Whether the run was stopped because of it.
    pub aborted: bool,
}

/// Whether a condition holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ThresholdState {
    /// It does not.
    Passed,
    /// It holds.
    Broken,
    /// Nothing was measured for it. At the end of a run that counts as broken.
    #[default]
    Unmeasured,
}

impl ThresholdRow {
    /// Whether a run that ended so has failed.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.state != ThresholdState::Passed
    }
}

/// What conditions are held against.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// What was measured.
    pub totals: &'a Totals,
    /// The stages that have begun.
    pub stages: &'a [Span],
    /// The worst lag of any worker, milliseconds.
    pub worst_lag_ms: f64,
}

impl Unit {
    /// What values of `metric` are counted in.
    #[must_use]
    pub fn of(metric: Metric) -> Self {
        match metric {
            Metric::Quantile(_) | Metric::Mean | Metric::Min | Metric::Max | Metric::Lag => Self::Ms,
            Metric::FailureRatio | Metric::CheckRatio | Metric::DroppedRatio => Self::Ratio,
            Metric::Rps | Metric::FailuresPerSecond => Self::PerSecond,
            Metric::Requests | Metric::Failures | Metric::Checks | Metric::Dropped => Self::Count,
        }
    }
}

/// How a run stands to `thresholds`, in their order.
#[must_use]
pub fn judge(thresholds: &[Threshold], evidence: Evidence<'_>) -> Vec<ThresholdRow> {
    let mut known = Known { evidence, sums: BTreeMap::new() };
    thresholds.iter().map(|threshold| known.judge(threshold)).collect()
}

/// Sums that several thresholds may ask for.
struct Known<'a> {
    evidence: Evidence<'a>,
    sums: BTreeMap<Scope, Option<Sum>>,
}

/// What a part of the run measured, and how long it lasted, seconds.
struct Sum {
    measured: Measured,
    seconds: f64,
}

impl Known<'_> {
    fn judge(&mut self, threshold: &Threshold) -> ThresholdRow {
        let value = self.value(threshold.metric, &threshold.scope);
        let state = match value {
            Some(value) if threshold.comparison.holds(value, threshold.bound) => ThresholdState::Broken,
            Some(_) => ThresholdState::Passed,
            None => ThresholdState::Unmeasured,
        };
        ThresholdRow {
            text: threshold.text.clone(),
            value,
            bound: threshold.bound,
            unit: Unit::of(threshold.metric),
            state,
            aborted: false,
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "counts and sums for display")]
    fn value(&mut self, metric: Metric, scope: &Scope) -> Option<f64> {
        let totals = self.evidence.totals;
        match metric {
            Metric::Lag => return Some(self.evidence.worst_lag_ms),
            Metric::Dropped | Metric::DroppedRatio => {
                let (started, dropped) = arrivals(totals, scope.class.as_deref())?;
                let all = started.saturating_add(dropped);
                return match metric {
                    Metric::Dropped => Some(dropped as f64),
                    _ => (all > 0).then(|| dropped as f64 / all as f64),
                };
            }
            _ => {}
        }
        let of = Scope { from_intended: false, ..scope.clone() };
        let Sum { measured, seconds } = self.sum(of).as_ref()?;
        let per_second = |count: u64| if *seconds > 0.0 { count as f64 / seconds } else { 0.0 };
        match metric {
            Metric::Requests => Some(measured.requests as f64),
            Metric::Rps => Some(per_second(measured.requests)),
            Metric::Failures => Some(measured.failures as f64),
            Metric::FailuresPerSecond => Some(per_second(measured.failures)),
            Metric::FailureRatio => share(measured.failures, measured.requests),
            Metric::Checks => Some(checks(totals, scope) as f64),
            Metric::CheckRatio => share(checks(totals, scope), measured.requests),
            _ => time_us(metric, measured, scope.from_intended).map(|us| us / 1e3),
        }
    }

    /// What the requests of `scope` measured; `None` where there was none of those that are named.
    fn sum(&mut self, scope: Scope) -> &Option<Sum> {
        let evidence = self.evidence;
        self.sums.entry(scope).or_insert_with_key(|scope| sum(evidence, scope))
    }
}

fn sum(evidence: Evidence<'_>, scope: &Scope) -> Option<Sum> {
    let Evidence { totals, stages, .. } = evidence;
    let total = totals.total();
    let is = |wanted: &Option<String>, found: &str| wanted.as_ref().is_none_or(|wanted| wanted == found);
    let whole_us = total.counted.last_us.unwrap_or(0).saturating_sub(totals.start_us());
    if *scope == Scope::default() {
        return Some(Sum { measured: total.sums(), seconds: whole_us as f64 / 1e6 });
    }
    let named = |stage: &Span| is(&scope.stage, &stage.name);
    let measured = if scope.tag.is_none() && scope.stage.is_none() {
        let rows =
            totals.entries().filter(|((name, method), _)| is(&scope.name, name) && is(&scope.method, method));
        let rows: Vec<_> = rows.map(|(_, cut)| cut.sums()).collect();
        Measured::sum(&rows)
    } else {
        Measured::sum(totals.cuts().filter_map(|(key, measured)| {
            let tagged = scope.tag.as_ref().is_none_or(|tag| key.tags.contains(tag));
            let staged = scope.stage.is_none()
                || key.stage.is_some_and(|at| stages.get(usize::from(at)).is_some_and(named));
            (tagged && staged && is(&scope.name, &key.name) && is(&scope.method, &key.method))
                .then_some(measured)
        }))
    };
    if measured.is_empty() {
        return None;
    }
    let in_stages = stages.iter().filter(|stage| named(stage));
    let in_stages =
        in_stages.map(|stage| stage.ends_us.saturating_sub(stage.begins_us.max(totals.start_us())));
    let us = if scope.stage.is_some() { in_stages.sum() } else { whole_us };
    Some(Sum { measured, seconds: us as f64 / 1e6 })
}

/// Microseconds; `None` where nothing was timed.
#[expect(clippy::cast_precision_loss, reason = "times and sums for display")]
fn time_us(metric: Metric, measured: &Measured, from_intended: bool) -> Option<f64> {
    let (times, total_us, min_us, max_us) = match (&measured.from_intended, from_intended) {
        (_, false) => (&measured.times, measured.total_us, measured.min_us?, measured.max_us),
        (Some(from), true) => (&from.times, from.total_us, from.min_us, from.max_us),
        (None, true) => return None,
    };
    if times.is_empty() {
        return None;
    }
    let timed = if from_intended { times.len() } else { measured.timed() };
    Some(match metric {
        // Buckets are wider than a microsecond: without bounds a percentile could exceed the maximum.
        Metric::Quantile(quantile) => times.quantiles([quantile])[0].min(max_us).max(min_us) as f64,
        Metric::Min => min_us as f64,
        Metric::Max => max_us as f64,
        _ => total_us as f64 / timed.max(1) as f64,
    })
}

/// Failures may exceed requests: Locust lets a test log a failure without a request.
#[expect(clippy::cast_precision_loss, reason = "counts for display")]
fn share(part: u64, requests: u64) -> Option<f64> {
    match (part, requests) {
        (0, 0) => None,
        (_, 0) => Some(1.0),
        _ => Some(part as f64 / requests as f64),
    }
}

/// Requests that a check failed.
fn checks(totals: &Totals, scope: &Scope) -> u64 {
    let is = |wanted: &Option<String>, found: &str| wanted.as_ref().is_none_or(|wanted| wanted == found);
    let rows = totals.errors().iter().filter(|(key, _)| {
        key.error.starts_with(CHECK) && is(&scope.name, &key.name) && is(&scope.method, &key.method)
    });
    rows.fold(0, |sum, (_, row)| sum.saturating_add(row.occurrences))
}

/// Starts of open load, and those that were dropped; `None` where there are none.
fn arrivals(totals: &Totals, class: Option<&str>) -> Option<(u64, u64)> {
    let rows = totals.arrivals().iter().filter(|(name, _)| class.is_none_or(|class| class == name.as_str()));
    rows.map(|(_, row)| (row.started, row.dropped))
        .reduce(|sum, row| (sum.0.saturating_add(row.0), sum.1.saturating_add(row.1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use akrida_scenario::threshold::Comparison;
    use akrida_stats::{Arrivals, Delta, EntryKey, Outcome, Recorder, RequestId, Sample};

    const EPOCH: u64 = 1_700_000_000_000_000;

    /// What some requests took, in microseconds: (name, tags, stage from 1, times).
    fn delta(entries: &[(&str, &[&str], u16, &[u64])]) -> Delta {
        let mut recorder = Recorder::new(EPOCH);
        for (name, tags, stage, times) in entries {
            let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
            let label = recorder.label(EntryKey { tags, ..EntryKey::plain("GET", name) });
            for time in *times {
                let request = RequestId { label, stage: *stage };
                let (sent, done) = (4_000_000 - time, 4_000_000);
                let outcome = if time % 10 == 7 { Outcome::Failed } else { Outcome::Passed };
                recorder.record(&Sample {
                    request,
                    intended: Some(sent - 1_000),
                    sent,
                    done,
                    bytes: 0,
                    outcome,
                });
                if outcome == Outcome::Failed {
                    recorder.failed(request, "CatchResponseError('no')", done);
                }
            }
        }
        recorder.drain(4_000_000)
    }

    fn value(totals: &Totals, metric: Metric, scope: Scope) -> Option<f64> {
        let stages = [("warm", 0, 1), ("peak", 1, 4)].map(|(name, from, to)| Span {
            name: name.to_owned(),
            begins_us: EPOCH + from * 1_000_000,
            ends_us: EPOCH + to * 1_000_000,
        });
        let evidence = Evidence { totals, stages: &stages, worst_lag_ms: 12.5 };
        let threshold = Threshold {
            text: "t".to_owned(),
            metric,
            scope,
            comparison: Comparison::Above,
            bound: 0.0,
            abort: None,
        };
        judge(&[threshold], evidence)[0].value
    }

    fn named(name: &str) -> Scope {
        Scope { name: Some(name.to_owned()), ..Scope::default() }
    }

    fn totals() -> Totals {
        let mut totals = Totals::since(EPOCH);
        let hundred: Vec<u64> = (1..=100).map(|ms| ms * 1_000).collect();
        totals
            .merge(EPOCH / 1_000_000, &delta(&[("/a", &["read"], 1, &hundred), ("/b", &[], 2, &[500_007])]));
        totals
    }

    #[test]
    fn every_metric_for_all_a_name_a_tag_and_a_stage() {
        let mut totals = totals();
        let arrivals = Arrivals { started: 9, dropped: 1 };
        totals.merge(
            EPOCH / 1_000_000,
            &Delta { arrivals: [("A".to_owned(), arrivals)].into(), ..Delta::default() },
        );
        let check = |metric, scope: Scope, expected: Option<f64>| {
            let found = value(&totals, metric, scope.clone());
            let near = found.zip(expected).is_some_and(|(found, expected)| (found - expected).abs() < 1e-9);
            assert!(near || found == expected, "{metric:?} {scope:?}: {found:?}, not {expected:?}");
        };
        let all = Scope::default;
        let stage = |name: &str| Scope { stage: Some(name.to_owned()), ..all() };
        let tag = |name: &str| Scope { tag: Some(name.to_owned()), ..all() };
        check(Metric::Max, all(), Some(500.007));
        check(Metric::Min, all(), Some(1.0));
        check(Metric::Mean, all(), Some((5_050.0 + 500.007) / 101.0));
        check(Metric::Requests, all(), Some(101.0));
        check(Metric::Rps, all(), Some(101.0 / 4.0));
        check(Metric::Failures, all(), Some(1.0));
        check(Metric::FailureRatio, all(), Some(1.0 / 101.0));
        check(Metric::FailuresPerSecond, all(), Some(0.25));
        check(Metric::Checks, all(), Some(1.0));
        check(Metric::CheckRatio, named("/b"), Some(1.0));
        check(Metric::Checks, named("/a"), Some(0.0));
        check(Metric::Lag, all(), Some(12.5));
        check(Metric::Dropped, all(), Some(1.0));
        check(Metric::DroppedRatio, all(), Some(0.1));
        check(Metric::Dropped, Scope { class: Some("B".to_owned()), ..all() }, None);
        check(Metric::Mean, named("/a"), Some(50.5));
        check(Metric::Max, Scope { method: Some("POST".to_owned()), ..named("/a") }, None);
        check(Metric::Max, tag("read"), Some(100.0));
        check(Metric::Rps, tag("read"), Some(25.0));
        check(Metric::Requests, stage("peak"), Some(1.0));
        check(Metric::Rps, stage("peak"), Some(1.0 / 3.0));
        check(Metric::Rps, stage("warm"), Some(100.0));
        check(Metric::Max, Scope { stage: Some("peak".to_owned()), ..tag("read") }, None);
        check(Metric::Rps, named("/c"), None);
        check(Metric::Min, Scope { from_intended: true, ..all() }, Some(2.0));
        let p95 = value(&totals, Metric::Quantile(0.95), named("/a")).unwrap();
        assert!((p95 - 95.0).abs() < 0.1, "{p95}");
    }

    #[test]
    fn nothing_measured_is_no_value_but_counts_are_0() {
        let totals = Totals::since(EPOCH);
        let value = |metric| value(&totals, metric, Scope::default());
        for metric in [Metric::Quantile(0.5), Metric::Mean, Metric::FailureRatio, Metric::Dropped] {
            assert_eq!(value(metric), None, "{metric:?}");
        }
        for metric in [Metric::Requests, Metric::Rps, Metric::Failures, Metric::Checks] {
            assert_eq!(value(metric), Some(0.0), "{metric:?}");
        }
    }

    #[test]
    fn percentiles_of_a_fleet_are_those_of_one_histogram() {
        let times: Vec<u64> = (0..4_000).map(|at| 1_000 + at * at % 7_919 * 113).collect();
        let (mut fleet, mut one) = (Totals::since(EPOCH), Totals::since(EPOCH));
        for worker in 0..20 {
            let of: Vec<u64> = times.iter().copied().skip(worker).step_by(20).collect();
            fleet.merge(EPOCH / 1_000_000, &delta(&[("/a", &["t"], 1, &of)]));
        }
        one.merge(EPOCH / 1_000_000, &delta(&[("/a", &["t"], 1, &times)]));
        let tagged = || Scope { tag: Some("t".to_owned()), ..Scope::default() };
        for quantile in [0.0, 0.1, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0] {
            for scope in [Scope::default(), named("/a"), tagged()] {
                let value = |totals| value(totals, Metric::Quantile(quantile), scope.clone()).unwrap();
                assert_eq!(value(&fleet).to_bits(), value(&one).to_bits());
            }
        }
    }
}
