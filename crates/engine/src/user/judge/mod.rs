//! What is made of an answer: checks decide whether it is what the test wants, captures take values out of it.
//!
//! A body is read at most once as text, as JSON and as HTML, however many checks and captures look into it, and
//! only when the first of them does. Whatever a server sends, this ends, in bounded memory and without a panic.

mod capture;
mod check;
mod html;
mod json;
mod reading;
#[cfg(test)]
mod tests;
mod words;

pub(super) use reading::Reading;

use crate::failure::check_text;
use akrida_scenario::expr::{EvalError, Frame};
use akrida_scenario::model::{Capture, CaptureFrom, Check, Request};

/// What of an answer must be kept until it is judged, because something reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Needs {
    /// The decoded body.
    pub(crate) body: bool,
    /// The headers.
    pub(crate) headers: bool,
}

/// What the checks and captures of `request`, and expressions on its answer, read.
pub(crate) fn needs(request: &Request) -> Needs {
    let mut needs = Needs { body: request.response.is_some(), headers: request.response.is_some() };
    for check in &request.checks {
        match check {
            Check::Status(_) | Check::Time(_) | Check::That { .. } => {}
            Check::Header { .. } => needs.headers = true,
            Check::Body(_) | Check::Json { .. } | Check::Size { .. } => needs.body = true,
        }
    }
    for capture in &request.captures {
        match &capture.from {
            CaptureFrom::Header(_) => needs.headers = true,
            CaptureFrom::Cookie(_) => {}
            CaptureFrom::Json { .. } | CaptureFrom::Regex(_) | CaptureFrom::Css { .. } => needs.body = true,
        }
    }
    needs
}

/// Whether one of them reads the user's cookies.
pub(super) fn reads_cookies(captures: &[Capture]) -> bool {
    captures.iter().any(|capture| matches!(capture.from, CaptureFrom::Cookie(_)))
}

/// Why the answer fails its request, as the error table has it; `None` if it passes. `status` is what the table
/// says of a status of 400 or above, where no check is about the status: this is the one place that knows of that
/// rule.
pub(super) fn judge(
    checks: &[Check],
    captures: &[Capture],
    reading: &Reading<'_>,
    frame: &mut Frame<'_>,
    status: impl FnOnce() -> String,
) -> Option<String> {
    let accepts = checks.iter().any(|check| matches!(check, Check::Status(_)));
    if reading.status >= 400 && !accepts {
        return Some(status());
    }
    check::check(checks, reading, frame)
        .and_then(|()| capture::capture(captures, reading, frame))
        .err()
        .map(Fault::text)
}

/// Why an answer fails its request.
#[derive(Clone, Debug)]
enum Fault {
    /// What is looked for is not there; a default may take its place.
    Missing(String),
    /// It is not as it should be.
    Wrong(String),
    /// An expression has no value.
    Raised(String),
}

impl Fault {
    fn text(self) -> String {
        match self {
            Self::Missing(reason) | Self::Wrong(reason) => check_text(&reason),
            Self::Raised(text) => text,
        }
    }
}

impl From<EvalError> for Fault {
    fn from(error: EvalError) -> Self {
        Self::Raised(error.0)
    }
}

/// `Err` with the reason unless it holds.
fn expect(holds: bool, reason: impl FnOnce() -> String) -> Result<(), Fault> {
    if holds { Ok(()) } else { Err(Fault::Wrong(reason())) }
}
