//! The course of a run, second by second.

use crate::limits;
use akrida_run::{HistoryPoint, Row};
use akrida_stats::Sparse;

/// Rows of a heat map: two for each doubling of the response time.
pub const HEAT: usize = 48;

/// Response times below this one share the first row, microseconds.
const LOWEST_US: u64 = 64;

/// Response times of a second by size: how many lie in each row of a heat map.
pub type Heat = [u32; HEAT];

/// A second of a run, or several in a long one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Second {
    /// When it ended, unix microseconds.
    pub at_us: u64,
    /// Requests that were reported in it.
    pub requests: u64,
    /// Failures.
    pub failures: u64,
    /// Response times.
    pub heat: Box<[u32]>,
    /// The course as the master noted it; `None` where it noted nothing.
    pub point: Option<HistoryPoint>,
    /// Users.
    pub user_count: u64,
    /// [`Snapshot::at`](akrida_run::Snapshot::at) as of which the row is.
    pub at: f64,
    /// The row over everything as it stood then; only where somebody asked for it.
    pub total: Option<Box<Row>>,
}

/// The row of a heat map for a response time.
fn row(us: u64) -> usize {
    let times = us.max(LOWEST_US) / LOWEST_US;
    let doublings = times.ilog2();
    // The upper half of a doubling begins at its square root of two.
    let lower = LOWEST_US << doublings;
    let upper = us.max(LOWEST_US).saturating_mul(1_000) >= lower.saturating_mul(1_414);
    (2 * doublings as usize + usize::from(upper)).min(HEAT - 1)
}

/// Where the rows of a heat map begin, microseconds; the first one begins at 0.
#[must_use]
pub fn heat_bounds_us() -> [u64; HEAT] {
    std::array::from_fn(|row| match row {
        0 => 0,
        row if row % 2 == 0 => LOWEST_US << (row / 2),
        row => (LOWEST_US << (row / 2)) * 1_414 / 1_000,
    })
}

/// Counts `times` into `heat`.
pub(super) fn count(heat: &mut Heat, times: &Sparse) {
    for &(us, count) in times.buckets() {
        let cell = &mut heat[row(us)];
        *cell = cell.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
    }
}

/// Adds `second` in order of time; a series that is too long is made half as long.
pub(super) fn push(series: &mut Vec<Second>, second: Second) {
    series.push(second);
    if series.len() <= limits::SERIES {
        return;
    }
    let all = std::mem::take(series);
    let mut all = all.into_iter();
    while let Some(first) = all.next() {
        series.push(match all.next() {
            Some(next) => first.with(next),
            None => first,
        });
    }
}

impl Second {
    /// Both as one.
    pub(super) fn with(self, later: Self) -> Self {
        let heat = self.heat.iter().zip(&later.heat).map(|(a, b)| a.saturating_add(*b));
        Self {
            requests: self.requests.saturating_add(later.requests),
            failures: self.failures.saturating_add(later.failures),
            heat: if later.heat.is_empty() {
                self.heat
            } else if self.heat.is_empty() {
                later.heat
            } else {
                heat.collect()
            },
            point: later.point.or(self.point),
            ..later
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_begin_where_they_say() {
        let bounds = heat_bounds_us();
        assert!(bounds.is_sorted());
        for (number, bound) in bounds.into_iter().enumerate().skip(1) {
            assert_eq!((row(bound - 1), row(bound + 1)), (number - 1, number), "{bound}");
        }
        assert_eq!((row(0), row(u64::MAX)), (0, HEAT - 1));
    }
}
