//! Values as text: Python's `str()` and `repr()`.

use super::Value;
use std::fmt::{self, Display, Formatter, Write};

impl Display for Value {
    /// As Python's `str()`.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Str(text) => f.write_str(text),
            Self::Object(object) => Display::fmt(object, f),
            other => Display::fmt(&Repr(other), f),
        }
    }
}

/// A value written as Python's `repr()` writes it.
pub(crate) struct Repr<'a>(pub(crate) &'a Value);

impl Display for Repr<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Unset | Value::None => f.write_str("None"),
            Value::Bool(true) => f.write_str("True"),
            Value::Bool(false) => f.write_str("False"),
            Value::Int(number) => write!(f, "{number}"),
            Value::Float(number) => write_float(f, *number),
            Value::Str(text) => write_quoted(f, text),
            Value::List(items) => {
                f.write_char('[')?;
                for (index, item) in items.iter().enumerate() {
                    f.write_str(if index == 0 { "" } else { ", " })?;
                    write!(f, "{}", Repr(item))?;
                }
                f.write_char(']')
            }
            Value::Dict(items) => {
                f.write_char('{')?;
                for (index, (key, item)) in items.iter().enumerate() {
                    f.write_str(if index == 0 { "" } else { ", " })?;
                    write_quoted(f, key)?;
                    write!(f, ": {}", Repr(item))?;
                }
                f.write_char('}')
            }
            Value::Bytes(bytes) => write_bytes(f, bytes),
            Value::Response(response) => write!(f, "<Response [{}]>", response.status),
            Value::Object(object) => object.write_repr(f),
        }
    }
}

/// A float with the fewest digits that give it back, and an exponent where Python writes one.
pub(crate) fn write_float(f: &mut impl Write, number: f64) -> fmt::Result {
    if number.is_nan() {
        return f.write_str("nan");
    }
    if number.is_infinite() {
        return f.write_str(if number > 0.0 { "inf" } else { "-inf" });
    }
    let magnitude = number.abs();
    if magnitude == 0.0 || (1e-4..1e16).contains(&magnitude) {
        return write!(f, "{number:?}");
    }
    let text = format!("{number:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, exponent) = match exponent.strip_prefix('-') {
        Some(rest) => ('-', rest),
        None => ('+', exponent),
    };
    write!(f, "{digits}e{sign}{exponent:0>2}")
}

/// Bytes as the literal that makes them.
fn write_bytes(f: &mut impl Write, bytes: &[u8]) -> fmt::Result {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { '"' } else { '\'' };
    write!(f, "b{quote}")?;
    for &byte in bytes {
        match byte {
            b'\n' => f.write_str("\\n")?,
            b'\r' => f.write_str("\\r")?,
            b'\t' => f.write_str("\\t")?,
            b'\\' => f.write_str("\\\\")?,
            _ if char::from(byte) == quote => write!(f, "\\{quote}")?,
            b' '..=b'~' => f.write_char(char::from(byte))?,
            _ => write!(f, "\\x{byte:02x}")?,
        }
    }
    f.write_char(quote)
}

/// Text in the quotes that Python chooses, with its escapes.
pub(crate) fn write_quoted(f: &mut impl Write, text: &str) -> fmt::Result {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    f.write_char(quote)?;
    for character in text.chars() {
        match character {
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            '\\' => f.write_str("\\\\")?,
            _ if character == quote => write!(f, "\\{character}")?,
            ' '..='~' => f.write_char(character)?,
            _ if is_printable(character) => f.write_char(character)?,
            _ => match u32::from(character) {
                code @ ..=0xff => write!(f, "\\x{code:02x}")?,
                code @ ..=0xffff => write!(f, "\\u{code:04x}")?,
                code => write!(f, "\\U{code:08x}")?,
            },
        }
    }
    f.write_char(quote)
}

/// Whether Python shows a character as it is. Rust escapes by the same Unicode categories, and additionally a
/// combining mark where it begins a text; hence the letter before it.
fn is_printable(character: char) -> bool {
    let mut text = String::from("a");
    text.push(character);
    text.escape_debug().count() == 2
}
