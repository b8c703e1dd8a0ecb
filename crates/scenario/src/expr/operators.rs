//! Arithmetic, as Python has it, on whole numbers of 64 bits.

use super::compare::Number;
use super::eval::Run;
use super::functions::integer;
use super::{EvalError, Value};

/// An operator between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binary {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `//`
    FloorDivide,
    /// `%`
    Modulo,
}

/// An operator before a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unary {
    /// `not`
    Not,
    /// `-`
    Minus,
    /// `+`
    Plus,
}

impl Unary {
    pub(crate) fn apply(self, value: &Value) -> Result<Value, EvalError> {
        if self == Self::Not {
            return Ok(Value::Bool(!value.truthy()));
        }
        match (self, Number::of(value)) {
            (Self::Minus, Some(Number::Int(number))) => whole(number.checked_neg()),
            (Self::Minus, Some(Number::Float(number))) => Ok(Value::Float(-number)),
            (_, Some(Number::Int(number))) => Ok(Value::Int(number)),
            (_, Some(Number::Float(number))) => Ok(Value::Float(number)),
            (_, None) => {
                let symbol = if self == Self::Minus { '-' } else { '+' };
                let message = format!("bad operand type for unary {symbol}: '{}'", value.type_name());
                Err(EvalError::raise("TypeError", &message))
            }
        }
    }
}

impl Binary {
    fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::FloorDivide => "//",
            Self::Modulo => "%",
        }
    }

    pub(crate) fn apply(
        self,
        left: &Value,
        right: &Value,
        run: &mut Run<'_, '_>,
    ) -> Result<Value, EvalError> {
        match (Number::of(left), Number::of(right)) {
            (Some(Number::Int(left)), Some(Number::Int(right))) => return self.whole(left, right),
            (Some(left), Some(right)) => return self.float(left.as_float(), right.as_float()),
            _ => {}
        }
        match (self, left, right) {
            (Self::Add, Value::Str(left), Value::Str(right)) => {
                run.charge(left.len() + right.len())?;
                Ok(Value::Str([&**left, &**right].concat().into()))
            }
            (Self::Add, Value::List(left), Value::List(right)) => {
                run.charge_items(left.len() + right.len())?;
                Value::list([left.as_slice(), right.as_slice()].concat())
            }
            (Self::Multiply, Value::Str(_) | Value::List(_), Value::Int(_) | Value::Bool(_)) => {
                repeat(left, integer(right)?, run)
            }
            (Self::Multiply, Value::Int(_) | Value::Bool(_), Value::Str(_) | Value::List(_)) => {
                repeat(right, integer(left)?, run)
            }
            (Self::Add, Value::Str(_) | Value::List(_), _) => {
                let (left, right) = (left.type_name(), right.type_name());
                let message = format!("can only concatenate {left} (not \"{right}\") to {left}");
                Err(EvalError::raise("TypeError", &message))
            }
            (Self::Modulo, Value::Str(_), _) => {
                Err(EvalError("text % values is not supported here; write an f-string".to_owned()))
            }
            _ => Err(EvalError::raise(
                "TypeError",
                &format!(
                    "unsupported operand type(s) for {}: '{}' and '{}'",
                    self.symbol(),
                    left.type_name(),
                    right.type_name()
                ),
            )),
        }
    }

    fn whole(self, left: i64, right: i64) -> Result<Value, EvalError> {
        if right == 0 && matches!(self, Self::Divide | Self::FloorDivide | Self::Modulo) {
            return Err(division_by_zero());
        }
        match self {
            Self::Add => whole(left.checked_add(right)),
            Self::Subtract => whole(left.checked_sub(right)),
            Self::Multiply => whole(left.checked_mul(right)),
            Self::Divide => Ok(Value::Float(divide_exactly(left, right))),
            // Rust rounds towards zero and Python down.
            Self::FloorDivide => whole(
                left.checked_div(right)
                    .map(|quotient| quotient - i64::from(left % right != 0 && (left < 0) != (right < 0))),
            ),
            Self::Modulo => {
                let rest = left.checked_rem(right).unwrap_or(0);
                Ok(Value::Int(if rest != 0 && (rest < 0) != (right < 0) { rest + right } else { rest }))
            }
        }
    }

    fn float(self, left: f64, right: f64) -> Result<Value, EvalError> {
        if right == 0.0 && matches!(self, Self::Divide | Self::FloorDivide | Self::Modulo) {
            return Err(division_by_zero());
        }
        Ok(Value::Float(match self {
            Self::Add => left + right,
            Self::Subtract => left - right,
            Self::Multiply => left * right,
            Self::Divide => left / right,
            Self::FloorDivide => floor_divide(left, right).0,
            Self::Modulo => floor_divide(left, right).1,
        }))
    }
}

/// Quotient and rest, the rest with the sign of the divisor; `right` is not 0.
fn floor_divide(left: f64, right: f64) -> (f64, f64) {
    let mut rest = left % right;
    let mut quotient = (left - rest) / right;
    if rest == 0.0 {
        rest = 0.0_f64.copysign(right);
    } else if (rest < 0.0) != (right < 0.0) {
        rest += right;
        quotient -= 1.0;
    }
    if quotient == 0.0 {
        return (0.0_f64.copysign(left / right), rest);
    }
    // The division may have been rounded: the whole number nearest to it is meant.
    let floor = quotient.floor();
    (if quotient - floor > 0.5 { floor + 1.0 } else { floor }, rest)
}

/// The float nearest to the true quotient, also where a number has no exact float; `right` is not 0.
#[expect(clippy::cast_precision_loss, reason = "rounding to the nearest float is the aim")]
fn divide_exactly(left: i64, right: i64) -> f64 {
    const EXACT: u64 = 1 << 53;
    let (above, below) = (left.unsigned_abs(), right.unsigned_abs());
    if above <= EXACT && below <= EXACT {
        return left as f64 / right as f64;
    }
    // A quotient of more bits than a float has, its last bit set if anything remains, rounds correctly.
    let above = u128::from(above);
    let shift = above.leading_zeros().min(127);
    let quotient = (above << shift) / u128::from(below);
    let sticky = u128::from((above << shift) % u128::from(below) != 0);
    let magnitude = (quotient | sticky) as f64 / 2_f64.powi(shift.cast_signed());
    if (left < 0) == (right < 0) { magnitude } else { -magnitude }
}

fn repeat(value: &Value, times: i64, run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let times = usize::try_from(times.max(0)).map_err(|_| EvalError::too_large())?;
    match value {
        Value::Str(text) => {
            run.charge(text.len().saturating_mul(times))?;
            Ok(Value::Str(text.repeat(times).into()))
        }
        Value::List(items) => {
            run.charge_items(items.len().saturating_mul(times))?;
            Value::list(std::iter::repeat_n(items.iter(), times).flatten().cloned().collect())
        }
        _ => Err(EvalError::too_large()),
    }
}

/// A result that may not fit 64 bits. Python's whole numbers have no end; here that is an error, not a wrap.
pub(crate) fn whole(number: Option<i64>) -> Result<Value, EvalError> {
    number.map(Value::Int).ok_or_else(|| EvalError::raise("OverflowError", "whole number beyond 64 bits"))
}

fn division_by_zero() -> EvalError {
    EvalError::raise("ZeroDivisionError", "division by zero")
}
