//! What changes something, by JSON or a form; statuses tell how it went.

use crate::asked::{Asked, compact};
use crate::body;
use crate::routes::Shared;
use crate::swarm::{self, Refused, Wish};
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use serde_json::json;

pub(super) async fn swarm(State(app): State<Shared>, request: Request) -> Response {
    let done = async {
        let wish = Wish::read(&content(request).await?, &app.about.options)?;
        swarm::swarm(&app, wish).await
    };
    match done.await {
        Ok(started) => compact(StatusCode::OK, &started),
        Err(refused) => refuse(&refused),
    }
}

pub(super) async fn stop(State(app): State<Shared>, asked: Asked) -> Response {
    told(swarm::stop(&app, asked.query("wait") != Some("0")).await)
}

pub(super) async fn reset(State(app): State<Shared>) -> Response {
    told(app.handle.reset().await.map(|()| "Statistics reset").map_err(Refused::from))
}

pub(super) async fn user(State(app): State<Shared>, request: Request) -> Response {
    let done = async {
        let edit = swarm::class_edit(&content(request).await?)?;
        swarm::edit_class(&app, edit).await
    };
    told(done.await.map(|()| "User class changed"))
}

async fn content(request: Request) -> Result<body::Content, Refused> {
    let (parts, body) = request.into_parts();
    let content = body::read(&parts.headers, body).await;
    content.map_err(|error| Refused::new(error.status(), error.to_string()))
}

fn told(done: Result<&str, Refused>) -> Response {
    match done {
        Ok(message) => compact(StatusCode::OK, &json!({ "success": true, "message": message })),
        Err(refused) => refuse(&refused),
    }
}

fn refuse(refused: &Refused) -> Response {
    let mut value = json!({ "success": false, "message": refused.message });
    if let Some(field) = refused.field {
        value["field"] = field.into();
    }
    compact(refused.status, &value)
}
