//! What there is to count of a run, for monitoring: counters and histograms by method and name, within a bound.
//!
//! Unlike a [`Snapshot`](crate::Snapshot) it is made only when somebody asks, since it is walked from histograms.

use crate::limits;
use akrida_stats::limits::OTHER;
use akrida_stats::{Cut, Sparse, Totals};
use std::collections::BTreeSet;

/// Upper bounds of the buckets of response times, microseconds. About three for each doubling where services are
/// judged, fewer at the ends.
pub const BOUNDS_US: [u64; 24] = [
    500, 1_000, 2_500, 5_000, 7_500, 10_000, 15_000, 25_000, 50_000, 75_000, 100_000, 150_000, 200_000,
    250_000, 300_000, 400_000, 500_000, 750_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 30_000_000,
    60_000_000,
];

/// What was counted under one method and name since counting began. Numbers only grow until it begins anew.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Series {
    /// HTTP method or another request type.
    pub method: String,
    /// The request's name; `(other)` for all that are above the bound.
    pub name: String,
    /// Requests, failed ones included.
    pub requests: u64,
    /// Failures.
    pub failures: u64,
    /// Bytes of the responses' bodies.
    pub bytes: u64,
    /// Requests with a response time.
    pub timed: u64,
    /// Sum of the response times, microseconds.
    pub total_us: u64,
    /// Requests that took no longer than each of [`BOUNDS_US`].
    pub buckets: [u64; BOUNDS_US.len()],
}

impl Series {
    fn of(method: &str, name: &str, cut: &Cut) -> Self {
        let counted = &cut.counted;
        let times = cut.times.to_sparse();
        Self {
            method: method.to_owned(),
            name: name.to_owned(),
            requests: counted.requests,
            failures: counted.failures,
            bytes: counted.content_length,
            timed: times.len(),
            total_us: counted.total_us,
            buckets: cumulated(&times),
        }
    }

    /// What `self` counted without `part`. Locust's workers send a total of their own, which may lag behind.
    fn take(&mut self, part: &Self) {
        self.requests = self.requests.saturating_sub(part.requests);
        self.failures = self.failures.saturating_sub(part.failures);
        self.bytes = self.bytes.saturating_sub(part.bytes);
        self.timed = self.timed.saturating_sub(part.timed);
        self.total_us = self.total_us.saturating_sub(part.total_us);
        let mut least = 0;
        for (bucket, of_part) in self.buckets.iter_mut().zip(part.buckets) {
            *bucket = bucket.saturating_sub(of_part).max(least).min(self.timed);
            least = *bucket;
        }
    }
}

/// Values no longer than each bound. A value counts as the lowest of its bucket, as far as a histogram tells.
fn cumulated(times: &Sparse) -> [u64; BOUNDS_US.len()] {
    let mut cumulated = [0; BOUNDS_US.len()];
    let (mut sum, mut at) = (0_u64, 0);
    for &(us, count) in times.buckets() {
        while at < BOUNDS_US.len() && us > BOUNDS_US[at] {
            cumulated[at] = sum;
            at += 1;
        }
        sum = sum.saturating_add(count);
    }
    cumulated[at..].fill(sum);
    cumulated
}

/// Which names have a series of their own: the first ones that were seen. Counters must not change hands.
#[derive(Clone, Debug, Default)]
pub struct Names(BTreeSet<(String, String)>);

impl Names {
    /// The series of `totals`: one for each name, as far as there is room, and one for the rest if there is any.
    #[must_use]
    pub fn series(&mut self, totals: &Totals) -> Vec<Series> {
        let mut rest = Series::of("", OTHER, totals.total());
        let (mut all, mut left) = (Vec::new(), false);
        for (key, cut) in totals.entries() {
            let (name, method) = key;
            let is_rest = name == OTHER && method.is_empty();
            let has_room = self.0.contains(key) || !is_rest && self.0.len() < limits::NAMED_SERIES;
            if !has_room {
                left |= cut.counted.requests > 0 || cut.counted.failures > 0;
                continue;
            }
            if !self.0.contains(key) {
                self.0.insert(key.clone());
            }
            let series = Series::of(method, name, cut);
            rest.take(&series);
            all.push(series);
        }
        if left {
            all.push(rest);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use akrida_stats::{Delta, EntryKey, Measured};

    fn totals(names: impl IntoIterator<Item = String>) -> Totals {
        let mut totals = Totals::since(0);
        for (number, name) in names.into_iter().enumerate() {
            let us = 400 + number as u64 * 3;
            let measured = Measured {
                requests: 2,
                failures: 1,
                total_us: us + 70_000_000,
                content_length: 9,
                times: Sparse::from_buckets(vec![(us, 1), (70_000_000, 1)]),
                ..Measured::since(0)
            };
            let delta =
                Delta { entries: [(EntryKey::plain("GET", &name), measured)].into(), ..Delta::default() };
            totals.merge(0, &delta);
        }
        totals
    }

    #[test]
    fn buckets_count_what_is_no_longer_than_their_bound() {
        let times = Sparse::from_buckets(vec![(500, 1), (501, 2), (60_000_000, 4), (60_100_000, 8)]);
        let cumulated = cumulated(&times);
        assert_eq!((cumulated[0], cumulated[1], cumulated[22]), (1, 3, 3));
        // 60 s shares its bucket with what is a little longer.
        assert_eq!(cumulated[23], 7);
        assert_eq!(super::cumulated(&Sparse::default()), [0; 24]);
        assert!(BOUNDS_US.is_sorted());
    }

    #[test]
    fn names_above_the_bound_share_one_series_and_none_changes_hands() {
        let name = |number: usize| format!("/{number:04}");
        let mut names = Names::default();
        let first = names.series(&totals((100..100 + limits::NAMED_SERIES).map(name)));
        assert_eq!((first.len(), first[0].name.as_str()), (limits::NAMED_SERIES, "/0100"));
        let second = names.series(&totals((0..100 + limits::NAMED_SERIES).map(name)));
        let (rest, known) = second.split_last().unwrap();
        assert_eq!((known.len(), known[0].name.as_str()), (limits::NAMED_SERIES, "/0100"));
        assert_eq!((rest.name.as_str(), rest.requests, rest.failures, rest.bytes), (OTHER, 200, 100, 900));
        assert_eq!((rest.timed, rest.buckets[0], rest.buckets[23]), (200, 34, 100));
        assert!(rest.buckets.is_sorted());
    }

    #[test]
    fn all_series_add_up_to_the_total() {
        let totals = totals((0..50).map(|number| format!("/{}", number % 7)));
        let series = Names::default().series(&totals);
        assert_eq!(series.len(), 7);
        assert_eq!(series.iter().map(|series| series.requests).sum::<u64>(), 100);
        assert_eq!(series.iter().map(|series| series.buckets[23]).sum::<u64>(), 50);
    }
}
