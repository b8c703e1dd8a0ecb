//! What a whole run measured.

use crate::entry::{Measured, PerSecond};
use crate::limits::{ENTRIES, OTHER, SECONDS};
use crate::row_key::RowKey;
use crate::window::{Recent, Window};
use crate::{Arrivals, Delta, EntryKey, Errors, Histogram};
use std::collections::BTreeMap;

/// Counters of a cut through the run and a dense histogram of it.
#[derive(Clone, Debug)]
pub struct Cut {
    /// Counters. Its own histograms stay empty: the cut's are `times` and `from_intended`. Its counts by second
    /// reach back [`SECONDS`].
    pub counted: Measured,
    /// Response times.
    pub times: Histogram<u64>,
    /// Response times from the intended start; `None` where no request has one.
    pub from_intended: Option<Box<Histogram<u64>>>,
    window: Window,
}

impl Cut {
    fn since(start_us: u64) -> Self {
        Self {
            counted: Measured::since(start_us),
            times: Histogram::default(),
            from_intended: None,
            window: Window::default(),
        }
    }

    fn add(&mut self, second: u64, measured: &Measured) {
        self.window.push(second, measured);
        self.counted.merge_counters(measured);
        self.times.add(&measured.times);
        if let Some(from) = &measured.from_intended {
            self.from_intended.get_or_insert_default().add(&from.times);
        }
        self.counted.per_second.merge(&measured.per_second);
        forget_old(&mut self.counted.per_second);
    }

    /// All of it but what is recent.
    fn measured(&self) -> Measured {
        Measured { per_second: self.counted.per_second.clone(), ..self.sums() }
    }

    /// Counters and histograms in one, without counts by second.
    #[must_use]
    pub fn sums(&self) -> Measured {
        let mut measured = Measured::since(self.counted.start_us);
        measured.merge_counters(&self.counted);
        measured.times = self.times.to_sparse();
        if let (Some(from), Some(times)) = (&mut measured.from_intended, &self.from_intended) {
            from.times = times.to_sparse();
        }
        measured
    }

    /// Response times that arrived in the last [`WINDOW_S`](crate::limits::WINDOW_S) seconds up to unix second `now`.
    #[must_use]
    pub fn recent(&self, now: u64) -> Recent {
        self.window.recent(now)
    }
}

fn forget_old(per_second: &mut PerSecond) {
    if let Some((newest, _)) = per_second.seconds().last() {
        per_second.forget_before(newest.saturating_sub(SECONDS));
    }
}

/// Everything measured since a start or a reset: by (method, name), in total, and by tag and stage.
#[derive(Clone, Debug)]
pub struct Totals {
    start_us: u64,
    /// By (name, method): the run's rows.
    entries: BTreeMap<(String, String), Cut>,
    /// By whole key, where tags or stages are in use.
    cuts: BTreeMap<EntryKey, Measured>,
    total: Cut,
    errors: Errors,
    /// By user class.
    arrivals: BTreeMap<String, Arrivals>,
    names_overflowed: bool,
}

impl Totals {
    /// Nothing yet; counting begins at `start_us`, unix microseconds.
    #[must_use]
    pub fn since(start_us: u64) -> Self {
        Self {
            start_us,
            entries: BTreeMap::new(),
            cuts: BTreeMap::new(),
            total: Cut::since(start_us),
            errors: Errors::default(),
            arrivals: BTreeMap::new(),
            names_overflowed: false,
        }
    }

    /// When counting began, unix microseconds.
    #[must_use]
    pub fn start_us(&self) -> u64 {
        self.start_us
    }

    /// Adds what one worker measured and what arrived in unix second `second`. Whoever calls this vouches for the
    /// classes of its arrivals, which are not bounded here.
    pub fn merge(&mut self, second: u64, delta: &Delta) {
        for (key, measured) in &delta.entries {
            if let Some(cut) = self.bounded(key) {
                cut.add(second, measured);
            }
            if key.stage.is_some() || !key.tags.is_empty() {
                self.add_cut(key.clone(), measured);
            }
        }
        match &delta.total {
            Some(total) => self.total.add(second, total),
            // As they are: to add them up first would cost more.
            None => delta.entries.values().for_each(|measured| self.total.add(second, measured)),
        }
        self.errors.merge(&delta.errors);
        for (class, arrivals) in &delta.arrivals {
            self.arrivals.entry(class.clone()).or_default().merge(arrivals);
        }
        self.names_overflowed |= delta.names_overflowed;
    }

    /// Adds all that `other` has, as if it had been reported here; what is recent is left out.
    pub fn absorb(&mut self, other: &Self) {
        self.start_us = self.start_us.min(other.start_us);
        for ((name, method), cut) in &other.entries {
            if let Some(mine) = self.bounded(&EntryKey::plain(method, name)) {
                mine.add(0, &cut.measured());
            }
        }
        for (key, measured) in &other.cuts {
            self.add_cut(key.clone(), measured);
        }
        self.total.add(0, &other.total.measured());
        self.errors.merge(&other.errors);
        for (class, arrivals) in &other.arrivals {
            self.arrivals.entry(class.clone()).or_default().merge(arrivals);
        }
        self.names_overflowed |= other.names_overflowed;
    }

    fn add_cut(&mut self, mut key: EntryKey, measured: &Measured) {
        if !self.cuts.contains_key(&key) && self.cuts.len() >= ENTRIES {
            self.names_overflowed = true;
            // Tags and stages stay: their sums must not lack anything.
            key = EntryKey { name: OTHER.to_owned(), method: String::new(), ..key };
        }
        let cut = self.cuts.entry(key).or_insert_with(|| Measured::since(measured.start_us));
        cut.merge(measured);
        forget_old(&mut cut.per_second);
    }

    /// The row of `key`, or the one for the rest where there are too many names. There always is one.
    fn bounded(&mut self, key: &EntryKey) -> Option<&mut Cut> {
        let mut row = (key.name.as_str(), key.method.as_str());
        if !self.entries.contains_key(&row as &dyn RowKey) {
            if self.entries.len() >= ENTRIES {
                self.names_overflowed = true;
                row = (OTHER, "");
            }
            // Only a new row needs texts of its own.
            let start_us = self.start_us;
            self.entries.entry((row.0.to_owned(), row.1.to_owned())).or_insert_with(|| Cut::since(start_us));
        }
        self.entries.get_mut(&row as &dyn RowKey)
    }

    /// Whether there is a row of this name and method.
    #[must_use]
    pub fn has_row(&self, name: &str, method: &str) -> bool {
        self.entries.contains_key(&(name, method) as &dyn RowKey)
    }

    /// The rows: ((name, method), what was measured), sorted.
    pub fn entries(&self) -> impl Iterator<Item = (&(String, String), &Cut)> {
        self.entries.iter()
    }

    /// What was measured under each whole key, where tags or stages are in use.
    pub fn cuts(&self) -> impl Iterator<Item = (&EntryKey, &Measured)> {
        self.cuts.iter()
    }

    /// The sum over everything.
    #[must_use]
    pub fn total(&self) -> &Cut {
        &self.total
    }

    /// Failures.
    #[must_use]
    pub fn errors(&self) -> &Errors {
        &self.errors
    }

    /// What open load started and dropped, by user class.
    #[must_use]
    pub fn arrivals(&self) -> &BTreeMap<String, Arrivals> {
        &self.arrivals
    }

    /// Whether names above the bound were folded into [`OTHER`].
    #[must_use]
    pub fn names_overflowed(&self) -> bool {
        self.names_overflowed
    }

    /// Zeroes all rows and keeps them, as Locust's `/stats/reset` does; counting begins anew at `now_us`.
    pub fn reset(&mut self, now_us: u64) {
        self.start_us = now_us;
        for cut in self.entries.values_mut() {
            *cut = Cut::since(now_us);
        }
        self.cuts.clear();
        self.total = Cut::since(now_us);
        self.errors = Errors::default();
        self.arrivals.values_mut().for_each(|arrivals| *arrivals = Arrivals::default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Outcome, Recorder, RequestId, Sample};

    const EPOCH: u64 = 1_700_000_000_000_000;

    /// A recorder's delta with `count` requests of /a, every one slower than the one before.
    fn delta(seed: u64, count: u64) -> Delta {
        let mut recorder = Recorder::new(EPOCH);
        let tagged = EntryKey { tags: vec!["read".into()], ..EntryKey::plain("GET", "/a") };
        let request = RequestId { label: recorder.label(tagged), stage: 1 };
        for number in 0..count {
            recorder.record(&Sample {
                request,
                intended: Some(0),
                sent: number,
                done: seed + number * 17,
                bytes: 1,
                outcome: Outcome::Passed,
            });
        }
        recorder.drain(1_000_000)
    }

    #[test]
    fn a_fleet_measures_what_one_recorder_would_have() {
        let (mut forwards, mut backwards) = (Totals::since(EPOCH), Totals::since(EPOCH));
        let deltas: Vec<_> = (1..20).map(|seed| delta(seed * 1_000, 50 + seed)).collect();
        deltas.iter().for_each(|delta| forwards.merge(EPOCH / 1_000_000, delta));
        deltas.iter().rev().for_each(|delta| backwards.merge(EPOCH / 1_000_000, delta));
        let (mut one, mut intended) = (Histogram::<u64>::default(), Histogram::<u64>::default());
        for (seed, count) in (1..20).map(|seed| (seed * 1_000, 50 + seed)) {
            (0..count).for_each(|number| one.record(seed + number * 16));
            (0..count).for_each(|number| intended.record(seed + number * 17));
        }
        for totals in [&forwards, &backwards] {
            assert_eq!(totals.total().times.to_sparse(), one.to_sparse());
            let from = totals.total().from_intended.as_deref().unwrap();
            assert_eq!(from.to_sparse(), intended.to_sparse());
            let recent = totals.total().recent(EPOCH / 1_000_000);
            assert_eq!(recent.from_intended, intended.to_sparse());
            assert_eq!(totals.entries().count(), 1);
            let (key, cut) = totals.cuts().next().unwrap();
            assert_eq!((key.tags.as_slice(), key.stage), (&["read".to_owned()][..], Some(0)));
            assert_eq!(cut.times, one.to_sparse());
            assert_eq!(cut.from_intended.as_ref().unwrap().times, intended.to_sparse());
        }
    }

    #[test]
    fn a_sum_of_parts_is_the_whole_but_for_its_seconds() {
        let mut totals = Totals::since(EPOCH);
        (1..6).for_each(|seed| totals.merge(EPOCH / 1_000_000, &delta(seed * 1_000, 50 + seed)));
        let whole = totals.total().sums();
        assert_eq!(Measured::sum(totals.cuts().map(|(_, measured)| measured)), whole);
        assert_eq!((whole.requests, whole.times.len(), whole.per_second.seconds().len()), (265, 265, 0));
        assert_eq!(whole.from_intended.as_ref().unwrap().times.len(), 265);
        assert_eq!(Measured::sum([]), Measured::default());
    }

    #[test]
    fn a_reset_keeps_the_rows_and_zeroes_them() {
        let mut totals = Totals::since(EPOCH);
        let arrivals = Arrivals { started: 5, dropped: 1 };
        let delta = Delta { arrivals: [("Shopper".to_owned(), arrivals)].into(), ..delta(5, 5) };
        totals.merge(EPOCH / 1_000_000, &delta);
        assert_eq!(totals.arrivals()["Shopper"], arrivals);
        totals.reset(EPOCH + 9);
        assert_eq!(totals.entries().map(|(_, cut)| cut.counted.requests).collect::<Vec<_>>(), [0]);
        assert_eq!((totals.total().counted.requests, totals.start_us()), (0, EPOCH + 9));
        assert!(totals.total().from_intended.is_none());
        assert_eq!(totals.arrivals()["Shopper"], Arrivals::default());
    }

    #[test]
    fn names_of_a_whole_fleet_are_bounded() {
        let mut totals = Totals::since(EPOCH);
        for number in 0..ENTRIES + 50 {
            let mut delta = Delta::default();
            delta.entries.insert(
                EntryKey::plain("GET", &format!("/{number}")),
                Measured { requests: 1, ..Measured::since(EPOCH) },
            );
            totals.merge(EPOCH / 1_000_000, &delta);
        }
        assert!(totals.names_overflowed());
        assert_eq!(totals.total().counted.requests, ENTRIES as u64 + 50);
        assert_eq!(totals.entries().map(|(_, cut)| cut.counted.requests).sum::<u64>(), ENTRIES as u64 + 50);
    }
}
