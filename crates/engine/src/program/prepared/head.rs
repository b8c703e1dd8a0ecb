//! The headers of a request.

use super::auth;
use super::is_known;
use crate::http::decode;
use akrida_scenario::expr::{EvalError, Expr, Frame};
use akrida_scenario::model::{Auth, Request, Template, UserClass};
use http::{HeaderMap, HeaderName, HeaderValue, header};

const USER_AGENT: &str = concat!("akrida/", env!("CARGO_PKG_VERSION"));

/// Headers, but for those that follow from address and body.
pub(super) struct Head {
    /// Those that are the same each time.
    known: HeaderMap,
    /// Those that are not, or cannot be sent, which is told each time.
    rest: Vec<(String, Template)>,
    /// More of them: what they are is not known before.
    more: Option<Expr>,
    /// Names that are given in any case, in lower case: they win over `more`.
    given: Vec<String>,
    /// Who the user is, unless a header or what is known says it.
    auth: Option<Auth>,
}

impl Head {
    /// `frame` holds what is known before the run.
    pub(super) fn new(class: &UserClass, request: &Request, frame: &mut Frame<'_>) -> Self {
        let mut known = HeaderMap::with_capacity(8);
        // First, as is the custom, and filled in when it is known.
        known.insert(header::HOST, HeaderValue::from_static(""));
        known.insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
        known.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(decode::ACCEPTED));
        known.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
        let (more, given) = (request.more_headers.clone(), Vec::new());
        let mut head = Self { known, rest: Vec::new(), more, given, auth: None };
        if head.more.is_some() {
            head.given = request.headers.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
        }
        let all: Vec<_> = class.headers.iter().chain(&request.headers).collect();
        let wins_later = |index: usize, name: &str| {
            all[index + 1..].iter().any(|(later, _)| later.eq_ignore_ascii_case(name))
        };
        for (index, (name, value)) in all.iter().enumerate() {
            if wins_later(index, name) {
                continue;
            }
            match is_known(value).then(|| write(name, value, frame)) {
                Some(Ok((name, value))) => _ = head.known.insert(name, value),
                _ => head.rest.push((name.clone(), value.clone())),
            }
        }
        let named = |(name, _): &&(String, Template)| name.eq_ignore_ascii_case("authorization");
        if !all.iter().any(named)
            && let Some(auth) = request.auth.as_ref().or(class.auth.as_ref())
        {
            match auth::is_known(auth).then(|| auth::write(auth, frame)) {
                Some(Ok(value)) => _ = head.known.insert(header::AUTHORIZATION, value),
                _ => head.auth = Some(auth.clone()),
            }
        }
        head
    }

    /// Whether all are the same each time.
    pub(super) fn is_known(&self) -> bool {
        self.rest.is_empty() && self.auth.is_none() && self.more.is_none()
    }

    /// All of them; `Host` is empty unless it was given.
    pub(super) fn write(&self, frame: &mut Frame<'_>) -> Result<HeaderMap, EvalError> {
        let mut headers = self.known.clone();
        for (name, value) in &self.rest {
            let (name, value) = write(name, value, frame)?;
            headers.insert(name, value);
        }
        if let Some(more) = &self.more {
            for (name, value) in more.eval(frame)?.headers()? {
                if self.given.contains(&name.to_ascii_lowercase()) {
                    continue;
                }
                match value {
                    Some(value) => {
                        let (name, value) = write(&name, &Template::Fixed(value.into()), frame)?;
                        headers.insert(name, value);
                    }
                    None => _ = headers.remove(name),
                }
            }
        }
        if let Some(auth) = &self.auth {
            headers.entry(header::AUTHORIZATION).or_insert(auth::write(auth, frame)?);
        }
        Ok(headers)
    }
}

fn write(
    name: &str,
    value: &Template,
    frame: &mut Frame<'_>,
) -> Result<(HeaderName, HeaderValue), EvalError> {
    let value = HeaderValue::from_str(&value.render(frame)?).map_err(|_| {
        EvalError(format!("InvalidHeader('the value of {name} holds characters that no header may')"))
    })?;
    let name = HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| EvalError(format!("InvalidHeader('{name} is no name of a header')")))?;
    Ok((name, value))
}
