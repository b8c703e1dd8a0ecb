//! The functions that expressions may call.

use super::compare::Number;
use super::display::Repr;
use super::eval::Run;
use super::json::{read_json, write_json};
use super::operators::whole;
use super::{EvalError, Value};

/// A function that expressions may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// `bool(x)`
    Bool,
    /// What `requests` makes of a field of a form or query; not to be called by name.
    Field,
    /// `float(x)`
    Float,
    /// What `requests` makes of the value of a header; not to be called by name.
    HeaderValue,
    /// `int(x)`
    Int,
    /// `json.dumps(x)`
    JsonDumps,
    /// `json.loads(x)`
    JsonLoads,
    /// `len(x)`
    Len,
    /// `random.choice(items)`
    RandomChoice,
    /// `random.randint(a, b)`
    RandomInt,
    /// `random.random()`
    RandomRandom,
    /// `random.randrange(start, stop, step)`
    RandomRange,
    /// `random.uniform(a, b)`
    RandomUniform,
    /// `range(start, stop, step)`
    Range,
    /// `repr(x)`
    Repr,
    /// `str(x)`
    Str,
}

/// How a function is called.
pub(crate) struct Signature<T: 'static> {
    /// Its full name.
    pub(crate) name: &'static str,
    /// Which it is.
    pub(crate) callee: T,
    /// Names of its parameters.
    pub(crate) parameters: &'static [&'static str],
    /// How many of them must be given.
    pub(crate) required: usize,
}

/// All functions, by full name.
pub(crate) const FUNCTIONS: &[Signature<Function>] = &[
    Signature { name: "bool", callee: Function::Bool, parameters: &["x"], required: 0 },
    Signature { name: "float", callee: Function::Float, parameters: &["x"], required: 0 },
    Signature { name: "int", callee: Function::Int, parameters: &["x"], required: 0 },
    Signature { name: "json.dumps", callee: Function::JsonDumps, parameters: &["obj"], required: 1 },
    Signature { name: "json.loads", callee: Function::JsonLoads, parameters: &["s"], required: 1 },
    Signature { name: "len", callee: Function::Len, parameters: &["obj"], required: 1 },
    Signature { name: "random.choice", callee: Function::RandomChoice, parameters: &["seq"], required: 1 },
    Signature { name: "random.randint", callee: Function::RandomInt, parameters: &["a", "b"], required: 2 },
    Signature { name: "random.random", callee: Function::RandomRandom, parameters: &[], required: 0 },
    Signature {
        name: "random.randrange",
        callee: Function::RandomRange,
        parameters: &["start", "stop", "step"],
        required: 1,
    },
    Signature {
        name: "random.uniform",
        callee: Function::RandomUniform,
        parameters: &["a", "b"],
        required: 2,
    },
    Signature { name: "range", callee: Function::Range, parameters: &["start", "stop", "step"], required: 1 },
    Signature { name: "repr", callee: Function::Repr, parameters: &["obj"], required: 1 },
    Signature { name: "str", callee: Function::Str, parameters: &["object"], required: 0 },
];

impl Function {
    /// Whether it may give another value each time.
    pub(crate) fn is_random(self) -> bool {
        matches!(
            self,
            Self::RandomChoice
                | Self::RandomInt
                | Self::RandomRandom
                | Self::RandomRange
                | Self::RandomUniform
        )
    }

    /// Calls it. There are as many arguments as its signature says, missing ones at the end left out.
    pub(crate) fn call(self, arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
        let first = arguments.first().unwrap_or(&Value::Unset);
        let second = arguments.get(1).unwrap_or(&Value::Unset);
        match self {
            Self::Bool => Ok(Value::Bool(first.truthy())),
            Self::Float => to_float(first),
            // `requests` leaves None out and repeats a list, which a template cannot.
            Self::Field => match first {
                Value::None | Value::Unset | Value::List(_) | Value::Dict(_) | Value::Response(_) => {
                    let words = format!("a field must be text or a number here, not {}", first.type_name());
                    Err(EvalError::raise("TypeError", &words))
                }
                _ => Ok(first.clone()),
            },
            Self::HeaderValue if first.as_str().is_some() => Ok(first.clone()),
            Self::HeaderValue => {
                let words = format!("the value of a header must be text, not {}", first.type_name());
                Err(EvalError::raise("TypeError", &words))
            }
            Self::Int => to_int(first),
            Self::Str if arguments.is_empty() => Ok("".into()),
            Self::Str if first.as_str().is_some() => Ok(first.clone()),
            Self::Str => text(first.to_string(), run),
            Self::Repr => text(Repr(first).to_string(), run),
            Self::Len => length(first),
            Self::JsonDumps => {
                let mut json = String::new();
                write_json(&mut json, first, true)?;
                text(json, run)
            }
            Self::JsonLoads => {
                let Value::Str(json) = first else {
                    let words =
                        format!("the JSON object must be str, bytes or bytearray, not {}", first.type_name());
                    return Err(EvalError::raise("TypeError", &words));
                };
                run.charge(json.len())?;
                read_json(json.as_bytes())
            }
            Self::Range => {
                let span = Span::of(arguments)?;
                let count = usize::try_from(span.count).map_err(|_| EvalError::too_large())?;
                run.charge_items(count)?;
                Value::list((0..span.count).map(|index| Value::Int(span.item(index))).collect())
            }
            Self::RandomRandom => Ok(Value::Float(run.frame.rng.f64())),
            Self::RandomUniform => {
                let (low, high) = (number(first)?.as_float(), number(second)?.as_float());
                Ok(Value::Float(low + (high - low) * run.frame.rng.f64()))
            }
            Self::RandomInt => {
                let (low, high) = (integer(first)?, integer(second)?);
                if low > high {
                    let words = format!("empty range in randint({low}, {high})");
                    return Err(EvalError::raise("ValueError", &words));
                }
                Ok(Value::Int(run.frame.rng.i64(low..=high)))
            }
            Self::RandomRange => {
                let span = Span::of(arguments)?;
                if span.count == 0 {
                    return Err(EvalError::raise("ValueError", "empty range for randrange()"));
                }
                Ok(Value::Int(span.item(run.frame.rng.u64(0..span.count))))
            }
            Self::RandomChoice => choose(first, run),
        }
    }
}

/// The numbers of `range()`.
struct Span {
    start: i64,
    step: i64,
    count: u64,
}

impl Span {
    fn of(arguments: &[Value]) -> Result<Self, EvalError> {
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
            return Err(EvalError::raise("ValueError", "range() arg 3 must not be zero"));
        }
        let towards = if step > 0 { start < stop } else { start > stop };
        let count = if towards { start.abs_diff(stop).div_ceil(step.unsigned_abs()) } else { 0 };
        Ok(Self { start, step, count })
    }

    /// The item at `index`, which is below `count`; so it lies between start and stop.
    fn item(&self, index: u64) -> i64 {
        self.start.wrapping_add(self.step.wrapping_mul(index.cast_signed()))
    }
}

fn text(text: String, run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    run.charge(text.len())?;
    Ok(text.into())
}

fn number(value: &Value) -> Result<Number, EvalError> {
    Number::of(value).ok_or_else(|| {
        EvalError::raise("TypeError", &format!("must be real number, not {}", value.type_name()))
    })
}

/// A whole number that a function needs.
pub(crate) fn integer(value: &Value) -> Result<i64, EvalError> {
    match value {
        Value::Int(number) => Ok(*number),
        Value::Bool(value) => Ok(i64::from(*value)),
        _ => Err(EvalError::raise(
            "TypeError",
            &format!("'{}' object cannot be interpreted as an integer", value.type_name()),
        )),
    }
}

fn length(value: &Value) -> Result<Value, EvalError> {
    let length = match value {
        Value::Str(text) => text.chars().count(),
        Value::List(items) => items.len(),
        Value::Dict(items) => items.len(),
        _ => {
            let words = format!("object of type '{}' has no len()", value.type_name());
            return Err(EvalError::raise("TypeError", &words));
        }
    };
    whole(i64::try_from(length).ok())
}

fn choose(items: &Value, run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let picked = match items {
        Value::List(items) => run.frame.rng.choice(items.iter()).cloned(),
        Value::Str(text) => {
            let count = text.chars().count();
            let place = if count == 0 { 0 } else { run.frame.rng.usize(0..count) };
            text.chars().nth(place).map(|character| character.to_string().into())
        }
        _ => {
            let words = format!("object of type '{}' has no len()", items.type_name());
            return Err(EvalError::raise("TypeError", &words));
        }
    };
    picked.ok_or_else(|| EvalError::raise("IndexError", "Cannot choose from an empty sequence"))
}

fn to_float(value: &Value) -> Result<Value, EvalError> {
    if let Some(number) = Number::of(value) {
        return Ok(Value::Float(number.as_float()));
    }
    match value {
        Value::Unset => Ok(Value::Float(0.0)),
        Value::Str(text) => digits(text).parse().map(Value::Float).map_err(|_| {
            let words = format!("could not convert string to float: {}", Repr(value));
            EvalError::raise("ValueError", &words)
        }),
        _ => Err(not_convertible("float", "a string or a real number", value)),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "the range is checked first"
)]
fn to_int(value: &Value) -> Result<Value, EvalError> {
    match value {
        Value::Unset => Ok(Value::Int(0)),
        Value::Int(_) | Value::Bool(_) => integer(value).map(Value::Int),
        Value::Float(number) if number.is_nan() => {
            Err(EvalError::raise("ValueError", "cannot convert float NaN to integer"))
        }
        Value::Float(number) if number.is_infinite() => {
            Err(EvalError::raise("OverflowError", "cannot convert float infinity to integer"))
        }
        Value::Float(number) => {
            let inside = (i64::MIN as f64..-(i64::MIN as f64)).contains(number);
            whole(inside.then_some(*number as i64))
        }
        Value::Str(text) => match digits(text).parse() {
            Ok(number) => Ok(Value::Int(number)),
            Err(error) => match error.kind() {
                std::num::IntErrorKind::PosOverflow | std::num::IntErrorKind::NegOverflow => whole(None),
                _ => {
                    let words = format!("invalid literal for int() with base 10: {}", Repr(value));
                    Err(EvalError::raise("ValueError", &words))
                }
            },
        },
        _ => Err(not_convertible("int", "a string, a bytes-like object or a real number", value)),
    }
}

/// A number's text without what Python ignores in it: space around it, and single `_` between digits. Empty
/// where an underscore stands anywhere else, which then is no number.
fn digits(text: &str) -> String {
    let text = text.trim_matches(super::methods::is_space);
    let bytes = text.as_bytes();
    let misplaced = bytes.iter().enumerate().any(|(place, &byte)| {
        let digit =
            |place: Option<usize>| place.and_then(|place| bytes.get(place)).is_some_and(u8::is_ascii_digit);
        byte == b'_' && !(digit(place.checked_sub(1)) && digit(place.checked_add(1)))
    });
    if misplaced { String::new() } else { text.replace('_', "") }
}

fn not_convertible(to: &str, wanted: &str, value: &Value) -> EvalError {
    EvalError::raise("TypeError", &format!("{to}() argument must be {wanted}, not '{}'", value.type_name()))
}

#[cfg(test)]
mod tests {
    use super::FUNCTIONS;
    use crate::expr::methods::METHODS;

    #[test]
    fn the_guide_lists_every_function_and_method() {
        let guide = include_str!("../../../../docs/expressions.md");
        let functions = FUNCTIONS.iter().map(|function| function.name);
        for name in functions.chain(METHODS.iter().map(|method| method.name)) {
            assert!(guide.contains(&format!("`{name}(")), "docs/expressions.md does not list {name}()");
        }
    }
}
