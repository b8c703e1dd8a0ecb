//! Script, styles and icon of the page, as the build script made them. Their names change with what is in them.

use crate::asked::{accepts, answer, status};
use crate::routes::Shared;
use akrida_report::html::Parts;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_ENCODING, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH, VARY};

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// A file of the bundle.
pub(super) struct Asset {
    /// What it is called in the sources.
    source: &'static str,
    /// What it is called here.
    name: &'static str,
    plain: &'static [u8],
    gzip: &'static [u8],
    brotli: &'static [u8],
}

/// The relative address of a file that the sources call `source`.
fn address(source: &str) -> String {
    let asset = ASSETS.iter().find(|asset| asset.source == source);
    format!("assets/{}", asset.map_or(source, |asset| asset.name))
}

/// What reports are made with: they stand alone, so these are not served.
#[must_use]
pub fn report_parts() -> Parts {
    let text = |source: &str| {
        let asset = ASSETS.iter().find(|asset| asset.source == source);
        // The bundle is UTF-8; a ready one that is not has no place in a page.
        asset.and_then(|asset| std::str::from_utf8(asset.plain).ok()).unwrap_or_default()
    };
    Parts { script: text("report.js"), style: text("report-style.css") }
}

/// The addresses that the head of a page names.
pub(crate) struct Assets {
    pub(crate) icon: String,
    pub(crate) theme: String,
    pub(crate) style: String,
    pub(crate) script: String,
}

impl Assets {
    pub(crate) fn new() -> Self {
        Self {
            icon: address("icon.svg"),
            theme: address("theme.js"),
            style: address("style.css"),
            script: address("app.js"),
        }
    }
}

/// What is in a file never changes under its name, so browsers keep it for a year.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

pub(super) async fn asset(State(_): State<Shared>, Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some(asset) = ASSETS.iter().find(|asset| asset.name == name) else {
        return answer(StatusCode::NOT_FOUND, "text/plain; charset=utf-8", "There is no such asset.\n");
    };
    let etag = format!("\"{}\"", asset.name);
    let known = headers.get(IF_NONE_MATCH).and_then(|known| known.to_str().ok());
    let (encoding, body) = if accepts(&headers, "br") {
        (Some("br"), asset.brotli)
    } else if accepts(&headers, "gzip") {
        (Some("gzip"), asset.gzip)
    } else {
        (None, asset.plain)
    };
    let same = known.is_some_and(|known| known.contains(&etag));
    let mut response =
        if same { status(StatusCode::NOT_MODIFIED) } else { answer(StatusCode::OK, kind(asset.name), body) };
    let fields = response.headers_mut();
    if let (Some(encoding), false) = (encoding, same) {
        fields.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    fields.insert(CACHE_CONTROL, FOR_EVER);
    fields.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        fields.insert(ETAG, etag);
    }
    response
}

fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes that a page may load, compressed.
    const PAGE: usize = 100_000;

    #[test]
    fn the_bundle_is_small_and_whole() {
        for source in ["app.js", "theme.js", "style.css", "icon.svg"] {
            let address = address(source);
            assert!(address.len() > "assets/".len() + source.len() + 8, "{address} has no hash");
        }
        let size: usize = ASSETS.iter().map(|asset| asset.gzip.len()).sum();
        assert!((10_000..PAGE).contains(&size), "{size} bytes");
        for asset in ASSETS {
            assert_ne!(kind(asset.name), "application/octet-stream", "{}", asset.name);
        }
    }
}
