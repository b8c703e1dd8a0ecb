//! Records as bytes, for files.
//!
//! A file is a head and then records. The head is the words `akrida run` and a line's end, the version of the format in
//! two bytes, and eight bytes that tell tests apart. A record is its length and its checksum (CRC-32), four bytes each,
//! and its content in msgpack; histograms are packed. All numbers have their lowest byte first.
//!
//! A file may end anywhere, because the process that wrote it was ended: it is read up to its last whole record.

use crate::Record;
use crate::limits;

/// What every file begins with.
const WORDS: &[u8] = b"akrida run\n";

/// The version of what follows. Another one when a record gets another shape.
pub const VERSION: u16 = 2;

/// Bytes of a head.
pub const HEAD: usize = WORDS.len() + 2 + 8;

/// Bytes before the content of a record.
const FRAME: usize = 8;

/// Why a file is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeadError {
    /// It begins with something else.
    #[error("it is no file of a run")]
    Other,
    /// It is of another version of Akrida.
    #[error("it has version {0} of the format, and this program knows version {VERSION}")]
    Version(u16),
}

/// Why a record cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// It is longer than [`limits::RECORD`].
    #[error("a record of {0} bytes is too long")]
    TooLong(usize),
    /// It holds what the format has no form for.
    #[error("a record cannot be written: {0}")]
    Content(String),
}

/// The head of a file about this test.
#[must_use]
pub fn head(test: u64) -> Vec<u8> {
    [WORDS, &VERSION.to_le_bytes(), &test.to_le_bytes()].concat()
}

/// Which test a file is about; `None` where it ends before it says so.
///
/// # Errors
/// When it is no such file, or of another version.
pub fn read_head(bytes: &[u8]) -> Result<Option<u64>, HeadError> {
    let known = bytes.len().min(WORDS.len());
    if bytes[..known] != WORDS[..known] {
        return Err(HeadError::Other);
    }
    let rest = &bytes[known..];
    let Some((version, rest)) = rest.split_first_chunk() else { return Ok(None) };
    match u16::from_le_bytes(*version) {
        VERSION => Ok(rest.first_chunk().map(|test| u64::from_le_bytes(*test))),
        other => Err(HeadError::Version(other)),
    }
}

impl Record {
    /// Its bytes.
    ///
    /// # Errors
    /// When it is too long.
    pub fn encode(&self) -> Result<Vec<u8>, RecordError> {
        let content = rmp_serde::to_vec(self).map_err(|error| RecordError::Content(error.to_string()))?;
        let too_long = || RecordError::TooLong(content.len());
        let length = u32::try_from(content.len()).ok().filter(|_| content.len() <= limits::RECORD);
        let length = length.ok_or_else(too_long)?;
        let checksum = crc32fast::hash(&content);
        Ok([&length.to_le_bytes(), &checksum.to_le_bytes(), &content[..]].concat())
    }
}

/// Reads records one after the other, up to the last whole one.
#[derive(Clone, Debug)]
pub struct Records<'a> {
    rest: &'a [u8],
    read: usize,
}

impl<'a> Records<'a> {
    /// Of what follows the head of a file.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, read: 0 }
    }

    /// Bytes of the records that were read: what follows is cut off, or damaged.
    #[must_use]
    pub fn read(&self) -> usize {
        self.read
    }

    fn take(&mut self) -> Option<Record> {
        let (length, rest) = self.rest.split_first_chunk()?;
        let (checksum, rest) = rest.split_first_chunk()?;
        let length = u32::from_le_bytes(*length) as usize;
        let (content, rest) = rest.split_at_checked(length)?;
        if crc32fast::hash(content) != u32::from_le_bytes(*checksum) {
            return None;
        }
        let record = rmp_serde::from_slice(content).ok()?;
        self.rest = rest;
        self.read += FRAME + length;
        Some(record)
    }
}

impl Iterator for Records<'_> {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        self.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Course, JobMark, Moment, RunMark, StageMark, WorkerMark};
    use crate::{FleetEvent, FleetEventKind, HistoryPoint, RunState, StopReason};
    use akrida_stats::{EntryKey, FromIntended, Measured, PerSecond, SecondCounts, Sparse};

    /// A record with something in everything.
    fn record(number: u64) -> Record {
        let mut record = Record { at: Moment { monotonic_us: number, wall_us: number }, ..Record::default() };
        let times = Sparse::from_buckets(vec![(5, 1), (1_000, 1 << 40), (3_599_000_000, 2)]);
        let from_intended = FromIntended { total_us: 9, min_us: 1, max_us: 9, times: times.clone() };
        let counts = SecondCounts { requests: number, failures: 1 };
        let measured = Measured {
            requests: number,
            min_us: Some(5),
            times,
            from_intended: Some(Box::new(from_intended)),
            per_second: PerSecond::from_seconds([(1_700_000_000, counts), (1_700_000_001, counts)]),
            last_us: Some(u64::MAX),
            ..Measured::since(7)
        };
        let key = EntryKey { tags: vec!["é".into()], stage: Some(2), ..EntryKey::plain("GET", "/ü") };
        record.exact.entries.insert(key, measured.clone());
        record.rounded.total = Some(measured);
        record.exact.errors.log("GET", "/", "no", 1);
        record.points.push(HistoryPoint { at: 0.5, ..HistoryPoint::default() });
        let kind = FleetEventKind::Stopping { reason: StopReason::User("enough".into()) };
        record.events =
            vec![FleetEvent { at: 1.5, kind }, FleetEvent { at: 2.0, kind: FleetEventKind::Stopped }];
        let load = vec![StageMark { name: "1".into(), duration_us: 5, users: 3, spawn_rate: 0.1 }];
        let run = RunMark { load, run_time_ends: u64::MAX, ..RunMark::default() };
        record.course = Some(Course { state: RunState::Spawning, run: Some(run), ..Course::default() });
        let job = JobMark { users: vec![1, 2], timestamp: 1e9 + 0.123_456, ..JobMark::default() };
        record.workers.insert("w".into(), Some(WorkerMark { job: Some(job), ..WorkerMark::default() }));
        record.workers.insert("gone".into(), None);
        record
    }

    fn file() -> (Vec<u8>, Vec<usize>) {
        let mut bytes = Vec::new();
        let mut ends = vec![0];
        for number in 1..=3 {
            bytes.extend(record(number).encode().unwrap());
            ends.push(bytes.len());
        }
        (bytes, ends)
    }

    #[test]
    fn what_is_written_is_read() {
        let (bytes, ends) = file();
        let mut records = Records::new(&bytes);
        assert_eq!(records.by_ref().collect::<Vec<_>>(), [record(1), record(2), record(3)]);
        assert_eq!(records.read(), ends[3]);
    }

    #[test]
    fn a_file_that_is_cut_anywhere_is_read_up_to_its_last_whole_record() {
        let (bytes, ends) = file();
        for length in 0..=bytes.len() {
            let whole = ends.iter().filter(|end| **end <= length).count() - 1;
            let mut records = Records::new(&bytes[..length]);
            assert_eq!((records.by_ref().count(), records.read()), (whole, ends[whole]), "{length} bytes");
        }
    }

    #[test]
    fn garbage_is_neither_a_record_nor_the_end_of_the_process() {
        let (bytes, ends) = file();
        let mut seed = 7_u64;
        let mut random = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize
        };
        for _ in 0..3_000 {
            let mut damaged = bytes.clone();
            let at = random() % damaged.len();
            damaged[at] ^= 1 << (random() % 8);
            let whole = ends.iter().filter(|end| **end <= at).count() - 1;
            assert_eq!(Records::new(&damaged).count(), whole, "damaged at {at}");
        }
        // With a checksum that is right, content is read as far as it means something.
        for _ in 0..3_000 {
            let mut content = bytes[FRAME..ends[1]].to_vec();
            for _ in 0..1 + random() % 4 {
                let at = random() % content.len();
                content[at] = random() as u8;
            }
            let (length, checksum) = (content.len() as u32, crc32fast::hash(&content));
            let framed = [&length.to_le_bytes(), &checksum.to_le_bytes(), &content[..]].concat();
            Records::new(&framed).for_each(|mut read| read.absorb(record(1)));
        }
    }

    #[test]
    fn heads_tell_what_a_file_is() {
        let head = head(0x1234_5678_9abc_def0);
        assert_eq!((head.len(), read_head(&head)), (HEAD, Ok(Some(0x1234_5678_9abc_def0))));
        (0..HEAD).for_each(|length| assert_eq!(read_head(&head[..length]), Ok(None), "{length}"));
        assert_eq!(read_head(b"something else entirely"), Err(HeadError::Other));
        let mut newer = head.clone();
        newer[WORDS.len()] = 9;
        assert_eq!(read_head(&newer), Err(HeadError::Version(9)));
    }
}
