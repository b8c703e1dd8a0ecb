//! Values that functions of Python's library make: digests, UUIDs, points in time, matches of patterns.

use super::display::{Repr, write_quoted};
use super::library::time;
use super::{EvalError, Value};
use jiff::civil::DateTime;
use regex::Regex;
use std::cmp::Ordering;
use std::fmt::{Display, Formatter, Result, Write as _};

/// A value of a type that is known by its methods and attributes.
#[derive(Debug)]
pub enum Object {
    /// `hashlib.sha256(...)`, `hmac.new(...)`
    Digest(Box<[u8]>),
    /// `uuid.uuid4()`
    Uuid(u128),
    /// `datetime.datetime`
    Moment(Moment),
    /// `datetime.timedelta`, microseconds.
    Duration(i64),
    /// A pattern of `re`; only functions of `re` are given one.
    Pattern(Box<Regex>),
    /// `re.Match`
    Match(Match),
    /// `ValueError(...)`, and what `except ... as error` is given.
    Exception(EvalError),
}

/// A date and time of day, to the microsecond.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    pub(crate) at: DateTime,
    /// Whether it is known to be UTC; Python keeps points in time apart that do not say where.
    pub(crate) utc: bool,
}

/// What a pattern found.
#[derive(Debug)]
pub struct Match {
    /// The whole and each group; None for a group that took no part.
    pub(crate) groups: Vec<Value>,
    /// Names of groups and their places.
    pub(crate) names: Vec<(Box<str>, usize)>,
    /// Where the whole begins and ends, characters.
    pub(crate) span: (usize, usize),
}

impl Object {
    /// The name of its type in Python.
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Self::Digest(_) => "_hashlib.HASH",
            Self::Uuid(_) => "UUID",
            Self::Moment(_) => "datetime.datetime",
            Self::Duration(_) => "datetime.timedelta",
            Self::Pattern(_) => "re.Pattern",
            Self::Match(_) => "re.Match",
            Self::Exception(_) => "Exception",
        }
    }

    /// Bytes and values that it holds beside itself.
    pub(crate) fn weight(&self) -> (usize, usize) {
        match self {
            Self::Digest(bytes) => (bytes.len(), 0),
            Self::Match(found) => {
                let texts: usize = found.groups.iter().filter_map(Value::as_str).map(str::len).sum();
                (texts + found.groups.len() * size_of::<Value>(), found.groups.len())
            }
            Self::Exception(error) => (error.0.len(), 0),
            Self::Uuid(_) | Self::Moment(_) | Self::Duration(_) | Self::Pattern(_) => (0, 0),
        }
    }

    /// Which comes first; `None` where Python has no order.
    pub(crate) fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Uuid(left), Self::Uuid(right)) => Some(left.cmp(right)),
            (Self::Moment(left), Self::Moment(right)) if left.utc == right.utc => {
                Some(left.at.cmp(&right.at))
            }
            (Self::Duration(left), Self::Duration(right)) => Some(left.cmp(right)),
            _ => None,
        }
    }
}

impl Display for Object {
    /// As Python's `str()`.
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Uuid(number) => write_uuid(f, *number),
            Self::Moment(moment) => f.write_str(&time::iso_format(moment, ' ')),
            Self::Duration(micros) => time::write_duration(f, *micros),
            Self::Exception(error) => f.write_str(&error.words()),
            Self::Digest(_) | Self::Pattern(_) | Self::Match(_) => self.write_repr(f),
        }
    }
}

impl Object {
    /// As Python's `repr()`.
    pub(crate) fn write_repr(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Uuid(number) => {
                f.write_str("UUID('")?;
                write_uuid(f, *number)?;
                f.write_str("')")
            }
            Self::Digest(_) => f.write_str("<hash object>"),
            Self::Exception(error) => f.write_str(&error.0),
            Self::Moment(moment) => time::write_moment(f, moment),
            Self::Duration(micros) => time::write_duration_repr(f, *micros),
            Self::Pattern(pattern) => {
                f.write_str("re.compile(")?;
                write_quoted(f, pattern.as_str())?;
                f.write_char(')')
            }
            Self::Match(found) => {
                let whole = found.groups.first().unwrap_or(&Value::None);
                let (start, end) = found.span;
                write!(f, "<re.Match object; span=({start}, {end}), match={}>", Repr(whole))
            }
        }
    }
}

fn write_uuid(f: &mut Formatter<'_>, number: u128) -> Result {
    let digits = format!("{number:032x}");
    write!(f, "{}-{}-{}-{}-{}", &digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..])
}
