//! Checks and captures on answers made by hand.

mod captures;
mod checks;
mod fuzz;
mod hostile;

use super::{Fault, Reading, capture, check};
use akrida_scenario::expr::{Expr, Frame, Value, parse_expression};
use akrida_scenario::model::{Capture, CaptureFrom, Check, Pick, Slot, Template, Test};
use http::{HeaderMap, HeaderValue};
use std::sync::Arc;
use std::time::Duration;

/// The variable that captures set and expressions read as `x`.
const X: Slot = Slot::User(0);

fn text(text: &str) -> Template {
    Template::Fixed(text.into())
}

fn constant(json: &serde_json::Value) -> Expr {
    Expr::Constant(Value::from_json(json))
}

/// An expression, in which `x` is [`X`].
fn expr(source: &str) -> Expr {
    parse_expression(source, 0, &mut |name| (name == "x").then_some(X)).unwrap()
}

fn json(path: &str, test: Test) -> Check {
    Check::Json { text: path.into(), path: path.parse().unwrap(), test }
}

fn regex(pattern: &str) -> regex::Regex {
    regex::Regex::new(pattern).unwrap()
}

fn header(name: &str, test: Test) -> Check {
    Check::Header { name: name.into(), test }
}

fn css(selector: &str, attribute: Option<&str>) -> CaptureFrom {
    CaptureFrom::Css {
        text: selector.into(),
        selector: Arc::new(scraper::Selector::parse(selector).unwrap()),
        attribute: attribute.map(str::to_owned),
    }
}

fn json_path(path: &str) -> CaptureFrom {
    CaptureFrom::Json { text: path.into(), path: path.parse().unwrap() }
}

fn first(from: CaptureFrom) -> Capture {
    Capture { name: "it".into(), target: X, from, pick: Pick::First, default: None }
}

/// An answer with this body, some headers and some cookies, in a frame where `x` is 7.
fn read<T>(body: &[u8], judge: impl FnOnce(&Reading<'_>, &mut Frame<'_>) -> T) -> T {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static("text/html; charset=utf-8"));
    headers.append("x-many", HeaderValue::from_static("one"));
    headers.append("x-many", HeaderValue::from_bytes(b"tw\xf6").unwrap());
    let cookies = vec![("session".into(), "abc".into()), ("session".into(), "old".into())];
    let reading = Reading::new(200, &headers, Ok(body), Duration::from_millis(120), cookies);
    let (mut user, mut rng) = ([Value::Int(7)], fastrand::Rng::with_seed(1));
    judge(&reading, &mut Frame { user: &mut user, ..Frame::bare(&mut rng) })
}

/// Why a check fails; empty if it holds.
fn checked(body: &[u8], wanted: &Check) -> String {
    let result = read(body, |reading, frame| check::check(std::slice::from_ref(wanted), reading, frame));
    result.err().map(reason).unwrap_or_default()
}

/// What is captured, or why nothing is.
fn captured(body: &[u8], wanted: &Capture) -> Result<Value, String> {
    read(body, |reading, frame| {
        capture::capture(std::slice::from_ref(wanted), reading, frame).map_err(reason)?;
        Ok(frame.get(X).clone())
    })
}

fn reason(fault: Fault) -> String {
    match fault {
        Fault::Missing(reason) | Fault::Wrong(reason) | Fault::Raised(reason) => reason,
    }
}
