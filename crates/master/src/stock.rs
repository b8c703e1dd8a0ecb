//! Rows that are given only once: what is left of them, and what one worker has of them.
//!
//! A worker uses up its leases in the order of their numbers, so that the count of what it gave says which rows these
//! were. Rows go from the stock to one worker, and back only where it is certain that they were not given.

use crate::limits;
use akrida_protocol::{Lease, Used};
use akrida_run::record::{HeldMark, StockMark};
use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;
use std::time::Duration;

/// What nobody has of one source.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stock {
    /// The first row that nobody ever had.
    next: u64,
    /// The row behind the last one; `u64::MAX` where rows begin again.
    end: u64,
    /// What came back: from each first row to the one behind the last.
    returned: BTreeMap<u64, u64>,
    /// Rows that went to workers that were lost.
    pub(crate) lost: u64,
}

impl Stock {
    /// All rows up to `end`.
    pub(crate) fn new(end: u64) -> Self {
        Self { next: 0, end, returned: BTreeMap::new(), lost: 0 }
    }

    /// For the journal.
    pub(crate) fn mark(&self) -> StockMark {
        let returned = self.returned.iter().map(|(from, until)| (*from, *until)).collect();
        StockMark { next: self.next, end: self.end, returned, lost: self.lost }
    }

    /// What a journal tells.
    pub(crate) fn restore(mark: &StockMark) -> Self {
        let mut stock =
            Self { next: mark.next.min(mark.end), end: mark.end, returned: BTreeMap::new(), lost: mark.lost };
        mark.returned.iter().for_each(|(from, until)| stock.put_back(*from..*until));
        stock
    }

    /// How many rows it has.
    pub(crate) fn rows(&self) -> u64 {
        let returned: u64 = self.returned.iter().map(|(from, until)| until - from).sum();
        (self.end - self.next).saturating_add(returned)
    }

    /// Takes up to so many, in one piece; what came back goes first.
    pub(crate) fn take(&mut self, rows: u64) -> Option<Range<u64>> {
        let piece = |from: u64, until: u64| from..until.min(from.saturating_add(rows));
        let taken = match self.returned.pop_first() {
            Some((from, until)) => {
                let taken = piece(from, until);
                self.put_back(taken.end..until);
                taken
            }
            None => {
                let taken = piece(self.next, self.end);
                self.next = taken.end;
                taken
            }
        };
        (!taken.is_empty()).then_some(taken)
    }

    /// Takes back rows that were not given.
    pub(crate) fn put_back(&mut self, rows: Range<u64>) {
        let Range { mut start, mut end } = rows;
        if start >= end {
            return;
        }
        if let Some((from, _)) =
            self.returned.range(..start).next_back().filter(|(_, until)| **until == start)
        {
            start = *from;
        }
        if let Some(until) = self.returned.remove(&end) {
            end = until;
        }
        self.returned.insert(start, end);
    }
}

/// What one worker has of one source.
#[derive(Debug, Default)]
pub(crate) struct Held {
    /// Those that are not used up, in the order of their numbers.
    leases: VecDeque<Lease>,
    /// Rows of all leases that are used up.
    used_up: u64,
    /// Rows that it gave, as far as it told.
    given: u64,
    /// Users that waited for a row when it last told.
    pub(crate) waiting: u64,
    /// Rows that it should have in hand, beside those for users that begin.
    pub(crate) ahead: u64,
    /// When what it uses was last measured, monotonic, and what it had given then.
    measured: (Duration, u64),
}

impl Held {
    /// Rows that it has and did not give, as far as is known.
    pub(crate) fn left(&self) -> u64 {
        let leased: u64 = self.leases.iter().map(rows).sum();
        leased - (self.given - self.used_up)
    }

    /// For the journal.
    pub(crate) fn mark(&self) -> HeldMark {
        let lease = |lease: &Lease| (lease.feeder, lease.number, lease.from, lease.until);
        HeldMark { leases: self.leases.iter().map(lease).collect(), used_up: self.used_up, given: self.given }
    }

    /// What a journal tells.
    pub(crate) fn restore(mark: &HeldMark) -> Self {
        let sound = mark.leases.iter().filter(|(_, _, from, until)| from < until);
        let leases = sound.map(|&(feeder, number, from, until)| Lease { feeder, number, from, until });
        let mut held =
            Self { leases: leases.collect(), used_up: mark.used_up, given: mark.used_up, ..Self::default() };
        held.given = mark.given.clamp(held.given, held.given + held.left());
        held
    }

    /// How many leases are not used up.
    pub(crate) fn count(&self) -> usize {
        self.leases.len()
    }

    pub(crate) fn leases(&self) -> impl Iterator<Item = Lease> {
        self.leases.iter().copied()
    }

    pub(crate) fn add(&mut self, lease: Lease) {
        self.leases.push_back(lease);
    }

    /// Takes over what the worker tells. A count that is lower than before, or higher than what it has, is not
    /// believed. What it should have in hand follows what it uses in [`limits::ROWS_LAST`], and is doubled when that
    /// was too little.
    pub(crate) fn tell(&mut self, now: Duration, told: Used) {
        self.given = told.given.clamp(self.given, self.given + self.left());
        self.waiting = told.waiting;
        while let Some(rows) = self.leases.front().map(rows).filter(|rows| self.used_up + rows <= self.given)
        {
            self.used_up += rows;
            self.leases.pop_front();
        }
        if self.waiting > 0 && self.left() == 0 {
            self.ahead = self.ahead.saturating_mul(2).max(self.waiting);
        }
        let (at, given) = self.measured;
        let since = now.saturating_sub(at);
        if since >= limits::ROWS_MEASURED {
            let used = (self.given - given) as f64 * limits::ROWS_LAST.div_duration_f64(since);
            self.ahead = (used.ceil() as u64).max(self.ahead / 2);
            self.measured = (now, self.given);
        }
        self.ahead = self.ahead.min(limits::ROWS_AHEAD);
    }

    /// What is certain to be unused when no more will be.
    pub(crate) fn unused(&self) -> Vec<Range<u64>> {
        let mut given = self.given - self.used_up;
        let unused = self.leases.iter().map(|lease| {
            let skipped = given.min(rows(lease));
            given -= skipped;
            lease.from + skipped..lease.until
        });
        unused.filter(|rows| !rows.is_empty()).collect()
    }
}

fn rows(lease: &Lease) -> u64 {
    lease.until - lease.from
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lease(number: u64, rows: Range<u64>) -> Lease {
        Lease { feeder: 0, number, from: rows.start, until: rows.end }
    }

    #[test]
    fn rows_go_once_and_those_that_came_back_go_first() {
        let mut stock = Stock::new(10);
        assert_eq!(
            [stock.take(4), stock.take(4), stock.take(4), stock.take(4)],
            [Some(0..4), Some(4..8), Some(8..10), None]
        );
        stock.put_back(6..8);
        stock.put_back(2..3);
        stock.put_back(3..6);
        stock.put_back(5..5);
        assert_eq!(stock.rows(), 6);
        assert_eq!([stock.take(1), stock.take(9), stock.take(1)], [Some(2..3), Some(3..8), None]);
    }

    #[test]
    fn rows_that_begin_again_never_end() {
        let mut stock = Stock::new(u64::MAX);
        assert_eq!(stock.take(3), Some(0..3));
        stock.put_back(0..3);
        assert_eq!(stock.rows(), u64::MAX);
    }

    /// What is left and unused of two leases when the worker has told `given`.
    fn check(given: u64, left: u64, unused: &[(u64, u64)]) {
        let mut held = Held::default();
        held.add(lease(1, 4..6));
        held.add(lease(2, 0..3));
        held.tell(Duration::ZERO, Used { given, waiting: 0 });
        let rows: Vec<_> = held.unused().into_iter().map(|rows| (rows.start, rows.end)).collect();
        assert_eq!((held.left(), rows), (left, unused.to_vec()), "{given}");
        held.tell(Duration::ZERO, Used { given: 0, waiting: 0 });
        assert_eq!(held.left(), left, "nothing is given back");
    }

    #[test]
    fn a_count_says_which_rows_were_given() {
        check(0, 5, &[(4, 6), (0, 3)]);
        check(1, 4, &[(5, 6), (0, 3)]);
        check(2, 3, &[(0, 3)]);
        check(4, 1, &[(2, 3)]);
        check(5, 0, &[]);
        check(u64::MAX, 0, &[]);
    }

    #[test]
    fn what_it_has_in_hand_follows_what_it_uses() {
        let mut held = Held::default();
        let mut given = 0;
        let mut tell = |held: &mut Held, millis, more, waiting| {
            given += more;
            held.add(lease(given + 1, given..given + 1_000));
            held.tell(Duration::from_millis(millis), Used { given, waiting });
            held.ahead
        };
        assert_eq!(tell(&mut held, 100, 10, 0), 0, "too early to say");
        assert_eq!(tell(&mut held, 1_000, 90, 0), 200, "100 a second");
        assert_eq!(tell(&mut held, 2_000, 0, 0), 100, "half, while nothing is used");
        assert_eq!(tell(&mut held, 3_000, 200, 7), 400, "it waits, but has some");
        let mut bare = Held::default();
        bare.tell(Duration::ZERO, Used { given: 0, waiting: 5 });
        assert_eq!(bare.ahead, 5);
        bare.tell(Duration::ZERO, Used { given: 0, waiting: 5 });
        assert_eq!(bare.ahead, 10);
    }
}
