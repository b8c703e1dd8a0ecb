//! Redirects, by the rules that `requests` follows.

use super::answer::Answer;
use super::client::{Outgoing, url_of};
use super::origin::Origin;
use crate::failure::Failure;
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, header};
use std::rc::Rc;

/// Whether an answer sends its reader elsewhere.
pub(super) fn follows(status: StatusCode, headers: &HeaderMap) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) && headers.contains_key(header::LOCATION)
}

/// Turns a request into the one that its answer redirects to: 303 and 302 become GET but for HEAD, and so does a
/// POST that got 301. Only 307 and 308 send the body again.
pub(super) fn redirect(outgoing: &mut Outgoing, answer: &Answer) -> Result<(), Failure> {
    // Mostly UTF-8, if it is not ASCII as it should be.
    let location =
        answer.headers.get(header::LOCATION).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let base = url_of(outgoing).ok_or(Failure::BadRedirect)?;
    let url = location.and_then(|text| base.join(&text).ok()).ok_or(Failure::BadRedirect)?;
    let origin = Origin::of(&url).ok_or(Failure::BadRedirect)?;
    let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
    outgoing.uri = target.parse().map_err(|_| Failure::BadRedirect)?;
    let status = answer.status.as_u16();
    let becomes_get = match status {
        302 | 303 => outgoing.method != Method::HEAD,
        301 => outgoing.method == Method::POST,
        _ => false,
    };
    if becomes_get {
        outgoing.method = Method::GET;
    }
    if !matches!(status, 307 | 308) {
        outgoing.body = Bytes::new();
        for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH, header::TRANSFER_ENCODING] {
            outgoing.headers.remove(name);
        }
    }
    // A header of the request's own was for the first address; the user's cookies are added to each anew.
    outgoing.headers.remove(header::COOKIE);
    if *outgoing.origin != origin {
        outgoing.headers.remove(header::AUTHORIZATION);
        outgoing.headers.insert(header::HOST, origin.header.clone());
        outgoing.origin = Rc::new(origin);
    }
    Ok(())
}
