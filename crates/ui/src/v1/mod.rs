//! `/api/v1`: what Locust's shapes cannot carry. `API.md` and `openapi.json` describe it.

mod actions;
mod events;
mod history;
mod packed;
pub(crate) mod snapshot;
mod test;

pub(crate) use packed::Packed;

use crate::asked::{Asked, JSON, answer, compact};
use crate::board::Text;
use crate::locust::{all_logs, ratios};
use crate::routes::{Route, Shared, get, post};
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

/// The description for programs.
const OPENAPI: &str = include_str!("../../openapi.json");

pub(crate) fn routes() -> Vec<Route> {
    vec![
        get("/api/v1/openapi.json", openapi),
        get("/api/v1/test", test::test),
        get("/api/v1/snapshot", newest),
        get("/api/v1/history", history::history),
        get("/api/v1/events", events::events),
        get("/api/v1/workers", workers),
        get("/api/v1/tasks", tasks),
        get("/api/v1/logs", logs),
        post("/api/v1/swarm", actions::swarm),
        post("/api/v1/stop", actions::stop),
        post("/api/v1/reset", actions::reset),
        post("/api/v1/user", actions::user),
        crate::rescale::v1(),
    ]
}

async fn openapi() -> Response {
    answer(StatusCode::OK, JSON, OPENAPI)
}

async fn newest(State(app): State<Shared>, asked: Asked) -> Response {
    let sheet = app.board.sheet();
    asked.text(JSON, sheet.json(), Some(&sheet.etag))
}

async fn workers(State(app): State<Shared>, asked: Asked) -> Response {
    let sheet = app.board.sheet();
    let value = snapshot::workers(&sheet);
    asked.text(JSON, &Text::new(crate::numbers::compact(&value)), None)
}

async fn tasks(State(app): State<Shared>) -> Response {
    compact(StatusCode::OK, &ratios(&app))
}

async fn logs(State(app): State<Shared>, asked: Asked) -> Response {
    let first = asked.query("since").and_then(|since| since.parse().ok()).unwrap_or(0);
    let (next, mut value) = all_logs(&app, first).await;
    value["next"] = next.into();
    asked.text(JSON, &Text::new(crate::numbers::compact(&value)), None)
}
