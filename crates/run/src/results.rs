//! What the fleet measured in a run, and what is shown of it. A master adds up what its workers report, a reader of a
//! run's file what was written; so both show the same.

use crate::exceptions::Exceptions;
use crate::rows::{self, Moment, Rows, Span};
use crate::{Generator, HistoryPoint, Now as Current, PERCENTILES, Record, Row, Snapshot};
use akrida_stats::{Delta, History, Totals};
use std::sync::Arc;

/// The figures of one run, and what is derived from them.
#[derive(Debug)]
pub struct Results {
    totals: Totals,
    rows: Rows,
    history: History<HistoryPoint>,
    /// The points of `history`, shared with all snapshots since the last point.
    shown_history: Arc<Vec<HistoryPoint>>,
    /// What users raised.
    pub exceptions: Exceptions,
    /// Whether the load generator itself was the limit.
    pub generator: Generator,
    /// Whether some figures are in the stage in which they arrived, not in that in which requests were started.
    pub stages_by_arrival: bool,
}

/// The notice that stands where [`Results::stages_by_arrival`] is so.
pub const STAGES_BY_ARRIVAL: &str = "Stages of Locust's workers are told apart by the time at which their figures arrived, \
     which is up to some seconds after the requests.";

impl Results {
    /// Nothing yet; counting begins at unix microseconds `start_us`. Who starts something later than `lag_bound_ms` is
    /// late.
    #[must_use]
    pub fn since(start_us: u64, lag_bound_ms: f64) -> Self {
        let generator = Generator { lag_bound_ms, ..Generator::default() };
        Self {
            totals: Totals::since(start_us),
            rows: Rows::default(),
            history: History::default(),
            shown_history: Arc::default(),
            exceptions: Exceptions::default(),
            generator,
            stages_by_arrival: false,
        }
    }

    /// What a sum of records tells; counting began at unix microseconds `start_us`.
    #[must_use]
    pub fn restore(start_us: u64, lag_bound_ms: f64, record: &Record, generator: Generator) -> Self {
        let mut results = Self::since(start_us, lag_bound_ms);
        // As of the beginning of time: what came in the last seconds is not known of a sum.
        [&record.exact, &record.rounded].into_iter().for_each(|delta| results.totals.merge(0, delta));
        record.points.iter().for_each(|point| results.history.push(*point));
        results.shown_history = Arc::new(results.history.points().to_vec());
        results.exceptions = Exceptions::restore(&record.exceptions);
        results.stages_by_arrival = record.rounded.entries.keys().any(|key| key.stage.is_some());
        results.generator = Generator { lag_bound_ms: results.generator.lag_bound_ms, ..generator };
        results
    }

    /// What was measured elsewhere.
    #[must_use]
    pub fn of_totals(totals: Totals) -> Self {
        Self { totals, ..Self::since(0, 0.0) }
    }

    /// Requests that were counted.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.totals.total().counted.requests
    }

    /// Zeroes everything and keeps the rows; counting begins anew.
    pub fn reset(&mut self, start_us: u64) {
        let mut totals = std::mem::replace(&mut self.totals, Totals::since(start_us));
        totals.reset(start_us);
        *self = Self { totals, ..Self::since(start_us, self.generator.lag_bound_ms) };
    }

    /// What was measured, with histograms.
    #[must_use]
    pub fn totals(&self) -> &Totals {
        &self.totals
    }

    /// The same, for whoever needs nothing else.
    #[must_use]
    pub fn into_totals(self) -> Totals {
        self.totals
    }

    /// Adds what was reported in unix second `second`.
    pub fn merge(&mut self, second: u64, delta: &Delta) {
        self.totals.merge(second, delta);
    }

    /// Notes how late a worker was for so many seconds; whether that is later than the bound.
    pub fn lag(&mut self, lag_ms: f64, seconds: u64) -> bool {
        let late = lag_ms > self.generator.lag_bound_ms;
        self.generator.worst_lag_ms = self.generator.worst_lag_ms.max(lag_ms);
        self.generator.saturated_seconds += if late { seconds } else { 0 };
        late
    }

    /// Notes how the run stands at unix microseconds `now_us`, once a second.
    pub fn note(&mut self, now_us: u64, user_count: u64, worker_count: u64, lag_ms: f64) -> HistoryPoint {
        let (now, percentiles) = self.current(now_us);
        let dropped = self.totals.arrivals().values().fold(0, |sum: u64, of| sum.saturating_add(of.dropped));
        let at = rows::seconds(now_us);
        let point = HistoryPoint { at, user_count, worker_count, now, percentiles, lag_ms, dropped };
        self.add_point(point);
        point
    }

    /// Adds a point that was noted elsewhere.
    pub fn add_point(&mut self, point: HistoryPoint) {
        self.history.push(point);
        self.shown_history = Arc::new(self.history.points().to_vec());
    }

    /// The last seconds as of `now_us`, and their response times at [`PERCENTILES`].
    fn current(&self, now_us: u64) -> (Current, Option<[f64; 11]>) {
        const MEDIAN: usize = 0;
        const P95: usize = 5;
        const { assert!(PERCENTILES[MEDIAN] == 0.5 && PERCENTILES[P95] == 0.95) };
        let moment = Moment::of(&self.totals, now_us);
        let total = self.totals.total();
        let (rps, fail_per_sec) = total.counted.current_rates(moment.second, moment.start);
        let recent = total.recent(moment.second);
        let percentiles =
            (!recent.times.is_empty()).then(|| recent.times.quantiles(PERCENTILES).map(rows::ms));
        let current = Current {
            rps,
            fail_per_sec,
            median: percentiles.map(|at| at[MEDIAN]),
            p95: percentiles.map(|at| at[P95]),
            avg: recent.mean_us().map(|us| us / 1e3),
        };
        (current, percentiles)
    }

    /// Fills in all that was measured, as of `now_us`, which stands still when the run has ended.
    pub fn show(&mut self, snapshot: &mut Snapshot, stages: &[Span], now_us: u64) {
        let moment = Moment::of(&self.totals, now_us);
        snapshot.start = rows::seconds(self.totals.start_us());
        (snapshot.rows, snapshot.total) = self.rows.of(&self.totals, moment);
        (snapshot.tags, snapshot.stages) = self.rows.cuts(&self.totals, stages, moment);
        snapshot.errors = rows::errors(self.totals.errors());
        snapshot.exceptions = self.exceptions.rows();
        snapshot.now = self.current(now_us).0;
        snapshot.generator = self.generator;
        snapshot.history = Arc::clone(&self.shown_history);
        snapshot.notices.extend(self.notices());
    }

    /// The row over everything, as of `now_us`.
    #[must_use]
    pub fn total_row(&mut self, now_us: u64) -> Row {
        let moment = Moment::of(&self.totals, now_us);
        self.rows.total(&self.totals, moment)
    }

    /// What a reader should know about the figures.
    fn notices(&self) -> impl Iterator<Item = String> {
        let names = self.totals.names_overflowed().then(|| {
            format!(
                "There are more than {} distinct request names; further ones are counted under {}. \
                 Give requests whose addresses vary a common name.",
                akrida_stats::limits::ENTRIES,
                akrida_stats::limits::OTHER,
            )
        });
        let errors = self.totals.errors().overflowed().then(|| {
            format!(
                "There are more than {} distinct errors; further ones are counted under {}.",
                akrida_stats::limits::ERRORS,
                akrida_stats::limits::OTHER,
            )
        });
        let generator = self.generator;
        let saturated = generator.saturated().then(|| {
            format!(
                "The load generator itself was the limit for {} s: it started requests up to {:.0} ms late \
                 (bound: {:.0} ms). Response times may be too long; use more cores or workers.",
                generator.saturated_seconds, generator.worst_lag_ms, generator.lag_bound_ms,
            )
        });
        let stages = self.stages_by_arrival.then(|| STAGES_BY_ARRIVAL.to_owned());
        [names, errors, saturated, stages].into_iter().flatten()
    }
}
