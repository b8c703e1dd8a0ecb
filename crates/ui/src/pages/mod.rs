//! The page: templates, and what they are filled with.

use crate::asked::{Asked, HTML, answer, plain_page};
use crate::routes::{Route, Shared, get};
use crate::swarm::Defaults;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

pub(crate) fn routes() -> Vec<Route> {
    vec![get("/", index)]
}

#[derive(Template)]
#[template(path = "index.html")]
struct Index<'a> {
    base: String,
    locustfile: &'a str,
    message: &'a str,
    error: bool,
    defaults: Defaults,
}

async fn index(State(app): State<Shared>, asked: Asked) -> Response {
    let page = Index {
        base: asked.place.base(),
        locustfile: &app.about.locustfile,
        message: asked.query("message").unwrap_or_default(),
        error: asked.query("error").is_some(),
        defaults: Defaults::of(&app.present()),
    };
    page.render().map_or_else(
        |_| plain_page(StatusCode::INTERNAL_SERVER_ERROR, "The page cannot be written."),
        |page| answer(StatusCode::OK, HTML, page),
    )
}
