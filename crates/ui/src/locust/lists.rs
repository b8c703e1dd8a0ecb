//! Exceptions, tasks, logs and the number of workers.

use super::stats;
use crate::app::App;
use crate::asked::{Asked, pretty};
use crate::routes::Shared;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) async fn exceptions(State(app): State<Shared>) -> Response {
    let sheet = app.board.sheet();
    let rows = sheet.snapshot.exceptions.iter().map(|row| {
        json!({
            "count": row.count,
            "msg": row.msg,
            "traceback": row.traceback,
            "nodes": row.nodes.join(", "),
        })
    });
    pretty(StatusCode::OK, &json!({ "exceptions": rows.collect::<Vec<_>>() }))
}

pub(super) async fn tasks(State(app): State<Shared>) -> Response {
    pretty(StatusCode::OK, &ratios(&app))
}

/// Ratios of classes are shares of the users that run now, those of tasks are by weight; in `total` they are
/// multiplied.
pub(crate) fn ratios(app: &App) -> Value {
    let sheet = app.board.sheet();
    let users = &sheet.snapshot.user_classes;
    let all: u64 = users.values().sum();
    let (mut per_class, mut total) = (Map::new(), Map::new());
    let present = app.present();
    for class in present.classes.iter().filter(|class| present.chosen.contains(&class.name)) {
        let count = users.get(&class.name).copied().unwrap_or(0);
        let ratio = if all == 0 { 0.0 } else { count as f64 / all as f64 };
        let tasks = |of: f64| -> Map<String, Value> {
            class.ratios().map(|(task, share)| (task.to_owned(), json!({ "ratio": share * of }))).collect()
        };
        per_class.insert(class.name.clone(), json!({ "ratio": ratio, "tasks": tasks(1.0) }));
        total.insert(class.name.clone(), json!({ "ratio": ratio, "tasks": tasks(ratio) }));
    }
    json!({ "per_class": per_class, "total": total })
}

pub(super) async fn logs(State(app): State<Shared>, _: Asked) -> Response {
    pretty(StatusCode::OK, &all_logs(&app, 0).await.1)
}

/// The master's lines from number `since` on and those of workers; and the number of its next line.
pub(crate) async fn all_logs(app: &App, since: u64) -> (u64, Value) {
    let (next, master) = app.tail.since(since);
    let master: Vec<&str> = master.iter().map(|line| &**line).collect();
    let workers = logs_of_workers(app).await;
    let workers: BTreeMap<&str, &[String]> =
        workers.iter().map(|(id, lines)| (id.as_str(), &**lines)).collect();
    (next, json!({ "master": master, "workers": workers }))
}

/// What workers sent of their logs; nothing once the master has ended.
pub(crate) async fn logs_of_workers(app: &App) -> BTreeMap<String, Arc<[String]>> {
    app.handle.logs().await.unwrap_or_default()
}

pub(super) async fn worker_count(State(app): State<Shared>) -> Response {
    let count = if app.about.distributed { stats::worker_count(&app.board.sheet().snapshot) } else { 0 };
    pretty(StatusCode::OK, &json!({ "worker_count": count }))
}
