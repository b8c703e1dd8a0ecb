//! The page: its assets, and the pages that the server writes, which work without script.

mod assets;
mod classes;
mod index;
mod sketch;
mod tables;
mod text;
mod view;

pub(crate) use assets::Assets;
pub use assets::report_parts;

use crate::asked::{Asked, HTML, plain_page};
use crate::board::Text;
use crate::routes::{Route, get};
use askama::Template;
use axum::response::Response;
use http::StatusCode;

pub(crate) fn routes() -> Vec<Route> {
    vec![get("/", index::index), get("/assets/{name}", assets::asset)]
}

/// A page from its template.
pub(crate) fn rendered(asked: &Asked, page: &impl Template) -> Response {
    page.render().map_or_else(
        |_| plain_page(StatusCode::INTERNAL_SERVER_ERROR, "The page cannot be written."),
        |page| asked.text(HTML, &Text::new(page.into_bytes()), None),
    )
}
