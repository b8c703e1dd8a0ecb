//! Values that are known before the run.

use super::{Level, Source, Written};
use crate::expr::display::Repr;
use crate::expr::object::Object;
use crate::expr::{Expr, Value};

/// Fewest numbers in a row that are written as a range.
const RANGE: usize = 4;

impl Source<'_> {
    pub(super) fn constant(&mut self, value: &Value) -> Written {
        let level = match value {
            Value::Int(number) if *number < 0 => Level::Sign,
            Value::Float(number) if number.is_sign_negative() => Level::Sign,
            _ => Level::Atom,
        };
        let text = match value {
            Value::Float(number) if number.is_nan() => "math.nan".to_owned(),
            Value::Float(number) if number.is_infinite() => {
                if *number < 0.0 { "-math.inf" } else { "math.inf" }.to_owned()
            }
            Value::Unset => return self.unsaid("a variable without a value"),
            Value::Response(_) => return self.unsaid("an answer"),
            Value::List(items) => {
                let items: Vec<String> = items.iter().map(|item| self.constant(item).0).collect();
                range_of(value).unwrap_or_else(|| format!("[{}]", items.join(", ")))
            }
            Value::Dict(items) => {
                let items: Vec<String> = items
                    .iter()
                    .map(|(key, item)| {
                        format!("{}: {}", Repr(&Value::Str(key.clone())), self.constant(item).0)
                    })
                    .collect();
                format!("{{{}}}", items.join(", "))
            }
            Value::Object(object) => match &**object {
                Object::Moment(_) | Object::Duration(_) => Repr(value).to_string(),
                Object::Pattern(pattern) => pattern_text(pattern.as_str()),
                Object::Digest(_) | Object::Uuid(_) | Object::Match(_) | Object::Exception(_) => {
                    return self.unsaid(format!("a value of the type `{}`", value.type_name()));
                }
            },
            Value::None
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Float(_)
            | Value::Str(_)
            | Value::Bytes(_) => Repr(value).to_string(),
        };
        (text, level)
    }
}

/// `range(10)` for the numbers from 0 to 9, and its like.
pub(crate) fn range_of(value: &Value) -> Option<String> {
    let Value::List(items) = value else { return None };
    let numbers: Vec<i64> = items
        .iter()
        .map(|item| match item {
            Value::Int(number) => Some(*number),
            _ => None,
        })
        .collect::<Option<_>>()?;
    let [first, second, .., last] = numbers.as_slice() else { return None };
    let step = second.checked_sub(*first)?;
    let even = |pair: &[i64]| pair[1].checked_sub(pair[0]) == Some(step);
    if numbers.len() < RANGE || step == 0 || !numbers.windows(2).all(even) {
        return None;
    }
    let stop = last.checked_add(step.signum())?;
    Some(match (first, step) {
        (0, 1) => format!("range({stop})"),
        (_, 1) => format!("range({first}, {stop})"),
        _ => format!("range({first}, {stop}, {step})"),
    })
}

/// A pattern as text: as it was given, which some functions have put something around.
fn pattern_text(pattern: &str) -> String {
    let inner = pattern.strip_prefix(r"\A(?:");
    let inner = inner.and_then(|rest| rest.strip_suffix(r")\z").or_else(|| rest.strip_suffix(')')));
    let text = inner.unwrap_or(pattern);
    let quote = if text.contains('\'') { '"' } else { '\'' };
    if text.contains('\\')
        && !text.contains(quote)
        && !text.ends_with('\\')
        && !text.contains(char::is_control)
    {
        return format!("r{quote}{text}{quote}");
    }
    Repr(&Value::from(text)).to_string()
}

/// Whether it is written without any names.
pub(super) fn is_short(expr: &Expr) -> bool {
    matches!(expr, Expr::Constant(_) | Expr::Variable(..) | Expr::Bound(..))
}
