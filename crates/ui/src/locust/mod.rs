//! Locust's HTTP API: same paths, fields, shapes and words.

mod downloads;
mod lists;
mod report;
pub(crate) mod stats;

use crate::asked::{Asked, JSON, answer, pretty, see_other};
use crate::body::{self, Content};
use crate::routes::{Route, Shared, either, get, post};
use crate::swarm::{self, Refused, Wish};
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use serde_json::json;

pub(crate) use downloads::named;
pub(crate) use lists::{all_logs, logs_of_workers, ratios};

pub(crate) fn routes() -> Vec<Route> {
    vec![
        post("/swarm", start),
        either("/stop", stop),
        either("/stats/reset", reset),
        get("/stats/requests", stats::requests),
        get("/stats/requests/csv", downloads::requests),
        get("/stats/failures/csv", downloads::failures),
        get("/stats/requests_full_history/csv", downloads::full_history),
        get("/stats/report", report::report),
        get("/exceptions", lists::exceptions),
        get("/exceptions/csv", downloads::exceptions),
        get("/tasks", lists::tasks),
        get("/logs", lists::logs),
        get("/worker-count", lists::worker_count),
        post("/user", edit_class),
    ]
}

async fn start(State(app): State<Shared>, asked: Asked, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let (json, done) = match body::read(&parts.headers, body).await {
        Err(error) => (true, Err(Refused::new(error.status(), error.to_string()))),
        Ok(content) => {
            let json = matches!(content, Content::Json(_));
            match Wish::read(&content, &app.about.options) {
                Ok(wish) => (json, swarm::swarm(&app, wish).await),
                Err(wrong) => (json, Err(wrong.into())),
            }
        }
    };
    if asked.html && !json {
        let told = done.as_ref().map(|started| started.message.as_str());
        return back(&asked, told.map_err(|refused| refused.message.as_str()));
    }
    match done {
        Ok(started) => pretty(StatusCode::OK, &started),
        Err(refused) => {
            // Locust's page and scripts look at what is said, not at the status.
            let status = if json { refused.status } else { StatusCode::OK };
            let host = app.present().host.clone();
            let mut value = json!({ "success": false, "message": refused.message, "host": host });
            if let (Some(field), true) = (refused.field, json) {
                value["field"] = field.into();
            }
            pretty(status, &value)
        }
    }
}

/// Back to the page, which shows what is told.
pub(crate) fn back(asked: &Asked, told: Result<&str, &str>) -> Response {
    back_to("", asked, told)
}

/// The same, with the view that this part of a query names.
fn back_to(view: &str, asked: &Asked, told: Result<&str, &str>) -> Response {
    let (message, error) = match told {
        Ok(message) => (message, ""),
        Err(message) => (message, "&error=1"),
    };
    let message: String = form_urlencoded::byte_serialize(message.as_bytes()).collect();
    see_other(&format!("{}?{view}message={message}{error}", asked.place.address("")))
}

async fn stop(State(app): State<Shared>, asked: Asked) -> Response {
    let wait = asked.query("wait") != Some("0");
    let done = swarm::stop(&app, wait).await;
    if asked.html {
        return back(&asked, done.as_ref().map(|text| *text).map_err(|refused| refused.message.as_str()));
    }
    match done {
        Ok(message) => pretty(StatusCode::OK, &json!({ "success": true, "message": message })),
        Err(refused) => pretty(StatusCode::OK, &json!({ "success": false, "message": refused.message })),
    }
}

async fn reset(State(app): State<Shared>, asked: Asked) -> Response {
    match app.handle.reset().await.map_err(Refused::from) {
        Ok(()) if asked.html => back(&asked, Ok("Statistics reset")),
        Ok(()) => answer(StatusCode::OK, crate::asked::HTML, "ok"),
        Err(refused) => pretty(refused.status, &json!({ "success": false, "message": refused.message })),
    }
}

/// Where the forms for classes are.
const TASKS: &str = "view=tasks&";

/// Locust does not look at the type of this body; a form is taken too.
async fn edit_class(State(app): State<Shared>, asked: Asked, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let read = async {
        let unreadable = |error: body::Unreadable| Refused::new(error.status(), error.to_string());
        let bytes = body::read_bytes(body).await.map_err(unreadable)?;
        let json = bytes.trim_ascii_start().starts_with(b"{");
        let content =
            if json { body::json(&bytes).map(Content::Json) } else { body::parse(&parts.headers, &bytes) };
        Ok::<_, Refused>(swarm::class_edit(&content.map_err(unreadable)?)?)
    };
    let done = match read.await {
        Ok(edit) => swarm::edit_class(&app, edit).await,
        Err(refused) => Err(refused),
    };
    match done {
        Ok(()) if asked.html => back_to(TASKS, &asked, Ok("User class changed")),
        Ok(()) => answer(StatusCode::CREATED, JSON, "{}\n"),
        Err(refused) if asked.html => back_to(TASKS, &asked, Err(&refused.message)),
        Err(refused) => pretty(
            refused.status,
            &json!({ "success": false, "message": refused.message, "field": refused.field }),
        ),
    }
}
