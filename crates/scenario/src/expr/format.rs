//! What stands after the colon in an f-string: Python's format specifications.

use super::call::{type_error, value_error};
use super::compare::Number;
use super::display::write_float;
use super::eval::Run;
use super::library::time::strftime;
use super::object::Object;
use super::{EvalError, Value};
use crate::limits::FORMAT_WIDTH;
use std::fmt::{self, Display, Formatter, Write as _};

/// A format specification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Format {
    /// Of numbers and text.
    Layout(Layout),
    /// Of points in time, as in `strftime`.
    Time(Box<str>),
}

/// `[[fill]align][sign][#][0][width][grouping][.precision][type]`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    fill: char,
    align: Option<char>,
    sign: char,
    /// With `0x` and its like.
    prefixed: bool,
    width: usize,
    group: Option<char>,
    precision: Option<usize>,
    kind: Option<char>,
}

/// `format(value, spec)`
pub(crate) fn apply_spec(value: &Value, spec: &Value, run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let Some(spec) = spec.as_str() else {
        return Err(type_error(&format!("format() argument 2 must be str, not {}", spec.type_name())));
    };
    run.charge(spec.len().saturating_mul(size_of::<char>()))?;
    let format = Format::parse(spec).map_err(|_| value_error("Invalid format specifier"))?;
    format.apply(value, run)
}

impl Format {
    /// Reads a specification; the error says what is wrong with it.
    pub(crate) fn parse(spec: &str) -> Result<Self, String> {
        let layout = Layout::parse(spec);
        if layout.is_err() && spec.contains('%') {
            return Ok(Self::Time(spec.into()));
        }
        layout.map(Self::Layout)
    }

    /// The text of `value` in this format.
    pub(crate) fn apply(&self, value: &Value, run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
        match (self, value) {
            (Self::Layout(layout), _) => {
                let text = layout.apply(value)?;
                run.written(text)
            }
            (Self::Time(format), Value::Object(object)) if let Object::Moment(moment) = &**object => {
                strftime(moment, format, run)
            }
            (Self::Time(_), _) => Err(value_error("Invalid format specifier")),
        }
    }
}

/// As it is written.
impl Display for Format {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let layout = match self {
            Self::Time(format) => return f.write_str(format),
            Self::Layout(layout) => layout,
        };
        let zeros = (layout.fill, layout.align) == ('0', Some('='));
        if let Some(align) = layout.align.filter(|_| !zeros) {
            if layout.fill != ' ' {
                f.write_char(layout.fill)?;
            }
            f.write_char(align)?;
        }
        if layout.sign != '-' {
            f.write_char(layout.sign)?;
        }
        f.write_str(if layout.prefixed { "#" } else { "" })?;
        f.write_str(if zeros { "0" } else { "" })?;
        if layout.width > 0 {
            write!(f, "{}", layout.width)?;
        }
        layout.group.map_or(Ok(()), |group| f.write_char(group))?;
        layout.precision.map_or(Ok(()), |precision| write!(f, ".{precision}"))?;
        layout.kind.map_or(Ok(()), |kind| f.write_char(kind))
    }
}

impl Layout {
    fn parse(spec: &str) -> Result<Self, String> {
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
        let prefixed = take(&mut rest, &['#']).is_some();
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
        let kind = take(&mut rest, &['b', 'c', 'd', 'e', 'E', 'f', 'F', 'g', 'G', 'o', 's', 'x', 'X', '%']);
        if let Some(other) = rest.pop() {
            return Err(format!("`{other}` is not supported in a format specification"));
        }
        Ok(Self { fill, align, sign, prefixed, width, group, precision, kind })
    }

    fn apply(&self, value: &Value) -> Result<String, EvalError> {
        if *self == EMPTY {
            return Ok(value.to_string());
        }
        let number = match value {
            Value::Str(text) => return self.text(text),
            _ => Number::of(value).ok_or_else(|| {
                let kind = value.type_name();
                type_error(&format!("unsupported format string passed to {kind}.__format__"))
            })?,
        };
        let (negative, prefix, digits) = match number {
            Number::Int(number) if !matches!(self.kind, Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%')) => {
                if self.precision.is_some() {
                    return Err(value_error("Precision not allowed in integer format specifier"));
                }
                let (prefix, digits) = self.whole(number, value)?;
                (number < 0 && self.kind != Some('c'), prefix, digits)
            }
            number => {
                if self.prefixed {
                    return Err(value_error("Alternate form (#) is not supported for floats here"));
                }
                let (negative, digits) = self.float(number.as_float(), value)?;
                (negative, "", digits)
            }
        };
        let sign = match (negative, self.sign) {
            (true, _) => "-",
            (false, '+') => "+",
            (false, ' ') => " ",
            (false, _) => "",
        };
        let sign = format!("{sign}{prefix}");
        let digits = match self.group {
            Some(separator) => self.grouped(&digits, separator, sign.len())?,
            None => digits,
        };
        Ok(self.pad(&sign, &digits, '>'))
    }

    fn text(&self, text: &str) -> Result<String, EvalError> {
        match self.kind {
            None | Some('s') => {}
            Some(kind) => return Err(unknown_code(kind, "str")),
        }
        if self.sign != '-' {
            return Err(value_error("Sign not allowed in string format specifier"));
        }
        if self.prefixed {
            return Err(value_error("Alternate form (#) not allowed in string format specifier"));
        }
        if let Some(group) = self.group {
            return Err(value_error(&format!("Cannot specify '{group}' with 's'.")));
        }
        if self.align == Some('=') && self.fill != '0' {
            return Err(value_error("'=' alignment not allowed in string format specifier"));
        }
        let shown: String = text.chars().take(self.precision.unwrap_or(usize::MAX)).collect();
        let plain = Self { align: self.align.filter(|align| *align != '='), ..*self };
        Ok(plain.pad("", &shown, '<'))
    }

    /// What stands before the digits, and the digits.
    fn whole(&self, number: i64, value: &Value) -> Result<(&'static str, String), EvalError> {
        let magnitude = number.unsigned_abs();
        let (prefix, digits) = match self.kind {
            None | Some('d') => ("", magnitude.to_string()),
            Some('b') => ("0b", format!("{magnitude:b}")),
            Some('o') => ("0o", format!("{magnitude:o}")),
            Some('x') => ("0x", format!("{magnitude:x}")),
            Some('X') => ("0X", format!("{magnitude:X}")),
            Some('c') => {
                let character = u32::try_from(number)
                    .ok()
                    .and_then(char::from_u32)
                    .ok_or_else(|| EvalError::raise("OverflowError", "%c arg not in range(0x110000)"))?;
                ("", character.to_string())
            }
            Some(kind) => return Err(unknown_code(kind, value.type_name())),
        };
        Ok((if self.prefixed { prefix } else { "" }, digits))
    }

    fn float(&self, number: f64, value: &Value) -> Result<(bool, String), EvalError> {
        let magnitude = number.abs();
        let digits = match (self.kind, self.precision) {
            (Some('b' | 'c' | 'd' | 'o' | 's' | 'x' | 'X'), _) => {
                return Err(unknown_code(self.kind.unwrap_or(' '), value.type_name()));
            }
            _ if !magnitude.is_finite() => {
                let text = if magnitude.is_nan() { "nan" } else { "inf" };
                match self.kind {
                    Some('E' | 'F' | 'G') => text.to_uppercase(),
                    Some('%') => format!("{text}%"),
                    _ => text.to_owned(),
                }
            }
            (None, None) => {
                let mut text = String::new();
                _ = write_float(&mut text, magnitude);
                text
            }
            (None, Some(precision)) => general(magnitude, precision.max(1), true),
            (Some('%'), precision) => format!("{:.*}%", precision.unwrap_or(6), magnitude * 100.0),
            (Some('e'), precision) => exponential(magnitude, precision.unwrap_or(6)),
            (Some('E'), precision) => exponential(magnitude, precision.unwrap_or(6)).to_uppercase(),
            (Some('g'), precision) => general(magnitude, precision.unwrap_or(6).max(1), false),
            (Some('G'), precision) => general(magnitude, precision.unwrap_or(6).max(1), false).to_uppercase(),
            (Some(_), precision) => format!("{magnitude:.*}", precision.unwrap_or(6)),
        };
        Ok((number.is_sign_negative() && !number.is_nan(), digits))
    }

    /// With a separator between each three digits before the point, or between each four that are not decimal.
    /// Zeros that fill the width are digits too.
    fn grouped(&self, digits: &str, separator: char, sign: usize) -> Result<String, EvalError> {
        let size = match (self.kind, separator) {
            (Some('b' | 'o' | 'x' | 'X'), '_') => 4,
            (Some(kind @ ('b' | 'c' | 'o' | 'x' | 'X')), _) => {
                return Err(value_error(&format!("Cannot specify '{separator}' with '{kind}'.")));
            }
            _ => 3,
        };
        let is_digit = |character: char| {
            if size == 4 { character.is_ascii_hexdigit() } else { character.is_ascii_digit() }
        };
        let end = digits.find(|character| !is_digit(character)).unwrap_or(digits.len());
        let (whole, rest) = digits.split_at(end);
        let length = |count: usize| count + count.saturating_sub(1) / size;
        let mut count = whole.len();
        if self.fill == '0' && self.align == Some('=') {
            while sign + length(count) + rest.len() < self.width {
                count += 1;
            }
        }
        let mut text = String::with_capacity(length(count) + rest.len());
        for (place, digit) in std::iter::repeat_n('0', count - whole.len()).chain(whole.chars()).enumerate() {
            if place > 0 && (count - place).is_multiple_of(size) {
                text.push(separator);
            }
            text.push(digit);
        }
        text.push_str(rest);
        Ok(text)
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

/// What says nothing.
const EMPTY: Layout = Layout {
    fill: ' ',
    align: None,
    sign: '-',
    prefixed: false,
    width: 0,
    group: None,
    precision: None,
    kind: None,
};

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

/// `1.50e+03`
fn exponential(magnitude: f64, precision: usize) -> String {
    let text = format!("{magnitude:.precision$e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    match exponent.strip_prefix('-') {
        Some(exponent) => format!("{digits}e-{exponent:0>2}"),
        None => format!("{digits}e+{exponent:0>2}"),
    }
}

/// So many significant digits, with an exponent where the number is very large or small; `point`: a whole number
/// keeps `.0`.
fn general(magnitude: f64, precision: usize, point: bool) -> String {
    let text = exponential(magnitude, precision - 1);
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let power: i32 = exponent.parse().unwrap_or(0);
    let most = i32::try_from(precision).unwrap_or(i32::MAX) - i32::from(point);
    let short = |digits: &str| match digits.contains('.') {
        true => digits.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => digits.to_owned(),
    };
    if power < -4 || power >= most {
        return format!("{}e{exponent}", short(digits));
    }
    let decimals = usize::try_from(i64::try_from(precision).unwrap_or(i64::MAX) - 1 - i64::from(power));
    let text = short(&format!("{magnitude:.*}", decimals.unwrap_or(0)));
    if point && !text.contains('.') { text + ".0" } else { text }
}

fn unknown_code(kind: char, of: &str) -> EvalError {
    value_error(&format!("Unknown format code '{kind}' for object of type '{of}'"))
}
