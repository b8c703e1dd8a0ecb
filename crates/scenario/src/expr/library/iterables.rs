//! Lists, and what goes through them: `range`, `sum`, `sorted`, `zip` and the like.

use crate::expr::call::{Function, argument, given, integer_at, type_error, value_error};
use crate::expr::compare::{Comparison, distinct};
use crate::expr::eval::Run;
use crate::expr::items::{Items, Span};
use crate::expr::operators::{Binary, whole};
use crate::expr::{EvalError, Value};

pub(crate) static FUNCTIONS: &[Function] = &[
    Function::fixed("all", &["iterable"], 1, |arguments, run| {
        let items = run.items(argument(arguments, 0))?;
        Ok(Value::Bool(items.iter().all(Value::truthy)))
    }),
    Function::fixed("any", &["iterable"], 1, |arguments, run| {
        let items = run.items(argument(arguments, 0))?;
        Ok(Value::Bool(items.iter().any(Value::truthy)))
    }),
    Function::fixed("dict", &["iterable"], 0, to_dict),
    Function::fixed("enumerate", &["iterable", "start"], 1, enumerate),
    Function::fixed("list", &["iterable"], 0, to_list),
    Function::fixed("max", &["*values", "default"], 1, |arguments, run| extreme(arguments, "max", run)),
    Function::fixed("min", &["*values", "default"], 1, |arguments, run| extreme(arguments, "min", run)),
    Function::fixed("range", &["start", "stop", "step"], 1, range),
    Function::fixed("reversed", &["sequence"], 1, reverse),
    Function::fixed("set", &["iterable"], 0, to_set),
    Function::fixed("sorted", &["iterable", "*", "reverse"], 1, |arguments, run| {
        sort_by(arguments, By::Value, run)
    }),
    Function::fixed("sum", &["iterable", "start"], 1, sum),
    Function::fixed("tuple", &["iterable"], 0, to_list),
    Function::fixed("zip", &["*iterables"], 0, zip),
];

/// `a, b = items`: the items, if they are so many; not to be called by name.
pub(crate) static UNPACK: Function =
    Function::fixed("items to take apart", &["items", "count"], 2, |arguments, run| {
        let items = run.items(argument(arguments, 0))?;
        let wanted = usize::try_from(integer_at(arguments, 1, 0)?).unwrap_or(0);
        match items.len() {
            found if found == wanted => run.list(items),
            found if found < wanted => {
                Err(value_error(&format!("not enough values to unpack (expected {wanted}, got {found})")))
            }
            _ => Err(value_error(&format!("too many values to unpack (expected {wanted})"))),
        }
    });

/// `sorted`, `min` and `max` with `key=`: they are given pairs of key and value.
pub(crate) static BY_KEY: &[Function] = &[
    Function::fixed("sorted", &["pairs", "reverse"], 1, |arguments, run| {
        let sorted = sort_by(arguments, By::Key, run)?;
        let values = run.items(&sorted)?.iter().map(second).collect();
        run.list(values)
    }),
    Function::fixed("max", &["pairs", "default"], 1, |arguments, run| extreme_by_key(arguments, "max", run)),
    Function::fixed("min", &["pairs", "default"], 1, |arguments, run| extreme_by_key(arguments, "min", run)),
];

/// By what a list is sorted: of a pair made for `key=`, by its first alone.
#[derive(Clone, Copy)]
enum By {
    Value,
    Key,
}

fn range(arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let span = Span::of(arguments)?;
    let items = Items::Numbers(span, 0);
    run.charge_items(items.left())?;
    run.list(items.collect())
}

fn to_list(arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let items = given(arguments, 0).map_or(Ok(Vec::new()), |value| run.items(value))?;
    run.list(items)
}

fn to_set(arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let items = given(arguments, 0).map_or(Ok(Vec::new()), |value| run.items(value))?;
    let items = distinct(items, run)?;
    run.list(items)
}

fn to_dict(arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let value = match given(arguments, 0) {
        None => return run.dict(Vec::new()),
        Some(Value::Dict(items)) => return Ok(Value::Dict(items.clone())),
        Some(value) => value,
    };
    let mut items = Vec::new();
    for (place, pair) in run.items(value)?.iter().enumerate() {
        let pair = run.items(pair).map_err(|_| {
            let words = format!("cannot convert dictionary update sequence element #{place} to a sequence");
            type_error(&words)
        })?;
        match pair.as_slice() {
            [Value::Str(key), item] => items.push((key.clone(), item.clone())),
            [key, _] => {
                let words = format!("a key of a dict must be text here, not {}", key.type_name());
                return Err(type_error(&words));
            }
            other => {
                let words = format!(
                    "dictionary update sequence element #{place} has length {}; 2 is required",
                    other.len()
                );
                return Err(value_error(&words));
            }
        }
    }
    run.dict(items)
}

fn enumerate(arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let start = integer_at(arguments, 1, 0)?;
    let items = run.items(argument(arguments, 0))?;
    run.charge_items(2 * items.len())?;
    let mut pairs = Vec::with_capacity(items.len());
    for (place, item) in (0..).zip(items) {
        let number = whole(start.checked_add(place))?;
        pairs.push(run.list(vec![number, item])?);
    }
    run.list(pairs)
}

fn zip(arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let mut iterables = arguments.iter().map(Items::of).collect::<Result<Vec<_>, _>>()?;
    let mut rows = Vec::new();
    while !iterables.is_empty() {
        run.charge_items(1 + iterables.len())?;
        let row: Option<Vec<Value>> = iterables.iter_mut().map(Iterator::next).collect();
        match row {
            Some(row) => rows.push(run.list(row)?),
            None => break,
        }
    }
    run.list(rows)
}

fn reverse(arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let sequence = argument(arguments, 0);
    let words = |_| type_error(&format!("'{}' object is not reversible", sequence.type_name()));
    Items::of(sequence).map_err(words)?;
    let mut items = run.items(sequence)?;
    items.reverse();
    run.list(items)
}

fn sum(arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let mut total = given(arguments, 1).cloned().unwrap_or(Value::Int(0));
    if let Value::Str(_) = total {
        return Err(type_error("sum() can't sum strings [use ''.join(seq) instead]"));
    }
    for item in run.items(argument(arguments, 0))? {
        total = Binary::Add.apply(&total, &item, run)?;
    }
    Ok(total)
}

/// The least or greatest: of equal ones the first, as in Python.
fn extreme(arguments: &[Value], name: &str, run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let items = match arguments.get(1..).unwrap_or_default() {
        [only] => run.items(only)?,
        several => several.to_vec(),
    };
    let default = given(arguments, 0);
    pick(items, default, name, By::Value, run)
}

fn extreme_by_key(arguments: &[Value], name: &str, run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let pairs = run.items(argument(arguments, 0))?;
    match given(arguments, 1) {
        Some(default) if pairs.is_empty() => Ok(default.clone()),
        _ => pick(pairs, None, name, By::Key, run).map(|pair| second(&pair)),
    }
}

fn pick(
    items: Vec<Value>,
    default: Option<&Value>,
    name: &str,
    by: By,
    run: &mut Run<'_, '_>,
) -> Result<Value, EvalError> {
    let comparison = if name == "min" { Comparison::Less } else { Comparison::Greater };
    let mut items = items.into_iter();
    let Some(mut best) = items.next().or_else(|| default.cloned()) else {
        return Err(value_error(&format!("{name}() arg is an empty sequence")));
    };
    for item in items {
        if comparison.holds(by.of(&item), by.of(&best), run)? {
            best = item;
        }
    }
    Ok(best)
}

fn sort_by(arguments: &[Value], by: By, run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let mut items = run.items(argument(arguments, 0))?;
    let backwards = given(arguments, 1).is_some_and(Value::truthy);
    // Equal items keep their order also when it is turned around.
    if backwards {
        items.reverse();
    }
    let mut items = merge_sort(items, by, run)?;
    if backwards {
        items.reverse();
    }
    run.list(items)
}

/// Our own, because a comparison may fail, and because the order may have no sense (NaN): the standard library's
/// sort may panic then.
fn merge_sort(mut items: Vec<Value>, by: By, run: &mut Run<'_, '_>) -> Result<Vec<Value>, EvalError> {
    if items.len() < 2 {
        return Ok(items);
    }
    let right = items.split_off(items.len() / 2);
    let mut left = merge_sort(items, by, run)?.into_iter().peekable();
    let mut right = merge_sort(right, by, run)?.into_iter().peekable();
    let mut sorted = Vec::with_capacity(left.len() + right.len());
    while let (Some(first), Some(second)) = (left.peek(), right.peek()) {
        run.step()?;
        let swap = Comparison::Less.holds(by.of(second), by.of(first), run)?;
        sorted.extend(if swap { right.next() } else { left.next() });
    }
    sorted.extend(left.chain(right));
    Ok(sorted)
}

impl By {
    fn of(self, item: &Value) -> &Value {
        match (self, item) {
            (Self::Key, Value::List(pair)) => pair.first().unwrap_or(item),
            _ => item,
        }
    }
}

fn second(pair: &Value) -> Value {
    match pair {
        Value::List(pair) => pair.get(1).cloned().unwrap_or_default(),
        _ => Value::None,
    }
}
