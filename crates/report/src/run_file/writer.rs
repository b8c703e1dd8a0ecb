//! Pieces of a run become bytes of a file.

use super::About;
use super::frame::{Frame, FrameError, head};
use crate::limits;
use akrida_run::{Piece, Record, Statement};
use akrida_stats::{Delta, Measured};

/// Writes one file: what it returns is to be appended, in this order.
#[derive(Debug, Default)]
pub struct Writer {
    /// What was measured by name since the last slice.
    slice: Record,
    /// When that one ended, unix microseconds.
    sliced_us: u64,
    /// What was measured since the last second that was written.
    held: Record,
    statement: Option<Box<Statement>>,
    /// When that one ended, unix microseconds.
    written_us: u64,
    /// Whether workers are due to be listed.
    lists_workers: bool,
    /// Bytes of the file.
    length: u64,
}

impl Writer {
    /// For a new file, and its first bytes.
    ///
    /// # Errors
    /// When `about` is too long.
    pub fn begin(about: &About) -> Result<(Self, Vec<u8>), FrameError> {
        let bytes = [head(), Frame::About(Box::new(about.clone())).encode()?].concat();
        Ok((Self::resume(bytes.len() as u64), bytes))
    }

    /// For a file of `length` bytes that another process began.
    #[must_use]
    pub fn resume(length: u64) -> Self {
        Self { length, lists_workers: true, ..Self::default() }
    }

    /// Bytes of the file, with all that was returned.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The bytes of a piece; none if it waits for the next one.
    ///
    /// # Errors
    /// When it is too long. The piece is lost then, and the file stays whole.
    pub fn add(&mut self, piece: Piece) -> Result<Vec<u8>, FrameError> {
        let Piece { mut record, statement, resumes, closes } = piece;
        if resumes {
            let sum = std::mem::take(&mut record);
            let at = sum.at;
            (self.slice, self.held) = (Record::default(), Record::default());
            record.at = at;
            let bytes = Frame::Sum(Box::new(sum)).encode()?;
            self.length += bytes.len() as u64;
            let rest = self.add(Piece { record, statement, resumes: false, closes })?;
            return Ok([bytes, rest].concat());
        }
        let mut bytes = Vec::new();
        if record.begins.is_some() {
            // What was before it belongs to figures that do not count any more.
            bytes.extend(self.flush(false)?);
        }
        let now_us = record.at.wall_us;
        if self.sliced_us == 0 {
            self.sliced_us = now_us;
        }
        let by_name = split(&mut record);
        self.held.absorb(record);
        self.slice.absorb(by_name);
        self.statement = statement.or(self.statement.take());
        if closes || now_us.saturating_sub(self.written_us) >= self.coarse(limits::SECOND_US) {
            bytes.extend(self.second(closes)?);
        }
        if closes || now_us.saturating_sub(self.sliced_us) >= self.coarse(limits::SLICE_US) {
            bytes.extend(self.slice()?);
        }
        Ok(bytes)
    }

    /// The last bytes.
    ///
    /// # Errors
    /// When they are too long.
    pub fn end(&mut self) -> Result<Vec<u8>, FrameError> {
        self.flush(false)
    }

    /// A long file is written in coarser steps, so that there is no length beyond which it grows as fast as before.
    fn coarse(&self, us: u64) -> u64 {
        us << (self.length / limits::COARSER).min(limits::COARSEST)
    }

    fn flush(&mut self, closes: bool) -> Result<Vec<u8>, FrameError> {
        Ok([self.second(closes)?, self.slice()?].concat())
    }

    fn second(&mut self, closes: bool) -> Result<Vec<u8>, FrameError> {
        let record = std::mem::take(&mut self.held);
        let mut statement = self.statement.take();
        if record.is_empty() && statement.is_none() && !closes {
            return Ok(Vec::new());
        }
        self.written_us = record.at.wall_us;
        let with_workers = statement.is_some() && (closes || std::mem::take(&mut self.lists_workers));
        if let Some(statement) = statement.as_mut().filter(|_| !with_workers) {
            statement.workers.clear();
        }
        self.frame(&Frame::Second { record: Box::new(record), statement, with_workers, closes })
    }

    fn slice(&mut self) -> Result<Vec<u8>, FrameError> {
        let record = std::mem::take(&mut self.slice);
        if record.at.wall_us > 0 {
            self.sliced_us = record.at.wall_us;
        }
        self.lists_workers = true;
        if record.is_empty() { Ok(Vec::new()) } else { self.frame(&Frame::Slice(Box::new(record))) }
    }

    fn frame(&mut self, frame: &Frame) -> Result<Vec<u8>, FrameError> {
        let bytes = frame.encode()?;
        self.length += bytes.len() as u64;
        Ok(bytes)
    }
}

/// Takes out of `record` what was measured by name, and leaves its totals.
pub(super) fn split(record: &mut Record) -> Record {
    let mut by_name = Record { at: record.at, ..Record::default() };
    for (here, there) in
        [(&mut record.exact, &mut by_name.exact), (&mut record.rounded, &mut by_name.rounded)]
    {
        let total = (!here.entries.is_empty() || here.total.is_some()).then(|| here.sum());
        there.entries = std::mem::take(&mut here.entries);
        there.errors = std::mem::take(&mut here.errors);
        there.names_overflowed = here.names_overflowed;
        here.total = total;
    }
    by_name.exceptions = std::mem::take(&mut record.exceptions);
    by_name
}

/// A delta that adds nothing to a total.
pub(super) fn without_total(delta: Delta) -> Delta {
    Delta { total: Some(Measured::since(u64::MAX)), ..delta }
}
