//! What `for` goes through, one item after the other.

use super::call::{integer, type_error, value_error};
use super::{EvalError, Value};
use std::sync::Arc;

/// The items of a value, without a copy of it.
pub(crate) enum Items {
    List(Arc<Vec<Value>>, usize),
    Keys(Arc<Vec<(Arc<str>, Value)>>, usize),
    Characters(Arc<str>, usize),
    Bytes(Arc<[u8]>, usize),
    Numbers(Span, u64),
}

impl Items {
    pub(crate) fn of(value: &Value) -> Result<Self, EvalError> {
        Ok(match value {
            Value::List(items) => Self::List(items.clone(), 0),
            Value::Dict(items) => Self::Keys(items.clone(), 0),
            Value::Str(text) => Self::Characters(text.clone(), 0),
            Value::Bytes(bytes) => Self::Bytes(bytes.clone(), 0),
            _ => return Err(type_error(&format!("'{}' object is not iterable", value.type_name()))),
        })
    }

    /// How many are left; of a text at most so many.
    pub(crate) fn left(&self) -> usize {
        match self {
            Self::List(items, next) => items.len() - next,
            Self::Keys(items, next) => items.len() - next,
            Self::Characters(text, next) => text.len() - next,
            Self::Bytes(bytes, next) => bytes.len() - next,
            Self::Numbers(span, next) => usize::try_from(span.count - next).unwrap_or(usize::MAX),
        }
    }
}

impl Iterator for Items {
    type Item = Value;

    fn next(&mut self) -> Option<Value> {
        let (item, next) = match self {
            Self::List(items, next) => (items.get(*next)?.clone(), next),
            Self::Keys(items, next) => (Value::Str(items.get(*next)?.0.clone()), next),
            Self::Bytes(bytes, next) => (Value::Int((*bytes.get(*next)?).into()), next),
            Self::Characters(text, next) => {
                let character = text.get(*next..)?.chars().next()?;
                *next += character.len_utf8();
                return Some(Value::from(character));
            }
            Self::Numbers(span, next) => {
                let number = (*next < span.count).then(|| span.item(*next))?;
                *next += 1;
                return Some(Value::Int(number));
            }
        };
        *next += 1;
        Some(item)
    }
}

/// The numbers of `range()`.
pub(crate) struct Span {
    start: i64,
    step: i64,
    pub(crate) count: u64,
}

impl Span {
    pub(crate) fn of(arguments: &[Value]) -> Result<Self, EvalError> {
        let mut bounds = [0, 0, 1];
        match arguments {
            [stop] => bounds[1] = integer(stop)?,
            _ => {
                for (bound, argument) in bounds.iter_mut().zip(arguments) {
                    *bound = integer(argument)?;
                }
            }
        }
        let [start, stop, step] = bounds;
        if step == 0 {
            return Err(value_error("range() arg 3 must not be zero"));
        }
        let towards = if step > 0 { start < stop } else { start > stop };
        let count = if towards { start.abs_diff(stop).div_ceil(step.unsigned_abs()) } else { 0 };
        Ok(Self { start, step, count })
    }

    /// The item at `index`, which is below `count`; so it lies between start and stop.
    pub(crate) fn item(&self, index: u64) -> i64 {
        self.start.wrapping_add(self.step.wrapping_mul(index.cast_signed()))
    }
}
