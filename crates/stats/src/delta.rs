//! What was measured since the last report.

use crate::{EntryKey, Errors, Measured, Sparse};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Iterations that open load wanted to start. Their sum is what was intended, exactly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrivals {
    /// Those that a user was free for.
    pub started: u64,
    /// Those that found no free user, and were not made up for.
    pub dropped: u64,
}

impl Arrivals {
    /// Adds `other`; sums saturate.
    pub fn merge(&mut self, other: &Self) {
        self.started = self.started.saturating_add(other.started);
        self.dropped = self.dropped.saturating_add(other.dropped);
    }
}

/// Entries and errors of one report interval. Deltas of several cores, or several intervals, merge exactly.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delta {
    /// What was measured, by key; only keys under which something happened.
    pub entries: BTreeMap<EntryKey, Measured>,
    /// The sum over all entries where the sender gives one of its own (Locust's `stats_total`); else `None`,
    /// and the sum of `entries` is meant.
    pub total: Option<Measured>,
    /// Failures.
    pub errors: Errors,
    /// What open load started and dropped, by user class.
    pub arrivals: BTreeMap<String, Arrivals>,
    /// Whether names above the bound were folded into [`crate::limits::OTHER`].
    pub names_overflowed: bool,
}

impl Delta {
    /// Whether nothing happened.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
            && self.errors.is_empty()
            && self.arrivals.is_empty()
            && self.total.as_ref().is_none_or(Measured::is_empty)
    }

    /// Adds all of `other`. Both sides must agree on whether they carry a `total`.
    pub fn merge(&mut self, other: Self) {
        for (key, measured) in other.entries {
            self.entries.entry(key).and_modify(|kept| kept.merge(&measured)).or_insert(measured);
        }
        match (&mut self.total, other.total) {
            (Some(kept), Some(total)) => kept.merge(&total),
            (None, total) => self.total = total,
            (Some(_), None) => {}
        }
        self.errors.merge(&other.errors);
        for (class, arrivals) in &other.arrivals {
            self.arrivals.entry(class.clone()).or_default().merge(arrivals);
        }
        self.names_overflowed |= other.names_overflowed;
    }

    /// Puts all that has no stage into this one.
    pub fn put_into_stage(&mut self, stage: u16) {
        for (mut key, measured) in std::mem::take(&mut self.entries) {
            key.stage = key.stage.or(Some(stage));
            self.entries.entry(key).and_modify(|kept| kept.merge(&measured)).or_insert(measured);
        }
    }

    /// The sender's total, or else the sum over all entries.
    #[must_use]
    pub fn sum(&self) -> Measured {
        if let Some(total) = &self.total {
            return total.clone();
        }
        let start_us = self.entries.values().map(|measured| measured.start_us).min().unwrap_or(0);
        let mut sum = Measured::since(start_us);
        // All histograms at once: one after the other would walk the growing sum again for each entry.
        let (mut buckets, mut intended) = (Vec::new(), Vec::new());
        for measured in self.entries.values() {
            sum.merge_counters(measured);
            sum.per_second.merge(&measured.per_second);
            buckets.extend_from_slice(measured.times.buckets());
            intended.extend(measured.from_intended.iter().flat_map(|from| from.times.buckets()));
        }
        sum.times = Sparse::from_buckets(buckets);
        if let Some(from) = &mut sum.from_intended {
            from.times = Sparse::from_buckets(intended);
        }
        sum
    }
}
