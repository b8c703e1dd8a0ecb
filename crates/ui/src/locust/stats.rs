//! `/stats/requests`: what Locust's page, exporters and KEDA read.

use crate::asked::{Asked, JSON};
use crate::limits;
use crate::numbers::pretty;
use crate::routes::Shared;
use akrida_run::{Row, Snapshot, WorkerState};
use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

/// Which of [`akrida_run::PERCENTILES`] a row has here.
const P95: usize = 5;
const P99: usize = 7;

pub(super) async fn requests(State(app): State<Shared>, asked: Asked) -> Response {
    asked.text(JSON, app.board.sheet().locusts(), None)
}

/// A snapshot in Locust's shape.
pub(crate) fn write(snapshot: &Snapshot, distributed: bool) -> Vec<u8> {
    let total = &snapshot.total;
    let rows = snapshot.rows.iter().take(limits::ROWS).map(row);
    let aggregated = {
        let mut aggregated = row(total);
        aggregated["name"] = "Aggregated".into();
        aggregated
    };
    let errors = snapshot.errors.iter().take(limits::ROWS).map(|error| {
        json!({
            "method": error.method,
            "name": error.name,
            "error": error.error,
            "occurrences": error.occurrences,
            "first_seen": error.first_seen,
            "last_seen": error.last_seen,
        })
    });
    let mut value = json!({
        "stats": rows.chain([aggregated]).collect::<Vec<_>>(),
        "errors": errors.collect::<Vec<_>>(),
        "current_rps": snapshot.now.rps,
        "current_fail_per_sec": snapshot.now.fail_per_sec,
        "total_rps": total.total_rps,
        "total_fail_per_sec": total.total_fail_per_sec,
        "total_avg_response_time": total.avg_response_time,
        "fail_ratio": total.fail_ratio,
        "current_response_time_percentiles": {
            "response_time_percentile_0.5": ms(snapshot.now.median.unwrap_or(0.0)),
            "response_time_percentile_0.95": ms(snapshot.now.p95.unwrap_or(0.0)),
        },
        "state": snapshot.state,
        "user_count": snapshot.user_count,
    });
    if distributed {
        let workers = snapshot.workers.iter().map(|worker| {
            json!({
                "id": worker.id,
                "state": worker.state,
                "user_count": worker.user_count,
                "cpu_usage": worker.cpu_usage,
                "memory_usage": worker.memory_usage,
            })
        });
        value["workers"] = workers.collect::<Vec<_>>().into();
        value["worker_count"] = worker_count(snapshot).into();
    }
    pretty(&value)
}

/// Workers that are not missing.
pub(crate) fn worker_count(snapshot: &Snapshot) -> usize {
    snapshot.workers.iter().filter(|worker| worker.state != WorkerState::Missing).count()
}

fn row(row: &Row) -> Value {
    let at = |index: usize| row.percentiles.map_or(0.0, |percentiles| percentiles[index]);
    json!({
        "method": row.method,
        "name": row.name,
        "num_requests": row.num_requests,
        "num_failures": row.num_failures,
        "min_response_time": ms(row.min_response_time.unwrap_or(0.0)),
        "max_response_time": ms(row.max_response_time),
        "avg_response_time": row.avg_response_time,
        "median_response_time": ms(row.median_response_time),
        "avg_content_length": row.avg_content_length,
        "current_rps": row.current_rps,
        "current_fail_per_sec": row.current_fail_per_sec,
        "total_rps": row.total_rps,
        "total_fail_per_sec": row.total_fail_per_sec,
        "response_time_percentile_0.95": ms(at(P95)),
        "response_time_percentile_0.99": ms(at(P99)),
    })
}

/// Whole milliseconds as Locust has them; below ten, where these would say little, two digits more.
fn ms(time: f64) -> Value {
    if time >= 10.0 { json!(time.round()) } else { json!((time * 100.0).round() / 100.0) }
}
