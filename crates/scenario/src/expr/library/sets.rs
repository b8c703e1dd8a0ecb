//! What operators between sets give. A set is a list of which no item equals another, so these are for what is known
//! to be sets before anything is evaluated; none is called by name.

use crate::expr::call::{Function, argument};
use crate::expr::compare::distinct;
use crate::expr::eval::Run;
use crate::expr::{EvalError, Value};

/// `a | b`
pub(crate) static UNION: Function = Function::fixed("|", &["left", "right"], 2, |arguments, run| {
    let both = join(&items(arguments, 0, run)?, &items(arguments, 1, run)?, run)?;
    run.list(both)
});

/// `a & b`
pub(crate) static INTERSECTION: Function = Function::fixed("&", &["left", "right"], 2, |arguments, run| {
    let (left, right) = (items(arguments, 0, run)?, items(arguments, 1, run)?);
    let others = without(&left, &right, run)?;
    let shared = without(&left, &others, run)?;
    run.list(shared)
});

/// `a - b`
pub(crate) static DIFFERENCE: Function = Function::fixed("-", &["left", "right"], 2, |arguments, run| {
    let left = without(&items(arguments, 0, run)?, &items(arguments, 1, run)?, run)?;
    run.list(left)
});

/// `a ^ b`
pub(crate) static ONLY_ONE: Function = Function::fixed("^", &["left", "right"], 2, |arguments, run| {
    let (left, right) = (items(arguments, 0, run)?, items(arguments, 1, run)?);
    let mut only = without(&left, &right, run)?;
    only.extend(without(&right, &left, run)?);
    run.list(only)
});

/// `a == b`
pub(crate) static SAME: Function = Function::fixed("==", &["left", "right"], 2, |arguments, run| {
    let (left, right) = (items(arguments, 0, run)?, items(arguments, 1, run)?);
    let same = left.len() == right.len() && without(&left, &right, run)?.is_empty();
    Ok(Value::Bool(same))
});

/// `a <= b`
pub(crate) static WITHIN: Function = Function::fixed("<=", &["left", "right"], 2, |arguments, run| {
    let left = without(&items(arguments, 0, run)?, &items(arguments, 1, run)?, run)?;
    Ok(Value::Bool(left.is_empty()))
});

fn items(arguments: &[Value], place: usize, run: &mut Run<'_, '_>) -> Result<Vec<Value>, EvalError> {
    let items = run.items(argument(arguments, place))?;
    distinct(items, run)
}

fn join(first: &[Value], second: &[Value], run: &mut Run<'_, '_>) -> Result<Vec<Value>, EvalError> {
    run.charge_items(first.len() + second.len())?;
    distinct([first, second].concat(), run)
}

/// Those of `items` that are not in `others`; each of both is there once.
fn without(items: &[Value], others: &[Value], run: &mut Run<'_, '_>) -> Result<Vec<Value>, EvalError> {
    let mut all = join(others, items, run)?;
    Ok(all.split_off(others.len()))
}
