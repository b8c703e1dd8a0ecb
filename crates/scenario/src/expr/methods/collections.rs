//! Methods of lists and dicts, and those that lists and texts share.

use crate::expr::call::{Method, argument, given, integer, text_at, value_error};
use crate::expr::compare::hashable;
use crate::expr::display::Repr;
use crate::expr::eval::Run;
use crate::expr::operators::whole;
use crate::expr::{EvalError, Value};
use std::sync::Arc;

pub(crate) static METHODS: &[Method] = &[
    Method::new("copy", &[], 0, |value, _, _| match value {
        Value::List(_) | Value::Dict(_) => Some(Ok(value.clone())),
        _ => None,
    }),
    Method::new("count", &["value"], 1, |value, arguments, run| match value {
        Value::List(items) => Some(count(value, items, arguments, run)),
        Value::Str(text) => Some(count_text(text, arguments, run)),
        _ => None,
    }),
    Method::new("get", &["key", "default"], 1, |value, arguments, run| match value {
        Value::Dict(items) => Some(get(value, items.len(), arguments, run)),
        _ => None,
    }),
    Method::new("index", &["value", "start", "stop"], 1, |value, arguments, run| match value {
        Value::List(items) => Some(index(value, items, arguments, run)),
        Value::Str(text) => Some(super::text::find(text, arguments, false, run).and_then(|place| {
            place.map_or_else(|| Err(value_error("substring not found")), |place| whole(Some(place)))
        })),
        _ => None,
    }),
    Method::new("items", &[], 0, |value, _, run| match value {
        Value::Dict(items) => Some(pairs(items, run)),
        _ => None,
    }),
    Method::new("keys", &[], 0, |value, _, run| match value {
        Value::Dict(_) => Some(run.items(value).and_then(|keys| run.list(keys))),
        _ => None,
    }),
    Method::new("values", &[], 0, |value, _, run| match value {
        Value::Dict(items) => Some(
            run.charge_items(items.len())
                .and_then(|()| run.list(items.iter().map(|(_, value)| value.clone()).collect())),
        ),
        _ => None,
    }),
];

fn get(value: &Value, length: usize, arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let key = argument(arguments, 0);
    hashable(key)?;
    run.look_up(length)?;
    let found = key.as_str().and_then(|key| value.member(key));
    Ok(found.or(given(arguments, 1)).cloned().unwrap_or(Value::None))
}

fn pairs(items: &[(Arc<str>, Value)], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    run.charge_items(3 * items.len())?;
    let pairs =
        items.iter().map(|(key, value)| Value::List(Arc::new(vec![Value::Str(key.clone()), value.clone()])));
    run.list(pairs.collect())
}

fn count(
    value: &Value,
    items: &[Value],
    arguments: &[Value],
    run: &mut Run<'_, '_>,
) -> Result<Value, EvalError> {
    run.walk(value)?;
    let wanted = argument(arguments, 0);
    whole(i64::try_from(items.iter().filter(|item| *item == wanted).count()).ok())
}

fn count_text(text: &str, arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let part = text_at(arguments, 0)?;
    run.look_through(text.len())?;
    whole(i64::try_from(text.matches(part).count()).ok())
}

fn index(
    value: &Value,
    items: &[Value],
    arguments: &[Value],
    run: &mut Run<'_, '_>,
) -> Result<Value, EvalError> {
    run.walk(value)?;
    let wanted = argument(arguments, 0);
    let start = given(arguments, 1).map_or(Ok(0), |start| bound(start, items.len()))?;
    let stop = given(arguments, 2).map_or(Ok(items.len()), |stop| bound(stop, items.len()))?;
    let found = items.get(start..stop).and_then(|items| items.iter().position(|item| item == wanted));
    match found {
        Some(place) => whole(i64::try_from(start + place).ok()),
        None => Err(value_error(&format!("{} is not in list", Repr(wanted)))),
    }
}

/// A place where a search begins or ends: a negative one counts from the end, and one beyond is moved to it.
pub(crate) fn bound(value: &Value, length: usize) -> Result<usize, EvalError> {
    let length_signed = i64::try_from(length).unwrap_or(i64::MAX);
    let place = match value {
        Value::None => return Ok(length),
        _ => integer(value)?,
    };
    let place = if place < 0 { place.saturating_add(length_signed).max(0) } else { place };
    Ok(usize::try_from(place).unwrap_or(length).min(length))
}
