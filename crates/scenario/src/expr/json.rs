//! Values and JSON, as Python's `json` reads and writes it.

use super::display::write_float;
use super::{EvalError, Value};
use std::fmt::Write as _;
use std::sync::Arc;

impl Value {
    /// As JSON of `serde_json`.
    ///
    /// # Errors
    /// When JSON has no such value: infinite floats, NaN, responses.
    pub fn to_json(&self) -> Result<serde_json::Value, EvalError> {
        use serde_json::Value as Json;
        Ok(match self {
            Self::Unset | Self::None => Json::Null,
            Self::Bool(value) => Json::Bool(*value),
            Self::Int(number) => Json::from(*number),
            Self::Float(number) => {
                Json::Number(serde_json::Number::from_f64(*number).ok_or_else(not_a_json_number)?)
            }
            Self::Str(text) => Json::String(text.to_string()),
            Self::List(items) => Json::Array(items.iter().map(Self::to_json).collect::<Result<_, _>>()?),
            Self::Dict(items) => {
                let members = items.iter().map(|(key, item)| Ok((key.to_string(), item.to_json()?)));
                Json::Object(members.collect::<Result<_, EvalError>>()?)
            }
            Self::Bytes(_) | Self::Response(_) | Self::Object(_) => return Err(not_serializable(self)),
        })
    }

    /// As `json.loads()` reads it. A whole number beyond 64 bits becomes a float.
    #[must_use]
    pub fn from_json(json: &serde_json::Value) -> Self {
        use serde_json::Value as Json;
        match json {
            Json::Null => Self::None,
            Json::Bool(value) => Self::Bool(*value),
            Json::Number(number) => match number.as_i64() {
                Some(whole) => Self::Int(whole),
                None => Self::Float(number.as_f64().unwrap_or(f64::NAN)),
            },
            Json::String(text) => Self::Str(text.as_str().into()),
            Json::Array(items) => Self::List(Arc::new(items.iter().map(Self::from_json).collect())),
            Json::Object(members) => {
                let items = members.iter().map(|(key, item)| (key.as_str().into(), Self::from_json(item)));
                Self::Dict(Arc::new(items.collect()))
            }
        }
    }

    /// The body that a request with `json=` carries: byte for byte what Locust sends, which is `json.dumps()`
    /// with `", "` and `": "` between items and everything beyond ASCII escaped.
    ///
    /// # Errors
    /// As [`Value::to_json`]; also when the text would pass [`crate::limits::VALUE_BYTES`].
    pub fn to_json_text(&self) -> Result<String, EvalError> {
        let mut text = String::new();
        write_json(&mut text, self, &Style::plain(false))?;
        Ok(text)
    }
}

/// How JSON is written: the parameters of `json.dumps`.
pub(crate) struct Style {
    /// Everything beyond ASCII as `\uXXXX`.
    pub(crate) ascii: bool,
    pub(crate) allow_nan: bool,
    /// What each level of nesting begins its lines with; `None` for a single line.
    pub(crate) indent: Option<String>,
    /// Between two items.
    pub(crate) item: String,
    /// After a key.
    pub(crate) key: String,
    /// By key.
    pub(crate) sort: bool,
}

impl Style {
    /// What `json.dumps` does unless it is told otherwise.
    fn plain(allow_nan: bool) -> Self {
        let (item, key) = (", ".to_owned(), ": ".to_owned());
        Self { ascii: true, allow_nan, indent: None, item, key, sort: false }
    }
}

/// As `json.dumps(value)`.
pub(crate) fn write_json(out: &mut String, value: &Value, style: &Style) -> Result<(), EvalError> {
    write_level(out, value, style, 1)
}

fn write_level(out: &mut String, value: &Value, style: &Style, level: usize) -> Result<(), EvalError> {
    match value {
        Value::Unset | Value::None => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Int(number) => _ = write!(out, "{number}"),
        Value::Float(number) if number.is_finite() => _ = write_float(out, *number),
        Value::Float(_) if !style.allow_nan => return Err(not_a_json_number()),
        Value::Float(number) if number.is_nan() => out.push_str("NaN"),
        Value::Float(number) => out.push_str(if *number > 0.0 { "Infinity" } else { "-Infinity" }),
        Value::Str(text) => write_json_string(out, text, style.ascii),
        Value::List(items) => {
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                begin_item(out, place, style, level);
                write_level(out, item, style, level + 1)?;
            }
            end_items(out, items.len(), style, level);
            out.push(']');
        }
        Value::Dict(items) => {
            out.push('{');
            let mut items: Vec<&(Arc<str>, Value)> = items.iter().collect();
            if style.sort {
                items.sort_by_key(|(key, _)| key);
            }
            for (place, (key, item)) in items.iter().enumerate() {
                begin_item(out, place, style, level);
                write_json_string(out, key, style.ascii);
                out.push_str(&style.key);
                write_level(out, item, style, level + 1)?;
            }
            end_items(out, items.len(), style, level);
            out.push('}');
        }
        Value::Bytes(_) | Value::Response(_) | Value::Object(_) => return Err(not_serializable(value)),
    }
    if out.len() > crate::limits::VALUE_BYTES { Err(EvalError::too_large()) } else { Ok(()) }
}

fn begin_item(out: &mut String, place: usize, style: &Style, level: usize) {
    out.push_str(if place == 0 { "" } else { &style.item });
    new_line(out, style, level);
}

fn end_items(out: &mut String, count: usize, style: &Style, level: usize) {
    if count > 0 {
        new_line(out, style, level - 1);
    }
}

fn new_line(out: &mut String, style: &Style, level: usize) {
    if let Some(indent) = &style.indent {
        out.push('\n');
        out.extend(std::iter::repeat_n(indent.as_str(), level));
    }
}

fn write_json_string(out: &mut String, text: &str, ascii: bool) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(character),
            _ if !ascii && character >= ' ' => out.push(character),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
}

/// As `json.loads(text)`.
pub(crate) fn read_json(text: &[u8]) -> Result<Value, EvalError> {
    let json = crate::json::read(text).map_err(|error| {
        // What is no JSON is an error of syntax; of any other kind is only that it is too large.
        if error.is_data() { EvalError::too_large() } else { decode_error(text, &error) }
    })?;
    Value::from_json(&json).bounded()
}

/// Python's words for what `serde_json` found. The place is exact for the usual case, an answer that is no JSON
/// at all; elsewhere it is where `serde_json` stopped.
fn decode_error(text: &[u8], error: &serde_json::Error) -> EvalError {
    let first = text.iter().position(|byte| !byte.is_ascii_whitespace());
    let starts_json = first
        .is_some_and(|at| matches!(text[at], b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n'));
    let offset = if starts_json && error.is_eof() {
        text.len()
    } else if starts_json {
        let before: usize = text
            .split_inclusive(|&byte| byte == b'\n')
            .take(error.line().saturating_sub(1))
            .map(<[u8]>::len)
            .sum();
        (before + error.column().saturating_sub(1)).min(text.len())
    } else {
        first.unwrap_or(text.len())
    };
    let seen = &text[..offset];
    let line = 1 + seen.iter().filter(|&&byte| byte == b'\n').count();
    let column = 1 + seen.iter().rev().take_while(|&&byte| byte != b'\n').count();
    let words = error.to_string();
    let what = if words.starts_with("trailing") {
        "Extra data"
    } else if words.starts_with("key must be") {
        "Expecting property name enclosed in double quotes"
    } else if words.starts_with("expected `,`") || words.starts_with("EOF while parsing a list") {
        "Expecting ',' delimiter"
    } else if words.starts_with("expected `:`") {
        "Expecting ':' delimiter"
    } else if words.starts_with("EOF while parsing a string") {
        "Unterminated string"
    } else {
        "Expecting value"
    };
    EvalError::raise("JSONDecodeError", &format!("{what}: line {line} column {column} (char {offset})"))
}

fn not_a_json_number() -> EvalError {
    EvalError::raise("ValueError", "Out of range float values are not JSON compliant")
}

fn not_serializable(value: &Value) -> EvalError {
    EvalError::raise("TypeError", &format!("Object of type {} is not JSON serializable", value.type_name()))
}
