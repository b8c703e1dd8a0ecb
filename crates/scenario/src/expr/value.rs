//! The values of expressions.

use super::EvalError;
use crate::limits::VALUE_DEPTH;
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
    /// A list or tuple.
    List(Arc<Vec<Value>>),
    /// A dict with text keys, in the order of insertion; no key stands in it twice.
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
            Self::Response(response) => response.ok(),
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
            Self::Response(_) => "Response",
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
        match self {
            Self::List(items) => Ok(items.as_ref().clone()),
            Self::Dict(items) => Ok(items.iter().map(|(key, _)| Self::Str(key.clone())).collect()),
            Self::Str(text) => Ok(text.chars().map(|character| character.to_string().into()).collect()),
            _ => {
                let words = format!("'{}' object is not iterable", self.type_name());
                Err(EvalError::raise("TypeError", &words))
            }
        }
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
        match self.weigh(crate::limits::VALUE_BYTES, 0) {
            Some(_) => Ok(self),
            None => Err(EvalError::too_large()),
        }
    }

    /// About how many bytes it takes with all its parts, each counted as often as it is referred to. `None` if
    /// that is more than `limit`, or it is nested too deeply.
    pub(crate) fn weigh(&self, limit: usize, depth: usize) -> Option<usize> {
        let mut weight = size_of::<Self>();
        if depth > VALUE_DEPTH {
            return None;
        }
        match self {
            Self::Str(text) => weight += text.len(),
            Self::Response(response) => weight += response.body.len(),
            Self::List(items) => {
                for item in items.iter() {
                    weight += item.weigh(limit.checked_sub(weight)?, depth + 1)?;
                }
            }
            Self::Dict(items) => {
                for (key, item) in items.iter() {
                    weight += size_of::<Arc<str>>() + key.len();
                    weight += item.weigh(limit.checked_sub(weight)?, depth + 1)?;
                }
            }
            Self::Unset | Self::None | Self::Bool(_) | Self::Int(_) | Self::Float(_) => {}
        }
        (weight <= limit).then_some(weight)
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
