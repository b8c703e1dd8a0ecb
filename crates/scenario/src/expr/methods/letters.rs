//! Methods of text that look at its characters: their case, their kind, how many there are.

use crate::expr::call::{Method, argument, given, integer, text_at, type_error};
use crate::expr::eval::Run;
use crate::expr::methods::text::is_space;
use crate::expr::{EvalError, Value};

pub(crate) static METHODS: &[Method] = &[
    Method::new("capitalize", &[], 0, |value, _, run| changed(value, run, capitalize)),
    Method::new("casefold", &[], 0, |value, _, run| changed(value, run, str::to_lowercase)),
    Method::new("center", &["width", "fillchar"], 1, |value, arguments, run| pad(value, arguments, '^', run)),
    Method::new("isalnum", &[], 0, |value, _, run| {
        each(value, run, |c| c.is_alphabetic() || c.is_ascii_digit())
    }),
    Method::new("isalpha", &[], 0, |value, _, run| each(value, run, char::is_alphabetic)),
    Method::new("isascii", &[], 0, |value, _, run| {
        value.as_str().map(|text| run.look_through(text.len()).map(|()| Value::Bool(text.is_ascii())))
    }),
    Method::new("isdecimal", &[], 0, |value, _, run| each(value, run, |c| c.is_ascii_digit())),
    Method::new("isdigit", &[], 0, |value, _, run| each(value, run, |c| c.is_ascii_digit())),
    Method::new("islower", &[], 0, |value, _, run| cased(value, run, char::is_lowercase, char::is_uppercase)),
    Method::new("isnumeric", &[], 0, |value, _, run| each(value, run, |c| c.is_ascii_digit())),
    Method::new("isspace", &[], 0, |value, _, run| each(value, run, is_space)),
    Method::new("isupper", &[], 0, |value, _, run| cased(value, run, char::is_uppercase, char::is_lowercase)),
    Method::new("ljust", &["width", "fillchar"], 1, |value, arguments, run| pad(value, arguments, '<', run)),
    Method::new("lower", &[], 0, |value, _, run| changed(value, run, str::to_lowercase)),
    Method::new("rjust", &["width", "fillchar"], 1, |value, arguments, run| pad(value, arguments, '>', run)),
    Method::new("swapcase", &[], 0, |value, _, run| changed(value, run, swap_case)),
    Method::new("title", &[], 0, |value, _, run| changed(value, run, title)),
    Method::new("upper", &[], 0, |value, _, run| changed(value, run, str::to_uppercase)),
    Method::new("zfill", &["width"], 1, zero_fill),
];

type Made = Option<Result<Value, EvalError>>;

fn changed(value: &Value, run: &mut Run<'_, '_>, change: impl Fn(&str) -> String) -> Made {
    let text = value.as_str()?;
    Some(run.charge(text.len()).map(|()| change(text).into()))
}

/// The letter in upper case where a word begins: of several letters that it becomes, only the first.
fn begin(made: &mut String, letter: char) {
    let mut upper = letter.to_uppercase();
    made.extend(upper.next());
    made.extend(upper.flat_map(char::to_lowercase));
}

fn capitalize(text: &str) -> String {
    let mut made = String::with_capacity(text.len());
    let mut rest = text.chars();
    if let Some(first) = rest.next() {
        begin(&mut made, first);
    }
    made + &rest.as_str().to_lowercase()
}

fn title(text: &str) -> String {
    let mut made = String::with_capacity(text.len());
    let mut within = false;
    for character in text.chars() {
        let cased = character.is_lowercase() || character.is_uppercase();
        if cased && !within {
            begin(&mut made, character);
        } else {
            made.extend(character.to_lowercase());
        }
        within = cased;
    }
    made
}

fn swap_case(text: &str) -> String {
    let mut made = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_uppercase() {
            made.extend(character.to_lowercase());
        } else {
            made.extend(character.to_uppercase());
        }
    }
    made
}

/// Whether there are characters, and all are of a kind.
fn each(value: &Value, run: &mut Run<'_, '_>, is: impl Fn(char) -> bool) -> Made {
    let text = value.as_str()?;
    Some(run.look_through(text.len()).map(|()| Value::Bool(!text.is_empty() && text.chars().all(is))))
}

/// Whether there are letters of one case, and none of the other.
fn cased(value: &Value, run: &mut Run<'_, '_>, one: fn(char) -> bool, other: fn(char) -> bool) -> Made {
    let text = value.as_str()?;
    Some(run.look_through(text.len()).map(|()| Value::Bool(text.contains(one) && !text.contains(other))))
}

/// How many characters are missing to a width, after the bytes for them were charged.
fn missing(text: &str, width: &Value, bytes: usize, run: &mut Run<'_, '_>) -> Result<usize, EvalError> {
    run.look_through(text.len())?;
    let width = usize::try_from(integer(width)?.max(0)).unwrap_or(usize::MAX);
    let missing = width.saturating_sub(text.chars().count());
    run.charge(text.len().saturating_add(missing.saturating_mul(bytes)))?;
    Ok(missing)
}

fn pad(value: &Value, arguments: &[Value], align: char, run: &mut Run<'_, '_>) -> Made {
    let text = value.as_str()?;
    Some(padded(text, arguments, align, run))
}

fn padded(text: &str, arguments: &[Value], align: char, run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let fill = given(arguments, 1).map_or(Ok(" "), |_| text_at(arguments, 1))?;
    if fill.chars().count() != 1 {
        return Err(type_error("The fill character must be exactly one character long"));
    }
    let width = argument(arguments, 0);
    let missing = missing(text, width, fill.len(), run)?;
    let before = match align {
        '<' => 0,
        '>' => missing,
        // As Python does: where both sides cannot be equal, an odd width has more on the left.
        _ => missing / 2 + (missing & usize::try_from(integer(width)?.max(0)).unwrap_or(0) & 1),
    };
    Ok([&*fill.repeat(before), text, &*fill.repeat(missing - before)].concat().into())
}

fn zero_fill(value: &Value, arguments: &[Value], run: &mut Run<'_, '_>) -> Made {
    let text = value.as_str()?;
    Some(missing(text, argument(arguments, 0), 1, run).map(|missing| {
        let signed = text.starts_with(['+', '-']);
        let (sign, digits) = text.split_at(usize::from(signed));
        [sign, &*"0".repeat(missing), digits].concat().into()
    }))
}
