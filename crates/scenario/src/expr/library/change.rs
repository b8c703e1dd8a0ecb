//! Lists and dicts as they are after a change. Values never change in place: a variable is given the new one.
//! These are what statements become; none is called by name.

use crate::expr::call::{Function, argument, given, integer, type_error, value_error};
use crate::expr::compare::Comparison;
use crate::expr::display::Repr;
use crate::expr::eval::Run;
use crate::expr::operators::Binary;
use crate::expr::{EvalError, Value};
use std::sync::Arc;

/// `items.append(item)`
pub(crate) static APPENDED: Function = Function::fixed("append", &["items", "item"], 2, |arguments, run| {
    let items = list(arguments, "append", run)?;
    with(items, items.len(), argument(arguments, 1), run)
});

/// `items.insert(place, item)`
pub(crate) static INSERTED: Function =
    Function::fixed("insert", &["items", "place", "item"], 3, |arguments, run| {
        let items = list(arguments, "insert", run)?;
        let place = integer(argument(arguments, 1))?;
        let place = match usize::try_from(place) {
            Ok(place) => place.min(items.len()),
            Err(_) => items.len().saturating_sub(usize::try_from(place.unsigned_abs()).unwrap_or(usize::MAX)),
        };
        with(items, place, argument(arguments, 2), run)
    });

/// `items.extend(others)`
pub(crate) static EXTENDED: Function =
    Function::fixed("extend", &["items", "others"], 2, |arguments, run| {
        let others = run.items(argument(arguments, 1))?;
        let items = list(arguments, "extend", run)?;
        run.charge_items(items.len() + others.len())?;
        run.list(items.iter().cloned().chain(others).collect())
    });

/// `name += value`, where nothing else stands for a list or dict that `name` may be.
pub(crate) static ADDED: [Function; 3] = [
    Function::fixed("+=", &["name", "value"], 2, |arguments, run| match argument(arguments, 0) {
        Value::List(_) => (EXTENDED.call)(arguments, run),
        other => Binary::Add.apply(other, argument(arguments, 1), run),
    }),
    Function::fixed("*=", &["name", "value"], 2, |arguments, run| {
        Binary::Multiply.apply(argument(arguments, 0), argument(arguments, 1), run)
    }),
    Function::fixed("|=", &["name", "value"], 2, |arguments, run| match argument(arguments, 0) {
        Value::Dict(_) => (UPDATED.call)(arguments, run),
        other => Binary::Or.apply(other, argument(arguments, 1), run),
    }),
];

/// The same, where something else may stand for it, and would be changed with it.
pub(crate) static ADDED_TO_SHARED: [Function; 3] = [
    Function::fixed("+=", &["name", "value"], 2, |arguments, run| {
        added_to_shared(Binary::Add, arguments, run)
    }),
    Function::fixed("*=", &["name", "value"], 2, |arguments, run| {
        added_to_shared(Binary::Multiply, arguments, run)
    }),
    Function::fixed("|=", &["name", "value"], 2, |arguments, run| {
        added_to_shared(Binary::Or, arguments, run)
    }),
];

fn added_to_shared(operator: Binary, arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    match argument(arguments, 0) {
        value @ (Value::List(_) | Value::Dict(_)) => Err(EvalError(format!(
            "changing a {} that may have another name is not translated: write `a = a + b`",
            value.type_name()
        ))),
        other => operator.apply(other, argument(arguments, 1), run),
    }
}

/// `items.remove(item)`
pub(crate) static REMOVED: Function = Function::fixed("remove", &["items", "item"], 2, |arguments, run| {
    let items = list(arguments, "remove", run)?;
    for (place, item) in items.iter().enumerate() {
        if Comparison::Equal.holds(item, argument(arguments, 1), run)? {
            return without(items, place, run);
        }
    }
    Err(value_error("list.remove(x): x not in list"))
});

/// `items.clear()`
pub(crate) static CLEARED: Function =
    Function::fixed("clear", &["items"], 1, |arguments, run| match argument(arguments, 0) {
        Value::List(_) => run.list(Vec::new()),
        Value::Dict(_) => run.dict(Vec::new()),
        other => Err(no_method(other, "clear")),
    });

/// `next(iterator)`, of which the items are known, and how many were taken.
pub(crate) static NEXT_ITEM: Function = Function::fixed("next", &["items", "taken"], 2, |arguments, _| {
    let taken = integer(argument(arguments, 1))?;
    match (argument(arguments, 0), usize::try_from(taken)) {
        (Value::List(items), Ok(taken)) if taken < items.len() => Ok(items[taken].clone()),
        _ => Err(EvalError("StopIteration()".to_owned())),
    }
});

/// `dict.update(others)`
pub(crate) static UPDATED: Function = Function::fixed("update", &["dict", "others"], 2, |arguments, run| {
    match (argument(arguments, 0), argument(arguments, 1)) {
        (Value::Dict(items), Value::Dict(others)) => {
            run.charge_items(2 * (items.len() + others.len()))?;
            run.dict([items.as_slice(), others.as_slice()].concat())
        }
        (Value::Dict(_), other) => {
            Err(type_error(&format!("a dict is updated by a dict here, not by {}", other.type_name())))
        }
        (other, _) => Err(no_method(other, "update")),
    }
});

/// `container[key] = value`
pub(crate) static WITH_ITEM: Function =
    Function::fixed("item", &["container", "key", "value"], 3, |arguments, run| {
        let (key, value) = (argument(arguments, 1), argument(arguments, 2));
        match argument(arguments, 0) {
            Value::Dict(items) => {
                let key = text(key)?;
                run.look_up(items.len())?;
                run.charge_items(2 * items.len() + 2)?;
                let mut items = items.as_ref().clone();
                match items.iter_mut().find(|(known, _)| *known == key) {
                    Some(place) => place.1 = value.clone(),
                    None => items.push((key, value.clone())),
                }
                run.dict(items)
            }
            Value::List(items) => {
                let place = place_of(key, items.len(), "list assignment index out of range")?;
                run.charge_items(items.len())?;
                let mut items = items.as_ref().clone();
                if let Some(item) = items.get_mut(place) {
                    *item = value.clone();
                }
                run.list(items)
            }
            other => {
                let words = format!("'{}' object does not support item assignment", other.type_name());
                Err(type_error(&words))
            }
        }
    });

/// `del container[key]`
pub(crate) static WITHOUT_ITEM: Function =
    Function::fixed("without an item", &["container", "key"], 2, |arguments, run| {
        let key = argument(arguments, 1);
        match argument(arguments, 0) {
            Value::Dict(items) => {
                let name = text(key)?;
                match items.iter().position(|(known, _)| *known == name) {
                    Some(place) => without_key(items, place, run),
                    None => Err(EvalError(format!("KeyError({})", Repr(key)))),
                }
            }
            Value::List(items) => {
                let place = place_of(key, items.len(), "list assignment index out of range")?;
                without(items, place, run)
            }
            other => {
                Err(type_error(&format!("'{}' object doesn't support item deletion", other.type_name())))
            }
        }
    });

/// What `container.pop(key, default)` gives.
pub(crate) static POPPED: Function =
    Function::fixed("pop", &["container", "key", "default"], 1, |arguments, run| {
        let key = given(arguments, 1);
        match (argument(arguments, 0), key) {
            (Value::List(items), key) => Ok(items[popped(items, key)?].clone()),
            (Value::Dict(items), Some(key)) => {
                run.look_up(items.len())?;
                let name = text(key)?;
                match items.iter().find(|(known, _)| *known == name) {
                    Some((_, value)) => Ok(value.clone()),
                    None => given(arguments, 2)
                        .cloned()
                        .ok_or_else(|| EvalError(format!("KeyError({})", Repr(key)))),
                }
            }
            (Value::Dict(_), None) => Err(type_error("pop expected at least 1 argument, got 0")),
            (other, _) => Err(no_method(other, "pop")),
        }
    });

/// What `container.pop(key)` leaves.
pub(crate) static UNPOPPED: Function =
    Function::fixed("what pop leaves", &["container", "key"], 1, |arguments, run| {
        match (argument(arguments, 0), given(arguments, 1)) {
            (Value::List(items), key) => without(items, popped(items, key)?, run),
            (Value::Dict(items), Some(key)) => {
                let name = text(key)?;
                match items.iter().position(|(known, _)| *known == name) {
                    Some(place) => without_key(items, place, run),
                    None => Ok(Value::Dict(items.clone())),
                }
            }
            (other, _) => Err(no_method(other, "pop")),
        }
    });

fn list<'v>(arguments: &'v [Value], method: &str, run: &mut Run<'_, '_>) -> Result<&'v [Value], EvalError> {
    match argument(arguments, 0) {
        Value::List(items) => {
            run.charge_items(items.len() + 1)?;
            Ok(items)
        }
        other => Err(no_method(other, method)),
    }
}

fn no_method(value: &Value, method: &str) -> EvalError {
    crate::expr::call::no_attribute(value, method)
}

fn text(key: &Value) -> Result<Arc<str>, EvalError> {
    match key {
        Value::Str(text) => Ok(text.clone()),
        other => {
            let words = format!("a key of a dict must be text here, not {}", other.type_name());
            Err(type_error(&words))
        }
    }
}

/// Where an index points in a list of so many.
fn place_of(index: &Value, count: usize, words: &str) -> Result<usize, EvalError> {
    let index = integer(index)?;
    let place = match usize::try_from(index) {
        Ok(place) => Some(place),
        Err(_) => count.checked_sub(usize::try_from(index.unsigned_abs()).unwrap_or(usize::MAX)),
    };
    place.filter(|place| *place < count).ok_or_else(|| EvalError::raise("IndexError", words))
}

/// The place of the item that `pop` takes; it is there.
fn popped(items: &[Value], key: Option<&Value>) -> Result<usize, EvalError> {
    match (items.len().checked_sub(1), key) {
        (None, _) => Err(EvalError::raise("IndexError", "pop from empty list")),
        (Some(last), None) => Ok(last),
        (Some(_), Some(key)) => place_of(key, items.len(), "pop index out of range"),
    }
}

fn with(items: &[Value], place: usize, item: &Value, run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let (before, after) = items.split_at(place);
    run.list(before.iter().chain(std::iter::once(item)).chain(after).cloned().collect())
}

fn without(items: &[Value], place: usize, run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    run.charge_items(items.len())?;
    let mut items = items.to_vec();
    items.remove(place);
    run.list(items)
}

fn without_key(items: &[(Arc<str>, Value)], place: usize, run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    run.charge_items(2 * items.len())?;
    let mut items = items.to_vec();
    items.remove(place);
    run.dict(items)
}

/// How a method changes its object, and what it gives, if that is not None.
pub(crate) fn by_name(method: &str) -> Option<(&'static Function, Option<&'static Function>)> {
    Some(match method {
        "append" => (&APPENDED, None),
        "clear" => (&CLEARED, None),
        "extend" => (&EXTENDED, None),
        "insert" => (&INSERTED, None),
        "pop" => (&UNPOPPED, Some(&POPPED)),
        "remove" => (&REMOVED, None),
        "reverse" => (super::function("reversed")?, None),
        "sort" => (super::function("sorted")?, None),
        "update" => (&UPDATED, None),
        _ => return None,
    })
}
