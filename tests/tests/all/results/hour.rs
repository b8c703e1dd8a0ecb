//! An hour of a thousand requests per second under five hundred names.

use akrida_report::html;
use akrida_report::run_file::{About, Run, Writer};
use akrida_run::record::{Begins, Moment};
use akrida_run::{HistoryPoint, Now, Piece, Record, RunState, Snapshot, Statement, WorkerRow};
use akrida_stats::{EntryKey, Measured, PerSecond, SecondCounts, Sparse};
use fastrand::Rng;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const START_US: u64 = 1_795_370_400_000_000;
const NAMES: usize = 500;
const RATE: usize = 1_000;
const WORKERS: usize = 20;

/// A response time, microseconds: most around twenty milliseconds, one in a hundred ten times as long, and nowhere round.
fn time_us(random: &mut Rng) -> u64 {
    let spread: f64 = (0..4).map(|_| random.usize(0..1_000) as f64 / 1_000.0).sum::<f64>() - 2.0;
    let slow = if random.usize(0..100) == 0 { 10.0 } else { 1.0 };
    (20_000.0 * spread.exp() * slow) as u64
}

fn piece(second: u64, random: &mut Rng) -> Piece {
    let wall_us = START_US + second * 1_000_000;
    let mut record = Record { at: Moment { monotonic_us: second * 1_000_000, wall_us }, ..Record::default() };
    if second == 0 {
        record.begins = Some(Begins { at_us: START_US, keeps_rows: false });
    }
    let mut by_name: BTreeMap<usize, Vec<u64>> = BTreeMap::new();
    (0..RATE).for_each(|_| by_name.entry(random.usize(0..NAMES)).or_default().push(time_us(random)));
    for (name, times) in by_name {
        let requests = times.len() as u64;
        let failures = times.iter().filter(|_| random.usize(0..200) == 0).count() as u64;
        let counts = SecondCounts { requests, failures };
        let measured = Measured {
            requests,
            failures,
            total_us: times.iter().sum(),
            min_us: times.iter().min().copied(),
            max_us: times.iter().max().copied().unwrap_or(0),
            content_length: times.iter().map(|_| random.usize(0..5_000) as u64).sum(),
            times: Sparse::from_buckets(times.iter().map(|us| (*us, 1)).collect()),
            per_second: PerSecond::from_seconds([(wall_us / 1_000_000, counts)]),
            last_us: Some(wall_us - random.usize(0..100_000) as u64),
            ..Measured::since(START_US)
        };
        let path = format!("/shop/category-{}/item-{name}/details", name % 17);
        if failures > 0 {
            record.exact.errors.log(
                "GET",
                &path,
                "HTTPError('503 Server Error: Service Unavailable')",
                wall_us,
            );
        }
        record.exact.entries.insert(EntryKey::plain("GET", &path), measured);
    }
    let ms = || 20.0;
    let noise = |random: &mut Rng| random.usize(0..1_000) as f64 / 7.0;
    let percentiles = Some(std::array::from_fn(|at| ms() * (at + 1) as f64 + noise(random)));
    let now = Now { rps: RATE as f64 + noise(random), ..Now::default() };
    let at = wall_us as f64 / 1e6;
    record.points.push(HistoryPoint {
        at,
        user_count: 800,
        worker_count: WORKERS as u64,
        now,
        percentiles,
        ..HistoryPoint::default()
    });
    let workers = (0..WORKERS).map(|worker| WorkerRow {
        id: format!("worker-{worker}-5d8f9c7b6-x{worker}"),
        user_count: 40,
        cpu_usage: noise(random),
        memory_usage: (20 << 20) + random.usize(0..1 << 20) as u64,
        lag_ms: Some(noise(random)),
        ..WorkerRow::default()
    });
    let snapshot = Snapshot {
        at,
        end: (second == 3_600).then_some(at),
        state: if second == 3_600 { RunState::Stopped } else { RunState::Running },
        user_count: 800,
        workers: workers.collect(),
        now,
        ..Snapshot::default()
    };
    let statement = Some(Box::new(Statement::of(&snapshot, Vec::new(), wall_us)));
    Piece { record, statement, resumes: false, closes: second == 3_600 }
}

/// What it took: bytes of the file and of its report, and how long it took to write a second, to read all and to make the
/// report.
pub(crate) struct Took {
    pub(crate) file: usize,
    pub(crate) report: usize,
    pub(crate) second: Duration,
    pub(crate) read: Duration,
    pub(crate) made: Duration,
    pub(crate) page: String,
}

/// Writes an hour, reads it, and makes its report.
#[expect(clippy::disallowed_methods, reason = "it is a measurement")]
pub(crate) fn hour(parts: &html::Parts) -> Took {
    let mut random = Rng::with_seed(8);
    let about = About { started_us: START_US, files: "shop.yaml".to_owned(), ..About::default() };
    let (mut writer, mut bytes) = Writer::begin(&about).unwrap();
    let mut writing = Duration::ZERO;
    for second in 0..=3_600 {
        let piece = piece(second, &mut random);
        let began = Instant::now();
        bytes.extend(writer.add(piece).unwrap());
        writing += began.elapsed();
    }
    bytes.extend(writer.end().unwrap());
    let began = Instant::now();
    let run = Run::read(&bytes).unwrap();
    let read = began.elapsed();
    assert_eq!(run.snapshot.total.num_requests, 3_601 * RATE as u64);
    assert_eq!(run.snapshot.rows.iter().map(|row| row.num_requests).sum::<u64>(), 3_601 * RATE as u64);
    let began = Instant::now();
    let page = html::of_run(&run, "", parts).unwrap();
    let made = began.elapsed();
    Took { file: bytes.len(), report: page.len(), second: writing / 3_601, read, made, page }
}
