//! What stands after the colon in an f-string: the part of Python's format specifications that people use.

use super::compare::Number;
use super::display::write_float;
use super::{EvalError, Value};
use crate::limits::FORMAT_WIDTH;
use std::fmt::Write as _;

/// `[[fill]align][sign][0][width][,][.precision][type]`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    fill: char,
    align: Option<char>,
    sign: char,
    width: usize,
    group: Option<char>,
    precision: Option<usize>,
    kind: Option<char>,
}

impl Format {
    /// Reads a specification; the error says what is wrong with it.
    pub(crate) fn parse(spec: &str) -> Result<Self, String> {
        let mut rest: Vec<char> = spec.chars().rev().collect();
        let is_align = |character: Option<&char>| matches!(character, Some('<' | '>' | '^' | '='));
        let take = |rest: &mut Vec<char>, wanted: &[char]| {
            rest.last().copied().filter(|last| wanted.contains(last)).inspect(|_| _ = rest.pop())
        };
        let mut fill = ' ';
        if is_align(rest.len().checked_sub(2).and_then(|place| rest.get(place))) {
            fill = rest.pop().unwrap_or(' ');
        }
        let mut align = take(&mut rest, &['<', '>', '^', '=']);
        let sign = take(&mut rest, &['+', '-', ' ']).unwrap_or('-');
        let zero = take(&mut rest, &['0']).is_some();
        if zero && align.is_none() {
            (fill, align) = ('0', Some('='));
        }
        let width = number(&mut rest)?.unwrap_or(0);
        let group = take(&mut rest, &[',', '_']);
        let precision = match take(&mut rest, &['.']) {
            Some(_) => Some(number(&mut rest)?.ok_or("a precision is missing after `.`")?),
            None => None,
        };
        let kind = take(&mut rest, &['d', 's', 'f', 'F', 'x', 'X', '%']);
        if let Some(other) = rest.pop() {
            return Err(format!("`{other}` is not supported in a format specification"));
        }
        if group.is_some() && fill == '0' {
            return Err("grouping and filling with zeros are not supported together".to_owned());
        }
        if group.is_some() && matches!(kind, Some('x' | 'X' | 's')) {
            return Err("grouping is supported for decimal numbers only".to_owned());
        }
        Ok(Self { fill, align, sign, width, group, precision, kind })
    }

    /// The text of `value` in this format.
    pub(crate) fn apply(&self, value: &Value) -> Result<String, EvalError> {
        let number = match value {
            Value::Str(text) => return self.text(text),
            _ => Number::of(value).ok_or_else(|| {
                let kind = value.type_name();
                EvalError::raise(
                    "TypeError",
                    &format!("unsupported format string passed to {kind}.__format__"),
                )
            })?,
        };
        let (negative, digits) = match number {
            Number::Int(number) if !matches!(self.kind, Some('f' | 'F' | '%')) => {
                if self.precision.is_some() {
                    return Err(invalid("Precision not allowed in integer format specifier"));
                }
                let magnitude = number.unsigned_abs();
                let digits = match self.kind {
                    None | Some('d') => magnitude.to_string(),
                    Some('x') => format!("{magnitude:x}"),
                    Some('X') => format!("{magnitude:X}"),
                    Some(kind) => return Err(unknown_code(kind, value)),
                };
                (number < 0, digits)
            }
            number => self.float(number.as_float(), value)?,
        };
        let digits = match self.group {
            Some(separator) => grouped(&digits, separator),
            None => digits,
        };
        let sign = match (negative, self.sign) {
            (true, _) => "-",
            (false, '+') => "+",
            (false, ' ') => " ",
            (false, _) => "",
        };
        Ok(self.pad(sign, &digits, '>'))
    }

    fn text(&self, text: &str) -> Result<String, EvalError> {
        match self.kind {
            None | Some('s') => {}
            Some(kind) => return Err(unknown_code(kind, &Value::from(text))),
        }
        if self.sign != '-' {
            return Err(invalid("Sign not allowed in string format specifier"));
        }
        if self.group.is_some() {
            return Err(invalid("Cannot specify ',' with 's'."));
        }
        if self.align == Some('=') && self.fill != '0' {
            return Err(invalid("'=' alignment not allowed in string format specifier"));
        }
        let shown: String = text.chars().take(self.precision.unwrap_or(usize::MAX)).collect();
        let plain = Self { align: self.align.filter(|align| *align != '='), ..*self };
        Ok(plain.pad("", &shown, '<'))
    }

    fn float(&self, number: f64, value: &Value) -> Result<(bool, String), EvalError> {
        let magnitude = number.abs();
        let finite = magnitude.is_finite();
        let digits = match (self.kind, self.precision) {
            (None, None) => {
                let mut text = String::new();
                _ = write_float(&mut text, magnitude);
                text
            }
            (None, Some(_)) => {
                return Err(EvalError("a precision needs the type `f` here, as in `.2f`".to_owned()));
            }
            (Some('%'), _) if finite => format!("{:.*}%", self.precision.unwrap_or(6), magnitude * 100.0),
            (Some('f' | 'F'), _) if finite => format!("{magnitude:.*}", self.precision.unwrap_or(6)),
            (Some(kind @ ('f' | 'F' | '%')), _) => {
                let text = if magnitude.is_nan() { "nan" } else { "inf" };
                match kind {
                    'F' => text.to_uppercase(),
                    '%' => format!("{text}%"),
                    _ => text.to_owned(),
                }
            }
            (Some(kind), _) => return Err(unknown_code(kind, value)),
        };
        Ok((number.is_sign_negative() && !number.is_nan(), digits))
    }

    fn pad(&self, sign: &str, body: &str, default: char) -> String {
        let missing = self.width.saturating_sub(sign.chars().count() + body.chars().count());
        let fill = |count: usize| self.fill.to_string().repeat(count);
        match self.align.unwrap_or(default) {
            '<' => format!("{sign}{body}{}", fill(missing)),
            '^' => format!("{}{sign}{body}{}", fill(missing / 2), fill(missing - missing / 2)),
            '=' => format!("{sign}{}{body}", fill(missing)),
            _ => format!("{}{sign}{body}", fill(missing)),
        }
    }
}

/// A number at the front, at most [`FORMAT_WIDTH`].
fn number(rest: &mut Vec<char>) -> Result<Option<usize>, String> {
    let mut found = None;
    while let Some(digit) = rest.last().and_then(|last| last.to_digit(10)) {
        rest.pop();
        let value = found.unwrap_or(0_usize) * 10 + digit as usize;
        if value > FORMAT_WIDTH {
            return Err(format!("widths and precisions end at {FORMAT_WIDTH}"));
        }
        found = Some(value);
    }
    Ok(found)
}

/// A separator between each three digits before the point.
fn grouped(digits: &str, separator: char) -> String {
    let end = digits.find(|character: char| !character.is_ascii_digit()).unwrap_or(digits.len());
    let (whole, rest) = digits.split_at(end);
    let mut text = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    _ = write!(text, "{rest}");
    text
}

fn invalid(words: &str) -> EvalError {
    EvalError::raise("ValueError", words)
}

fn unknown_code(kind: char, value: &Value) -> EvalError {
    invalid(&format!("Unknown format code '{kind}' for object of type '{}'", value.type_name()))
}
