//! What failed checks and captures show: short, on one line, and the same for all users.
//!
//! Errors of one kind must share a row, so nothing is shown that changes from one request to the next: of
//! expressions their names, of answers the kind of what came.

use akrida_scenario::expr::{Expr, Value};
use akrida_scenario::model::{Part, Template};
use serde_json::Value as Json;
use std::borrow::Cow;

/// Most characters shown of one thing.
const SHOWN: usize = 80;

/// As much of a text as is shown.
pub(super) fn short(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(SHOWN) {
        None => Cow::Borrowed(text),
        Some((end, _)) => Cow::Owned(format!("{}...", &text[..end])),
    }
}

/// A text that was wanted, in quotes.
pub(super) fn template(template: &Template) -> String {
    let text = match template {
        Template::Fixed(text) => short(text).into_owned(),
        Template::Parts(parts) => {
            let parts = parts.iter().map(|part| match part {
                Part::Text(text) => Cow::Borrowed(&**text),
                Part::Value(expr) => Cow::Owned(in_braces(expr)),
            });
            short(&parts.collect::<String>()).into_owned()
        }
    };
    format!("{text:?}")
}

/// A value that was wanted.
pub(super) fn expr(expr: &Expr) -> String {
    match expr {
        Expr::Constant(Value::Str(text)) => format!("{:?}", short(text)),
        Expr::Constant(value) => short(&plain(value)).into_owned(),
        other => in_braces(other),
    }
}

fn in_braces(expr: &Expr) -> String {
    match expr {
        Expr::Variable(_, name) => format!("{{{{ {name} }}}}"),
        _ => "{{ ... }}".to_owned(),
    }
}

/// A value as HTTP has it, and JSON: `true` and not `True`.
pub(super) fn plain(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Str(text) => Cow::Borrowed(text),
        Value::Bool(true) => "true".into(),
        Value::Bool(false) => "false".into(),
        Value::None => "null".into(),
        other => other.to_string().into(),
    }
}

/// What came, as far as it is of few kinds.
pub(super) fn kind(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(true) => "true",
        Json::Bool(false) => "false",
        Json::Number(_) => "a number",
        Json::String(_) => "text",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    }
}
