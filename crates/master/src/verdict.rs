//! Holds what the fleet measured against the thresholds of the test.
//!
//! Figures are those of the whole fleet, from exact histograms. A warm-up is left out by a second sum that begins when
//! it is over: what a worker reports up to a second later may still have been measured before.

use crate::MasterCore;
use crate::event::{Effects, Now};
use akrida_run::threshold::{Evidence, judge};
use akrida_run::{Results, Span, StopReason, ThresholdRow, ThresholdState};
use akrida_scenario::Threshold;
use akrida_stats::{Delta, Totals};
use std::time::Duration;

/// The thresholds of a test, and what they need to know beside the figures of the run.
#[derive(Debug)]
pub(crate) struct Verdict {
    thresholds: Vec<Threshold>,
    warm_up: Duration,
    /// When counting began, unix microseconds.
    start_us: u64,
    /// What was measured after the warm-up; `None` before it is over, and where there is none.
    after: Option<Box<Totals>>,
    /// The worst lag after the warm-up, milliseconds.
    worst_lag_ms: f64,
    /// Which of them has stopped the run.
    aborted: Option<usize>,
    /// Whether what was measured in the warm-up is in `after`.
    blurred: bool,
}

impl Verdict {
    pub(crate) fn new(thresholds: Vec<Threshold>, warm_up: Duration, now: Now) -> Self {
        // Without thresholds nobody asks what comes after a warm-up, and a second sum has its price.
        let warm_up = if thresholds.is_empty() { Duration::ZERO } else { warm_up };
        Self {
            thresholds,
            warm_up,
            start_us: now.wall_us,
            after: None,
            worst_lag_ms: 0.0,
            aborted: None,
            blurred: false,
        }
    }

    /// Counting begins now.
    pub(crate) fn begin(&mut self, now: Now) {
        let thresholds = std::mem::take(&mut self.thresholds);
        *self = Self::new(thresholds, self.warm_up, now);
    }

    /// Counting went on while another master did it.
    pub(crate) fn resume(&mut self, began: Now, results: &Results, now: Now) {
        self.begin(began);
        if !self.warm_up.is_zero() && self.is_warm(now) {
            self.after = Some(Box::new(results.totals().clone()));
            self.blurred = true;
        }
        self.worst_lag_ms = results.generator.worst_lag_ms;
    }

    /// When the warm-up is over, unix microseconds.
    fn warm_us(&self) -> u64 {
        self.start_us.saturating_add(u64::try_from(self.warm_up.as_micros()).unwrap_or(u64::MAX))
    }

    fn is_warm(&self, now: Now) -> bool {
        now.wall_us >= self.warm_us()
    }

    /// A worker measured something.
    pub(crate) fn merge(&mut self, now: Now, delta: &Delta) {
        if !self.warm_up.is_zero() && self.is_warm(now) {
            let begins = self.warm_us();
            let after = self.after.get_or_insert_with(|| Box::new(Totals::since(begins)));
            after.merge(now.wall_us / 1_000_000, delta);
        }
    }

    /// A worker was so late.
    pub(crate) fn lag(&mut self, now: Now, lag_ms: f64) {
        if self.is_warm(now) {
            self.worst_lag_ms = self.worst_lag_ms.max(lag_ms);
        }
    }

    /// How the run stands to each threshold.
    pub(crate) fn rows(&self, results: &Results, stages: &[Span]) -> Vec<ThresholdRow> {
        let mut rows = self.judge(&self.thresholds, results, stages);
        if let Some(row) = self.aborted.and_then(|index| rows.get_mut(index)) {
            // Users that end may make it better again: the run was stopped all the same.
            (row.aborted, row.state) = (true, ThresholdState::Broken);
        }
        rows
    }

    fn judge(&self, of: &[Threshold], results: &Results, stages: &[Span]) -> Vec<ThresholdRow> {
        let nothing = Totals::since(self.warm_us());
        let totals = match &self.after {
            _ if self.warm_up.is_zero() => results.totals(),
            Some(after) => after,
            None => &nothing,
        };
        judge(of, Evidence { totals, stages, worst_lag_ms: self.worst_lag_ms })
    }

    /// The first threshold that stops a run which has lasted so long.
    fn stops(&self, results: &Results, stages: &[Span], lasted: Duration) -> Option<usize> {
        let may = |threshold: &Threshold| threshold.abort.is_some_and(|after| lasted >= after);
        let candidates: Vec<usize> =
            (0..self.thresholds.len()).filter(|at| may(&self.thresholds[*at])).collect();
        if candidates.is_empty() {
            return None;
        }
        let of: Vec<Threshold> = candidates.iter().map(|at| self.thresholds[*at].clone()).collect();
        let rows = self.judge(&of, results, stages);
        candidates
            .into_iter()
            .zip(rows)
            .find(|(_, row)| row.state == ThresholdState::Broken)
            .map(|(at, _)| at)
    }

    /// What a reader of the verdict should know.
    pub(crate) fn notice(&self) -> Option<String> {
        self.blurred.then(|| {
            "The master was restarted: thresholds are held against the whole run, the warm-up included."
                .to_owned()
        })
    }
}

impl MasterCore {
    /// Stops the run if a threshold that says so is broken.
    pub(crate) fn abort_if_broken(&mut self, now: Now, effects: &mut Effects) {
        let Some(run) = self.run.as_ref().filter(|run| !run.is_stopping()) else { return };
        let lasted = now.monotonic.saturating_sub(run.began);
        let stages = self.spans(now.wall_us);
        if let Some(index) = self.verdict.stops(&self.results, &stages, lasted) {
            self.verdict.aborted = Some(index);
            let text = self.verdict.thresholds[index].text.clone();
            self.stop(now, StopReason::Threshold(text), effects);
        }
    }
}
