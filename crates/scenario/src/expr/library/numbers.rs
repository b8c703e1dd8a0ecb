//! Numbers: `abs`, `round` and their like, and the module `math`.

use crate::expr::call::{Function, argument, float, given, integer, type_error, value_error};
use crate::expr::compare::Number;
use crate::expr::eval::Run;
use crate::expr::operators::{Binary, whole};
use crate::expr::{EvalError, Value};

pub(crate) static FUNCTIONS: &[Function] = &[
    Function::fixed("abs", &["x"], 1, absolute),
    Function::fixed("divmod", &["x", "y"], 2, quotient_and_rest),
    Function::fixed("math.ceil", &["x"], 1, |arguments, _| to_whole(arguments, f64::ceil)),
    Function::fixed("math.exp", &["x"], 1, |arguments, _| real(arguments, f64::exp)),
    Function::fixed("math.floor", &["x"], 1, |arguments, _| to_whole(arguments, f64::floor)),
    Function::fixed("math.isfinite", &["x"], 1, |arguments, _| is(arguments, f64::is_finite)),
    Function::fixed("math.isnan", &["x"], 1, |arguments, _| is(arguments, f64::is_nan)),
    Function::fixed("math.log", &["x", "base"], 1, logarithm),
    Function::fixed("math.log10", &["x"], 1, |arguments, _| positive(arguments, f64::log10)),
    Function::fixed("math.log2", &["x"], 1, |arguments, _| positive(arguments, f64::log2)),
    Function::fixed("math.sqrt", &["x"], 1, square_root),
    Function::fixed("math.trunc", &["x"], 1, |arguments, _| to_whole(arguments, f64::trunc)),
    Function::fixed("pow", &["base", "exp"], 2, |arguments, run| {
        Binary::Power.apply(argument(arguments, 0), argument(arguments, 1), run)
    }),
    Function::fixed("round", &["number", "ndigits"], 1, round),
];

fn absolute(arguments: &[Value], _: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let value = argument(arguments, 0);
    match Number::of(value) {
        Some(Number::Int(number)) => whole(number.checked_abs()),
        Some(Number::Float(number)) => Ok(Value::Float(number.abs())),
        None => Err(type_error(&format!("bad operand type for abs(): '{}'", value.type_name()))),
    }
}

fn quotient_and_rest(arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let (left, right) = (argument(arguments, 0), argument(arguments, 1));
    let quotient = Binary::FloorDivide.apply(left, right, run)?;
    let rest = Binary::Modulo.apply(left, right, run)?;
    run.list(vec![quotient, rest])
}

/// The whole number that a float is.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "the range is checked first"
)]
fn exactly(number: f64) -> Result<Value, EvalError> {
    if number.is_nan() {
        return Err(value_error("cannot convert float NaN to integer"));
    }
    if number.is_infinite() {
        return Err(EvalError::raise("OverflowError", "cannot convert float infinity to integer"));
    }
    let inside = (i64::MIN as f64..-(i64::MIN as f64)).contains(&number);
    whole(inside.then_some(number as i64))
}

fn to_whole(arguments: &[Value], towards: fn(f64) -> f64) -> Result<Value, EvalError> {
    match argument(arguments, 0) {
        value @ (Value::Int(_) | Value::Bool(_)) => integer(value).map(Value::Int),
        value => exactly(towards(float(value)?)),
    }
}

/// A function of floats; a finite argument without a finite result is an error.
fn real(arguments: &[Value], of: fn(f64) -> f64) -> Result<Value, EvalError> {
    let number = float(argument(arguments, 0))?;
    let result = of(number);
    if number.is_finite() && result.is_infinite() {
        return Err(EvalError::raise("OverflowError", "math range error"));
    }
    Ok(Value::Float(result))
}

fn is(arguments: &[Value], of: fn(f64) -> bool) -> Result<Value, EvalError> {
    Ok(Value::Bool(of(float(argument(arguments, 0))?)))
}

fn positive(arguments: &[Value], of: fn(f64) -> f64) -> Result<Value, EvalError> {
    let number = float(argument(arguments, 0))?;
    if number <= 0.0 { Err(domain()) } else { Ok(Value::Float(of(number))) }
}

fn logarithm(arguments: &[Value], _: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let number = float(argument(arguments, 0))?;
    let Some(base) = given(arguments, 1) else { return positive(arguments, f64::ln) };
    let base = float(base)?;
    if number <= 0.0 || base <= 0.0 {
        return Err(domain());
    }
    if base == 1.0 {
        return Err(EvalError::raise("ZeroDivisionError", "float division by zero"));
    }
    Ok(Value::Float(number.ln() / base.ln()))
}

fn square_root(arguments: &[Value], _: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let number = float(argument(arguments, 0))?;
    if number < 0.0 { Err(domain()) } else { Ok(Value::Float(number.sqrt())) }
}

fn domain() -> EvalError {
    value_error("math domain error")
}

/// To the nearest, halves to the even neighbour.
fn round(arguments: &[Value], _: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let value = argument(arguments, 0);
    let places = match given(arguments, 1) {
        None | Some(Value::None) => None,
        Some(places) => Some(integer(places)?),
    };
    match (Number::of(value), places) {
        (Some(Number::Int(number)), None | Some(0..)) => Ok(Value::Int(number)),
        (Some(Number::Int(number)), Some(places)) => round_whole(number, places.unsigned_abs()),
        (Some(Number::Float(number)), None) => exactly(number.round_ties_even()),
        (Some(Number::Float(number)), Some(places)) => round_float(number, places).map(Value::Float),
        (None, _) => {
            let words = format!("type {} doesn't define __round__ method", value.type_name());
            Err(type_error(&words))
        }
    }
}

fn round_whole(number: i64, zeros: u64) -> Result<Value, EvalError> {
    let Some(unit) = u32::try_from(zeros).ok().and_then(|zeros| 10_i128.checked_pow(zeros)) else {
        return Ok(Value::Int(0));
    };
    let (below, rest) = (i128::from(number).div_euclid(unit), i128::from(number).rem_euclid(unit));
    let up = rest * 2 > unit || (rest * 2 == unit && below % 2 != 0);
    whole(i64::try_from((below + i128::from(up)) * unit).ok())
}

fn round_float(number: f64, places: i64) -> Result<f64, EvalError> {
    if !number.is_finite() || places > 323 {
        return Ok(number);
    }
    match usize::try_from(places) {
        // Formatting rounds the exact value, which multiplying would not.
        Ok(places) => Ok(format!("{number:.places$}").parse().unwrap_or(number)),
        Err(_) if places < -308 => Ok(0.0_f64.copysign(number)),
        Err(_) => {
            let unit = 10_f64.powi(i32::try_from(places.unsigned_abs()).unwrap_or(i32::MAX));
            let rounded = (number / unit).round_ties_even() * unit;
            match rounded.is_finite() {
                true => Ok(rounded),
                false => Err(EvalError::raise("OverflowError", "rounded value too large to represent")),
            }
        }
    }
}
