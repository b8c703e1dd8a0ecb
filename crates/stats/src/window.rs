//! The last seconds: what "current" means.

use crate::entry::{Measured, PerSecond};
use crate::limits::{WINDOW_LAG_S, WINDOW_S};
use crate::{Delta, Sparse};
use std::collections::VecDeque;

/// Rates and percentiles of the last [`WINDOW_S`] seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Current {
    /// Requests per second.
    pub requests_per_s: f64,
    /// Failures per second.
    pub failures_per_s: f64,
    /// Median and 95th percentile of response times in microseconds; `None` when nothing was timed.
    pub percentiles_us: Option<[u64; 2]>,
    /// Mean response time in microseconds; `None` when nothing was timed.
    pub mean_us: Option<f64>,
}

/// The histograms of the last seconds, filed by arrival, each with the sum of its times.
#[derive(Clone, Debug, Default)]
pub struct Window {
    reports: VecDeque<(u64, Sparse, u64)>,
    per_second: PerSecond,
}

impl Window {
    /// Files what arrived in unix second `second`.
    pub fn push(&mut self, second: u64, delta: &Delta) {
        self.push_sum(second, &delta.sum());
    }

    pub(crate) fn push_sum(&mut self, second: u64, sum: &Measured) {
        self.per_second.merge(&sum.per_second);
        match self.reports.back_mut() {
            Some((newest, times, total_us)) if *newest == second => {
                times.add(&sum.times);
                *total_us = total_us.saturating_add(sum.total_us);
            }
            _ => self.reports.push_back((second, sum.times.clone(), sum.total_us)),
        }
        self.forget(second);
    }

    /// The current values at unix second `second`, in a run that began in second `start`.
    #[must_use]
    pub fn current(&self, second: u64, start: u64) -> Current {
        let (requests_per_s, failures_per_s) = rates(&self.per_second, second, start);
        let mut times = Sparse::default();
        let mut total_us = 0u64;
        for (_, report, sum_us) in self.reports.iter().filter(|report| report.0 + WINDOW_S > second) {
            times.add(report);
            total_us = total_us.saturating_add(*sum_us);
        }
        #[expect(clippy::cast_precision_loss, reason = "a mean for display")]
        let mean_us = (!times.is_empty()).then(|| total_us as f64 / times.len() as f64);
        let percentiles_us = (!times.is_empty()).then(|| times.quantiles([0.5, 0.95]));
        Current { requests_per_s, failures_per_s, percentiles_us, mean_us }
    }

    fn forget(&mut self, second: u64) {
        while self.reports.front().is_some_and(|report| report.0 + WINDOW_S < second) {
            self.reports.pop_front();
        }
        self.per_second.forget_before(second.saturating_sub(WINDOW_S + WINDOW_LAG_S + 1));
    }
}

/// Requests and failures per second as Locust averages them: over [now - 12 s, now - 2 s), but not before
/// `start`; the newest two seconds are left out because their reports may be under way.
pub(crate) fn rates(per_second: &PerSecond, now: u64, start: u64) -> (f64, f64) {
    let from = now.saturating_sub(WINDOW_S + WINDOW_LAG_S).max(start);
    let until = now.saturating_sub(WINDOW_LAG_S);
    if until <= from {
        return (0.0, 0.0);
    }
    let counts = per_second.sum(from, until);
    #[expect(clippy::cast_precision_loss, reason = "counts of ten seconds")]
    let per = |count: u64| count as f64 / (until - from) as f64;
    (per(counts.requests), per(counts.failures))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::SecondCounts;

    fn report(second: u64, requests: u64, us: u64) -> Measured {
        Measured {
            requests,
            total_us: requests * us,
            times: Sparse::from_buckets(vec![(us, requests)]),
            per_second: PerSecond::from_seconds([(second, SecondCounts { requests, failures: 1 })]),
            ..Measured::default()
        }
    }

    #[test]
    fn rates_leave_out_the_newest_two_seconds_and_the_time_before_the_start() {
        let mut window = Window::default();
        for second in 100..120 {
            window.push_sum(second, &report(second, 50, 10));
        }
        let current = window.current(119, 100);
        assert!((current.requests_per_s - 50.0).abs() < 1e-9, "{current:?}");
        assert!((current.failures_per_s - 1.0).abs() < 1e-9);
        assert!((window.current(119, 115).requests_per_s - 50.0).abs() < 1e-9, "a young run is not diluted");
        assert_eq!(window.current(119, 118).requests_per_s, 0.0);
    }

    #[test]
    fn percentiles_forget_what_is_older_than_the_window() {
        let mut window = Window::default();
        window.push_sum(100, &report(100, 1_000, 900));
        window.push_sum(111, &report(111, 10, 7));
        assert_eq!(window.current(111, 100).percentiles_us, Some([7, 7]));
        assert_eq!(window.current(111, 100).mean_us, Some(7.0));
        assert_eq!(window.current(130, 100).percentiles_us, None);
    }
}
