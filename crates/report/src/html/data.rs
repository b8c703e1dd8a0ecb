//! What the script of a report draws, as JSON.

use crate::run_file::{HEAT, Second, heat_bounds_us};
use akrida_run::{HistoryPoint, Snapshot};
use serde::Serialize;

/// Points of a chart: a second each in a run of an hour. More would not be seen.
const POINTS: usize = 3_600;

/// Columns of the heat map.
const COLUMNS: usize = 240;

/// The course, column by column.
#[derive(Debug, Default, Serialize)]
pub(super) struct Course {
    /// Unix seconds.
    at: Vec<f64>,
    users: Vec<u64>,
    workers: Vec<u64>,
    rps: Vec<f64>,
    fails: Vec<f64>,
    /// Response times, milliseconds.
    p50: Vec<Option<f64>>,
    p95: Vec<Option<f64>>,
    p99: Vec<Option<f64>>,
    lag: Vec<f64>,
    heat: Option<HeatMap>,
    /// Stages: names, and when they began.
    stages: Vec<(String, f64)>,
}

#[derive(Debug, Serialize)]
struct HeatMap {
    /// When the first column begins, and the last one ends, unix seconds.
    from: f64,
    until: f64,
    columns: usize,
    /// Where rows begin, milliseconds; the last one ends at the last number.
    bounds: Vec<f64>,
    /// Counts by column and row, row after row within a column.
    counts: Vec<u64>,
}

fn rounded(value: f64, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    let rounded = (value * scale).round() / scale;
    if rounded.is_finite() { rounded } else { 0.0 }
}

impl Course {
    pub(super) fn of(snapshot: &Snapshot, series: &[Second]) -> Self {
        let kept: Vec<HistoryPoint> = series.iter().filter_map(|second| second.point).collect();
        let points = if kept.is_empty() { snapshot.history.as_slice() } else { kept.as_slice() };
        let mut course = Self { heat: HeatMap::of(series), ..Self::default() };
        for group in points.chunks(points.len().div_ceil(POINTS).max(1)) {
            course.add(group);
        }
        course
    }

    /// A point, or several as one: percentiles and rates are those of the newest, lag is the worst.
    fn add(&mut self, group: &[HistoryPoint]) {
        let Some(point) = group.last() else { return };
        let at = |index: usize| point.percentiles.map(|values| rounded(values[index], 2));
        self.at.push(rounded(point.at, 1));
        self.users.push(point.user_count);
        self.workers.push(point.worker_count);
        self.rps.push(rounded(point.now.rps, 2));
        self.fails.push(rounded(point.now.fail_per_sec, 2));
        self.p50.push(at(0));
        self.p95.push(at(5));
        self.p99.push(at(7));
        self.lag.push(rounded(group.iter().map(|point| point.lag_ms).fold(0.0, f64::max), 1));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.at.is_empty()
    }

    pub(super) fn has_heat(&self) -> bool {
        self.heat.is_some()
    }

    /// As JSON that cannot end the element it stands in.
    pub(super) fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default().replace('<', "\\u003c")
    }
}

impl HeatMap {
    fn of(series: &[Second]) -> Option<Self> {
        let timed = || series.iter().filter(|second| second.heat.iter().any(|count| *count > 0));
        let rows = |second: &Second| {
            let is_used = |row: &usize| second.heat.get(*row).is_some_and(|count| *count > 0);
            ((0..HEAT).find(is_used), (0..HEAT).rev().find(is_used))
        };
        let lowest = timed().filter_map(|second| rows(second).0).min()?;
        let highest = timed().filter_map(|second| rows(second).1).max()?;
        let (first, last) = (series.first()?.at_us, series.last()?.at_us);
        let seconds = (last.saturating_sub(first) / 1_000_000 + 1) as usize;
        let columns = seconds.clamp(1, COLUMNS);
        let height = highest - lowest + 1;
        let mut counts = vec![0_u64; columns * height];
        let span = last.saturating_sub(first) + 1;
        for second in timed() {
            let column =
                second.at_us.saturating_sub(first).min(span - 1) as u128 * columns as u128 / u128::from(span);
            let begin = column as usize * height;
            for row in 0..height {
                let more = second.heat.get(lowest + row).copied().unwrap_or(0);
                counts[begin + row] = counts[begin + row].saturating_add(more.into());
            }
        }
        let bounds = heat_bounds_us();
        let bound = |row: usize| match bounds.get(row) {
            Some(us) => rounded(*us as f64 / 1e3, 3),
            None => rounded(bounds[HEAT - 1] as f64 * 1.414 / 1e3, 3),
        };
        Some(Self {
            from: first as f64 / 1e6 - 1.0,
            until: last as f64 / 1e6,
            columns,
            bounds: (lowest..=highest + 1).map(bound).collect(),
            counts,
        })
    }
}
