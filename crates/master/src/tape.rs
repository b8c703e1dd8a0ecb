//! What a file of the run gets: a piece each second, when the run has come to its end, and when the master ends.
//!
//! A piece is cut off in the same step as the snapshot of its second, so that all pieces up to it are what that
//! snapshot was computed from. Nothing waits for a piece to be written: whoever has to know what was lost keeps a
//! journal.

use crate::MasterCore;
use crate::event::{Effects, Now};
use crate::journal::moment;
use akrida_run::record::Begins;
use akrida_run::{ExceptionRow, HistoryPoint, Piece, Record, RunState, Span, Statement};
use akrida_stats::limits::OTHER;
use akrida_stats::{Delta, EntryKey, ErrorKey, Errors, Totals};

/// What is to be told.
#[derive(Debug, Default)]
pub(crate) struct Tape {
    kept: bool,
    /// What was measured and happened since the last piece.
    pending: Record,
    /// Whether that is all that was so far.
    resumes: bool,
    /// Pieces that were cut off before their second was over.
    cut: Vec<Piece>,
    /// Whether the newest run's end was told.
    closed: bool,
}

impl Tape {
    pub(crate) fn is_kept(&self) -> bool {
        self.kept
    }

    /// Counting begins anew.
    pub(crate) fn begin(&mut self, now: Now, keeps_rows: bool) {
        if !self.kept {
            return;
        }
        let record = Record { at: moment(now), ..std::mem::take(&mut self.pending) };
        self.cut.push(Piece { record, resumes: std::mem::take(&mut self.resumes), ..Piece::default() });
        self.pending.begins = Some(Begins { at_us: now.wall_us, keeps_rows });
        self.closed = false;
    }

    /// Counts what was measured and is in `totals` already.
    pub(crate) fn measure(&mut self, totals: &Totals, exact: bool, delta: Delta) {
        self.pending.measure(exact, as_counted(totals, delta));
    }

    pub(crate) fn raise(&mut self, row: ExceptionRow) {
        if self.kept {
            self.pending.raise(row);
        }
    }

    pub(crate) fn note(&mut self, point: HistoryPoint) {
        if self.kept {
            self.pending.points.push(point);
        }
    }
}

/// `delta` under the names that `totals` counted it under. Which names and errors are the first ones, and which are
/// too many, depends on the order in which they came, and that is lost in a sum.
fn as_counted(totals: &Totals, delta: Delta) -> Delta {
    let mut counted = Delta { entries: Default::default(), errors: Errors::default(), ..delta };
    for (key, measured) in delta.entries {
        let key = if totals.has_row(&key.name, &key.method) {
            key
        } else {
            EntryKey { name: OTHER.to_owned(), method: String::new(), ..key }
        };
        let entry = counted.entries.entry(key);
        entry.and_modify(|kept| kept.merge(&measured)).or_insert(measured);
    }
    for (key, row) in delta.errors.iter() {
        let key = if totals.errors().contains(key) {
            key.clone()
        } else {
            ErrorKey { method: String::new(), name: OTHER.to_owned(), error: OTHER.to_owned() }
        };
        counted.errors.add(key, *row);
    }
    counted
}

impl MasterCore {
    /// From now on pieces are yielded. A run that goes on is told with all that was so far, which `left` is: what its
    /// journal came to.
    pub fn keep_tape(&mut self, left: Option<&Record>) {
        self.tape.kept = true;
        if let Some(left) = left {
            self.tape.pending = left.clone();
            self.tape.resumes = true;
        }
    }

    /// Yields pieces, if it is time for some.
    pub(crate) fn tell_tape(&mut self, now: Now, due: bool, effects: &mut Effects) {
        if !self.tape.kept {
            return;
        }
        self.tape.pending.events.extend(effects.events.iter().cloned());
        effects.pieces.append(&mut self.tape.cut);
        let closes = self.state == RunState::Stopped && !self.tape.closed && self.runs > 0;
        let news = self.run.is_some() || !self.tape.pending.is_empty();
        if !(closes || news && (due || effects.end)) {
            return;
        }
        let mut record = std::mem::take(&mut self.tape.pending);
        record.at = moment(now);
        let measured =
            !(record.exact.is_empty() && record.rounded.is_empty() && record.exceptions.is_empty());
        // What a run came to is not changed by workers that leave afterwards.
        let speaks = !self.tape.closed || measured;
        self.tape.closed |= closes;
        let resumes = std::mem::take(&mut self.tape.resumes);
        let statement = speaks.then(|| Box::new(self.statement(now, effects)));
        effects.pieces.push(Piece { record, statement, resumes, closes });
    }

    fn statement(&mut self, now: Now, effects: &mut Effects) -> Statement {
        let now_us = self.ended_us.unwrap_or(now.wall_us);
        let spans = self.spans(now_us);
        let snapshot = match &effects.snapshot {
            Some(snapshot) => snapshot.clone(),
            None => std::sync::Arc::new(self.snapshot(now)),
        };
        Statement::of(&snapshot, spans, now_us)
    }

    /// The stages that have begun, each until the next one or until `now_us`.
    pub(crate) fn spans(&self, now_us: u64) -> Vec<Span> {
        let ends = self.stages.iter().skip(1).map(|(_, begins_us)| *begins_us).chain([now_us]);
        let spans = self.stages.iter().zip(ends);
        spans
            .map(|((name, begins_us), ends_us)| Span { name: name.clone(), begins_us: *begins_us, ends_us })
            .collect()
    }

    /// Adds a point to the course of the run.
    pub(crate) fn note_course(&mut self, now: Now) {
        if self.run.is_some() {
            let lag_ms = self.registry.nodes().filter_map(|node| node.lag_ms).fold(0.0, f64::max);
            let users = self.registry.user_count();
            let point = self.results.note(now.wall_us, users, self.registry.live(), lag_ms);
            self.tape.note(point);
            self.journal.note(point);
        }
    }
}
