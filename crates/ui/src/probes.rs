//! Whether the process lives, and whether it can be spoken to: for Kubernetes, without login and under any prefix.

use crate::asked::answer;
use crate::routes::{Route, Shared, get};
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

const TEXT: &str = "text/plain; charset=utf-8";

pub(crate) fn routes() -> Vec<Route> {
    vec![get("/healthz", alive), get("/readyz", ready)]
}

/// Whether it is answered to everybody, by whatever name.
pub(crate) fn is_probe(path: &str) -> bool {
    matches!(path, "/healthz" | "/readyz")
}

async fn alive() -> Response {
    answer(StatusCode::OK, TEXT, "ok\n")
}

/// The master answers, so a swarm could be started.
async fn ready(State(app): State<Shared>) -> Response {
    match app.handle.logs().await {
        Ok(_) => answer(StatusCode::OK, TEXT, "ok\n"),
        Err(_) => answer(StatusCode::SERVICE_UNAVAILABLE, TEXT, "the master has ended\n"),
    }
}
