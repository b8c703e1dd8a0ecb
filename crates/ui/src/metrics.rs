//! `/metrics`: what Prometheus scrapes.

use crate::asked::{Asked, problem_v1};
use crate::board::Text;
use crate::routes::{Route, Shared, get};
use akrida_report::openmetrics::{self, Format};
use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, StatusCode};

/// Where it is; open without a login where `/stats/requests` is.
pub(crate) const PATH: &str = "/metrics";

pub(crate) fn routes() -> Vec<Route> {
    vec![get(PATH, metrics)]
}

async fn metrics(State(app): State<Shared>, asked: Asked, headers: HeaderMap) -> Response {
    let Ok(series) = app.handle.series().await else {
        return problem_v1(StatusCode::SERVICE_UNAVAILABLE, "The master has ended.");
    };
    let format = Format::asked(crate::place::header(&headers, "accept"));
    let snapshot = app.board.sheet().snapshot.clone();
    let page = openmetrics::master(&snapshot, &series, &app.about.version, format);
    asked.text(format.media_type(), &Text::new(page.into_bytes()), None)
}
