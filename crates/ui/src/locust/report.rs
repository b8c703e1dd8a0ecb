//! `/stats/report`: the run on one page.

use super::downloads::{file_name, named};
use crate::asked::{Asked, HTML, answer, plain_page};
use crate::routes::Shared;
use akrida_run::{ErrorRow, ExceptionRow, Row, Snapshot};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "report.html")]
struct Report<'a> {
    locustfile: &'a str,
    host: &'a str,
    rows: Vec<&'a Row>,
    errors: &'a [ErrorRow],
    exceptions: &'a [ExceptionRow],
    notices: &'a [String],
}

pub(super) async fn report(State(app): State<Shared>, asked: Asked) -> Response {
    let snapshot: Arc<Snapshot> = Arc::clone(&app.board.sheet().snapshot);
    let host = app.present().host.clone().unwrap_or_default();
    let page = Report {
        locustfile: &app.about.locustfile,
        host: &host,
        rows: snapshot.rows.iter().chain([&snapshot.total]).collect(),
        errors: &snapshot.errors,
        exceptions: &snapshot.exceptions,
        notices: &snapshot.notices,
    };
    let Ok(page) = page.render() else {
        return plain_page(StatusCode::INTERNAL_SERVER_ERROR, "The report cannot be written.");
    };
    let response = answer(StatusCode::OK, HTML, page);
    if asked.query("download").is_some() { named(response, &file_name(&app, ".html")) } else { response }
}
