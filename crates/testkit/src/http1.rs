//! Requests and answers as tests write them, and the hyper service between them.

use crate::ledger::Ledger;
use crate::limits::REQUEST_BODY;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};

/// A request as it arrived.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST`, ...
    pub method: String,
    /// As sent, without the query.
    pub path: String,
    /// As sent, without the question mark.
    pub query: Option<String>,
    /// In order of arrival; names in lower case, values that are not UTF-8 with replacement characters.
    pub headers: Vec<(String, String)>,
    /// All of it.
    pub body: Bytes,
    /// On which connection it came, from 1.
    pub connection: u64,
    /// The name in the client's certificate, where one was shown.
    pub client: Option<String>,
}

impl Request {
    /// A request without headers and body.
    #[must_use]
    pub fn new(method: &str, target: &str) -> Self {
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (target, None),
        };
        Self { method: method.to_owned(), path: path.to_owned(), query, ..Self::default() }
    }

    /// The first header with this lower-case name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The first value of this key in the query, as sent.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let pairs = self.query.as_deref()?.split('&');
        pairs.filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// The value of this cookie.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let pairs =
            self.headers.iter().filter(|(key, _)| key == "cookie").flat_map(|(_, all)| all.split(';'));
        pairs.filter_map(|pair| pair.trim().split_once('=')).find(|(key, _)| *key == name).map(|(_, v)| v)
    }

    /// The body as JSON; `None` if it is not.
    #[must_use]
    pub fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The body as text; bytes that are not UTF-8 become replacement characters.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// What a target answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Bytes,
    after: Duration,
}

impl Answer {
    /// 200 with this text.
    #[must_use]
    pub fn ok(body: impl Into<Bytes>) -> Self {
        Self::status(200, body)
    }

    /// This status with this text. Panics later, in the target, on a status that HTTP does not allow.
    #[must_use]
    pub fn status(status: u16, body: impl Into<Bytes>) -> Self {
        Self { status, headers: Vec::new(), body: body.into(), after: Duration::ZERO }
    }

    /// 200 with this JSON.
    #[must_use]
    pub fn json(value: &serde_json::Value) -> Self {
        Self::ok(value.to_string()).header("content-type", "application/json")
    }

    /// 302 to another place.
    #[must_use]
    pub fn redirect(location: &str) -> Self {
        Self::status(302, "").header("location", location)
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Is sent no earlier than this long after the request; tokio's timer is up to 2 ms late.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.after = delay;
        self
    }

    /// Changes the body.
    pub(crate) fn map_body(self, change: impl FnOnce(Bytes) -> Bytes) -> Self {
        Self { body: change(self.body), ..self }
    }
}

/// What a target does with a request.
pub(crate) type Handler = dyn Fn(&Request) -> Answer + Send + Sync;

/// Serves one connection until its end; `client` is who its certificate says it is.
pub(crate) async fn serve<S>(stream: S, client: Option<String>, ledger: Arc<Ledger>, handler: Arc<Handler>)
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let connection = ledger.connection();
    let service = service_fn(|request| exchange(request, connection, client.clone(), &ledger, &*handler));
    // An error here is a client that went away or sent what is not HTTP: what it did is the client's test.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn exchange(
    request: hyper::Request<Incoming>,
    connection: u64,
    client: Option<String>,
    ledger: &Ledger,
    handler: &Handler,
) -> Result<hyper::Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, REQUEST_BODY).collect().await else {
        return Ok(response(Answer::status(413, "The body is too large or was cut off.")));
    };
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
    let (headers, body) = (headers(&head.headers), body.to_bytes());
    let request = Request { headers, body, connection, client, ..Request::new(head.method.as_str(), target) };
    ledger.enter(&request);
    let answer = handler(&request);
    if !answer.after.is_zero() {
        tokio::time::sleep(answer.after).await;
    }
    Ok(response(answer))
}

/// Headers as a [`Request`] has them.
pub(crate) fn headers(headers: &http::HeaderMap) -> Vec<(String, String)> {
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
}

/// An answer as hyper sends it.
pub(crate) fn response(answer: Answer) -> hyper::Response<Full<Bytes>> {
    let mut builder = hyper::Response::builder().status(answer.status);
    for (name, value) in answer.headers {
        builder = builder.header(name, value);
    }
    builder.body(Full::new(answer.body)).expect("a test writes valid statuses and headers")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_request() {
        let mut request = Request::new("GET", "/a/b?x=1&y=2&y=3");
        request.headers = vec![("cookie".into(), "a=1; b=2".into()), ("x-y".into(), "z".into())];
        assert_eq!(request.path, "/a/b");
        assert_eq!(request.parameter("y"), Some("2"));
        assert_eq!(request.parameter("z"), None);
        assert_eq!(request.cookie("b"), Some("2"));
        assert_eq!(request.cookie("c"), None);
        assert_eq!(request.header("x-y"), Some("z"));
        assert_eq!(request.json(), None);
    }
}
