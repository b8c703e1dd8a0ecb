//! Checks and captures: whether an answer is what the test wants, and what is taken from it.

use crate::failure::check_text;
use crate::http::Answer;
use akrida_scenario::expr::{EvalError, Frame, Value};
use akrida_scenario::model::{Capture, CaptureFrom, Check, Request, Test};

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

/// Why the answer fails `checks`; `None` if all hold.
pub(super) fn check(checks: &[Check], answer: &Answer, frame: &mut Frame<'_>) -> Option<String> {
    checks.iter().find_map(|check| match holds(check, answer, frame) {
        Ok(None) => None,
        Ok(Some(reason)) => Some(check_text(&reason)),
        Err(error) => Some(error.0),
    })
}

/// What is wrong, in the words of a person who reads the error table.
fn holds(check: &Check, answer: &Answer, frame: &mut Frame<'_>) -> Result<Option<String>, EvalError> {
    let body = || answer.body.as_deref().ok_or_else(too_large);
    Ok(match check {
        Check::Status(ranges) => {
            let status = answer.status.as_u16();
            let fits = ranges.iter().any(|(least, most)| (*least..=*most).contains(&status));
            (!fits).then(|| format!("status {status} is not {}", listed(ranges)))
        }
        Check::Body(Test::Contains(text)) => {
            let text = text.render(frame)?;
            (!contains(body()?, text.as_bytes())).then(|| format!("the body does not contain {text:?}"))
        }
        Check::Body(Test::Lacks(text)) => {
            let text = text.render(frame)?;
            contains(body()?, text.as_bytes()).then(|| format!("the body contains {text:?}"))
        }
        Check::Body(Test::Equals(text)) => {
            let text = text.eval(frame)?.to_string();
            (body()? != text.as_bytes()).then(|| format!("the body is not {text:?}"))
        }
        _ => None,
    })
}

fn listed(ranges: &[(u16, u16)]) -> String {
    let range = |&(least, most): &(u16, u16)| {
        if least == most { least.to_string() } else { format!("{least}-{most}") }
    };
    ranges.iter().map(range).collect::<Vec<_>>().join(" or ")
}

fn contains(body: &[u8], text: &[u8]) -> bool {
    text.is_empty() || body.windows(text.len()).any(|window| window == text)
}

fn too_large() -> EvalError {
    EvalError(check_text("the body is too large to be read by a check or a capture"))
}

/// Takes what `captures` want; why that fails, or `None`.
pub(super) fn capture(captures: &[Capture], answer: &Answer, frame: &mut Frame<'_>) -> Option<String> {
    let mut parsed: Option<serde_json::Value> = None;
    for capture in captures {
        let name = &capture.name;
        let found = match &capture.from {
            CaptureFrom::Header(header) => match answer.headers.get(header.as_str()) {
                Some(value) => Value::Str(String::from_utf8_lossy(value.as_bytes()).as_ref().into()),
                None => {
                    return Some(check_text(&format!("capture {name}: the answer has no header {header}")));
                }
            },
            CaptureFrom::Regex(_) | CaptureFrom::Cookie(_) | CaptureFrom::Css { .. } => continue,
            CaptureFrom::Json { text, path } => {
                let json = match parsed.take() {
                    Some(json) => json,
                    None => {
                        let Some(body) = answer.body.as_deref() else { return Some(too_large().0) };
                        match serde_json::from_slice(body) {
                            Ok(json) => json,
                            Err(_) => {
                                return Some(check_text(&format!("capture {name}: the answer is not JSON")));
                            }
                        }
                    }
                };
                let json = parsed.insert(json);
                match path.query(json).first() {
                    Some(value) => Value::from_json(value),
                    None => return Some(check_text(&format!("capture {name}: {text} is not in the answer"))),
                }
            }
        };
        frame.set(capture.target, found);
    }
    None
}
