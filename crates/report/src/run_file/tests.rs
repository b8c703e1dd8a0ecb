//! A file says what the pieces said that it was made of, wherever it ends.

use super::frame::BEFORE;
use super::*;
use akrida_run::record::{Begins, Moment};
use akrida_run::{
    ExceptionRow, FleetEvent, FleetEventKind, HistoryPoint, Piece, Record, Results, RunState, Snapshot, Span,
    Statement, WorkerRow,
};
use akrida_stats::{Arrivals, Delta, EntryKey, FromIntended, Measured, PerSecond, SecondCounts, Sparse};
use proptest::prelude::*;

const START_US: u64 = 1_795_370_400_000_000;

/// A small generator: the same seed, the same run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn measured(&mut self, wall_us: u64) -> Measured {
        let mut measured = Measured::since(START_US);
        let mut buckets = Vec::new();
        for _ in 0..1 + self.below(20) {
            let us = 100 << self.below(20);
            buckets.push((us, 1));
            measured.requests += 1;
            measured.total_us += us;
            measured.min_us = Some(measured.min_us.unwrap_or(us).min(us));
            measured.max_us = measured.max_us.max(us);
            measured.content_length += self.below(1_000);
        }
        measured.failures = self.below(measured.requests + 1);
        measured.times = Sparse::from_buckets(buckets.clone());
        let counts = SecondCounts { requests: measured.requests, failures: measured.failures };
        measured.per_second = PerSecond::from_seconds([(wall_us / 1_000_000 - self.below(2), counts)]);
        measured.last_us = Some(wall_us - self.below(900_000));
        if self.below(3) == 0 {
            let times = Sparse::from_buckets(buckets);
            let (total_us, max_us) = (2 * measured.total_us, measured.max_us);
            let from = FromIntended { total_us, min_us: measured.min_us.unwrap_or(0), max_us, times };
            measured.from_intended = Some(Box::new(from));
        }
        measured
    }

    fn delta(&mut self, wall_us: u64) -> Delta {
        let mut delta = Delta::default();
        for _ in 0..self.below(6) {
            let name = format!("/{}", self.below(8));
            let key = EntryKey {
                tags: (0..self.below(3)).map(|tag| format!("t{tag}")).collect(),
                stage: Some(u16::try_from(self.below(3)).unwrap()).filter(|stage| *stage > 0),
                ..EntryKey::plain("GET", &name)
            };
            delta.entries.insert(key, self.measured(wall_us));
            if self.below(3) == 0 {
                delta.errors.log("GET", &name, &format!("error {}", self.below(4)), wall_us);
            }
        }
        if self.below(4) == 0 {
            let arrivals = Arrivals { started: self.below(50), dropped: self.below(5) };
            delta.arrivals.insert("Reader".to_owned(), arrivals);
        }
        delta
    }
}

/// A run as a master lives it, and what it showed with each piece.
fn live(seed: u64) -> (Vec<Piece>, Vec<Snapshot>, Results) {
    let seconds = 1 + Random(!seed).below(12);
    live_for(seed, seconds)
}

/// The same, of so many seconds.
fn live_for(seed: u64, seconds: u64) -> (Vec<Piece>, Vec<Snapshot>, Results) {
    let mut random = Random(seed);
    let mut results = Results::since(START_US, 20.0);
    let mut snapshots = Vec::new();
    let mut pieces = Vec::new();
    for second in 0..=seconds {
        let wall_us = START_US + second * 1_000_000 + random.below(40_000);
        let at = Moment { monotonic_us: second, wall_us };
        let mut record = Record { at, ..Record::default() };
        if second == 0 {
            record.begins = Some(Begins { at_us: START_US, keeps_rows: false });
        } else if random.below(40) == 0 {
            record.begins = Some(Begins { at_us: wall_us, keeps_rows: true });
            results.reset(wall_us);
        }
        for _ in 0..random.below(4) {
            let exact = random.below(4) > 0;
            let mut delta = random.delta(wall_us);
            if !exact {
                // Locust's workers tell their total.
                delta.total = Some(delta.sum());
            }
            results.merge(wall_us / 1_000_000, &delta);
            record.measure(exact, delta);
        }
        if random.below(5) == 0 {
            let traceback = format!("line {}", random.below(3));
            record.raise(results.exceptions.log("host_1", "boom", &traceback));
        }
        record.points.push(results.note(wall_us, second, 2, 0.5));
        if random.below(6) == 0 {
            let kind = FleetEventKind::WorkerMissing { id: format!("host_{second}") };
            record.events.push(FleetEvent { at: 0.0, kind });
        }
        let closes = second == seconds;
        let spans = vec![Span { name: "warm".to_owned(), begins_us: START_US, ends_us: wall_us }];
        let mut snapshot = Snapshot {
            at: wall_us as f64 / 1e6,
            end: closes.then_some(wall_us as f64 / 1e6),
            state: if closes { RunState::Stopped } else { RunState::Running },
            user_count: second,
            host: Some("http://shop".to_owned()),
            workers: vec![WorkerRow { id: "host_1".to_owned(), user_count: second, ..WorkerRow::default() }],
            ..Snapshot::default()
        };
        results.show(&mut snapshot, &spans, wall_us);
        let statement = Some(Box::new(Statement::of(&snapshot, spans, wall_us)));
        pieces.push(Piece { record, statement, resumes: false, closes });
        snapshots.push(snapshot);
    }
    (pieces, snapshots, results)
}

/// The bytes of a file of these pieces, and how many of them there were when each piece was written.
fn written(pieces: &[Piece]) -> (Vec<u8>, Vec<usize>) {
    let about = About { started_us: START_US, version: "1".to_owned(), ..About::default() };
    let (mut writer, mut bytes) = Writer::begin(&about).unwrap();
    let mut lengths = Vec::new();
    for piece in pieces {
        bytes.extend(writer.add(piece.clone()).unwrap());
        lengths.push(bytes.len());
    }
    bytes.extend(writer.end().unwrap());
    assert_eq!(writer.length(), bytes.len() as u64);
    (bytes, lengths)
}

/// What is known of the last ten seconds of single rows is not in a file.
fn without_current(snapshot: &Snapshot) -> Snapshot {
    let mut snapshot = snapshot.clone();
    let cuts = snapshot.tags.iter_mut().chain(&mut snapshot.stages).map(|cut| &mut cut.row);
    for row in snapshot.rows.iter_mut().chain(cuts) {
        row.current_percentiles = None;
        row.from_intended.iter_mut().for_each(|from| from.current_percentiles = None);
    }
    snapshot
}

/// Every field, as text: a snapshot has no equality of its own.
fn shown(snapshot: &Snapshot) -> String {
    format!("{snapshot:#?}")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn reports_made_live_and_made_again_are_the_same(seed: u64) {
        let (pieces, snapshots, results) = live(seed);
        let (bytes, _) = written(&pieces);
        let run = Run::read_with_course(&bytes).unwrap();
        let last = without_current(snapshots.last().unwrap());
        prop_assert_eq!(shown(&run.snapshot), shown(&last));
        prop_assert_eq!((run.ended, run.unread), (true, 0));
        let totals = results.into_totals();
        let json = crate::json::render(&run.snapshot, &run.totals, None);
        prop_assert_eq!(json, crate::json::render(&last, &totals, None));
        let layout = crate::console::Layout::for_columns(None);
        prop_assert_eq!(crate::console::summary(&run.snapshot, layout), crate::console::summary(&last, layout));
        for table in [crate::csv::stats, crate::csv::failures, crate::csv::exceptions] {
            prop_assert_eq!(table(&run.snapshot), table(&last));
        }
        let lines: String = snapshots.iter().map(|then| crate::csv::history_lines(then, false)).collect();
        prop_assert_eq!(crate::csv::history_again(&run.series), lines);
        // The same without a file.
        let mut fold = Fold::new(About { started_us: START_US, ..About::default() });
        pieces.into_iter().for_each(|piece| fold.add_piece(piece));
        prop_assert_eq!(shown(&fold.run().snapshot), shown(&last));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(25))]

    #[test]
    fn files_of_several_machines_add_up_exactly(one: u64, other: u64) {
        let read = |seed| Run::read(&written(&live(seed).0).0).unwrap();
        let (mut sum, added) = (read(one), read(other));
        let requests = |run: &Run| run.snapshot.rows.iter().map(|row| row.num_requests).sum::<u64>();
        let expected = requests(&sum) + requests(&added);
        let mut all = sum.totals.total().times.to_sparse();
        all.add(&added.totals.total().times.to_sparse());
        let seconds: u64 = sum.series.iter().chain(&added.series).map(|second| second.requests).sum();
        sum.absorb(&added);
        prop_assert_eq!((requests(&sum), sum.snapshot.total.num_requests), (expected, expected));
        prop_assert_eq!(sum.totals.total().times.to_sparse(), all);
        prop_assert_eq!(sum.series.iter().map(|second| second.requests).sum::<u64>(), seconds);
    }
}

#[test]
fn a_file_that_is_cut_anywhere_tells_all_seconds_that_are_whole() {
    let (pieces, snapshots, _) = live_for(3, 12);
    let (bytes, lengths) = written(&pieces);
    // Everywhere near a frame's end, and here and there within.
    let near =
        |length: &usize| length.is_multiple_of(37) || lengths.iter().any(|end| end.abs_diff(*length) < 12);
    for length in (0..bytes.len()).filter(near) {
        let Ok(run) = Run::read(&bytes[..length]) else {
            assert!(length < 17, "{length} bytes");
            continue;
        };
        let whole = lengths.iter().filter(|end| **end <= length).count();
        if let Some(shown) = whole.checked_sub(1).map(|last| &snapshots[last]) {
            let requests = run.snapshot.total.num_requests;
            assert!(requests >= shown.total.num_requests || run.series.len() > whole, "{length} bytes");
            assert!(run.series.len() >= whole, "{length} bytes: {} of {whole}", run.series.len());
        }
    }
}

#[test]
fn garbage_is_read_as_far_as_it_means_something() {
    let (bytes, _) = written(&live_for(5, 12).0);
    let mut random = Random(9);
    for _ in 0..300 {
        let mut damaged = bytes.clone();
        for _ in 0..1 + random.below(4) {
            let at = random.below(damaged.len() as u64) as usize;
            damaged[at] ^= 1 << random.below(8);
        }
        let _ = Run::read(&damaged);
    }
}

/// Bytes as a frame with a checksum that is right.
fn framed(content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap();
    [&length.to_le_bytes(), &crc32fast::hash(content).to_le_bytes(), content].concat()
}

/// Reads hostile content whose checksums are right, as long as it is told to.
#[test]
#[expect(clippy::disallowed_methods, reason = "how long it goes on is for xtask to say")]
fn fuzz_of_content_that_is_nonsense() {
    use std::io::Write as _;
    let minutes = std::env::var("AKRIDA_FUZZ_MINUTES").ok().and_then(|text| text.parse::<u64>().ok());
    let began = std::time::Instant::now();
    let mut random = Random(minutes.map_or(1, |_| u64::from(std::process::id())));
    let (bytes, _) = written(&live_for(7, 12).0);
    let mut contents = Vec::new();
    let mut rest = read_head(&bytes).unwrap();
    while rest.len() > BEFORE {
        let length = u32::from_le_bytes(*rest.first_chunk().unwrap()) as usize;
        let mut content = Vec::new();
        let packed = &rest[BEFORE..BEFORE + length];
        std::io::Read::read_to_end(&mut flate2::read::DeflateDecoder::new(packed), &mut content).unwrap();
        contents.push(content);
        rest = &rest[BEFORE + length..];
    }
    let mut tried = 0_u64;
    while minutes.map_or(tried < 300, |minutes| began.elapsed().as_secs() < minutes * 60) {
        let mut file = head();
        for _ in 0..3 {
            let mut content = contents[random.below(contents.len() as u64) as usize].clone();
            for _ in 0..random.below(5) {
                let at = random.below(content.len() as u64) as usize;
                content[at] = u8::try_from(random.below(256)).unwrap();
            }
            let mut packed = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
            packed.write_all(&content).unwrap();
            file.extend(framed(&packed.finish().unwrap()));
        }
        let mut run = Run::read_with_course(&file).unwrap();
        let other = run.clone();
        run.absorb(&other);
        let _ = crate::json::render(&run.snapshot, &run.totals, None);
        let _ = crate::console::summary(&run.snapshot, crate::console::Layout::for_columns(None));
        tried += 1;
    }
    println!("{tried} files read");
}

#[test]
fn a_bomb_is_no_frame() {
    use std::io::Write as _;
    let mut packed = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    let zeros = vec![0; 1 << 20];
    (0..=crate::limits::FRAME >> 20).for_each(|_| packed.write_all(&zeros).unwrap());
    let file = [head(), framed(&packed.finish().unwrap())].concat();
    let run = Run::read(&file).unwrap();
    assert_eq!((run.series.len(), run.unread), (0, file.len() - head().len()));
}

#[test]
fn heads_tell_what_a_file_is() {
    assert_eq!(read_head(&head()), Ok(&[][..]));
    assert_eq!(read_head(b"something else entirely"), Err(HeadError::Other));
    assert_eq!(read_head(b"akrida res"), Err(HeadError::Empty));
    let newer = [&head()[..head().len() - 2], &[9, 0]].concat();
    assert_eq!(read_head(&newer), Err(HeadError::Version(9)));
}

#[test]
fn who_was_killed_is_known_in_total_to_the_last_second() {
    let (mut pieces, snapshots, _) = live_for(11, 30);
    pieces.truncate(15);
    let about = About { started_us: START_US, ..About::default() };
    let (mut writer, mut bytes) = Writer::begin(&about).unwrap();
    pieces.into_iter().for_each(|piece| bytes.extend(writer.add(piece).unwrap()));
    let run = Run::read(&bytes).unwrap();
    assert_eq!(run.snapshot.total.num_requests, snapshots[14].total.num_requests);
    assert!(!run.ended);
    let by_name: u64 = run.snapshot.rows.iter().map(|row| row.num_requests).sum();
    assert!(by_name < run.snapshot.total.num_requests);
    assert!(run.snapshot.notices.last().unwrap().contains("lack its last 4 s"), "{:?}", run.snapshot.notices);
}

#[test]
fn a_glance_tells_what_a_run_came_to() {
    let (pieces, snapshots, _) = live_for(3, 4);
    let (bytes, _) = written(&pieces);
    let look = |bytes: &[u8]| Glance::read(&mut std::io::Cursor::new(bytes));
    let (glance, last) = (look(&bytes).unwrap(), snapshots.last().unwrap());
    assert_eq!((glance.about.started_us, glance.ended), (START_US, true));
    let sum = glance.statement.sum;
    assert_eq!((sum.requests, sum.failures), (last.total.num_requests, last.total.num_failures));
    for length in 0..bytes.len() {
        if let Ok(glance) = look(&bytes[..length]) {
            assert!(!glance.ended || glance.statement.sum == sum, "{length} bytes");
        }
    }
    assert!(look(b"something else entirely, and long enough").is_err());
}

#[test]
fn points_and_exceptions_are_bounded() {
    let mut fold = Fold::default();
    for second in 0..3_000_u64 {
        let mut record =
            Record { at: Moment { monotonic_us: 0, wall_us: second * 1_000_000 }, ..Record::default() };
        record.points.push(HistoryPoint::default());
        record.raise(ExceptionRow { count: 1, traceback: second.to_string(), ..ExceptionRow::default() });
        fold.add_piece(Piece { record, ..Piece::default() });
    }
    let run = fold.run();
    assert!(run.snapshot.history.len() <= 2_048);
    assert_eq!(run.snapshot.exceptions.iter().map(|row| row.count).sum::<u64>(), 3_000);
}
