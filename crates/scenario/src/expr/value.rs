//! The values of expressions.

use super::EvalError;
use super::items::Items;
use super::object::Object;
use crate::limits::{VALUE_BYTES, VALUE_DEPTH};
use std::collections::HashMap;
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
    /// Bytes that need not be text.
    Bytes(Arc<[u8]>),
    /// A list or tuple.
    List(Arc<Vec<Value>>),
    /// A dict with text keys, in the order of insertion; no key stands in it twice.
    Dict(Arc<Vec<(Arc<str>, Value)>>),
    /// The answer to a request.
    Response(Arc<Response>),
    /// What a function of Python's library made.
    Object(Arc<Object>),
}

/// An answer that a step kept.
#[derive(Clone, Debug, Default)]
pub struct Response {
    /// HTTP status; 0 where no answer came (as Locust has it).
    pub status: u16,
    /// What HTTP calls that status; empty where no answer came.
    pub reason: &'static str,
    /// The address that was asked for in the end, after redirects; empty where no answer came.
    pub url: String,
    /// Names in lower case, with values.
    pub headers: Vec<(String, String)>,
    /// The body as received; empty where none was kept.
    pub body: Vec<u8>,
    /// From first byte sent to last byte received, seconds.
    pub elapsed_s: f64,
}

impl Response {
    /// Whether it is neither an error nor missing, as `response.ok` of `requests`.
    #[must_use]
    pub fn ok(&self) -> bool {
        self.status != 0 && !(400..600).contains(&self.status)
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
            Self::Bytes(bytes) => !bytes.is_empty(),
            Self::Response(response) => response.ok(),
            Self::Object(object) => !matches!(**object, Object::Duration(0)),
        }
    }

    /// The name of its type in Python, for messages.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Unset | Self::None => "NoneType",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Float(_) => "float",
            Self::Str(_) => "str",
            Self::List(_) => "list",
            Self::Dict(_) => "dict",
            Self::Bytes(_) => "bytes",
            Self::Response(_) => "Response",
            Self::Object(object) => object.type_name(),
        }
    }

    /// Text, if it is text.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    /// A list of `items`.
    ///
    /// # Errors
    /// When it would be larger or deeper than [`crate::limits`] allow.
    pub fn list(items: Vec<Self>) -> Result<Self, EvalError> {
        Self::List(Arc::new(items)).bounded()
    }

    /// A dict of `items`; of equal keys the last value counts, at the place of the first.
    ///
    /// # Errors
    /// As [`Value::list`].
    pub fn dict(items: Vec<(Arc<str>, Self)>) -> Result<Self, EvalError> {
        // Most dicts are small, and looking through them is cheaper than hashing.
        const SMALL: usize = 16;
        let mut places: HashMap<Arc<str>, usize> = HashMap::new();
        let mut unique: Vec<(Arc<str>, Self)> = Vec::with_capacity(items.len());
        for (key, value) in items {
            let place = match unique.len() {
                0..SMALL => unique.iter().position(|(known, _)| *known == key),
                SMALL => {
                    places.extend(unique.iter().enumerate().map(|(place, (key, _))| (key.clone(), place)));
                    places.get(&key).copied()
                }
                _ => places.get(&key).copied(),
            };
            match place {
                Some(place) => unique[place].1 = value,
                None => {
                    if unique.len() >= SMALL {
                        places.insert(key.clone(), unique.len());
                    }
                    unique.push((key, value));
                }
            }
        }
        Self::Dict(Arc::new(unique)).bounded()
    }

    /// What a `for` goes through: the items of a list, the keys of a dict, the characters of a text.
    ///
    /// # Errors
    /// When the value cannot be gone through.
    pub fn items(&self) -> Result<Vec<Self>, EvalError> {
        Items::of(self).map(Iterator::collect)
    }

    /// The value of `key` in a dict; `None` also for what is no dict.
    #[must_use]
    pub fn member(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Dict(items) => items.iter().find(|(name, _)| &**name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// Itself, if it keeps the bounds. They are checked whenever a list or dict is made, because shared parts
    /// let a value that is small in memory (`x = [x, x]`, again and again) be endless when it is written out.
    pub(crate) fn bounded(self) -> Result<Self, EvalError> {
        match self.weigh(VALUE_BYTES) {
            Some(_) => Ok(self),
            None => Err(EvalError::too_large()),
        }
    }

    /// What it takes with all its parts; `None` if that is more than `most` bytes, or it is nested too deeply.
    pub(crate) fn weigh(&self, most: usize) -> Option<Weight> {
        let mut weight = Weight::default();
        self.add_to(&mut weight, most, 0)?;
        Some(weight)
    }

    fn add_to(&self, weight: &mut Weight, most: usize, depth: usize) -> Option<()> {
        if depth > VALUE_DEPTH {
            return None;
        }
        weight.values += 1;
        weight.bytes += size_of::<Self>();
        match self {
            Self::Str(text) => weight.bytes += text.len(),
            Self::Bytes(bytes) => weight.bytes += bytes.len(),
            Self::Response(response) => weight.bytes += response.body.len(),
            Self::Object(object) => {
                let (bytes, values) = object.weight();
                weight.bytes += bytes;
                weight.values += values;
            }
            Self::List(items) => {
                for item in items.iter() {
                    item.add_to(weight, most, depth + 1)?;
                }
            }
            Self::Dict(items) => {
                for (key, item) in items.iter() {
                    weight.bytes += size_of::<Arc<str>>() + key.len();
                    item.add_to(weight, most, depth + 1)?;
                }
            }
            Self::Unset | Self::None | Self::Bool(_) | Self::Int(_) | Self::Float(_) => {}
        }
        (weight.bytes <= most).then_some(())
    }
}

/// What a value takes with all its parts, each counted as often as it is referred to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Weight {
    /// About how much memory.
    pub(crate) bytes: usize,
    /// How many values.
    pub(crate) values: usize,
}

impl From<char> for Value {
    fn from(character: char) -> Self {
        Self::Str((&*character.encode_utf8(&mut [0; 4])).into())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Str(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Str(text.into())
    }
}

#[cfg(test)]
mod tests {
    use super::Value;

    #[test]
    fn of_equal_keys_the_last_value_counts_at_the_place_of_the_first() {
        for keys in [1, 3, 15, 16, 17, 40] {
            let items = (0..3 * keys).map(|n| (format!("k{}", n % keys).into(), Value::Int(n))).collect();
            let Value::Dict(dict) = Value::dict(items).unwrap() else { unreachable!() };
            let expected: Vec<_> =
                (0..keys).map(|n| (format!("k{n}").into(), Value::Int(2 * keys + n))).collect();
            assert_eq!(*dict, expected);
        }
    }
}
