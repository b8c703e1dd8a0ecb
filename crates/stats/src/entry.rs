//! What was measured under one key.

use crate::{FromIntended, Sparse};
use serde::{Deserialize, Serialize};

/// Requests and failures that ended in one second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SecondCounts {
    /// Requests, failed ones included.
    pub requests: u64,
    /// Failed requests.
    pub failures: u64,
}

/// [`SecondCounts`] by unix second, ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Vec<(u64, u64, u64)>", from = "Vec<(u64, u64, u64)>")]
pub struct PerSecond(Vec<(u64, SecondCounts)>);

impl PerSecond {
    /// Takes seconds in any order; equal seconds are added up.
    #[must_use]
    pub fn from_seconds(seconds: impl IntoIterator<Item = (u64, SecondCounts)>) -> Self {
        let mut this = Self::default();
        for (second, counts) in seconds {
            this.add(second, counts);
        }
        this
    }

    /// (unix second, counts), ascending.
    #[must_use]
    pub fn seconds(&self) -> &[(u64, SecondCounts)] {
        &self.0
    }

    /// Adds `counts` to `second`.
    pub fn add(&mut self, second: u64, counts: SecondCounts) {
        match self.0.last_mut() {
            // Time moves on: nearly every call ends in the newest second.
            Some((newest, sum)) if *newest == second => sum.add(counts),
            Some((newest, _)) if *newest > second => {
                match self.0.binary_search_by_key(&second, |entry| entry.0) {
                    Ok(at) => self.0[at].1.add(counts),
                    Err(at) => self.0.insert(at, (second, counts)),
                }
            }
            _ => self.0.push((second, counts)),
        }
    }

    /// Adds every second of `other`.
    pub fn merge(&mut self, other: &Self) {
        for &(second, counts) in &other.0 {
            self.add(second, counts);
        }
    }

    /// Drops what is older than `oldest`.
    pub fn forget_before(&mut self, oldest: u64) {
        let keep_from = self.0.partition_point(|entry| entry.0 < oldest);
        self.0.drain(..keep_from);
    }

    /// The sum over `from..until`.
    #[must_use]
    pub fn sum(&self, from: u64, until: u64) -> SecondCounts {
        let mut sum = SecondCounts::default();
        let first = self.0.partition_point(|entry| entry.0 < from);
        self.0[first..].iter().take_while(|entry| entry.0 < until).for_each(|entry| sum.add(entry.1));
        sum
    }
}

impl SecondCounts {
    fn add(&mut self, other: Self) {
        self.requests = self.requests.saturating_add(other.requests);
        self.failures = self.failures.saturating_add(other.failures);
    }
}

/// Counters, extremes and the histogram of one key over some span. Sums saturate: no report from a network
/// can overflow them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// Requests that ended, failed ones included.
    pub requests: u64,
    /// Those of them that carry no response time (Locust: `num_none_requests`).
    pub untimed: u64,
    /// Failures. May exceed `requests`: Locust lets a test log a failure without a request.
    pub failures: u64,
    /// Sum of the response times, microseconds.
    pub total_us: u64,
    /// Shortest response time, microseconds; `None` before the first timed request.
    pub min_us: Option<u64>,
    /// Longest response time, microseconds; 0 before the first timed request.
    pub max_us: u64,
    /// Sum of the response bodies, bytes.
    pub content_length: u64,
    /// Response times.
    pub times: Sparse,
    /// Response times from the intended start; `None` where no request has one.
    pub from_intended: Option<Box<FromIntended>>,
    /// Requests and failures by the second in which they ended.
    pub per_second: PerSecond,
    /// When counting began, unix microseconds.
    pub start_us: u64,
    /// When the newest request ended, unix microseconds.
    pub last_us: Option<u64>,
}

impl Measured {
    /// Nothing measured yet; counting begins at `start_us`, unix microseconds.
    #[must_use]
    pub fn since(start_us: u64) -> Self {
        Self { start_us, ..Self::default() }
    }

    /// Whether there is anything to report.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.requests == 0 && self.failures == 0
    }

    /// Requests that carry a response time.
    #[must_use]
    pub fn timed(&self) -> u64 {
        self.requests.saturating_sub(self.untimed)
    }

    /// Requests and failures per second over the last [`limits::WINDOW_S`](crate::limits::WINDOW_S) seconds before
    /// unix second `now`, in a run that began in second `start`.
    #[must_use]
    pub fn current_rates(&self, now: u64, start: u64) -> (f64, f64) {
        crate::window::rates(&self.per_second, now, start)
    }

    /// Adds everything but the histograms, which totals keep in another form.
    pub(crate) fn merge_counters(&mut self, other: &Self) {
        self.requests = self.requests.saturating_add(other.requests);
        self.untimed = self.untimed.saturating_add(other.untimed);
        self.failures = self.failures.saturating_add(other.failures);
        self.total_us = self.total_us.saturating_add(other.total_us);
        self.min_us = [self.min_us, other.min_us].into_iter().flatten().min();
        self.max_us = self.max_us.max(other.max_us);
        self.content_length = self.content_length.saturating_add(other.content_length);
        self.start_us = self.start_us.min(other.start_us);
        self.last_us = self.last_us.max(other.last_us);
        if let Some(theirs) = &other.from_intended {
            match &mut self.from_intended {
                Some(ours) => ours.merge_counters(theirs),
                None => self.from_intended = Some(Box::new(theirs.counters())),
            }
        }
    }

    /// The sum of `parts`, but for their counts by second.
    #[must_use]
    pub fn sum<'a>(parts: impl IntoIterator<Item = &'a Self>) -> Self {
        // All histograms at once: one after the other would walk the growing sum again for each part.
        let (mut buckets, mut intended) = (Vec::new(), Vec::new());
        let mut sum: Option<Self> = None;
        for part in parts {
            sum.get_or_insert_with(|| Self::since(part.start_us)).merge_counters(part);
            buckets.extend_from_slice(part.times.buckets());
            intended.extend(part.from_intended.iter().flat_map(|from| from.times.buckets()));
        }
        let mut sum = sum.unwrap_or_default();
        sum.times = Sparse::from_buckets(buckets);
        if let Some(from) = &mut sum.from_intended {
            from.times = Sparse::from_buckets(intended);
        }
        sum
    }

    /// Adds all of `other`.
    pub fn merge(&mut self, other: &Self) {
        self.merge_counters(other);
        self.times.add(&other.times);
        if let (Some(ours), Some(theirs)) = (&mut self.from_intended, &other.from_intended) {
            ours.times.add(&theirs.times);
        }
        self.per_second.merge(&other.per_second);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_arrive_in_any_order() {
        let one = SecondCounts { requests: 1, failures: 0 };
        let seconds = PerSecond::from_seconds([(5, one), (3, one), (5, one), (4, one), (3, one)]);
        let counts: Vec<_> =
            seconds.seconds().iter().map(|(second, counts)| (*second, counts.requests)).collect();
        assert_eq!(counts, [(3, 2), (4, 1), (5, 2)]);
        assert_eq!(seconds.sum(3, 5).requests, 3);
    }

    #[test]
    fn merging_keeps_extremes_and_ignores_what_is_missing() {
        let mut left = Measured {
            requests: 2,
            min_us: None,
            max_us: 0,
            start_us: 50,
            last_us: None,
            ..Measured::default()
        };
        let right = Measured {
            requests: 3,
            min_us: Some(7),
            max_us: 9,
            start_us: 40,
            last_us: Some(60),
            ..Measured::default()
        };
        left.merge(&right);
        assert_eq!(
            (left.requests, left.min_us, left.max_us, left.start_us, left.last_us),
            (5, Some(7), 9, 40, Some(60))
        );
    }

    #[test]
    fn huge_counts_saturate() {
        let mut left = Measured { requests: u64::MAX, ..Measured::default() };
        left.merge(&Measured { requests: 9, ..Measured::default() });
        assert_eq!(left.requests, u64::MAX);
    }
}
