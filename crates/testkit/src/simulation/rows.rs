//! Rows that are given only once, as an engine gives them, and the proof that none is given twice.

use super::{ROWS, SPAWN};
use akrida_protocol::ToWorker;
use akrida_worker::{Rows as Supply, Used};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Range;

/// What an engine has of them.
#[derive(Debug, Default)]
pub(super) struct Rows {
    term: u64,
    newest: u64,
    ranges: VecDeque<Range<u64>>,
    given: u64,
    waiting: u64,
    /// What was given since anybody looked.
    taken: Vec<(u64, u64)>,
}

impl Rows {
    pub(super) fn supply(&mut self, rows: &Supply) {
        // Only hostile masters lease nothing here.
        let Supply::Leased { term, leases, .. } = rows else { return };
        if self.term != *term {
            *self = Self { term: *term, taken: std::mem::take(&mut self.taken), ..Self::default() };
        }
        for lease in leases {
            if lease.number > self.newest {
                self.newest = lease.number;
                self.ranges.push_back(lease.from..lease.until);
            }
        }
    }

    /// Gives as many as it has, up to so many.
    pub(super) fn take(&mut self, rows: u64) {
        for left in (0..rows).rev() {
            while self.ranges.front().is_some_and(Range::is_empty) {
                self.ranges.pop_front();
            }
            let Some(row) = self.ranges.front_mut().and_then(Iterator::next) else {
                return self.wait(left + 1);
            };
            self.given += 1;
            self.taken.push((self.term, row));
        }
        self.wait(0);
    }

    /// So many users wait.
    pub(super) fn wait(&mut self, users: u64) {
        self.waiting = users;
    }

    pub(super) fn used(&self) -> Vec<Used> {
        vec![Used { feeder: ROWS.into(), term: self.term, given: self.given, waiting: self.waiting }]
    }

    pub(super) fn taken(&mut self) -> Vec<(u64, u64)> {
        std::mem::take(&mut self.taken)
    }
}

/// All rows that were given in the runs of one master.
#[derive(Debug, Default)]
pub(super) struct Given {
    /// Terms that the master told of, with the run of each, counted from 1.
    terms: BTreeMap<u64, usize>,
    runs: usize,
    rows: BTreeSet<(usize, u64)>,
}

impl Given {
    /// A run begins.
    pub(super) fn begin(&mut self) {
        self.runs += 1;
    }

    /// The master sends this.
    pub(super) fn see(&mut self, frame: &[u8]) {
        if frame.starts_with(SPAWN)
            && let Ok(ToWorker::Spawn(job)) = ToWorker::decode(frame).map(|envelope| envelope.message)
        {
            self.terms.entry(job.rows.map_or(0, |rows| rows.term)).or_insert(self.runs);
        }
    }

    /// A row was given in this term. What users of an earlier master do until they are stopped is not the new one's.
    pub(super) fn note(&mut self, (term, row): (u64, u64)) {
        if let Some(run) = self.terms.get(&term) {
            assert!(self.rows.insert((*run, row)), "row {row} of run {run} was given twice");
        }
    }
}
