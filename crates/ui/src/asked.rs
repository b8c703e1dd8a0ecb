//! What was found out about a request before it came to its route, and answers that many routes give.

use crate::board::Text;
use crate::place::Place;
use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::response::Response;
use http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderValue, IF_NONE_MATCH, LOCATION, VARY,
};
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

/// What is known of a request. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Asked(Arc<Known>);

#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) place: Place,
    /// Names and values after the question mark.
    pub(crate) query: Vec<(String, String)>,
    /// Whether an answer may be compressed.
    pub(crate) gzip: bool,
    /// Whether whoever asked wants a page, as a browser's forms do.
    pub(crate) html: bool,
    /// Whose session or token it is.
    pub(crate) user: Option<String>,
    /// Who is at the other end of the connection.
    pub(crate) peer: IpAddr,
    if_none_match: Option<HeaderValue>,
}

impl Asked {
    pub(crate) fn new(
        place: Place,
        query: Option<&str>,
        headers: &HeaderMap,
        peer: IpAddr,
        user: Option<String>,
    ) -> Self {
        let query = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        Self(Arc::new(Known {
            place,
            query: query.into_owned().collect(),
            gzip: accepts(headers, "gzip"),
            html: names(headers, "accept", "text/html"),
            user,
            peer,
            if_none_match: headers.get(IF_NONE_MATCH).cloned(),
        }))
    }

    /// The value of `name` after the question mark.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// An answer with this text, compressed if that is wanted, unless whoever asked has it already.
    pub(crate) fn text(&self, kind: &'static str, text: &Text, etag: Option<&str>) -> Response {
        let etag = etag.and_then(|etag| HeaderValue::from_str(etag).ok());
        let known = self.if_none_match.as_ref().and_then(|value| value.to_str().ok());
        let same =
            etag.as_ref().and_then(|etag| etag.to_str().ok()).zip(known).is_some_and(|(etag, known)| {
                // A proxy that compresses marks it as weak.
                known.split(',').any(|one| one.trim().trim_start_matches("W/") == etag)
            });
        let mut response = if same {
            status(StatusCode::NOT_MODIFIED)
        } else if self.gzip {
            let mut response = answer(StatusCode::OK, kind, text.gzip.clone());
            response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            response
        } else {
            answer(StatusCode::OK, kind, text.plain.clone())
        };
        let headers = response.headers_mut();
        headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        if let Some(etag) = etag {
            headers.insert(ETAG, etag);
        }
        response
    }
}

impl std::ops::Deref for Asked {
    type Target = Known;

    fn deref(&self) -> &Known {
        &self.0
    }
}

impl<S: Sync> FromRequestParts<S> for Asked {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let found = parts.extensions.get::<Self>().cloned();
        Ok(found.unwrap_or_else(|| {
            let nobody = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
            Self::new(Place::default(), parts.uri.query(), &parts.headers, nobody, None)
        }))
    }
}

/// Whether an answer may be encoded like this.
pub(crate) fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    names(headers, "accept-encoding", encoding)
}

/// Whether a list with commas names `wanted`, not with weight 0.
fn names(headers: &HeaderMap, field: &str, wanted: &str) -> bool {
    let fields = headers.get_all(field).into_iter().filter_map(|value| value.to_str().ok());
    fields.flat_map(|value| value.split(',')).any(|one| {
        let (name, weight) = one.split_once(';').unwrap_or((one, ""));
        name.trim().eq_ignore_ascii_case(wanted)
            && !matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
    })
}

/// An answer without a body.
pub(crate) fn status(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

pub(crate) fn answer(status: StatusCode, kind: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

pub(crate) const JSON: &str = "application/json";
pub(crate) const HTML: &str = "text/html; charset=utf-8";

/// JSON as Locust lays it out.
pub(crate) fn pretty(status: StatusCode, value: &impl Serialize) -> Response {
    answer(status, JSON, crate::numbers::pretty(value))
}

/// JSON of `/api/v1`.
pub(crate) fn compact(status: StatusCode, value: &impl Serialize) -> Response {
    answer(status, JSON, crate::numbers::compact(value))
}

/// What went wrong, as `/api/v1` says it.
pub(crate) fn problem_v1(status: StatusCode, message: &str) -> Response {
    compact(status, &serde_json::json!({ "success": false, "message": message }))
}

/// Sends a browser elsewhere, to be read with GET.
pub(crate) fn see_other(address: &str) -> Response {
    redirect(StatusCode::SEE_OTHER, address)
}

pub(crate) fn redirect(code: StatusCode, address: &str) -> Response {
    let mut response = status(code);
    if let Ok(address) = HeaderValue::from_str(address) {
        response.headers_mut().insert(LOCATION, address);
    }
    response
}

/// A page that says only what went wrong, as Locust's server does.
pub(crate) fn plain_page(status: StatusCode, text: &str) -> Response {
    let title = status.canonical_reason().unwrap_or_default();
    let code = status.as_u16();
    let page = format!(
        "<!doctype html>\n<html lang=en>\n<title>{code} {title}</title>\n<h1>{title}</h1>\n<p>{text}</p>\n"
    );
    answer(status, HTML, page)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(fields: &[(&'static str, &str)]) -> Asked {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.insert(*name, value.parse().unwrap());
        }
        let nobody = IpAddr::V4(Ipv4Addr::LOCALHOST);
        Asked::new(Place::default(), Some("wait=0&a=b%20c"), &headers, nobody, None)
    }

    #[test]
    fn wishes_are_read() {
        let browser = asked(&[("accept", "text/html,*/*;q=0.8"), ("accept-encoding", "br, GZIP;q=0.5")]);
        assert!(browser.html && browser.gzip);
        let script = asked(&[("accept", "*/*"), ("accept-encoding", "gzip;q=0")]);
        assert!(!script.html && !script.gzip);
        assert_eq!(
            [script.query("a"), script.query("wait"), script.query("b")],
            [Some("b c"), Some("0"), None]
        );
    }

    #[test]
    fn who_has_it_already_is_told_so() {
        let text = Text::new(b"{}".to_vec());
        let check = |fields: &[(&'static str, &str)], status: u16, encoded: bool| {
            let response = asked(fields).text(JSON, &text, Some("\"x-1\""));
            assert_eq!(response.status().as_u16(), status);
            assert_eq!(response.headers().contains_key(CONTENT_ENCODING), encoded);
            assert_eq!(response.headers()[ETAG], "\"x-1\"");
        };
        check(&[], 200, false);
        check(&[("accept-encoding", "gzip")], 200, true);
        check(&[("if-none-match", "\"x-0\", W/\"x-1\"")], 304, false);
        check(&[("if-none-match", "\"x-2\"")], 200, false);
    }
}
