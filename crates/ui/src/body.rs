//! Bodies of requests, read within bounds: forms of both kinds, and JSON.

use crate::limits;
use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, EXPECT, HeaderMap};
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use memchr::memmem;
use serde_json::Value;
use tokio::time::timeout;

/// A body.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Content {
    Form(Fields),
    Json(Value),
}

/// Names and values of a form, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// The first value of `name`.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// All values of `name`.
    pub(crate) fn all(&self, name: &'static str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The first of `names` that is there, and its value.
    pub(crate) fn first_of(&self, names: &[&'static str]) -> Option<(&'static str, &str)> {
        names.iter().find_map(|name| Some((*name, self.get(name)?)))
    }
}

/// Why a body cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("the body is longer than {} bytes", limits::BODY_BYTES)]
    TooLong,
    #[error("the body took longer than {} s", limits::BODY.as_secs())]
    TooSlow,
    #[error("the body did not arrive")]
    Broken,
    #[error("the form has more than {} fields", limits::FIELDS)]
    TooMany,
    #[error("the form cannot be read: its parts are not as multipart/form-data has them")]
    Multipart,
    #[error("the body is not JSON: {0}")]
    Json(String),
    #[error("the body has to be a form or JSON")]
    Kind,
}

impl Unreadable {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::TooLong | Self::TooMany => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Kind => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Broken | Self::Multipart | Self::Json(_) => StatusCode::BAD_REQUEST,
        }
    }
}

/// Reads a body of whatever kind it says that it is.
pub(crate) async fn read(headers: &HeaderMap, body: Body) -> Result<Content, Unreadable> {
    let bytes = read_bytes(body).await?;
    parse(headers, &bytes)
}

/// Reads the bytes of a body.
pub(crate) async fn read_bytes(mut body: Body) -> Result<Bytes, Unreadable> {
    timeout(limits::BODY, async {
        let mut bytes = BytesMut::new();
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map_err(|_| Unreadable::Broken)?.into_data() else { continue };
            if bytes.len() + data.len() > limits::BODY_BYTES {
                drop_rest(body).await;
                return Err(Unreadable::TooLong);
            }
            bytes.extend_from_slice(&data);
        }
        Ok(bytes.freeze())
    })
    .await
    .unwrap_or(Err(Unreadable::TooSlow))
}

/// Whether a request says that its body is longer than what is read. The body is dropped then, unless the client
/// waits for a word before it sends it.
pub(crate) async fn is_too_long(request: &mut Request<Body>) -> bool {
    let headers = request.headers();
    let length = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    let too_long = length.is_some_and(|length| length > limits::BODY_BYTES as u64);
    if too_long && !headers.contains_key(EXPECT) {
        // The answer is the same when this takes too long.
        let _ = timeout(limits::BODY, drop_rest(std::mem::take(request.body_mut()))).await;
    }
    too_long
}

/// Reads what a client still sends, within a bound, and forgets it.
async fn drop_rest(mut body: Body) {
    let mut dropped = 0;
    while dropped < limits::DROPPED_BYTES
        && let Some(Ok(frame)) = body.frame().await
    {
        dropped += frame.data_ref().map_or(0, Bytes::len);
    }
}

/// Takes a body apart.
pub(crate) fn parse(headers: &HeaderMap, bytes: &[u8]) -> Result<Content, Unreadable> {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let (name, parameters) = kind.split_once(';').unwrap_or((kind, ""));
    match name.trim().to_ascii_lowercase().as_str() {
        _ if bytes.is_empty() => Ok(Content::Form(Fields::default())),
        "" | "application/x-www-form-urlencoded" => urlencoded(bytes).map(Content::Form),
        "multipart/form-data" => multipart(parameters, bytes).map(Content::Form),
        "application/json" => json(bytes).map(Content::Json),
        _ => Err(Unreadable::Kind),
    }
}

/// Reads JSON.
pub(crate) fn json(bytes: &[u8]) -> Result<Value, Unreadable> {
    serde_json::from_slice(bytes).map_err(|error| Unreadable::Json(error.to_string()))
}

fn urlencoded(bytes: &[u8]) -> Result<Fields, Unreadable> {
    let fields: Vec<_> = form_urlencoded::parse(bytes).into_owned().take(limits::FIELDS + 1).collect();
    if fields.len() > limits::FIELDS { Err(Unreadable::TooMany) } else { Ok(Fields(fields)) }
}

/// Parts of a form (RFC 7578). Files are read as values: whoever sends one means its content.
fn multipart(parameters: &str, bytes: &[u8]) -> Result<Fields, Unreadable> {
    let boundary = parameter(parameters, "boundary").filter(|boundary| !boundary.is_empty());
    let boundary = boundary.ok_or(Unreadable::Multipart)?;
    let opening = format!("--{boundary}");
    let closing = format!("\r\n{opening}");
    let mut rest = bytes.strip_prefix(b"\r\n").unwrap_or(bytes);
    rest = rest.strip_prefix(opening.as_bytes()).ok_or(Unreadable::Multipart)?;
    let mut fields = Vec::new();
    while !rest.starts_with(b"--") {
        if fields.len() == limits::FIELDS {
            return Err(Unreadable::TooMany);
        }
        rest = rest.strip_prefix(b"\r\n").ok_or(Unreadable::Multipart)?;
        let head = memmem::find(rest, b"\r\n\r\n").ok_or(Unreadable::Multipart)?;
        let name = part_name(&rest[..head]).ok_or(Unreadable::Multipart)?;
        let value = &rest[head + 4..];
        let end = memmem::find(value, closing.as_bytes()).ok_or(Unreadable::Multipart)?;
        fields.push((name, String::from_utf8_lossy(&value[..end]).into_owned()));
        rest = &value[end + closing.len()..];
    }
    Ok(Fields(fields))
}

/// The name of a part with this head.
fn part_name(head: &[u8]) -> Option<String> {
    let head = std::str::from_utf8(head).ok()?;
    head.split("\r\n").find_map(|line| {
        let (field, value) = line.split_once(':')?;
        let disposition = field.trim().eq_ignore_ascii_case("content-disposition");
        let parameters = value.trim().strip_prefix("form-data").filter(|_| disposition)?;
        parameter(parameters.trim_start_matches(';'), "name")
    })
}

/// The value of `name` among parameters such as `a=b; c="d"`.
fn parameter(parameters: &str, name: &str) -> Option<String> {
    parameters.split(';').find_map(|parameter| {
        let (key, value) = parameter.split_once('=')?;
        let value = value.trim();
        let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
        key.trim().eq_ignore_ascii_case(name).then(|| value.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(kind: &str, body: &str) -> Result<Content, Unreadable> {
        let mut headers = HeaderMap::new();
        if !kind.is_empty() {
            headers.insert(CONTENT_TYPE, kind.parse().unwrap());
        }
        parse(&headers, body.as_bytes())
    }

    fn form(pairs: &[(&str, &str)]) -> Result<Content, Unreadable> {
        let fields = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Ok(Content::Form(Fields(fields.collect())))
    }

    const CURL: &str = "multipart/form-data; boundary=------------------------d74496d66958873e";

    #[test]
    fn forms_of_both_kinds_and_json() {
        assert_eq!(parsed("", ""), form(&[]));
        assert_eq!(parsed("text/plain", ""), form(&[]));
        assert_eq!(parsed("", "a=1&b=x+y%21"), form(&[("a", "1"), ("b", "x y!")]));
        let body = "--------------------------d74496d66958873e\r\n\
                    Content-Disposition: form-data; name=\"locust_count\"\r\n\r\n4\r\n\
                    --------------------------d74496d66958873e\r\n\
                    content-type: text/plain\r\ncontent-disposition: form-data; name=\"host\"\r\n\r\na\r\nb\r\n\
                    --------------------------d74496d66958873e--\r\n";
        assert_eq!(parsed(CURL, body), form(&[("locust_count", "4"), ("host", "a\r\nb")]));
        let quoted = parsed("Multipart/Form-Data; boundary=\"x y\"", "--x y--\r\n");
        assert_eq!(quoted, form(&[]));
        assert_eq!(parsed("application/json; charset=utf-8", "{}"), Ok(Content::Json(serde_json::json!({}))));
    }

    #[test]
    fn what_is_broken_is_refused() {
        for (kind, body, status) in [
            ("text/plain", "a=1", 415),
            ("application/json", "{", 400),
            ("multipart/form-data", "--x--", 400),
            ("multipart/form-data; boundary=x", "", 200),
            ("multipart/form-data; boundary=x", "--y--", 400),
            ("multipart/form-data; boundary=x", "--x", 400),
            ("multipart/form-data; boundary=x", "--x\r\n", 400),
            ("multipart/form-data; boundary=x", "--x\r\n\r\n1\r\n--x--", 400),
            (
                "multipart/form-data; boundary=x",
                "--x\r\ncontent-disposition: form-data\r\n\r\n1\r\n--x--",
                400,
            ),
            (
                "multipart/form-data; boundary=x",
                "--x\r\ncontent-disposition: form-data; name=a\r\n\r\n1",
                400,
            ),
        ] {
            let found = parsed(kind, body).map_or_else(|error| error.status().as_u16(), |_| 200);
            assert_eq!(found, status, "{kind} {body}");
        }
        assert_eq!(parsed("", &"a&".repeat(limits::FIELDS + 1)), Err(Unreadable::TooMany));
        let part = "\r\ncontent-disposition: form-data; name=a\r\n\r\n1\r\n--x";
        let many = format!("--x{}--", part.repeat(limits::FIELDS + 1));
        assert_eq!(parsed("multipart/form-data; boundary=x", &many), Err(Unreadable::TooMany));
    }
}
