//! Runs that are kept in files: a list of them, their reports, and two or more side by side ([`compare`]). What changes
//! something goes by forms, with the guards of all such requests.

mod compare;
mod folder;

pub(crate) use folder::Folder;

use crate::asked::{Asked, HTML, answer, compact, plain_page, problem_v1, see_other};
use crate::body;
use crate::locust::named;
use crate::pages::{Assets, rendered, report_parts};
use crate::routes::{Route, Shared, get, post};
use akrida_report::html;
use akrida_report::numbers::{count, ms_of, percent, rate, span};
use akrida_run::RunState;
use askama::Template;
use axum::extract::{Request, State};
use axum::response::Response;
use folder::Listed;
use http::StatusCode;
use http::header::{CONTENT_SECURITY_POLICY, HeaderValue};
use serde_json::{Value, json};
use std::io;
use std::sync::Arc;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        get("/runs", list),
        // All directly below the prefix, which a proxy may not tell: links are relative.
        get("/run-compare", compare::compare),
        get("/run-report", report),
        post("/run-name", rename),
        post("/run-delete", delete),
        get("/api/v1/runs", list_v1),
        post("/api/v1/runs/name", rename_v1),
        post("/api/v1/runs/delete", delete_v1),
    ]
}

/// Why something of a run cannot be had.
struct Refused {
    status: StatusCode,
    message: String,
}

impl Refused {
    fn none() -> Self {
        let message = "Runs are not kept: start the master with --runs-dir to keep them.".to_owned();
        Self { status: StatusCode::NOT_FOUND, message }
    }
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        let status = match error.kind() {
            io::ErrorKind::NotFound => StatusCode::NOT_FOUND,
            io::ErrorKind::ResourceBusy => StatusCode::CONFLICT,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let message = match status {
            StatusCode::NOT_FOUND => "There is no such run.".to_owned(),
            StatusCode::CONFLICT => "The run goes on. Stop it before you delete it.".to_owned(),
            _ => format!("The run cannot be had: {error}."),
        };
        Self { status, message }
    }
}

/// Does something with the folder where it may take its time.
async fn with_folder<T: Send + 'static>(
    app: &Shared,
    act: impl FnOnce(&Folder) -> io::Result<T> + Send + 'static,
) -> Result<T, Refused> {
    let folder = app.runs.clone().ok_or_else(Refused::none)?;
    // A report takes memory: not all of them at once.
    let permit = Arc::clone(&app.readers).acquire_owned().await;
    let done = tokio::task::spawn_blocking(move || {
        let done = act(&folder);
        drop(permit);
        done
    });
    match done.await {
        Ok(done) => done.map_err(Refused::from),
        Err(_) => Err(Refused {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            message: "The run cannot be read.".to_owned(),
        }),
    }
}

fn page_of(refused: &Refused) -> Response {
    plain_page(refused.status, &refused.message.replace('&', "&amp;").replace('<', "&lt;"))
}

#[derive(Template)]
#[template(path = "runs.html")]
struct List {
    base: String,
    assets: Assets,
    message: String,
    error: bool,
    runs: Vec<Entry>,
    version: String,
}

/// A line of the list.
struct Entry {
    id: String,
    name: String,
    title: String,
    began: String,
    took: String,
    state: &'static str,
    requests: String,
    failed: String,
    bad: bool,
    rps: String,
    p95: String,
    users: String,
    kib: String,
}

fn state_of(run: &Listed) -> &'static str {
    match run.glance.statement.state {
        _ if run.glance.ended => "ended",
        RunState::Ready | RunState::Stopped => "ended",
        RunState::Spawning | RunState::Running | RunState::Stopping => "not at its end",
    }
}

/// How long a run took so far, seconds.
fn took(run: &Listed) -> f64 {
    let statement = &run.glance.statement;
    let began = run.glance.about.started_us as f64 / 1e6;
    (statement.end.unwrap_or(statement.at) - began).max(0.0)
}

impl Entry {
    fn of(run: Listed) -> Self {
        let (state, took) = (state_of(&run), span(took(&run)));
        let Listed { id, name, length, glance } = run;
        let (about, statement) = (glance.about, glance.statement);
        let sum = statement.sum;
        let ratio = if sum.requests > 0 { sum.failures as f64 / sum.requests as f64 } else { 0.0 };
        Self {
            title: if name.is_empty() { about.files } else { name.clone() },
            id,
            name,
            began: crate::clock::for_pages(about.started_us as f64 / 1e6),
            took,
            state,
            requests: count(sum.requests),
            failed: percent(ratio),
            bad: sum.failures > 0,
            rps: rate(sum.rps),
            p95: ms_of(sum.p95),
            users: count(sum.users),
            kib: count(length.div_ceil(1_024)),
        }
    }
}

async fn list(State(app): State<Shared>, asked: Asked) -> Response {
    match with_folder(&app, Folder::list).await {
        Ok(runs) => rendered(
            &asked,
            &List {
                base: asked.place.base(),
                assets: Assets::new(),
                message: asked.query("message").unwrap_or_default().to_owned(),
                error: asked.query("error").is_some(),
                runs: runs.into_iter().map(Entry::of).collect(),
                version: app.about.version.clone(),
            },
        ),
        Err(refused) => page_of(&refused),
    }
}

async fn list_v1(State(app): State<Shared>) -> Response {
    match with_folder(&app, Folder::list).await {
        Ok(runs) => {
            let runs: Vec<Value> = runs.iter().map(value_of).collect();
            compact(StatusCode::OK, &json!({ "runs": runs }))
        }
        Err(refused) => problem_v1(refused.status, &refused.message),
    }
}

fn value_of(run: &Listed) -> Value {
    let (about, statement) = (&run.glance.about, &run.glance.statement);
    let sum = statement.sum;
    json!({
        "id": run.id,
        "name": run.name,
        "files": about.files,
        "profile": about.profile,
        "host": statement.host,
        "start": about.started_us as f64 / 1e6,
        "seconds": took(run),
        "ended": run.glance.ended,
        "num_requests": sum.requests,
        "num_failures": sum.failures,
        "total_rps": sum.rps,
        "p95": sum.p95,
        "bytes": run.length,
    })
}

async fn report(State(app): State<Shared>, asked: Asked) -> Response {
    let id = asked.query("run").unwrap_or_default().to_owned();
    let parts = report_parts();
    let wanted = id.clone();
    let page = with_folder(&app, move |folder| {
        let (run, name) = (folder.read(&wanted)?, folder.name(&wanted));
        html::of_run(&run, &name, &parts).map_err(io::Error::other)
    });
    match page.await {
        Ok(page) => {
            let response = report_page(page, &parts);
            if asked.query("download").is_some() { named(response, &format!("{id}.html")) } else { response }
        }
        Err(refused) => page_of(&refused),
    }
}

/// An answer with a report, under the policy of its own.
pub(crate) fn report_page(page: String, parts: &html::Parts) -> Response {
    let mut response = answer(StatusCode::OK, HTML, page);
    if let Ok(policy) = HeaderValue::from_str(&format!("{}; frame-ancestors 'self'", parts.policy())) {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// What a form or JSON says about one run.
async fn wish(request: Request) -> Result<(String, String), Refused> {
    let (parts, body) = request.into_parts();
    let content = body::read(&parts.headers, body).await;
    let content =
        content.map_err(|error| Refused { status: error.status(), message: format!("{error}.") })?;
    let get = |name: &str| match &content {
        body::Content::Form(fields) => fields.get(name).unwrap_or_default().to_owned(),
        body::Content::Json(value) => value[name].as_str().unwrap_or_default().to_owned(),
    };
    Ok((get("id"), get("name")))
}

async fn renamed(app: &Shared, request: Request) -> Result<&'static str, Refused> {
    let (id, name) = wish(request).await?;
    with_folder(app, move |folder| folder.rename(&id, &name)).await?;
    Ok("The run has its name")
}

async fn deleted(app: &Shared, request: Request) -> Result<&'static str, Refused> {
    let (id, _) = wish(request).await?;
    let (about, snapshot) = (app.report.clone(), Arc::clone(&app.board.sheet().snapshot));
    let goes_on = !matches!(snapshot.state, RunState::Ready | RunState::Stopped);
    with_folder(app, move |folder| {
        if goes_on && folder.newest(&about, snapshot.start)?.as_ref() == Some(&id) {
            return Err(io::ErrorKind::ResourceBusy.into());
        }
        folder.delete(&id)
    })
    .await?;
    Ok("The run is deleted")
}

/// Back to the list, which shows what is told.
fn back(asked: &Asked, done: &Result<&str, Refused>) -> Response {
    let (message, error) = match done {
        Ok(message) => (*message, ""),
        Err(refused) => (refused.message.as_str(), "&error=1"),
    };
    let message: String = form_urlencoded::byte_serialize(message.as_bytes()).collect();
    see_other(&format!("{}?message={message}{error}", asked.place.address("runs")))
}

fn told(done: &Result<&str, Refused>) -> Response {
    match done {
        Ok(message) => compact(StatusCode::OK, &json!({ "success": true, "message": message })),
        Err(refused) => problem_v1(refused.status, &refused.message),
    }
}

async fn rename(State(app): State<Shared>, asked: Asked, request: Request) -> Response {
    back(&asked, &renamed(&app, request).await)
}

async fn delete(State(app): State<Shared>, asked: Asked, request: Request) -> Response {
    back(&asked, &deleted(&app, request).await)
}

async fn rename_v1(State(app): State<Shared>, request: Request) -> Response {
    told(&renamed(&app, request).await)
}

async fn delete_v1(State(app): State<Shared>, request: Request) -> Response {
    told(&deleted(&app, request).await)
}
