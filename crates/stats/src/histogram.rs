//! Exact latency histograms: dense where samples are recorded and totalled, sparse where they travel.

use crate::limits::{LONGEST_US, SIGNIFICANT_DIGITS};
use hdrhistogram::Counter;
use hdrhistogram::Histogram as Hdr;

/// A histogram of microseconds that grows as needed. `u32` counts serve a recorder, `u64` a run's total.
#[derive(Clone, Debug)]
pub struct Histogram<C: Counter = u64> {
    hdr: Hdr<C>,
}

/// The buckets of a histogram that hold something: (lowest value of the bucket in microseconds, count), by
/// ascending value. The form in which histograms travel and in which windows keep them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sparse(Vec<(u64, u64)>);

impl<C: Counter> Default for Histogram<C> {
    fn default() -> Self {
        #[expect(
            clippy::expect_used,
            reason = "the digits are a constant within 0..=5, the only error there is"
        )]
        let mut hdr = Hdr::new(SIGNIFICANT_DIGITS).expect("significant digits are in range");
        hdr.auto(true);
        Self { hdr }
    }
}

impl<C: Counter> Histogram<C> {
    /// Counts one value of `us` microseconds; values above [`LONGEST_US`] count as that long.
    pub fn record(&mut self, us: u64) {
        self.record_n(us, C::one());
    }

    /// Counts `count` values of `us` microseconds.
    pub fn record_n(&mut self, us: u64, count: C) {
        // Auto-resizing histograms refuse nothing up to LONGEST_US; counts saturate.
        let _ = self.hdr.record_n(us.min(LONGEST_US), count);
    }

    /// How many values were counted.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.hdr.len()
    }

    /// Whether nothing was counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hdr.is_empty()
    }

    /// Forgets all values and keeps the memory.
    pub fn clear(&mut self) {
        self.hdr.reset();
    }

    /// The buckets that hold something.
    #[must_use]
    pub fn to_sparse(&self) -> Sparse {
        Sparse(
            self.hdr
                .iter_recorded()
                .map(|step| {
                    (self.hdr.lowest_equivalent(step.value_iterated_to()), step.count_at_value().as_u64())
                })
                .collect(),
        )
    }
}

impl Histogram<u64> {
    /// Adds the counts of `other`.
    pub fn add(&mut self, other: &Sparse) {
        for &(us, count) in &other.0 {
            self.record_n(us, count);
        }
    }

    /// The values at each of `quantiles` (each in 0..=1, ascending) in one pass, in microseconds; zeros when
    /// empty. The value is the highest that its bucket may hold, as HDR histograms define it.
    #[must_use]
    pub fn quantiles<const N: usize>(&self, quantiles: [f64; N]) -> [u64; N] {
        walk(
            self.hdr.iter_recorded().map(|step| (step.value_iterated_to(), step.count_at_value())),
            self.len(),
            quantiles,
        )
    }
}

/// The value at each of the ascending `quantiles` by nearest rank, walking `buckets` once.
fn walk<const N: usize>(
    buckets: impl Iterator<Item = (u64, u64)>,
    total: u64,
    quantiles: [f64; N],
) -> [u64; N] {
    let mut values = [0; N];
    let mut next = 0;
    let mut seen = 0_u64;
    for (value, count) in buckets {
        // A report from a network may hold any count.
        seen = seen.saturating_add(count);
        while next < N && seen >= rank(quantiles[next], total) {
            values[next] = value;
            next += 1;
        }
    }
    values
}

/// Nearest rank of a quantile among `total` values: 1 to `total`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "counts below 2^52; quantiles in 0..=1"
)]
fn rank(quantile: f64, total: u64) -> u64 {
    // Without the allowance 0.07 * 100 is a hair above 7 and would ask for the eighth.
    ((quantile * total as f64 - 1e-9).ceil() as u64).clamp(1, total.max(1))
}

impl Sparse {
    /// Takes values in any order, each of which counts as the lowest of its bucket; values of one bucket are added
    /// up. So a histogram has a bounded number of buckets, whoever sends it.
    #[must_use]
    pub fn from_buckets(mut buckets: Vec<(u64, u64)>) -> Self {
        let in_order = buckets.windows(2).all(|pair| pair[0].0 < pair[1].0);
        let is_bucket = |&(us, count): &(u64, u64)| count > 0 && us <= LONGEST_US && us == lowest(us);
        if in_order && buckets.iter().all(is_bucket) {
            // As those are that a histogram has written.
            return Self(buckets);
        }
        buckets.retain(|bucket| bucket.1 > 0);
        for bucket in &mut buckets {
            bucket.0 = lowest(bucket.0.min(LONGEST_US));
        }
        // The stable sort makes use of runs that are in order already.
        buckets.sort_by_key(|bucket| bucket.0);
        buckets.dedup_by(|later, kept| {
            let same = later.0 == kept.0;
            if same {
                kept.1 = kept.1.saturating_add(later.1);
            }
            same
        });
        Self(buckets)
    }

    /// (lowest value in microseconds, count), ascending.
    #[must_use]
    pub fn buckets(&self) -> &[(u64, u64)] {
        &self.0
    }

    /// How many values are counted.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.0.iter().fold(0, |sum, bucket| sum.saturating_add(bucket.1))
    }

    /// Whether nothing is counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds the counts of `other`, in time linear in both.
    pub fn add(&mut self, other: &Self) {
        if other.0.is_empty() {
            return;
        }
        let mine = std::mem::take(&mut self.0);
        let mut merged = Vec::with_capacity(mine.len() + other.0.len());
        let (mut left, mut right) = (mine.into_iter().peekable(), other.0.iter().copied().peekable());
        loop {
            let bucket = match (left.peek(), right.peek()) {
                (Some(l), Some(r)) if l.0 == r.0 => {
                    let sum = (l.0, l.1.saturating_add(r.1));
                    left.next();
                    right.next();
                    sum
                }
                (Some(l), Some(r)) if l.0 > r.0 => {
                    let bucket = *r;
                    right.next();
                    bucket
                }
                (Some(l), _) => {
                    let bucket = *l;
                    left.next();
                    bucket
                }
                (None, Some(r)) => {
                    let bucket = *r;
                    right.next();
                    bucket
                }
                (None, None) => break,
            };
            merged.push(bucket);
        }
        self.0 = merged;
    }

    /// As [`Histogram::quantiles`]: the two agree on the same values, bit for bit.
    #[must_use]
    pub fn quantiles<const N: usize>(&self, quantiles: [f64; N]) -> [u64; N] {
        walk(self.0.iter().map(|&(us, count)| (highest(us), count)), self.len(), quantiles)
    }
}

/// The highest value in the bucket that `us` belongs to.
fn highest(us: u64) -> u64 {
    us | (width(us) - 1)
}

/// The lowest value in the bucket that `us` belongs to.
fn lowest(us: u64) -> u64 {
    us & !(width(us) - 1)
}

/// How many values share the bucket of `us`, for the digits of this crate: buckets are one microsecond wide below
/// 2048 and double with every power of two above.
fn width(us: u64) -> u64 {
    1 << (64 - us.leading_zeros()).saturating_sub(11)
}

/// The number of the bucket that `us` belongs to, from 0, ascending.
pub(crate) fn bucket(us: u64) -> u64 {
    let shift = u64::from((64 - us.leading_zeros()).saturating_sub(11));
    (shift << 10) + (us >> shift)
}

/// The lowest value in the bucket of this number, within [`LONGEST_US`].
pub(crate) fn value(bucket: u64) -> u64 {
    // Two thousand buckets of one microsecond, then a thousand for each power of two.
    let shift = (bucket >> 10).saturating_sub(1);
    if shift > 40 {
        return LONGEST_US;
    }
    ((bucket - (shift << 10)) << shift).min(LONGEST_US)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::LONGEST_US;

    #[test]
    fn buckets_are_numbered_without_gaps() {
        let mut us = 0;
        for number in 0..30_000 {
            assert_eq!((bucket(us), bucket(highest(us))), (number, number), "{us}");
            if us <= LONGEST_US {
                assert_eq!(value(number), us);
            }
            us = highest(us) + 1;
        }
        assert_eq!((value(u64::MAX), value(bucket(LONGEST_US))), (LONGEST_US, lowest(LONGEST_US)));
    }

    fn both(values: impl IntoIterator<Item = u64>) -> (Histogram, Sparse) {
        let mut dense = Histogram::<u64>::default();
        for value in values {
            dense.record(value);
        }
        let sparse = dense.to_sparse();
        (dense, sparse)
    }

    #[test]
    fn quantiles_are_nearest_ranks() {
        let (dense, sparse) = both(1..=100);
        let wanted = [0.0, 0.07, 0.5, 0.95, 0.99, 1.0];
        assert_eq!(dense.quantiles(wanted), [1, 7, 50, 95, 99, 100]);
        assert_eq!(sparse.quantiles(wanted), [1, 7, 50, 95, 99, 100]);
    }

    #[test]
    fn an_empty_histogram_answers_zero() {
        let (dense, sparse) = both([]);
        assert_eq!((dense.quantiles([0.5]), sparse.quantiles([0.5])), ([0], [0]));
    }

    #[test]
    fn values_beyond_an_hour_count_as_an_hour() {
        let (dense, _) = both([u64::MAX]);
        let [top] = dense.quantiles([1.0]);
        assert!((LONGEST_US..LONGEST_US / 1000 * 1001).contains(&top), "{top}");
    }

    #[test]
    fn dense_and_sparse_agree_bit_for_bit_and_merging_loses_nothing() {
        let mut rng = fastrand::Rng::with_seed(7);
        let mut value = || {
            let magnitude = rng.u32(0..31);
            rng.u64(0..=1 << magnitude)
        };
        let mut values = || -> Vec<u64> { (0..5_000).map(|_| value()).collect() };
        let (first, second) = (values(), values());
        let (mut dense, mut sparse) = both(first.clone());
        let (_, other) = both(second.clone());
        dense.add(&other);
        sparse.add(&other);
        let (all, _) = both(first.into_iter().chain(second));
        let wanted = [0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0];
        assert_eq!(dense.to_sparse(), sparse);
        assert_eq!(all.to_sparse(), sparse);
        assert_eq!(all.quantiles(wanted), sparse.quantiles(wanted));
    }

    #[test]
    fn buckets_from_the_network_are_put_in_order() {
        let sparse = Sparse::from_buckets(vec![(30, 1), (10, 2), (30, u64::MAX), (20, 0)]);
        assert_eq!(sparse.buckets(), [(10, 2), (30, u64::MAX)]);
        assert_eq!(sparse.len(), u64::MAX);
        assert_eq!(Sparse::from_buckets(sparse.buckets().to_vec()).quantiles([0.5, 1.0]), [30, 30]);
    }

    #[test]
    fn values_from_the_network_fall_into_the_buckets_that_recorded_ones_do() {
        let values = [0, 1, 2_047, 2_048, 2_049, 110_000, 9_999_999, LONGEST_US, u64::MAX];
        let (_, recorded) = both(values);
        assert_eq!(Sparse::from_buckets(values.map(|us| (us, 1)).to_vec()), recorded);
    }
}
