//! `GET /rescale-form`, `POST /rescale`, and the same as data.

use super::page::View;
use super::{Workers, wish};
use crate::app::App;
use crate::asked::{Asked, HTML, answer, compact, plain_page, pretty, see_other};
use crate::body::{self, Content};
use crate::locust::stats::worker_count;
use crate::pages::Assets;
use crate::routes::{Route, Shared, get, post};
use crate::swarm::Refused;
use akrida_scaler::ScaleError;
use askama::Template;
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};

pub(crate) fn routes() -> Vec<Route> {
    vec![get("/rescale-form", form), post("/rescale", rescale)]
}

/// Those below `/api/v1`.
pub(crate) fn v1() -> Route {
    crate::routes::page("/api/v1/rescale", read, rescale)
}

/// The form on a page of its own, which needs no script.
#[derive(Template)]
#[template(path = "rescale.html")]
struct Form {
    base: String,
    assets: Assets,
    /// Whether it comes again by itself, until the numbers agree.
    follows: bool,
    message: String,
    error: bool,
    rescale: Option<View>,
}

/// Seconds until the form comes again.
const AGAIN: u32 = 2;

async fn form(State(app): State<Shared>, asked: Asked) -> Response {
    let told = asked.query("message").unwrap_or_default().to_owned();
    let error = asked.query("error").is_some();
    show(&app, &asked, StatusCode::OK, told, error).await
}

async fn show(app: &App, asked: &Asked, status: StatusCode, message: String, error: bool) -> Response {
    let view = match &app.workers {
        Some(workers) => Some(look(app, workers).await),
        None => None,
    };
    // Only after a change, since it would empty what somebody writes into the field.
    let follows = asked.query("follow").is_some() && view.as_ref().is_some_and(|view| !view.agree);
    let page =
        Form { base: asked.place.base(), assets: Assets::new(), follows, message, error, rescale: view };
    page.render().map_or_else(
        |_| plain_page(StatusCode::INTERNAL_SERVER_ERROR, "The page cannot be written."),
        |page| answer(status, HTML, page),
    )
}

async fn read(State(app): State<Shared>) -> Response {
    match &app.workers {
        Some(workers) => compact(StatusCode::OK, &look(&app, workers).await),
        None => compact(StatusCode::CONFLICT, &problem(&alone())),
    }
}

async fn look(app: &App, workers: &Workers) -> View {
    if !workers.is_in_cluster() {
        return View::of(workers, &workers.shown(), connected(app));
    }
    let shown = workers.look(connected(app)).await;
    View::of(workers, &shown, connected(app))
}

async fn rescale(State(app): State<Shared>, asked: Asked, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let read = body::read(&parts.headers, body).await;
    let is_json = matches!(read, Ok(Content::Json(_)));
    let done = match read {
        Err(error) => Err(Refused::new(error.status(), format!("Not rescaled: {error}."))),
        Ok(content) => change(&app, &asked, &content).await,
    };
    let html = asked.html && !is_json;
    match done {
        Ok(message) if html => {
            let message: String = form_urlencoded::byte_serialize(message.as_bytes()).collect();
            see_other(&asked.place.address(&format!("rescale-form?follow=1&message={message}")))
        }
        Err(refused) if html => show(&app, &asked, refused.status, refused.message, true).await,
        Ok(message) => {
            let shown =
                app.workers.as_ref().map(|workers| View::of(workers, &workers.shown(), connected(&app)));
            pretty(StatusCode::OK, &json!({ "success": true, "message": message, "rescale": shown }))
        }
        Err(refused) => pretty(refused.status, &problem(&refused)),
    }
}

async fn change(app: &App, asked: &Asked, content: &Content) -> Result<String, Refused> {
    let workers = app.workers.as_ref().ok_or_else(alone)?;
    let count = wish::read(content, workers.bounds())?;
    match workers.set(count, asked, connected(app)).await {
        Ok(change) => {
            let from = change.from.filter(|from| *from != count);
            let from = from.map(|from| format!(", no longer {from}")).unwrap_or_default();
            let s = if count == 1 { "" } else { "s" };
            Ok(format!("{count} worker{s} wanted{from}"))
        }
        Err(error) => Err(Refused::new(status(&error), error.to_string())),
    }
}

/// What is answered where the workers are no business of Kubernetes.
fn alone() -> Refused {
    let text = "This run has no workers of its own to rescale: only a master (--master) has.";
    Refused::new(StatusCode::CONFLICT, text)
}

fn problem(refused: &Refused) -> Value {
    let mut value = json!({ "success": false, "message": refused.message });
    if let Some(field) = refused.field {
        value["field"] = field.into();
    }
    value
}

pub(super) fn connected(app: &App) -> u32 {
    u32::try_from(worker_count(&app.board.sheet().snapshot)).unwrap_or(u32::MAX)
}

/// What a failure is to whoever asked us. Never 401, which would have a browser ask for a password of ours.
fn status(error: &ScaleError) -> StatusCode {
    match error {
        ScaleError::NotInCluster | ScaleError::Conflict { .. } => StatusCode::CONFLICT,
        ScaleError::Forbidden { .. } | ScaleError::Policy { .. } => StatusCode::FORBIDDEN,
        ScaleError::NotFound { .. } => StatusCode::NOT_FOUND,
        ScaleError::Slow { .. } => StatusCode::GATEWAY_TIMEOUT,
        _ => StatusCode::BAD_GATEWAY,
    }
}

impl Form {
    fn again(&self) -> u32 {
        AGAIN
    }
}
