//! Chance: the module `random`, and UUIDs. All of it comes from the generator of the [`Frame`], so that a seed makes
//! a run repeatable; nothing here is cryptographic.
//!
//! [`Frame`]: crate::expr::Frame

use crate::expr::call::{Function, argument, float, given, integer, integer_at, type_error, value_error};
use crate::expr::eval::Run;
use crate::expr::items::Span;
use crate::expr::object::Object;
use crate::expr::{EvalError, Value};
use std::f64::consts::TAU;
use std::sync::Arc;

pub(crate) static FUNCTIONS: &[Function] = &[
    Function::varying("random.choice", &["seq"], 1, choice),
    Function::varying("random.choices", &["population", "weights", "*", "cum_weights", "k"], 1, choices),
    Function::varying("random.expovariate", &["lambd"], 1, exponential),
    Function::varying("random.gauss", &["mu", "sigma"], 0, normal),
    Function::varying("random.getrandbits", &["k"], 1, bits),
    Function::varying("random.normalvariate", &["mu", "sigma"], 0, normal),
    Function::varying("random.randbytes", &["n"], 1, bytes),
    Function::varying("random.randint", &["a", "b"], 2, whole_number),
    Function::varying("random.random", &[], 0, |_, run| Ok(Value::Float(run.frame.rng.f64()))),
    Function::varying("random.randrange", &["start", "stop", "step"], 1, from_range),
    Function::varying("random.sample", &["population", "k"], 2, sample),
    Function::varying("random.triangular", &["low", "high", "mode"], 0, triangular),
    Function::varying("random.uniform", &["a", "b"], 2, uniform),
    Function::varying("uuid.uuid4", &[], 0, uuid),
];

fn whole_number(arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let (low, high) = (integer(argument(arguments, 0))?, integer(argument(arguments, 1))?);
    if low > high {
        return Err(value_error(&format!("empty range in randint({low}, {high})")));
    }
    Ok(Value::Int(run.frame.rng.i64(low..=high)))
}

fn from_range(arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let span = Span::of(arguments)?;
    if span.count == 0 {
        return Err(value_error("empty range for randrange()"));
    }
    Ok(Value::Int(span.item(run.frame.rng.u64(0..span.count))))
}

fn uniform(arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let (low, high) = (float(argument(arguments, 0))?, float(argument(arguments, 1))?);
    Ok(Value::Float(low + (high - low) * run.frame.rng.f64()))
}

fn triangular(arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let (low, high) = (float_at(arguments, 0, 0.0)?, float_at(arguments, 1, 1.0)?);
    let picked = run.frame.rng.f64();
    if low == high {
        return Ok(Value::Float(low));
    }
    let mode = float_at(arguments, 2, f64::midpoint(low, high))?;
    let split = (mode - low) / (high - low);
    Ok(Value::Float(match picked <= split {
        true => low + (picked * (high - low) * (mode - low)).sqrt(),
        false => high - ((1.0 - picked) * (high - low) * (high - mode)).sqrt(),
    }))
}

/// By the method of Box and Muller.
fn normal(arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let (mean, deviation) = (float_at(arguments, 0, 0.0)?, float_at(arguments, 1, 1.0)?);
    let radius = (-2.0 * (1.0 - run.frame.rng.f64()).ln()).sqrt();
    Ok(Value::Float(mean + deviation * radius * (TAU * run.frame.rng.f64()).cos()))
}

fn exponential(arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let rate = float(argument(arguments, 0))?;
    if rate == 0.0 {
        return Err(EvalError::raise("ZeroDivisionError", "float division by zero"));
    }
    Ok(Value::Float(-(1.0 - run.frame.rng.f64()).ln() / rate))
}

fn float_at(arguments: &[Value], place: usize, default: f64) -> Result<f64, EvalError> {
    given(arguments, place).filter(|value| **value != Value::None).map_or(Ok(default), float)
}

fn bits(arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let count = integer(argument(arguments, 0))?;
    match count {
        ..0 => Err(value_error("number of bits must be non-negative")),
        0 => Ok(Value::Int(0)),
        1..64 => Ok(Value::Int((run.frame.rng.u64(..) >> (64 - count)).cast_signed())),
        _ => Err(EvalError::raise("OverflowError", "whole number beyond 64 bits")),
    }
}

fn bytes(arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let count = usize::try_from(integer(argument(arguments, 0))?)
        .map_err(|_| value_error("number of bits must be non-negative"))?;
    run.charge(count)?;
    let mut bytes = vec![0; count];
    run.frame.rng.fill(&mut bytes);
    Ok(Value::Bytes(bytes.into()))
}

fn choice(arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let items = argument(arguments, 0);
    let picked = match items {
        Value::List(items) => run.frame.rng.choice(items.iter()).cloned(),
        Value::Bytes(bytes) => run.frame.rng.choice(bytes.iter()).map(|byte| Value::Int((*byte).into())),
        Value::Str(text) => {
            run.look_through(text.len())?;
            let count = text.chars().count();
            let place = if count == 0 { 0 } else { run.frame.rng.usize(0..count) };
            text.chars().nth(place).map(Value::from)
        }
        _ => return Err(type_error(&format!("object of type '{}' has no len()", items.type_name()))),
    };
    picked.ok_or_else(|| EvalError::raise("IndexError", "Cannot choose from an empty sequence"))
}

/// The items of what Python calls a population: a list or text.
fn population(value: &Value, run: &mut Run<'_, '_>) -> Result<Vec<Value>, EvalError> {
    match value {
        Value::Dict(_) => {
            Err(type_error("Population must be a sequence.  For dicts or sets, use sorted(d)."))
        }
        _ => run.items(value),
    }
}

fn choices(arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let items = population(argument(arguments, 0), run)?;
    let count = usize::try_from(integer_at(arguments, 3, 1)?.max(0)).map_err(|_| EvalError::too_large())?;
    run.charge_items(count)?;
    run.work(count)?;
    let weights = match (chosen(arguments, 1), chosen(arguments, 2)) {
        (Some(_), Some(_)) => {
            return Err(type_error("Cannot specify both weights and cumulative weights"));
        }
        (Some(weights), None) => Some(sums(&run.items(weights)?, true)?),
        (None, Some(weights)) => Some(sums(&run.items(weights)?, false)?),
        (None, None) => None,
    };
    if items.is_empty() && count > 0 {
        return Err(EvalError::raise("IndexError", "Cannot choose from an empty sequence"));
    }
    if weights.as_ref().is_some_and(|weights| weights.len() != items.len()) {
        return Err(value_error("The number of weights does not match the population"));
    }
    let total = weights.as_ref().and_then(|weights| weights.last().copied());
    if total.is_some_and(|total| total <= 0.0) {
        return Err(value_error("Total of weights must be greater than zero"));
    }
    if total.is_some_and(|total| !total.is_finite()) {
        return Err(value_error("Total of weights must be finite"));
    }
    let rng = &mut run.frame.rng;
    let picked = (0..count).map(|_| {
        let place = match (&weights, total) {
            (Some(weights), Some(total)) => {
                let picked = rng.f64() * total;
                weights.partition_point(|sum| *sum <= picked).min(items.len() - 1)
            }
            _ => rng.usize(0..items.len()),
        };
        items[place].clone()
    });
    let picked = picked.collect();
    run.list(picked)
}

fn chosen(arguments: &[Value], place: usize) -> Option<&Value> {
    given(arguments, place).filter(|value| **value != Value::None)
}

/// The weights as they add up.
fn sums(weights: &[Value], add: bool) -> Result<Vec<f64>, EvalError> {
    let mut sum = 0.0;
    let sums = weights.iter().map(|weight| {
        let weight = float(weight)?;
        sum = if add { sum + weight } else { weight };
        Ok(sum)
    });
    sums.collect()
}

fn sample(arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let mut items = population(argument(arguments, 0), run)?;
    let count = usize::try_from(integer(argument(arguments, 1))?).ok().filter(|count| *count <= items.len());
    let count = count.ok_or_else(|| value_error("Sample larger than population or is negative"))?;
    for place in 0..count {
        let other = run.frame.rng.usize(place..items.len());
        items.swap(place, other);
    }
    items.truncate(count);
    run.list(items)
}

/// Random but for the bits that say so: version 4 of RFC 9562.
fn uuid(_: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    const VERSION: u128 = 0xf << 76;
    const VARIANT: u128 = 0b11 << 62;
    let random = run.frame.rng.u128(..) & !VERSION & !VARIANT;
    Ok(Value::Object(Arc::new(Object::Uuid(random | 4 << 76 | 0b10 << 62))))
}
