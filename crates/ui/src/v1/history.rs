//! The course of the run, column by column.

use crate::asked::{Asked, JSON};
use crate::board::Text;
use crate::numbers::compact;
use crate::routes::Shared;
use akrida_run::{HistoryPoint, PERCENTILES, Snapshot};
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;

#[derive(Serialize)]
struct Columns {
    start: f64,
    percentiles: [f64; 11],
    at: Vec<f64>,
    user_count: Vec<u64>,
    worker_count: Vec<u64>,
    rps: Vec<f64>,
    fail_per_sec: Vec<f64>,
    avg: Vec<Option<f64>>,
    lag_ms: Vec<f64>,
    dropped: Vec<u64>,
    /// One column for each of the percentiles.
    response_times: Vec<Vec<Option<f64>>>,
}

pub(super) async fn history(State(app): State<Shared>, asked: Asked) -> Response {
    let since = asked.query("since").and_then(|since| since.parse().ok()).unwrap_or(f64::NEG_INFINITY);
    let sheet = app.board.sheet();
    asked.text(JSON, &Text::new(compact(&columns(&sheet.snapshot, since))), None)
}

fn columns(snapshot: &Snapshot, since: f64) -> Columns {
    // Written with three digits, so a moment that was read before may look older than it is.
    let newer = |point: &&HistoryPoint| point.at > since + 1e-3;
    let points: Vec<&HistoryPoint> = snapshot.history.iter().filter(newer).collect();
    let column = |index: usize| points.iter().map(move |point| Some(point.percentiles?[index])).collect();
    Columns {
        start: snapshot.start,
        percentiles: PERCENTILES,
        at: points.iter().map(|point| point.at).collect(),
        user_count: points.iter().map(|point| point.user_count).collect(),
        worker_count: points.iter().map(|point| point.worker_count).collect(),
        rps: points.iter().map(|point| point.now.rps).collect(),
        fail_per_sec: points.iter().map(|point| point.now.fail_per_sec).collect(),
        avg: points.iter().map(|point| point.now.avg).collect(),
        lag_ms: points.iter().map(|point| point.lag_ms).collect(),
        dropped: points.iter().map(|point| point.dropped).collect(),
        response_times: (0..PERCENTILES.len()).map(column).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn columns_are_equally_long_and_begin_after_what_is_known() {
        let point = |at: f64, timed: bool| HistoryPoint {
            at,
            percentiles: timed.then_some([1.0; 11]),
            ..HistoryPoint::default()
        };
        let history = Arc::new(vec![point(1.0001, true), point(2.0004, false), point(3.0, true)]);
        let snapshot = Snapshot { history, ..Snapshot::default() };
        let all = columns(&snapshot, f64::NEG_INFINITY);
        assert_eq!(all.at.len(), 3);
        assert_eq!(all.response_times, vec![vec![Some(1.0), None, Some(1.0)]; 11]);
        assert_eq!(columns(&snapshot, 2.0).at, [3.0]);
        assert_eq!(columns(&snapshot, 3.0).at, [0.0; 0]);
    }
}
