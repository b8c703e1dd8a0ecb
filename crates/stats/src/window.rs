//! The last seconds: what "current" means.

use crate::Sparse;
use crate::entry::{Measured, PerSecond};
use crate::gather::Gather;
use crate::limits::{WINDOW_LAG_S, WINDOW_S};
use std::collections::VecDeque;

/// Response times of the last [`WINDOW_S`] seconds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recent {
    /// Response times.
    pub times: Sparse,
    /// Their sum, microseconds.
    pub total_us: u64,
    /// Response times from the intended start, where there are some.
    pub from_intended: Sparse,
}

impl Recent {
    /// Mean response time in microseconds; `None` when nothing was timed.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a mean for display")]
    pub fn mean_us(&self) -> Option<f64> {
        (!self.times.is_empty()).then(|| self.total_us as f64 / self.times.len() as f64)
    }
}

/// The reports of the last seconds, filed by the second in which they arrived.
#[derive(Clone, Debug, Default)]
pub(crate) struct Window {
    /// Seconds that are over.
    seconds: VecDeque<(u64, Recent)>,
    newest: Newest,
}

/// The second in which reports arrive.
#[derive(Clone, Debug, Default)]
struct Newest {
    second: u64,
    times: Gather,
    total_us: u64,
    from_intended: Gather,
}

impl Window {
    /// Files what arrived in unix second `second`, and forgets what is too old by then.
    pub(crate) fn push(&mut self, second: u64, measured: &Measured) {
        if second != self.newest.second {
            self.close(second);
        }
        let newest = &mut self.newest;
        newest.times.add(&measured.times);
        newest.total_us = newest.total_us.saturating_add(measured.total_us);
        if let Some(from) = &measured.from_intended {
            newest.from_intended.add(&from.times);
        }
    }

    /// The newest second is over, and `second` begins.
    fn close(&mut self, second: u64) {
        let Newest { second: last, times, total_us, from_intended } = &mut self.newest;
        let (times, from_intended) = (times.take(), from_intended.take());
        let recent = Recent { times, total_us: std::mem::take(total_us), from_intended };
        if recent != Recent::default() {
            self.seconds.push_back((*last, recent));
        }
        *last = second;
        while self.seconds.front().is_some_and(|(old, _)| old + WINDOW_S < second) {
            self.seconds.pop_front();
        }
    }

    /// What arrived in the [`WINDOW_S`] seconds up to `second`.
    pub(crate) fn recent(&self, second: u64) -> Recent {
        let (mut buckets, mut intended) = (Vec::new(), Vec::new());
        let mut total_us = 0u64;
        let is_recent = |arrived: u64| arrived.saturating_add(WINDOW_S) > second;
        for (_, recent) in self.seconds.iter().filter(|(arrived, _)| is_recent(*arrived)) {
            buckets.extend_from_slice(recent.times.buckets());
            intended.extend_from_slice(recent.from_intended.buckets());
            total_us = total_us.saturating_add(recent.total_us);
        }
        if is_recent(self.newest.second) {
            buckets.extend_from_slice(self.newest.times.sum().buckets());
            intended.extend_from_slice(self.newest.from_intended.sum().buckets());
            total_us = total_us.saturating_add(self.newest.total_us);
        }
        let from_intended = Sparse::from_buckets(intended);
        Recent { times: Sparse::from_buckets(buckets), total_us, from_intended }
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

    #[test]
    fn rates_leave_out_the_newest_two_seconds_and_the_time_before_the_start() {
        let counts = SecondCounts { requests: 50, failures: 1 };
        let seconds = PerSecond::from_seconds((100..120).map(|second| (second, counts)));
        assert_eq!(rates(&seconds, 119, 100), (50.0, 1.0));
        assert_eq!(rates(&seconds, 119, 115), (50.0, 1.0), "a young run is not diluted");
        assert_eq!(rates(&seconds, 119, 118), (0.0, 0.0));
    }

    #[test]
    fn the_window_forgets_what_is_too_old() {
        let report = |requests, us| Measured {
            requests,
            total_us: requests * us,
            times: Sparse::from_buckets(vec![(us, requests)]),
            ..Measured::default()
        };
        let mut window = Window::default();
        window.push(100, &report(1_000, 900));
        window.push(111, &report(10, 7));
        window.push(111, &report(10, 9));
        let recent = window.recent(111);
        assert_eq!((recent.times.buckets(), recent.mean_us()), (&[(7, 10), (9, 10)][..], Some(8.0)));
        assert_eq!(window.recent(130).mean_us(), None);
    }
}
