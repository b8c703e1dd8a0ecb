//! Items and slices: `value[index]`, `value[start:stop:step]`.

use super::call::{integer, type_error, value_error};
use super::compare::hashable;
use super::display::Repr;
use super::eval::Run;
use super::methods::group;
use super::object::Object;
use super::{EvalError, Value};
use std::sync::Arc;

/// `value[index]`
pub(crate) fn item(value: &Value, index: &Value, run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let place = match index {
        Value::Int(place) => Some(*place),
        Value::Bool(place) => Some(i64::from(*place)),
        _ => None,
    };
    match (value, place) {
        (Value::List(items), Some(place)) => at(place, items.len())
            .and_then(|place| items.get(place).cloned())
            .ok_or_else(|| out_of_range("list index")),
        (Value::Str(text), Some(place)) => {
            run.look_through(text.len())?;
            at(place, text.chars().count())
                .and_then(|place| text.chars().nth(place))
                .map(Value::from)
                .ok_or_else(|| out_of_range("string index"))
        }
        (Value::Bytes(bytes), Some(place)) => at(place, bytes.len())
            .and_then(|place| bytes.get(place))
            .map(|byte| Value::Int((*byte).into()))
            .ok_or_else(|| out_of_range("index")),
        (Value::Dict(items), _) => {
            hashable(index)?;
            run.look_up(items.len())?;
            let found = index.as_str().and_then(|key| value.member(key)).cloned();
            found.ok_or_else(|| EvalError(format!("KeyError({})", Repr(index))))
        }
        (Value::Object(object), _) if let Object::Match(found) = &**object => group(found, index),
        (Value::List(_), None) => {
            Err(type_error(&format!("list indices must be integers or slices, not {}", index.type_name())))
        }
        (Value::Str(_), None) => {
            Err(type_error(&format!("string indices must be integers, not '{}'", index.type_name())))
        }
        (Value::Bytes(_), None) => {
            Err(type_error(&format!("byte indices must be integers or slices, not {}", index.type_name())))
        }
        _ => Err(type_error(&format!("'{}' object is not subscriptable", value.type_name()))),
    }
}

/// A place in something of `length`; negative places count from its end.
fn at(place: i64, length: usize) -> Option<usize> {
    if place < 0 {
        length.checked_sub(usize::try_from(place.unsigned_abs()).ok()?)
    } else {
        usize::try_from(place).ok()
    }
}

fn out_of_range(what: &str) -> EvalError {
    EvalError::raise("IndexError", &format!("{what} out of range"))
}

/// `value[start:stop:step]`; bounds that are left out are None.
pub(crate) fn slice(
    value: &Value,
    [start, stop, step]: [Value; 3],
    run: &mut Run<'_, '_>,
) -> Result<Value, EvalError> {
    let length = match value {
        Value::List(items) => items.len(),
        Value::Bytes(bytes) => bytes.len(),
        Value::Str(text) => {
            run.look_through(text.len())?;
            text.chars().count()
        }
        Value::Dict(_) => return Err(type_error("unhashable type: 'slice'")),
        _ => return Err(type_error(&format!("'{}' object is not subscriptable", value.type_name()))),
    };
    let step = bound(&step)?.unwrap_or(1);
    let (start, stop) = (bound(&start)?, bound(&stop)?);
    if step == 0 {
        return Err(value_error("slice step cannot be zero"));
    }
    let picked = Picked::new(start, stop, step, length);
    match value {
        Value::List(items) => {
            run.charge_items(picked.count)?;
            run.list(picked.places().filter_map(|place| items.get(place).cloned()).collect())
        }
        Value::Bytes(bytes) => {
            run.charge(picked.count)?;
            let bytes: Arc<[u8]> = picked.places().filter_map(|place| bytes.get(place).copied()).collect();
            Ok(Value::Bytes(bytes))
        }
        Value::Str(text) if step == 1 => {
            let from = text.char_indices().nth(picked.first).map_or(text.len(), |(place, _)| place);
            let rest = &text[from..];
            let end = rest.char_indices().nth(picked.count).map_or(rest.len(), |(place, _)| place);
            run.text(&rest[..end])
        }
        Value::Str(text) => {
            run.charge(text.len().saturating_mul(size_of::<char>()))?;
            let characters: Vec<char> = text.chars().collect();
            let text: String = picked.places().filter_map(|place| characters.get(place)).collect();
            run.text(&text)
        }
        _ => Ok(Value::None),
    }
}

fn bound(value: &Value) -> Result<Option<i64>, EvalError> {
    match value {
        Value::None | Value::Unset => Ok(None),
        _ => integer(value)
            .map(Some)
            .map_err(|_| type_error("slice indices must be integers or None or have an __index__ method")),
    }
}

/// The places that a slice takes, all below the length.
struct Picked {
    first: usize,
    step: i64,
    count: usize,
}

impl Picked {
    /// As Python does it: places beyond an end are moved to it.
    fn new(start: Option<i64>, stop: Option<i64>, step: i64, length: usize) -> Self {
        let length = i64::try_from(length).unwrap_or(i64::MAX);
        // Backwards, the place before the first is an end, and is called -1.
        let (low, high) = if step > 0 { (0, length) } else { (-1, length - 1) };
        let clamp = |place: Option<i64>, default: i64| match place {
            Some(place) if place < 0 => place.saturating_add(length).clamp(low, high),
            Some(place) => place.clamp(low, high),
            None => default,
        };
        let (start, stop) = match step > 0 {
            true => (clamp(start, low), clamp(stop, high)),
            false => (clamp(start, high), clamp(stop, low)),
        };
        let towards = if step > 0 { start < stop } else { start > stop };
        let count = if towards { start.abs_diff(stop).div_ceil(step.unsigned_abs()) } else { 0 };
        Self { first: usize::try_from(start).unwrap_or(0), step, count: usize::try_from(count).unwrap_or(0) }
    }

    fn places(&self) -> impl Iterator<Item = usize> {
        let step = isize::try_from(self.step).unwrap_or(isize::MAX);
        // The last place is left as it is: a step beyond it may not be a place at all.
        std::iter::successors(Some(self.first), move |place| place.checked_add_signed(step)).take(self.count)
    }
}
