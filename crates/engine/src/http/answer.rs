//! An answer, as far as it is kept.

use super::decode::{self, Codings};
use crate::limits;
use http::{HeaderMap, StatusCode, header};

/// What of an answer outlives its exchange.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keep {
    /// The body, for checks, captures and expressions.
    pub(crate) body: bool,
    /// Headers, for captures and expressions. Those that redirect or set cookies are kept in any case.
    pub(crate) headers: bool,
    /// Cookies, for later requests.
    pub(crate) cookies: bool,
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// As far as they are kept.
    pub(crate) headers: HeaderMap,
    /// Bytes of the body as it came.
    pub(crate) bytes: u64,
    /// Where it came from, if redirects led elsewhere.
    pub(crate) address: Option<Box<str>>,
    /// `None` where it is not kept. Behind a pointer: most answers have none.
    body: Option<Box<Kept>>,
}

/// Why a body cannot be read, in words for a person.
pub(crate) type Unreadable = &'static str;

/// It has more than [`limits::BODY`].
pub(super) const TOO_LARGE: Unreadable = "the body is too large to be read by a check or a capture";

/// A body as it came.
#[derive(Debug)]
struct Kept {
    /// `None` if it was too large.
    raw: Option<Vec<u8>>,
    codings: Codings,
}

impl Answer {
    /// An answer whose body is yet to come.
    pub(super) fn new(head: http::response::Parts, keep: Keep) -> Self {
        let wanted = keep.headers
            || head.status.is_redirection()
            || (keep.cookies && head.headers.contains_key(header::SET_COOKIE));
        let body = keep.body.then(|| {
            let codings = decode::codings(&head.headers);
            Box::new(Kept { raw: Some(Vec::new()), codings })
        });
        // Headers are slices of hyper's read buffer. While they live it cannot be used again, and the next read
        // would need a new one of eight kilobytes.
        let headers = if wanted { head.headers } else { HeaderMap::new() };
        Self { status: head.status, headers, bytes: 0, address: None, body }
    }

    /// Takes a piece of the body.
    pub(super) fn take(&mut self, data: &[u8]) {
        self.bytes += data.len() as u64;
        if let Some(body) = &mut self.body {
            if self.bytes > limits::BODY as u64 {
                body.raw = None;
            }
            if let Some(raw) = &mut body.raw {
                raw.extend_from_slice(data);
            }
        }
    }

    /// The decoded body, or why it cannot be read. Empty where it is not kept.
    pub(crate) fn take_body(&mut self) -> Result<Vec<u8>, Unreadable> {
        let Some(kept) = self.body.take() else { return Ok(Vec::new()) };
        let raw = kept.raw.ok_or(TOO_LARGE)?;
        decode::decode(raw, &kept.codings)
    }
}
