//! Attributes and methods of values.

use super::eval::Run;
use super::functions::{Signature, integer};
use super::json::read_json;
use super::{EvalError, Response, Value};
use std::sync::Arc;

/// What a response has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attribute {
    /// `.status_code`
    StatusCode,
    /// `.text`
    Text,
    /// `.ok`
    Ok,
}

/// A method that expressions may call. One name may stand for several types; the value decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `response.elapsed.total_seconds()`
    ElapsedSeconds,
    /// `text.endswith(x)`
    EndsWith,
    /// `text.find(x)`
    Find,
    /// `dict.get(key, default)`
    Get,
    /// `response.headers[name]`
    Header,
    /// `response.headers.get(name, default)`
    HeaderGet,
    /// `name in response.headers`
    HeaderIn,
    /// `text.join(items)`
    Join,
    /// `response.json()`
    Json,
    /// `dict.keys()`
    Keys,
    /// `text.lower()`
    Lower,
    /// `text.lstrip(characters)`
    LeftStrip,
    /// `text.replace(old, new, count)`
    Replace,
    /// `text.rstrip(characters)`
    RightStrip,
    /// `text.split(separator, maxsplit)`
    Split,
    /// `text.startswith(x)`
    StartsWith,
    /// `text.strip(characters)`
    Strip,
    /// `text.upper()`
    Upper,
    /// `dict.values()`
    Values,
}

/// All methods that are written as one name.
pub(crate) const METHODS: &[Signature<Method>] = &[
    Signature { name: "endswith", callee: Method::EndsWith, parameters: &["suffix"], required: 1 },
    Signature { name: "find", callee: Method::Find, parameters: &["sub"], required: 1 },
    Signature { name: "get", callee: Method::Get, parameters: &["key", "default"], required: 1 },
    Signature { name: "join", callee: Method::Join, parameters: &["iterable"], required: 1 },
    Signature { name: "json", callee: Method::Json, parameters: &[], required: 0 },
    Signature { name: "keys", callee: Method::Keys, parameters: &[], required: 0 },
    Signature { name: "lower", callee: Method::Lower, parameters: &[], required: 0 },
    Signature { name: "lstrip", callee: Method::LeftStrip, parameters: &["chars"], required: 0 },
    Signature { name: "replace", callee: Method::Replace, parameters: &["old", "new", "count"], required: 2 },
    Signature { name: "rstrip", callee: Method::RightStrip, parameters: &["chars"], required: 0 },
    Signature { name: "split", callee: Method::Split, parameters: &["sep", "maxsplit"], required: 0 },
    Signature { name: "startswith", callee: Method::StartsWith, parameters: &["prefix"], required: 1 },
    Signature { name: "strip", callee: Method::Strip, parameters: &["chars"], required: 0 },
    Signature { name: "upper", callee: Method::Upper, parameters: &[], required: 0 },
    Signature { name: "values", callee: Method::Values, parameters: &[], required: 0 },
];

impl Attribute {
    /// All, by name.
    pub(crate) const ALL: [(&str, Self); 3] =
        [("status_code", Self::StatusCode), ("text", Self::Text), ("ok", Self::Ok)];

    pub(crate) fn of(self, value: &Value, run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
        let Value::Response(response) = value else {
            let name =
                Self::ALL.iter().find(|(_, attribute)| *attribute == self).map_or("", |(name, _)| name);
            return Err(no_attribute(value, name));
        };
        match self {
            Self::StatusCode => Ok(Value::Int(response.status.into())),
            Self::Ok => Ok(Value::Bool(response.ok())),
            Self::Text => {
                run.charge(response.body.len())?;
                Ok(Value::from(&*String::from_utf8_lossy(&response.body)))
            }
        }
    }
}

impl Method {
    /// Calls it on `value`.
    pub(crate) fn call(
        self,
        value: &Value,
        arguments: &[Value],
        run: &mut Run<'_, '_>,
    ) -> Result<Value, EvalError> {
        match value {
            Value::Response(response) => self.of_response(response, arguments, run),
            Value::Dict(items) => self.of_dict(items, value, arguments),
            Value::Str(text) => self.of_text(text, arguments, run),
            _ => None,
        }
        .unwrap_or_else(|| Err(no_attribute(value, self.name())))
    }

    fn name(self) -> &'static str {
        match self {
            Self::Header | Self::HeaderGet | Self::HeaderIn => "headers",
            Self::ElapsedSeconds => "elapsed",
            _ => METHODS.iter().find(|method| method.callee == self).map_or("", |method| method.name),
        }
    }

    fn of_response(
        self,
        response: &Response,
        arguments: &[Value],
        run: &mut Run<'_, '_>,
    ) -> Option<Result<Value, EvalError>> {
        let first = arguments.first().unwrap_or(&Value::None);
        Some(match self {
            Self::Json => run.charge(response.body.len()).and_then(|()| read_json(&response.body)),
            Self::ElapsedSeconds => Ok(Value::Float(response.elapsed_s)),
            Self::Header => header(response, first).and_then(|found| {
                found.ok_or_else(|| EvalError(format!("KeyError({})", super::display::Repr(first))))
            }),
            Self::HeaderGet => header(response, first)
                .map(|found| found.unwrap_or_else(|| arguments.get(1).cloned().unwrap_or(Value::None))),
            Self::HeaderIn => header(response, first).map(|found| Value::Bool(found.is_some())),
            _ => return None,
        })
    }

    fn of_dict(
        self,
        items: &[(Arc<str>, Value)],
        value: &Value,
        arguments: &[Value],
    ) -> Option<Result<Value, EvalError>> {
        Some(match self {
            Self::Get => {
                let found = arguments.first().and_then(Value::as_str).and_then(|key| value.member(key));
                Ok(found.or(arguments.get(1)).cloned().unwrap_or(Value::None))
            }
            Self::Keys => Value::list(items.iter().map(|(key, _)| Value::Str(key.clone())).collect()),
            Self::Values => Value::list(items.iter().map(|(_, value)| value.clone()).collect()),
            _ => return None,
        })
    }

    fn of_text(
        self,
        text: &str,
        arguments: &[Value],
        run: &mut Run<'_, '_>,
    ) -> Option<Result<Value, EvalError>> {
        Some(match self {
            Self::Upper => make(run, text.len(), || text.to_uppercase()),
            Self::Lower => make(run, text.len(), || text.to_lowercase()),
            Self::Strip | Self::LeftStrip | Self::RightStrip => self.strip(text, arguments, run),
            Self::StartsWith | Self::EndsWith => self.affix(text, arguments),
            Self::Find => string(arguments, 0).map(|part| {
                let before = text.find(part).map(|at| text[..at].chars().count());
                Value::Int(before.and_then(|count| i64::try_from(count).ok()).unwrap_or(-1))
            }),
            Self::Replace => replace(text, arguments, run),
            Self::Split => split(text, arguments, run),
            Self::Join => join(text, arguments, run),
            _ => return None,
        })
    }

    fn strip(self, text: &str, arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
        let characters = match arguments.first() {
            None | Some(Value::None | Value::Unset) => None,
            Some(_) => Some(string(arguments, 0)?),
        };
        let matches = |character: char| match characters {
            None => is_space(character),
            Some(characters) => characters.contains(character),
        };
        let stripped = match self {
            Self::LeftStrip => text.trim_start_matches(matches),
            Self::RightStrip => text.trim_end_matches(matches),
            _ => text.trim_matches(matches),
        };
        make(run, stripped.len(), || stripped.to_owned())
    }

    fn affix(self, text: &str, arguments: &[Value]) -> Result<Value, EvalError> {
        let matches = |part: &str| {
            if self == Self::StartsWith { text.starts_with(part) } else { text.ends_with(part) }
        };
        match arguments.first() {
            Some(Value::List(parts)) => {
                Ok(Value::Bool(parts.iter().any(|part| part.as_str().is_some_and(matches))))
            }
            _ => Ok(Value::Bool(matches(string(arguments, 0)?))),
        }
    }
}

/// What Python takes for space in a text.
pub(crate) fn is_space(character: char) -> bool {
    character.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&character)
}

fn no_attribute(value: &Value, name: &str) -> EvalError {
    EvalError::raise("AttributeError", &format!("'{}' object has no attribute '{name}'", value.type_name()))
}

/// The text at `place` of the arguments.
fn string(arguments: &[Value], place: usize) -> Result<&str, EvalError> {
    let value = arguments.get(place).unwrap_or(&Value::None);
    value
        .as_str()
        .ok_or_else(|| EvalError::raise("TypeError", &format!("expected str, not {}", value.type_name())))
}

/// A count that may be missing; negative means without end.
fn count(arguments: &[Value], place: usize) -> Result<Option<usize>, EvalError> {
    match arguments.get(place) {
        None | Some(Value::Unset) => Ok(None),
        Some(value) => Ok(usize::try_from(integer(value)?).ok()),
    }
}

fn make(run: &mut Run<'_, '_>, bytes: usize, text: impl FnOnce() -> String) -> Result<Value, EvalError> {
    run.charge(bytes)?;
    Ok(text().into())
}

/// Values of equal names are joined as `requests` joins them.
fn header(response: &Response, name: &Value) -> Result<Option<Value>, EvalError> {
    let Some(name) = name.as_str() else {
        return Err(EvalError::raise(
            "AttributeError",
            &format!("'{}' object has no attribute 'lower'", name.type_name()),
        ));
    };
    let name = name.to_lowercase();
    let values: Vec<&str> =
        response.headers.iter().filter(|(key, _)| *key == name).map(|(_, value)| value.as_str()).collect();
    Ok((!values.is_empty()).then(|| values.join(", ").into()))
}

fn replace(text: &str, arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let (old, new) = (string(arguments, 0)?, string(arguments, 1)?);
    let most = count(arguments, 2)?.unwrap_or(usize::MAX);
    let found = text.matches(old).take(most).count();
    make(run, text.len().saturating_add(found.saturating_mul(new.len())), || text.replacen(old, new, most))
}

fn split(text: &str, arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let most = count(arguments, 1)?;
    let pieces: Vec<&str> = match arguments.first() {
        None | Some(Value::None | Value::Unset) => split_at_spaces(text, most),
        Some(_) => match (string(arguments, 0)?, most) {
            ("", _) => return Err(EvalError::raise("ValueError", "empty separator")),
            (separator, Some(most)) => text.splitn(most.saturating_add(1), separator).collect(),
            (separator, None) => text.split(separator).collect(),
        },
    };
    run.charge_items(pieces.len())?;
    run.charge(text.len())?;
    Value::list(pieces.into_iter().map(Value::from).collect())
}

fn split_at_spaces(text: &str, most: Option<usize>) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text.trim_start_matches(is_space);
    while !rest.is_empty() {
        let end = if most == Some(pieces.len()) { None } else { rest.find(is_space) };
        let (piece, after) = rest.split_at(end.unwrap_or(rest.len()));
        pieces.push(piece);
        rest = after.trim_start_matches(is_space);
    }
    pieces
}

fn join(separator: &str, arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let pieces: Vec<&str> = match arguments.first() {
        Some(Value::List(items)) => {
            let pieces = items.iter().enumerate().map(|(place, item)| {
                item.as_str().ok_or_else(|| {
                    let found = item.type_name();
                    let words = format!("sequence item {place}: expected str instance, {found} found");
                    EvalError::raise("TypeError", &words)
                })
            });
            pieces.collect::<Result<_, _>>()?
        }
        Some(Value::Dict(items)) => items.iter().map(|(key, _)| &**key).collect(),
        Some(Value::Str(text)) => text.split("").filter(|piece| !piece.is_empty()).collect(),
        _ => return Err(EvalError::raise("TypeError", "can only join an iterable")),
    };
    let bytes: usize = pieces.iter().map(|piece| piece.len().saturating_add(separator.len())).sum();
    make(run, bytes, || pieces.join(separator))
}
