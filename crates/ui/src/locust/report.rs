//! `/stats/report`: the run on one page, that needs nothing else.

use super::downloads::{file_name, named};
use crate::asked::{Asked, plain_page};
use crate::pages::report_parts;
use crate::routes::Shared;
use crate::runs::report_page;
use akrida_report::html::{self, Subject};
use akrida_report::run_file::Run;
use akrida_run::Snapshot;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use std::sync::Arc;

pub(super) async fn report(State(app): State<Shared>, asked: Asked) -> Response {
    let mut snapshot = Snapshot::clone(&app.board.sheet().snapshot);
    if snapshot.host.is_none() {
        // When the run is over there is no host any more but that of the forms.
        snapshot.host.clone_from(&app.present().host);
    }
    let parts = report_parts();
    let kept = kept(&app, &snapshot).await;
    // Figures are those that the page shows now; what the file knows beside them is their course.
    let subject = Subject {
        name: "",
        about: kept.as_ref().map_or(&app.report, |run| &run.about),
        snapshot: &snapshot,
        series: kept.as_ref().map_or(&[], |run| &run.series),
        events: kept.as_ref().map_or(&[], |run| &run.events),
        ended: true,
    };
    let Ok(page) = html::render(&subject, &parts) else {
        return plain_page(StatusCode::INTERNAL_SERVER_ERROR, "The report cannot be written.");
    };
    let response = report_page(page, &parts);
    if asked.query("download").is_some() { named(response, &file_name(&app, ".html")) } else { response }
}

/// The run's file, if there is one: it knows the course from its beginning, a heat map, and what happened.
async fn kept(app: &Shared, snapshot: &Snapshot) -> Option<Run> {
    let folder = app.runs.clone().filter(|_| snapshot.start > 0.0)?;
    let permit = Arc::clone(&app.readers).acquire_owned().await.ok()?;
    let (about, start) = (app.report.clone(), snapshot.start);
    let read = tokio::task::spawn_blocking(move || {
        let run = folder.newest(&about, start).ok().flatten().map(|id| folder.read(&id));
        drop(permit);
        run?.ok()
    });
    read.await.ok()?
}
