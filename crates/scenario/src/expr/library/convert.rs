//! From one type to another: `int`, `str`, `chr` and the like.

use crate::expr::call::{Function, argument, given, integer, integer_at, type_error, value_error};
use crate::expr::compare::Number;
use crate::expr::display::Repr;
use crate::expr::eval::Run;
use crate::expr::format::apply_spec;
use crate::expr::operators::whole;
use crate::expr::{EvalError, Value};

pub(crate) static FUNCTIONS: &[Function] = &[
    Function::fixed("bin", &["number"], 1, |arguments, _| digits_of(arguments, Base::Binary)),
    Function::fixed("bool", &["x"], 0, |arguments, _| Ok(Value::Bool(argument(arguments, 0).truthy()))),
    Function::fixed("bytes", &["source", "encoding", "errors"], 0, to_bytes),
    Function::fixed("chr", &["i"], 1, to_character),
    Function::fixed("float", &["x"], 0, to_float),
    Function::fixed("format", &["value", "format_spec"], 1, format),
    Function::fixed("hex", &["number"], 1, |arguments, _| digits_of(arguments, Base::Hexadecimal)),
    Function::fixed("int", &["x", "base"], 0, to_int),
    Function::fixed("isinstance", &["obj", "class_or_tuple"], 2, is_instance),
    Function::fixed("len", &["obj"], 1, length),
    Function::fixed("oct", &["number"], 1, |arguments, _| digits_of(arguments, Base::Octal)),
    Function::fixed("ord", &["c"], 1, ordinal),
    Function::fixed("repr", &["obj"], 1, |arguments, run| {
        run.written(Repr(argument(arguments, 0)).to_string())
    }),
    Function::fixed("str", &["object"], 0, to_text),
];

/// Whether a value is true, for `filter(None, items)`.
pub(crate) static TRUTH: Function =
    Function::fixed("bool", &["x"], 1, |arguments, _| Ok(Value::Bool(argument(arguments, 0).truthy())));

/// The whole number that `%d` writes; not to be called by name.
pub(crate) static WHOLE: Function = Function::fixed("%d", &["value"], 1, |arguments, run| {
    let value = argument(arguments, 0);
    match Number::of(value) {
        Some(_) => to_int(std::slice::from_ref(value), run),
        None => Err(type_error(&format!("%d format: a real number is required, not {}", value.type_name()))),
    }
});

/// The number that `%f` writes; not to be called by name.
pub(crate) static REAL: Function = Function::fixed("%f", &["value"], 1, |arguments, _| {
    let value = argument(arguments, 0);
    crate::expr::call::float(value).map(|_| value.clone())
});

/// What `requests` makes of a field of a form or query; not to be called by name.
pub(crate) static FIELD: Function = Function::fixed("a field", &["value"], 1, |arguments, run| {
    let value = argument(arguments, 0);
    match value {
        // `requests` leaves None out and repeats a list, which a template cannot.
        Value::None | Value::Unset | Value::List(_) | Value::Dict(_) | Value::Response(_) => {
            Err(type_error(&format!("a field must be text or a number here, not {}", value.type_name())))
        }
        Value::Bytes(bytes) => as_text(bytes, run),
        _ => Ok(value.clone()),
    }
});

/// What `requests` makes of the value of a header; not to be called by name.
pub(crate) static HEADER_VALUE: Function =
    Function::fixed("a header", &["value"], 1, |arguments, run| match argument(arguments, 0) {
        Value::Str(text) => Ok(Value::Str(text.clone())),
        Value::Bytes(bytes) => as_text(bytes, run),
        value => Err(type_error(&format!("the value of a header must be text, not {}", value.type_name()))),
    });

/// Bytes where requests are templates, which are text.
fn as_text(bytes: &[u8], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    match std::str::from_utf8(bytes) {
        Ok(text) => run.text(text),
        Err(_) => Err(value_error("bytes that are no UTF-8 are not supported here")),
    }
}

fn to_text(arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    match arguments.first() {
        None => Ok("".into()),
        Some(Value::Str(text)) => Ok(Value::Str(text.clone())),
        Some(value) => run.written(value.to_string()),
    }
}

fn format(arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    apply_spec(argument(arguments, 0), given(arguments, 1).unwrap_or(&Value::Str("".into())), run)
}

fn length(arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let length = match argument(arguments, 0) {
        Value::Str(text) => {
            run.look_through(text.len())?;
            text.chars().count()
        }
        Value::Bytes(bytes) => bytes.len(),
        Value::List(items) => items.len(),
        Value::Dict(items) => items.len(),
        value => return Err(type_error(&format!("object of type '{}' has no len()", value.type_name()))),
    };
    whole(i64::try_from(length).ok())
}

fn to_character(arguments: &[Value], _: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let code = integer(argument(arguments, 0))?;
    let character = u32::try_from(code).ok().filter(|code| *code < 0x11_0000);
    match character.map(char::from_u32) {
        Some(Some(character)) => Ok(Value::from(character)),
        Some(None) => Err(value_error("a surrogate is no character here")),
        None => Err(value_error("chr() arg not in range(0x110000)")),
    }
}

fn ordinal(arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let length = match argument(arguments, 0) {
        Value::Str(text) => {
            let mut characters = text.chars();
            match (characters.next(), characters.next()) {
                (Some(only), None) => return Ok(Value::Int(u32::from(only).into())),
                _ => {
                    run.look_through(text.len())?;
                    text.chars().count()
                }
            }
        }
        Value::Bytes(bytes) => match **bytes {
            [only] => return Ok(Value::Int(only.into())),
            _ => bytes.len(),
        },
        value => {
            let found = value.type_name();
            return Err(type_error(&format!("ord() expected string of length 1, but {found} found")));
        }
    };
    Err(type_error(&format!("ord() expected a character, but string of length {length} found")))
}

#[derive(Clone, Copy)]
enum Base {
    Binary,
    Octal,
    Hexadecimal,
}

fn digits_of(arguments: &[Value], base: Base) -> Result<Value, EvalError> {
    let number = integer(argument(arguments, 0))?;
    let (sign, magnitude) = (if number < 0 { "-" } else { "" }, number.unsigned_abs());
    Ok(Value::from(match base {
        Base::Binary => format!("{sign}{magnitude:#b}"),
        Base::Octal => format!("{sign}{magnitude:#o}"),
        Base::Hexadecimal => format!("{sign}{magnitude:#x}"),
    }))
}

fn to_bytes(arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    match given(arguments, 0) {
        None => run.bytes(Vec::new()),
        Some(Value::Bytes(bytes)) => Ok(Value::Bytes(bytes.clone())),
        Some(Value::Str(_)) if given(arguments, 1).is_none() => {
            Err(type_error("string argument without an encoding"))
        }
        Some(value @ Value::Str(_)) => {
            crate::expr::methods::bytes::encode(value, arguments.get(1..).unwrap_or_default(), run)
        }
        Some(Value::Int(count)) => {
            let count = usize::try_from(*count).map_err(|_| value_error("negative count"))?;
            run.charge(count)?;
            Ok(Value::Bytes(vec![0; count].into()))
        }
        Some(value) => {
            let items = run.items(value)?;
            let bytes = items.iter().map(|item| {
                u8::try_from(integer(item)?).map_err(|_| value_error("bytes must be in range(0, 256)"))
            });
            let bytes = bytes.collect::<Result<Vec<u8>, EvalError>>()?;
            run.bytes(bytes)
        }
    }
}

fn to_float(arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let value = argument(arguments, 0);
    if let Some(number) = Number::of(value) {
        return Ok(Value::Float(number.as_float()));
    }
    match value {
        Value::Unset => Ok(Value::Float(0.0)),
        Value::Str(text) => {
            run.charge(text.len())?;
            digits(text)
                .parse()
                .map(Value::Float)
                .map_err(|_| value_error(&format!("could not convert string to float: {}", Repr(value))))
        }
        _ => Err(not_convertible("float", "a string or a real number", value)),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "the range is checked first"
)]
fn to_int(arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let value = argument(arguments, 0);
    if given(arguments, 1).is_some() {
        return from_base(value, integer_at(arguments, 1, 10)?, run);
    }
    match value {
        Value::Unset => Ok(Value::Int(0)),
        Value::Int(_) | Value::Bool(_) => integer(value).map(Value::Int),
        Value::Float(number) if number.is_nan() => Err(value_error("cannot convert float NaN to integer")),
        Value::Float(number) if number.is_infinite() => {
            Err(EvalError::raise("OverflowError", "cannot convert float infinity to integer"))
        }
        Value::Float(number) => {
            let inside = (i64::MIN as f64..-(i64::MIN as f64)).contains(number);
            whole(inside.then_some(*number as i64))
        }
        Value::Str(_) => from_base(value, 10, run),
        _ => Err(not_convertible("int", "a string, a bytes-like object or a real number", value)),
    }
}

/// The whole number that a text shows in digits of a base; base 0 goes by the text's prefix.
fn from_base(value: &Value, base: i64, run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let Some(text) = value.as_str() else {
        return Err(type_error("int() can't convert non-string with explicit base"));
    };
    if base != 0 && !(2..=36).contains(&base) {
        return Err(value_error("int() base must be >= 2 and <= 36, or 0"));
    }
    run.charge(text.len())?;
    let digits = digits(text);
    let (sign, rest) = match digits.strip_prefix(['-', '+']) {
        Some(rest) => (&digits[..1], rest),
        None => ("", &*digits),
    };
    let prefix = rest.get(..2).map(str::to_ascii_lowercase);
    let named = match prefix.as_deref() {
        Some("0x") => 16,
        Some("0o") => 8,
        Some("0b") => 2,
        _ => 10,
    };
    let prefixed = named != 10 && (base == 0 || base == named);
    let body = if prefixed { &rest[2..] } else { rest };
    let radix = u32::try_from(if base == 0 { named } else { base }).unwrap_or(10);
    // A second sign would be taken for part of the number.
    let parsed = if body.starts_with(['-', '+']) {
        "".parse()
    } else {
        i64::from_str_radix(&format!("{sign}{body}"), radix)
    };
    match parsed {
        Ok(number) => Ok(Value::Int(number)),
        Err(error) => match error.kind() {
            std::num::IntErrorKind::PosOverflow | std::num::IntErrorKind::NegOverflow => whole(None),
            _ => {
                let words = format!("invalid literal for int() with base {base}: {}", Repr(value));
                Err(value_error(&words))
            }
        },
    }
}

/// A number's text without what Python ignores in it: space around it, and single `_` between digits. Empty
/// where an underscore stands anywhere else, which then is no number.
fn digits(text: &str) -> String {
    let text = text.trim_matches(crate::expr::methods::text::is_space);
    let bytes = text.as_bytes();
    let misplaced = bytes.iter().enumerate().any(|(place, &byte)| {
        let digit = |place: Option<usize>| {
            place.and_then(|place| bytes.get(place)).is_some_and(u8::is_ascii_alphanumeric)
        };
        byte == b'_' && !(digit(place.checked_sub(1)) && digit(place.checked_add(1)))
    });
    if misplaced { String::new() } else { text.replace('_', "") }
}

fn not_convertible(to: &str, wanted: &str, value: &Value) -> EvalError {
    type_error(&format!("{to}() argument must be {wanted}, not '{}'", value.type_name()))
}

/// Whether the type of a value is one of those named; the names were put in for the types.
fn is_instance(arguments: &[Value], _: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let found = argument(arguments, 0).type_name();
    let is = |name: &str| {
        name == found || (name == "int" && found == "bool") || (name == "tuple" && found == "list")
    };
    Ok(Value::Bool(match argument(arguments, 1) {
        Value::List(names) => names.iter().filter_map(Value::as_str).any(is),
        name => name.as_str().is_some_and(is),
    }))
}
