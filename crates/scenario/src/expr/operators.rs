//! Arithmetic, as Python has it, on whole numbers of 64 bits.

use super::call::integer;
use super::compare::Number;
use super::eval::Run;
use super::library::time::in_range;
use super::object::Object;
use super::{EvalError, Value};
use std::sync::Arc;

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
    /// `**`
    Power,
    /// `&`
    And,
    /// `|`
    Or,
    /// `^`
    Xor,
    /// `<<`
    ShiftLeft,
    /// `>>`
    ShiftRight,
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
    /// `~`
    Invert,
}

impl Unary {
    pub(crate) fn symbol(self) -> &'static str {
        match self {
            Self::Not => "not ",
            Self::Minus => "-",
            Self::Plus => "+",
            Self::Invert => "~",
        }
    }

    pub(crate) fn apply(self, value: &Value) -> Result<Value, EvalError> {
        if self == Self::Not {
            return Ok(Value::Bool(!value.truthy()));
        }
        match (self, Number::of(value)) {
            (Self::Minus, Some(Number::Int(number))) => whole(number.checked_neg()),
            (Self::Minus, Some(Number::Float(number))) => Ok(Value::Float(-number)),
            (Self::Invert, Some(Number::Int(number))) => Ok(Value::Int(!number)),
            (Self::Plus, Some(Number::Int(number))) => Ok(Value::Int(number)),
            (Self::Plus, Some(Number::Float(number))) => Ok(Value::Float(number)),
            _ => {
                let symbol = match self {
                    Self::Minus => '-',
                    Self::Invert => '~',
                    _ => '+',
                };
                let message = format!("bad operand type for unary {symbol}: '{}'", value.type_name());
                Err(EvalError::raise("TypeError", &message))
            }
        }
    }
}

impl Binary {
    pub(crate) fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::FloorDivide => "//",
            Self::Modulo => "%",
            Self::Power => "** or pow()",
            Self::And => "&",
            Self::Or => "|",
            Self::Xor => "^",
            Self::ShiftLeft => "<<",
            Self::ShiftRight => ">>",
        }
    }

    pub(crate) fn apply(
        self,
        left: &Value,
        right: &Value,
        run: &mut Run<'_, '_>,
    ) -> Result<Value, EvalError> {
        match (Number::of(left), Number::of(right)) {
            (Some(Number::Int(first)), Some(Number::Int(second))) => {
                let number = self.whole(first, second)?;
                return Ok(match (left, right, number) {
                    // Of two truth values these make another.
                    (Value::Bool(_), Value::Bool(_), Value::Int(bit))
                        if matches!(self, Self::And | Self::Or | Self::Xor) =>
                    {
                        Value::Bool(bit != 0)
                    }
                    (_, _, number) => number,
                });
            }
            (Some(left), Some(right)) if self.is_arithmetic() => {
                return self.float(left.as_float(), right.as_float());
            }
            _ => {}
        }
        match (self, left, right) {
            (Self::Add, Value::Str(left), Value::Str(right)) => {
                run.charge(left.len() + right.len())?;
                Ok(Value::Str([&**left, &**right].concat().into()))
            }
            (Self::Add, Value::List(left), Value::List(right)) => {
                run.charge_items(left.len() + right.len())?;
                run.list([left.as_slice(), right.as_slice()].concat())
            }
            (Self::Add, Value::Bytes(left), Value::Bytes(right)) => run.bytes([&**left, &**right].concat()),
            (Self::Or, Value::Dict(left), Value::Dict(right)) => {
                run.charge_items(2 * (left.len() + right.len()))?;
                run.dict([left.as_slice(), right.as_slice()].concat())
            }
            (
                Self::Multiply,
                Value::Str(_) | Value::List(_) | Value::Bytes(_),
                Value::Int(_) | Value::Bool(_),
            ) => repeat(left, integer(right)?, run),
            (
                Self::Multiply,
                Value::Int(_) | Value::Bool(_),
                Value::Str(_) | Value::List(_) | Value::Bytes(_),
            ) => repeat(right, integer(left)?, run),
            (Self::Multiply, Value::Str(_) | Value::List(_) | Value::Bytes(_), other)
            | (Self::Multiply, other, Value::Str(_) | Value::List(_) | Value::Bytes(_)) => {
                let words = format!("can't multiply sequence by non-int of type '{}'", other.type_name());
                Err(EvalError::raise("TypeError", &words))
            }
            (_, Value::Object(left_object), Value::Object(right_object)) => {
                match self.moments(left_object, right_object) {
                    Some(result) => result,
                    None => Err(self.unsupported(left, right)),
                }
            }
            (Self::Add, Value::Bytes(_), _) => {
                Err(EvalError::raise("TypeError", &format!("can't concat {} to bytes", right.type_name())))
            }
            (Self::Add, Value::Str(_) | Value::List(_), _) => {
                let (left, right) = (left.type_name(), right.type_name());
                let message = format!("can only concatenate {left} (not \"{right}\") to {left}");
                Err(EvalError::raise("TypeError", &message))
            }
            (Self::Modulo, Value::Str(_), _) => Err(EvalError(
                "text % values is not supported where the text is not known; write an f-string".to_owned(),
            )),
            _ => Err(self.unsupported(left, right)),
        }
    }

    fn unsupported(self, left: &Value, right: &Value) -> EvalError {
        let (left, right) = (left.type_name(), right.type_name());
        let words = format!("unsupported operand type(s) for {}: '{left}' and '{right}'", self.symbol());
        EvalError::raise("TypeError", &words)
    }

    /// Whether floats have it.
    fn is_arithmetic(self) -> bool {
        !matches!(self, Self::And | Self::Or | Self::Xor | Self::ShiftLeft | Self::ShiftRight)
    }

    /// Points in time and durations.
    fn moments(self, left: &Object, right: &Object) -> Option<Result<Value, EvalError>> {
        let made = match (self, left, right) {
            (Self::Add, Object::Moment(moment), Object::Duration(micros))
            | (Self::Add, Object::Duration(micros), Object::Moment(moment)) => {
                moment.plus(*micros).map(Object::Moment)
            }
            (Self::Subtract, Object::Moment(moment), Object::Duration(micros)) => {
                moment.plus(micros.checked_neg()?).map(Object::Moment)
            }
            (Self::Subtract, Object::Moment(left), Object::Moment(right)) => {
                left.since(right).map(Object::Duration)
            }
            (Self::Add, Object::Duration(left), Object::Duration(right)) => {
                in_range(left.checked_add(*right)).map(Object::Duration)
            }
            (Self::Subtract, Object::Duration(left), Object::Duration(right)) => {
                in_range(left.checked_sub(*right)).map(Object::Duration)
            }
            _ => return None,
        };
        Some(made.map(|object| Value::Object(Arc::new(object))))
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
            Self::Power if right < 0 => {
                self.float(Number::Int(left).as_float(), Number::Int(right).as_float())
            }
            Self::Power => whole(power(left, right)),
            Self::And => Ok(Value::Int(left & right)),
            Self::Or => Ok(Value::Int(left | right)),
            Self::Xor => Ok(Value::Int(left ^ right)),
            Self::ShiftLeft | Self::ShiftRight if right < 0 => {
                Err(EvalError::raise("ValueError", "negative shift count"))
            }
            Self::ShiftLeft if left == 0 => Ok(Value::Int(0)),
            Self::ShiftLeft => {
                let shifted = u32::try_from(right).ok().filter(|bits| *bits < 64).map(|bits| left << bits);
                whole(shifted.filter(|shifted| shifted >> right == left))
            }
            Self::ShiftRight => Ok(Value::Int(left >> right.min(63))),
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
            _ if left == 0.0 && right < 0.0 => {
                let words = "0.0 cannot be raised to a negative power";
                return Err(EvalError::raise("ZeroDivisionError", words));
            }
            _ if left < 0.0 && left.is_finite() && right.is_finite() && right.fract() != 0.0 => {
                return Err(EvalError("a complex number is not supported".to_owned()));
            }
            _ => {
                let result = left.powf(right);
                if result.is_infinite() && left.is_finite() && right.is_finite() {
                    let words = "(34, 'Numerical result out of range')";
                    return Err(EvalError(format!("OverflowError{words}")));
                }
                result
            }
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

/// `left ** right`, which is not negative; `None` beyond 64 bits.
fn power(left: i64, right: i64) -> Option<i64> {
    match (left, right) {
        (0 | 1, 1..) => Some(left),
        (-1, _) => Some(if right % 2 == 0 { 1 } else { -1 }),
        _ => left.checked_pow(u32::try_from(right).ok()?),
    }
}

fn repeat(value: &Value, times: i64, run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let times = usize::try_from(times.max(0)).map_err(|_| EvalError::too_large())?;
    match value {
        Value::Str(text) => {
            run.charge(text.len().saturating_mul(times))?;
            Ok(Value::Str(text.repeat(times).into()))
        }
        Value::Bytes(bytes) => {
            run.charge(bytes.len().saturating_mul(times))?;
            Ok(Value::Bytes(bytes.repeat(times).into()))
        }
        Value::List(items) => {
            run.charge_items(items.len().saturating_mul(times))?;
            // Repeating nothing takes no memory, but would take time.
            let times = if items.is_empty() { 0 } else { times };
            run.list(std::iter::repeat_n(items.iter(), times).flatten().cloned().collect())
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
