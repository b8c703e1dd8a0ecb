//! What the fleet measured in this run.

use crate::arrivals;
use crate::event::Now;
use crate::exceptions::Exceptions;
use crate::limits;
use crate::rows::{self, Moment, Rows, Span};
use akrida_run::{ArrivalsRow, Generator, HistoryPoint, Now as Current, PERCENTILES, Record, Snapshot};
use akrida_scenario::model::Arrivals as Schedule;
use akrida_stats::{Delta, History, Totals};
use std::sync::Arc;
use std::time::Duration;

/// The figures of one run, and what is derived from them.
#[derive(Debug)]
pub(crate) struct Results {
    totals: Totals,
    rows: Rows,
    history: History<HistoryPoint>,
    /// The points of `history`, shared with all snapshots since the last point.
    shown_history: Arc<Vec<HistoryPoint>>,
    pub(crate) exceptions: Exceptions,
    pub(crate) generator: Generator,
}

impl Results {
    /// Nothing yet; counting begins now.
    pub(crate) fn since(now: Now) -> Self {
        let generator = Generator { lag_bound_ms: millis(limits::LAG_BOUND), ..Generator::default() };
        Self {
            totals: Totals::since(now.wall_us),
            rows: Rows::default(),
            history: History::default(),
            shown_history: Arc::default(),
            exceptions: Exceptions::default(),
            generator,
        }
    }

    /// What a sum of records tells; counting began at `began`.
    pub(crate) fn restore(began: Now, record: &Record, generator: Generator) -> Self {
        let mut results = Self::since(began);
        // As of the beginning of time: what came in the last seconds is not known of a sum.
        [&record.exact, &record.rounded].into_iter().for_each(|delta| results.totals.merge(0, delta));
        record.points.iter().for_each(|point| results.history.push(*point));
        results.shown_history = Arc::new(results.history.points().to_vec());
        results.exceptions = Exceptions::restore(&record.exceptions);
        results.generator = Generator { lag_bound_ms: results.generator.lag_bound_ms, ..generator };
        results
    }

    /// Requests that were counted.
    pub(crate) fn requests(&self) -> u64 {
        self.totals.total().counted.requests
    }

    /// Zeroes everything and keeps the rows; counting begins anew.
    pub(crate) fn reset(&mut self, now: Now) {
        let mut totals = std::mem::replace(&mut self.totals, Totals::since(now.wall_us));
        totals.reset(now.wall_us);
        *self = Self { totals, ..Self::since(now) };
    }

    /// What was measured, with histograms.
    pub(crate) fn into_totals(self) -> Totals {
        self.totals
    }

    /// Adds a worker's report.
    pub(crate) fn merge(&mut self, now: Now, delta: &Delta) {
        self.totals.merge(now.wall_us / 1_000_000, delta);
    }

    /// Notes how late a worker was for so many seconds; whether that is later than the bound.
    pub(crate) fn lag(&mut self, lag_ms: f64, seconds: u64) -> bool {
        let late = lag_ms > self.generator.lag_bound_ms;
        self.generator.worst_lag_ms = self.generator.worst_lag_ms.max(lag_ms);
        self.generator.saturated_seconds += if late { seconds } else { 0 };
        late
    }

    /// Notes how the run stands, once a second.
    pub(crate) fn note(&mut self, now: Now, user_count: u64, worker_count: u64, lag_ms: f64) -> HistoryPoint {
        let at = now.wall_s();
        let (now, percentiles) = self.current(now.wall_us);
        let dropped = self.totals.arrivals().values().fold(0, |sum: u64, of| sum.saturating_add(of.dropped));
        let point = HistoryPoint { at, user_count, worker_count, now, percentiles, lag_ms, dropped };
        self.history.push(point);
        self.shown_history = Arc::new(self.history.points().to_vec());
        point
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

    /// Rows of the classes with open load.
    pub(crate) fn arrivals(
        &self,
        classes: &[String],
        open: &[Option<Schedule>],
        elapsed: Option<Duration>,
    ) -> Vec<ArrivalsRow> {
        let classes = classes.iter().zip(open).filter_map(|(class, open)| Some((class, open.as_ref()?)));
        let so_far = |class: &str| self.totals.arrivals().get(class).copied().unwrap_or_default();
        classes.map(|(class, schedule)| arrivals::row(class, schedule, so_far(class), elapsed)).collect()
    }

    /// Fills in all that was measured, as of `now_us`, which stands still when the run has ended.
    pub(crate) fn show(&mut self, snapshot: &mut Snapshot, stages: &[Span], now_us: u64) {
        let moment = Moment::of(&self.totals, now_us);
        snapshot.start = Now { wall_us: self.totals.start_us(), ..Now::default() }.wall_s();
        (snapshot.rows, snapshot.total) = self.rows.of(&self.totals, moment);
        (snapshot.tags, snapshot.stages) = self.rows.cuts(&self.totals, stages, moment);
        snapshot.errors = rows::errors(self.totals.errors());
        snapshot.exceptions = self.exceptions.rows();
        snapshot.now = self.current(now_us).0;
        snapshot.generator = self.generator;
        snapshot.history = Arc::clone(&self.shown_history);
        snapshot.notices.extend(self.notices());
    }

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
        [names, errors, saturated].into_iter().flatten()
    }
}

/// A duration in milliseconds.
pub(crate) fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
