//! Equality, order and membership, as Python has them.

use super::call::type_error;
use super::eval::Run;
use super::object::Object;
use super::{EvalError, Value};
use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// An operator between two values of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `in`
    In,
    /// `not in`
    NotIn,
    /// `is`; only with `None`, `True` and `False`
    Is,
    /// `is not`; only with `None`, `True` and `False`
    IsNot,
}

impl Comparison {
    pub(crate) fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
            Self::In => "in",
            Self::NotIn => "not in",
            Self::Is => "is",
            Self::IsNot => "is not",
        }
    }

    /// What it says of two values.
    pub(crate) fn holds(self, left: &Value, right: &Value, run: &mut Run<'_, '_>) -> Result<bool, EvalError> {
        match (self, left, right) {
            (Self::In | Self::NotIn, _, Value::Dict(items)) => run.look_up(items.len())?,
            (Self::In | Self::NotIn, Value::Bytes(part), Value::Bytes(bytes)) => {
                run.work(bytes.len().saturating_mul(part.len()) / 32)?;
            }
            (Self::In | Self::NotIn, ..) => run.walk(right)?,
            (_, Value::List(_), Value::List(_)) | (_, Value::Dict(_), Value::Dict(_)) => run.walk(left)?,
            (_, Value::Str(left), Value::Str(right)) => run.look_through(left.len().min(right.len()))?,
            (_, Value::Bytes(left), Value::Bytes(right)) => run.look_through(left.len().min(right.len()))?,
            _ => {}
        }
        Ok(match self {
            Self::Equal => left == right,
            Self::NotEqual => left != right,
            Self::In => contains(right, left)?,
            Self::NotIn => !contains(right, left)?,
            Self::Is => is_same(left, right),
            Self::IsNot => !is_same(left, right),
            Self::Less | Self::LessEqual | Self::Greater | Self::GreaterEqual => {
                let order = self.order(left, right)?;
                match self {
                    Self::Less => order == Some(Ordering::Less),
                    Self::LessEqual => matches!(order, Some(Ordering::Less | Ordering::Equal)),
                    Self::Greater => order == Some(Ordering::Greater),
                    _ => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
                }
            }
        })
    }

    /// The order of two values; `None` if one is NaN.
    fn order(self, left: &Value, right: &Value) -> Result<Option<Ordering>, EvalError> {
        match (left, right) {
            (Value::Str(left), Value::Str(right)) => return Ok(Some(left.cmp(right))),
            (Value::Bytes(left), Value::Bytes(right)) => return Ok(Some(left.cmp(right))),
            (Value::Object(left), Value::Object(right)) => {
                if let Some(order) = left.order(right) {
                    return Ok(Some(order));
                }
            }
            (Value::List(left), Value::List(right)) => {
                return match left.iter().zip(right.iter()).find(|(left, right)| left != right) {
                    Some((left, right)) => self.order(left, right),
                    None => Ok(Some(left.len().cmp(&right.len()))),
                };
            }
            _ => {}
        }
        match (Number::of(left), Number::of(right)) {
            (Some(left), Some(right)) => Ok(left.order(right)),
            _ => Err(EvalError::raise(
                "TypeError",
                &format!(
                    "'{}' not supported between instances of '{}' and '{}'",
                    self.symbol(),
                    left.type_name(),
                    right.type_name()
                ),
            )),
        }
    }
}

/// A value that counts as a number; `True` and `False` do.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Number {
    Int(i64),
    Float(f64),
}

impl Number {
    pub(crate) fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(value) => Some(Self::Int(i64::from(*value))),
            Value::Int(number) => Some(Self::Int(*number)),
            Value::Float(number) => Some(Self::Float(*number)),
            _ => None,
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "Python rounds to the nearest float as well")]
    pub(crate) fn as_float(self) -> f64 {
        match self {
            Self::Int(number) => number as f64,
            Self::Float(number) => number,
        }
    }

    fn order(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Int(left), Self::Int(right)) => Some(left.cmp(&right)),
            (Self::Float(left), Self::Float(right)) => left.partial_cmp(&right),
            (Self::Int(left), Self::Float(right)) => order_mixed(left, right),
            (Self::Float(left), Self::Int(right)) => order_mixed(right, left).map(Ordering::reverse),
        }
    }
}

/// Exact, as in Python: 2**53 + 1 is not equal to the float nearest to it.
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "bounds are checked first")]
fn order_mixed(whole: i64, float: f64) -> Option<Ordering> {
    const TOO_LARGE: f64 = -(i64::MIN as f64);
    if float.is_nan() {
        None
    } else if float >= TOO_LARGE {
        Some(Ordering::Less)
    } else if float < -TOO_LARGE {
        Some(Ordering::Greater)
    } else {
        let truncated = float.trunc();
        whole.cmp(&(truncated as i64)).then(truncated.partial_cmp(&float)?).into()
    }
}

impl PartialEq for Value {
    /// Python's `==`.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Unset | Self::None, Self::Unset | Self::None) => true,
            (Self::Str(left), Self::Str(right)) => left == right,
            (Self::List(left), Self::List(right)) => Arc::ptr_eq(left, right) || left == right,
            (Self::Dict(left), Self::Dict(right)) => Arc::ptr_eq(left, right) || equal_dicts(left, right),
            (Self::Bytes(left), Self::Bytes(right)) => left == right,
            (Self::Response(left), Self::Response(right)) => Arc::ptr_eq(left, right),
            (Self::Object(left), Self::Object(right)) => {
                Arc::ptr_eq(left, right) || left.order(right) == Some(Ordering::Equal)
            }
            _ => match (Number::of(self), Number::of(other)) {
                (Some(left), Some(right)) => left.order(right) == Some(Ordering::Equal),
                _ => false,
            },
        }
    }
}

/// Whatever the order of their keys.
fn equal_dicts(left: &[(Arc<str>, Value)], right: &[(Arc<str>, Value)]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    let right: HashMap<&str, &Value> = right.iter().map(|(key, value)| (&**key, value)).collect();
    left.iter().all(|(key, value)| right.get(&**key).is_some_and(|other| *other == value))
}

fn is_same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Unset | Value::None, Value::Unset | Value::None) => true,
        (Value::Bool(left), Value::Bool(right)) => left == right,
        _ => false,
    }
}

/// `item in container`
fn contains(container: &Value, item: &Value) -> Result<bool, EvalError> {
    match (container, item) {
        (Value::Str(text), Value::Str(part)) => Ok(text.contains(&**part)),
        (Value::Str(_), _) => {
            let found = item.type_name();
            Err(type_error(&format!("'in <string>' requires string as left operand, not {found}")))
        }
        (Value::Bytes(bytes), Value::Bytes(part)) => {
            Ok(part.is_empty() || bytes.windows(part.len()).any(|window| window == &**part))
        }
        (Value::Bytes(bytes), Value::Int(_) | Value::Bool(_)) => {
            let byte = Number::of(item).and_then(|number| match number {
                Number::Int(number) => u8::try_from(number).ok(),
                Number::Float(_) => None,
            });
            let byte = byte.ok_or_else(|| super::call::value_error("byte must be in range(0, 256)"))?;
            Ok(bytes.contains(&byte))
        }
        (Value::Bytes(_), _) => {
            let found = item.type_name();
            Err(type_error(&format!("a bytes-like object is required, not '{found}'")))
        }
        (Value::List(items), _) => Ok(items.contains(item)),
        (Value::Dict(_), _) => {
            hashable(item)?;
            Ok(item.as_str().is_some_and(|key| container.member(key).is_some()))
        }
        _ => {
            let words = format!("argument of type '{}' is not iterable", container.type_name());
            Err(type_error(&words))
        }
    }
}

/// Refuses what cannot be a key in Python. A list may be a tuple there, but is none where a dict is asked for it.
pub(crate) fn hashable(value: &Value) -> Result<(), EvalError> {
    match value {
        Value::List(_) | Value::Dict(_) => {
            Err(type_error(&format!("unhashable type: '{}'", value.type_name())))
        }
        _ => Ok(()),
    }
}

/// The items without those that are equal to one before them, as `set` has them.
#[expect(clippy::mutable_key_type, reason = "what may change within a pattern is no part of its hash")]
pub(crate) fn distinct(items: Vec<Value>, run: &mut Run<'_, '_>) -> Result<Vec<Value>, EvalError> {
    for item in &items {
        run.walk(item)?;
        if let Value::Dict(_) = item {
            hashable(item)?;
        }
    }
    let mut seen = HashSet::with_capacity(items.len());
    Ok(items.into_iter().filter(|item| seen.insert(Key(item.clone()))).collect())
}

/// A value by which others are found.
#[derive(PartialEq)]
struct Key(Value);

// NaN is not equal to itself; then it is not found, as in Python.
impl Eq for Key {}

impl Hash for Key {
    /// Equal values must have equal hashes; so numbers are hashed as floats.
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.0 {
            Value::Str(text) => text.hash(state),
            Value::Bytes(bytes) => bytes.hash(state),
            Value::List(items) => {
                items.len().hash(state);
                items.iter().for_each(|item| Self(item.clone()).hash(state));
            }
            Value::Response(response) => Arc::as_ptr(response).hash(state),
            Value::Object(object) => match &**object {
                Object::Uuid(number) => number.hash(state),
                Object::Moment(moment) => moment.at.hash(state),
                Object::Duration(micros) => micros.hash(state),
                _ => Arc::as_ptr(object).hash(state),
            },
            value => {
                // Adding 0 makes -0 the same as 0.
                Number::of(value).map(|number| (number.as_float() + 0.0).to_bits()).hash(state);
            }
        }
    }
}
