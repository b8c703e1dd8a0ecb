//! A snapshot as `/api/v1/snapshot` has it.

use crate::board::Sheet;
use crate::locust::stats::worker_count;
use crate::numbers::compact;
use akrida_run::{
    ArrivalsRow, ClassCounts, CutRow, ErrorRow, ExceptionRow, Generator, HistoryPoint, MasterRow, Now,
    PERCENTILES, Row, RunState, StageNow, ThresholdRow, WorkerRow,
};
use serde::Serialize;

#[derive(Serialize)]
struct Body<'a> {
    seq: u64,
    at: f64,
    start: f64,
    end: Option<f64>,
    state: RunState,
    user_count: u64,
    target_user_count: u64,
    spawn_rate: f64,
    user_classes: &'a ClassCounts,
    host: Option<&'a str>,
    time_left: Option<f64>,
    stage: Option<&'a StageNow>,
    percentiles: [f64; 11],
    rows: &'a [Row],
    total: Total<'a>,
    tags: &'a [CutRow],
    stages: &'a [CutRow],
    arrivals: &'a [ArrivalsRow],
    errors: &'a [ErrorRow],
    exceptions: &'a [ExceptionRow],
    now: Now,
    workers: &'a [WorkerRow],
    worker_count: usize,
    master: MasterRow,
    generator: Generator,
    thresholds: &'a [ThresholdRow],
    notices: &'a [String],
    point: Option<Point>,
}

/// The sum, which has its name also before anything was measured.
#[derive(Serialize)]
#[serde(untagged)]
enum Total<'a> {
    Named(&'a Row),
    Unnamed(Box<Row>),
}

/// A point of the history.
#[derive(Serialize)]
struct Point {
    at: f64,
    user_count: u64,
    worker_count: u64,
    rps: f64,
    fail_per_sec: f64,
    avg: Option<f64>,
    response_times: Option<[f64; 11]>,
    lag_ms: f64,
    dropped: u64,
}

impl From<&HistoryPoint> for Point {
    fn from(point: &HistoryPoint) -> Self {
        Self {
            at: point.at,
            user_count: point.user_count,
            worker_count: point.worker_count,
            rps: point.now.rps,
            fail_per_sec: point.now.fail_per_sec,
            avg: point.now.avg,
            response_times: point.percentiles,
            lag_ms: point.lag_ms,
            dropped: point.dropped,
        }
    }
}

/// The snapshot of `sheet` as JSON.
pub(crate) fn write(sheet: &Sheet) -> Vec<u8> {
    let of = &*sheet.snapshot;
    let total = if of.total.name.is_empty() {
        Total::Unnamed(Box::new(Row { name: "Aggregated".to_owned(), ..of.total.clone() }))
    } else {
        Total::Named(&of.total)
    };
    compact(&Body {
        seq: sheet.seq,
        at: of.at,
        start: of.start,
        end: of.end,
        state: of.state,
        user_count: of.user_count,
        target_user_count: of.target_user_count,
        spawn_rate: of.spawn_rate,
        user_classes: &of.user_classes,
        host: of.host.as_deref(),
        time_left: of.time_left,
        stage: of.stage.as_ref(),
        percentiles: PERCENTILES,
        rows: &of.rows,
        total,
        tags: &of.tags,
        stages: &of.stages,
        arrivals: &of.arrivals,
        errors: &of.errors,
        exceptions: &of.exceptions,
        now: of.now,
        workers: &of.workers,
        worker_count: worker_count(of),
        master: of.master,
        generator: of.generator,
        thresholds: &of.thresholds,
        notices: &of.notices,
        point: of.history.last().map(Point::from),
    })
}

#[derive(Serialize)]
pub(crate) struct Workers<'a> {
    seq: u64,
    worker_count: usize,
    workers: &'a [WorkerRow],
}

/// The workers alone.
pub(crate) fn workers(sheet: &Sheet) -> Workers<'_> {
    Workers { seq: sheet.seq, worker_count: worker_count(&sheet.snapshot), workers: &sheet.snapshot.workers }
}
