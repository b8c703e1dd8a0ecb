//! A run's file, in slices.

use super::{Side, Slice};
use crate::run_file::{Frame, Frames, HeadError};
use akrida_run::Record;
use akrida_stats::{EntryKey, Measured};
use std::collections::BTreeMap;

/// Length of a slice of all requests, microseconds: as those by name are written.
const SLICE_US: u64 = 10_000_000;

/// A part of a slice at the end of a run that is shorter than this share of it is left out: it is all ramp and end. A
/// run that is nothing else has it all the same, to be shown.
const SHORTEST: f64 = 0.5;

impl Side {
    /// Reads a run's file, up to its last whole frame. `label` is what it is called.
    ///
    /// # Errors
    /// When it is no such file.
    pub fn read(label: &str, bytes: &[u8]) -> Result<Self, HeadError> {
        let mut side = Reading::default();
        Frames::new(bytes)?.for_each(|frame| side.add(frame));
        Ok(side.side(label))
    }
}

/// What was read so far.
#[derive(Default)]
struct Reading {
    /// When the slice that grows began, and its newest second ended, unix microseconds.
    began_us: u64,
    newest_us: u64,
    growing: Slice,
    total: Vec<Slice>,
    /// When the last slice by name ended.
    by_name_us: u64,
    /// How long each slice by name is, seconds.
    lengths: Vec<f64>,
    /// By the number of the slice.
    names: BTreeMap<(String, String), BTreeMap<usize, Slice>>,
}

impl Reading {
    fn add(&mut self, frame: Frame) {
        match frame {
            Frame::About(about) => self.begin(about.started_us),
            Frame::Second { record, .. } => self.second(&record),
            Frame::Slice(record) => self.by_name(&record),
            // Another master goes on: what was before is a sum, and no slices.
            Frame::Sum(record) => self.begin(record.at.wall_us),
        }
    }

    /// What was before does not count, or is not known in slices.
    fn begin(&mut self, at_us: u64) {
        *self = Self { began_us: at_us, newest_us: at_us, by_name_us: at_us, ..Self::default() };
    }

    fn second(&mut self, record: &Record) {
        if let Some(begins) = record.begins {
            self.begin(begins.at_us);
        }
        for total in [&record.exact, &record.rounded].into_iter().filter_map(|delta| delta.total.as_ref()) {
            add(&mut self.growing, [total]);
        }
        self.newest_us = self.newest_us.max(record.at.wall_us);
        if self.newest_us.saturating_sub(self.began_us) >= SLICE_US {
            self.close();
        }
    }

    fn close(&mut self) {
        let seconds = seconds(self.newest_us.saturating_sub(self.began_us));
        self.began_us = self.newest_us;
        let slice = std::mem::take(&mut self.growing);
        if seconds >= SHORTEST * self::seconds(SLICE_US) || self.total.is_empty() && slice.requests > 0 {
            self.total.push(Slice { seconds, ..slice });
        }
    }

    fn by_name(&mut self, record: &Record) {
        let seconds = seconds(record.at.wall_us.saturating_sub(self.by_name_us));
        self.by_name_us = record.at.wall_us;
        if seconds < SHORTEST * self::seconds(SLICE_US) && !self.lengths.is_empty() {
            return;
        }
        let number = self.lengths.len();
        self.lengths.push(seconds);
        let mut parts: BTreeMap<(&str, &str), Vec<&Measured>> = BTreeMap::new();
        for (EntryKey { name, method, .. }, measured) in
            record.exact.entries.iter().chain(&record.rounded.entries)
        {
            parts.entry((name, method)).or_default().push(measured);
        }
        for ((name, method), measured) in parts {
            let slices = self.names.entry((name.to_owned(), method.to_owned())).or_default();
            add(slices.entry(number).or_default(), measured);
        }
    }

    fn side(mut self, label: &str) -> Side {
        self.close();
        let lengths = &self.lengths;
        let whole = |mut slices: BTreeMap<usize, Slice>| {
            // A slice in which a name does not occur is one without requests, not one less.
            let slice = |(number, seconds): (usize, &f64)| Slice {
                seconds: *seconds,
                ..slices.remove(&number).unwrap_or_default()
            };
            lengths.iter().enumerate().map(slice).collect()
        };
        let names = self.names.into_iter().map(|(key, slices)| (key, whole(slices))).collect();
        Side { label: label.to_owned(), total: self.total, names }
    }
}

fn add<'a>(slice: &mut Slice, parts: impl IntoIterator<Item = &'a Measured>) {
    for part in parts {
        slice.requests = slice.requests.saturating_add(part.requests);
        slice.failures = slice.failures.saturating_add(part.failures);
        slice.total_us = slice.total_us.saturating_add(part.total_us);
        slice.times.add(&part.times);
    }
}

fn seconds(us: u64) -> f64 {
    us as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run_file::{About, Writer};
    use akrida_run::record::{Begins, Moment};
    use akrida_run::{Piece, Record};
    use akrida_stats::Sparse;

    const START_US: u64 = 1_800_000_000_000_000;

    /// A second of a run: as many requests of `/` as its number, and one of `/rare` in each twentieth.
    fn piece(second: u64) -> Piece {
        let wall_us = START_US + second * 1_000_000;
        let mut record = Record { at: Moment { monotonic_us: 0, wall_us }, ..Record::default() };
        if second == 0 {
            record.begins = Some(Begins { at_us: START_US, keeps_rows: false });
        }
        for (name, requests) in [("/", second), ("/rare", u64::from(second % 20 == 5))] {
            if requests > 0 {
                let times = Sparse::from_buckets(vec![(1_000 * second, requests)]);
                let measured = Measured {
                    requests,
                    failures: 1,
                    total_us: 1_000 * second * requests,
                    times,
                    ..Measured::since(START_US)
                };
                record.exact.entries.insert(EntryKey::plain("GET", name), measured);
            }
        }
        Piece { record, ..Piece::default() }
    }

    fn file(pieces: impl IntoIterator<Item = Piece>) -> Vec<u8> {
        let about = About { started_us: START_US, ..About::default() };
        let (mut writer, mut bytes) = Writer::begin(&about).unwrap();
        for piece in pieces {
            bytes.extend(writer.add(piece).unwrap());
        }
        bytes.extend(writer.end().unwrap());
        bytes
    }

    fn counts(slices: &[Slice]) -> Vec<u64> {
        slices.iter().map(|slice| slice.requests).collect()
    }

    #[test]
    fn slices_add_up_to_the_run_and_lack_nothing_where_a_name_is_rare() {
        let side = Side::read("monday", &file((0..=40).map(piece))).unwrap();
        assert_eq!(side.label, "monday");
        let total = &side.total;
        assert_eq!(total.iter().map(|slice| slice.seconds).sum::<f64>(), 40.0);
        assert_eq!(counts(total).iter().sum::<u64>(), 820 + 2);
        assert_eq!(total.iter().map(|slice| slice.failures).sum::<u64>(), 40 + 2);
        assert_eq!(total.iter().map(|slice| slice.times.len()).sum::<u64>(), 822);
        assert_eq!(total.len(), 4);
        let of = |name: &str| &side.names[&(name.to_owned(), "GET".to_owned())];
        assert_eq!(counts(of("/")).iter().sum::<u64>(), 820);
        assert_eq!(counts(of("/rare")).iter().sum::<u64>(), 2);
        assert_eq!(of("/").len(), of("/rare").len());
        assert_eq!(of("/rare").iter().map(|slice| slice.seconds).sum::<f64>(), 40.0);
    }

    #[test]
    fn what_was_reset_or_cut_off_is_left_out() {
        let reset = |mut piece: Piece| {
            piece.record.begins = Some(Begins { at_us: piece.record.at.wall_us, keeps_rows: true });
            piece
        };
        let pieces = (0..=20).map(piece).chain([reset(piece(21))]).chain((22..=51).map(piece));
        let bytes = file(pieces);
        let side = Side::read("x", &bytes).unwrap();
        let expected: u64 = (21..=51).sum::<u64>() + 2;
        assert_eq!(counts(&side.total).iter().sum::<u64>(), expected, "{:?}", counts(&side.total));
        let mut before = usize::MAX;
        for length in (0..bytes.len()).rev().step_by(7) {
            if let Ok(side) = Side::read("x", &bytes[..length]) {
                assert!(side.total.len() <= before.max(5), "{length}");
                before = side.total.len();
            }
        }
        assert!(Side::read("x", b"nothing").is_err());
    }

    #[test]
    fn a_short_rest_at_the_end_is_no_slice() {
        let side = Side::read("x", &file((0..=23).map(piece))).unwrap();
        assert_eq!(side.total.len(), 2);
        let side = Side::read("x", &file((0..=26).map(piece))).unwrap();
        assert_eq!(side.total.len(), 3);
        let side = Side::read("x", &file((0..=3).map(piece))).unwrap();
        assert_eq!((counts(&side.total), side.total[0].seconds), (vec![6], 3.0));
        assert_eq!(counts(&side.names[&("/".to_owned(), "GET".to_owned())]), [6]);
    }
}
