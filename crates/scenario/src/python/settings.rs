//! What a user class says of its client, for all requests.

use super::attributes::{Family, Kind};
use super::fields::is_header_name;
use super::file::File;
use super::refuse::Refusals;
use super::waits::seconds;
use crate::expr::Value;
use crate::model::Template;
use ruff_python_ast::Expr;
use ruff_text_size::Ranged;
use std::time::Duration;

/// Redirects that both of Locust's clients follow before they give up.
const REDIRECTS: u8 = 30;

/// Attributes of `FastHttpUser` about its client. How many connections it keeps, how long one may take, and what is
/// sent again on a new one, is ours.
pub(super) const FAST: &[&str] = &[
    "concurrency",
    "connection_timeout",
    "default_headers",
    "insecure",
    "max_redirects",
    "max_retries",
    "network_timeout",
];

/// What holds for all requests of a class.
pub(super) struct Settings {
    /// Whether certificates of servers are not verified.
    pub(super) insecure: bool,
    /// How long requests may take that say nothing themselves.
    pub(super) timeout: Option<Duration>,
    /// Sent unless a request has one of the same name.
    pub(super) headers: Vec<(String, Template)>,
    /// Redirects that are followed, where a request follows any.
    pub(super) redirects: u8,
}

impl Settings {
    pub(super) fn of(file: &File<'_>, user: &Family<'_>, refusals: &mut Refusals) -> Self {
        // `FastHttpUser` verifies nothing unless it is told to (Locust 2.47.0).
        let fast = user.kind == Kind::FastUser;
        let mut settings = Self { insecure: fast, timeout: None, headers: Vec::new(), redirects: REDIRECTS };
        if !fast {
            return settings;
        }
        if let Some(value) = user.value("insecure") {
            settings.insecure = file.value(value, refusals).is_some_and(|value| value.truthy());
        }
        if let Some(value) = user.value("network_timeout") {
            settings.timeout = seconds(file, value, refusals);
        }
        if let Some(value) = user.value("default_headers") {
            settings.headers = headers(file, value, refusals);
        }
        if let Some(value) = user.value("max_redirects") {
            match file.value(value, refusals) {
                Some(Value::Int(count)) if (0..=i64::from(u8::MAX)).contains(&count) => {
                    settings.redirects = u8::try_from(count).unwrap_or(REDIRECTS);
                }
                Some(_) => {
                    let message = "`max_redirects` is a whole number from 0 to 255";
                    refusals.wrong(value.range(), message, "write it as in `max_redirects = 5`");
                }
                None => {}
            }
        }
        settings
    }
}

fn headers(file: &File<'_>, value: &Expr, refusals: &mut Refusals) -> Vec<(String, Template)> {
    let header = |(name, value): (String, Option<String>)| {
        let goes = value.as_ref().is_none_or(|value| !value.contains(['\r', '\n', '\0']));
        (is_header_name(&name) && goes).then(|| value.map(|value| (name, Template::Fixed(value.into()))))
    };
    let known = match file.value(value, refusals) {
        Some(known) => known.headers().ok(),
        None => return Vec::new(),
    };
    match known.and_then(|known| known.into_iter().map(header).collect::<Option<Vec<_>>>()) {
        Some(headers) => headers.into_iter().flatten().collect(),
        None => {
            let message = "`default_headers` is a dict of names and texts";
            refusals.wrong(
                value.range(),
                message,
                "write it as in `default_headers = {\"X-Name\": \"value\"}`",
            );
            Vec::new()
        }
    }
}
