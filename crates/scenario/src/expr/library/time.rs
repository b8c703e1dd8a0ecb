//! The modules `time` and `datetime`. The time is that of the [`Frame`]'s clock, and it is always UTC: where users run
//! is no matter of the test.
//!
//! [`Frame`]: crate::expr::Frame

use crate::expr::call::{Function, argument, float, given, text_at, type_error, value_error};
use crate::expr::compare::Number;
use crate::expr::eval::Run;
use crate::expr::object::{Moment, Object};
use crate::expr::{EvalError, Value};
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use std::fmt::{self, Formatter, Write as _};
use std::sync::Arc;

pub(crate) static FUNCTIONS: &[Function] = &[
    Function::fixed(
        "datetime.datetime",
        &["year", "month", "day", "hour", "minute", "second", "microsecond"],
        3,
        written_out,
    ),
    Function::varying("datetime.datetime.now", &["tz"], 0, |arguments, run| {
        let utc = is_utc(given(arguments, 0))?;
        now(run, utc)
    }),
    Function::varying("datetime.datetime.today", &[], 0, |_, run| now(run, false)),
    Function::varying("datetime.datetime.utcnow", &[], 0, |_, run| now(run, false)),
    Function::fixed("datetime.datetime.fromisoformat", &["date_string"], 1, from_iso_format),
    Function::fixed("datetime.datetime.fromtimestamp", &["timestamp", "tz"], 1, from_timestamp),
    Function::fixed(
        "datetime.timedelta",
        &["days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks"],
        0,
        duration,
    ),
    Function::varying("time.strftime", &["format"], 1, |arguments, run| {
        let moment = moment_of(clock(run), true)?;
        strftime(&moment, text_at(arguments, 0)?, run)
    }),
    #[expect(clippy::cast_precision_loss, reason = "microseconds of this century have an exact float")]
    Function::varying("time.time", &[], 0, |_, run| Ok(Value::Float(clock(run) as f64 / 1e6))),
    Function::varying("time.time_ns", &[], 0, |_, run| {
        crate::expr::operators::whole(clock(run).checked_mul(1_000))
    }),
];

/// What `datetime.timezone.utc` is here: nothing but an argument.
pub(crate) const UTC: &str = "UTC";

fn clock(run: &Run<'_, '_>) -> i64 {
    i64::try_from((run.frame.clock)()).unwrap_or(i64::MAX)
}

fn is_utc(zone: Option<&Value>) -> Result<bool, EvalError> {
    match zone {
        None | Some(Value::None) => Ok(false),
        Some(Value::Str(name)) if &**name == UTC => Ok(true),
        Some(_) => Err(type_error("the time zone must be datetime.timezone.utc here")),
    }
}

fn now(run: &Run<'_, '_>, utc: bool) -> Result<Value, EvalError> {
    moment_of(clock(run), utc).map(made)
}

fn made(moment: Moment) -> Value {
    Value::Object(Arc::new(Object::Moment(moment)))
}

fn moment_of(micros: i64, utc: bool) -> Result<Moment, EvalError> {
    let timestamp = Timestamp::from_microsecond(micros).map_err(|_| out_of_range())?;
    Moment::new(Offset::UTC.to_datetime(timestamp), utc)
}

fn from_timestamp(arguments: &[Value], _: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let micros = micros(argument(arguments, 0), 1_000_000)?;
    moment_of(micros, is_utc(given(arguments, 1))?).map(made)
}

/// `datetime(year, month, day, ...)`
fn written_out(arguments: &[Value], _: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    const RANGES: [(&str, i64, i64); 7] = [
        ("year", 1, 9_999),
        ("month", 1, 12),
        ("day", 1, 31),
        ("hour", 0, 23),
        ("minute", 0, 59),
        ("second", 0, 59),
        ("microsecond", 0, 999_999),
    ];
    let mut parts = [0; 7];
    for (place, (name, least, most)) in RANGES.into_iter().enumerate() {
        let Some(value) = given(arguments, place) else { continue };
        let Some(Number::Int(number)) = Number::of(value) else {
            return Err(type_error(&format!("{name} must be a whole number")));
        };
        let part = Some(number).filter(|number| (least..=most).contains(number));
        let part = part.and_then(|number| i32::try_from(number).ok());
        parts[place] = part.ok_or_else(|| match name {
            "day" => value_error("day is out of range for month"),
            "year" => value_error(&format!("year {number} is out of range")),
            _ => value_error(&format!("{name} must be in {least}..{most}")),
        })?;
    }
    let [year, month, day, hour, minute, second, micro] = parts;
    let [month, day, hour, minute, second] = [month, day, hour, minute, second].map(|part| part as i8);
    let at = DateTime::new(year as i16, month, day, hour, minute, second, micro * 1_000);
    let at = at.map_err(|_| value_error("day is out of range for month"))?;
    Moment::new(at, false).map(made)
}

fn from_iso_format(arguments: &[Value], _: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let text = text_at(arguments, 0)?;
    let invalid = || value_error(&format!("Invalid isoformat string: {}", super::repr(text)));
    let (local, utc) = match text.strip_suffix("+00:00").or_else(|| text.strip_suffix('Z')) {
        Some(local) => (local, true),
        None => (text, false),
    };
    let at = local.parse::<DateTime>().map_err(|_| invalid())?;
    Moment::new(at, utc).map(made)
}

/// A number of units in microseconds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "the range is checked first"
)]
fn micros(value: &Value, unit: i64) -> Result<i64, EvalError> {
    match Number::of(value) {
        Some(Number::Int(number)) => number.checked_mul(unit).ok_or_else(out_of_range),
        _ => {
            let micros = (float(value)? * unit as f64).round_ties_even();
            if micros.abs() < 9e18 { Ok(micros as i64) } else { Err(out_of_range()) }
        }
    }
}

fn duration(arguments: &[Value], _: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    const UNITS: [i64; 7] = [DAY, SECOND, 1, 1_000, 60 * SECOND, 3_600 * SECOND, 7 * DAY];
    let mut total = 0_i64;
    for (place, unit) in UNITS.iter().enumerate() {
        if let Some(value) = given(arguments, place) {
            total = in_range(total.checked_add(micros(value, *unit)?))?;
        }
    }
    Ok(Value::Object(Arc::new(Object::Duration(total))))
}

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

fn out_of_range() -> EvalError {
    EvalError::raise("OverflowError", "date value out of range")
}

/// Microseconds that did not overflow.
pub(crate) fn in_range(micros: Option<i64>) -> Result<i64, EvalError> {
    micros.ok_or_else(out_of_range)
}

impl Moment {
    /// Python's years begin with the first.
    fn new(at: DateTime, utc: bool) -> Result<Self, EvalError> {
        if at.year() < 1 { Err(out_of_range()) } else { Ok(Self { at, utc }) }
    }

    /// So many microseconds later.
    pub(crate) fn plus(&self, micros: i64) -> Result<Self, EvalError> {
        let at = self.at.checked_add(SignedDuration::from_micros(micros)).map_err(|_| out_of_range())?;
        Self::new(at, self.utc)
    }

    /// Microseconds from `other` until this.
    pub(crate) fn since(&self, other: &Self) -> Result<i64, EvalError> {
        if self.utc != other.utc {
            return Err(type_error("can't subtract offset-naive and offset-aware datetimes"));
        }
        in_range(i64::try_from(self.at.duration_since(other.at).as_micros()).ok())
    }

    /// Microseconds since 1970.
    pub(crate) fn timestamp(&self) -> Result<i64, EvalError> {
        Offset::UTC.to_timestamp(self.at).map(Timestamp::as_microsecond).map_err(|_| out_of_range())
    }
}

/// As `isoformat()`, with `between` date and time.
pub(crate) fn iso_format(moment: &Moment, between: char) -> String {
    let micros = moment.at.subsec_nanosecond() / 1_000;
    let mut text = iso_seconds(moment, between);
    if micros != 0 {
        _ = write!(text, ".{micros:06}");
    }
    text + zone(moment)
}

/// The same up to the second.
pub(crate) fn iso_seconds(moment: &Moment, between: char) -> String {
    let at = moment.at;
    format!(
        "{:04}-{:02}-{:02}{between}{:02}:{:02}:{:02}",
        at.year(),
        at.month(),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

pub(crate) fn zone(moment: &Moment) -> &'static str {
    if moment.utc { "+00:00" } else { "" }
}

/// As `strftime`.
pub(crate) fn strftime(moment: &Moment, format: &str, run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    // No directive of two characters writes more than thirty.
    run.charge(format.len().saturating_mul(16))?;
    let mut directives = String::with_capacity(format.len());
    let mut rest = format.chars();
    while let Some(character) = rest.next() {
        directives.push(character);
        if character != '%' {
            continue;
        }
        let mut directive = rest.next();
        if directive == Some('-') {
            directives.push('-');
            directive = rest.next();
        }
        match directive {
            Some('f') => directives.push_str("6f"),
            Some('c') => directives.push_str("a %b %e %H:%M:%S %Y"),
            Some('x') => directives.push_str("m/%d/%y"),
            Some('X') => directives.push('T'),
            Some(known) if "aAbBdDeFGhHIjmMpRsSTuUVwWyYzZ%".contains(known) => directives.push(known),
            _ => return Err(value_error("Invalid format string")),
        }
    }
    let zoned = moment.at.to_zoned(TimeZone::UTC).map_err(|_| out_of_range())?;
    let text =
        jiff::fmt::strtime::format(&directives, &zoned).map_err(|_| value_error("Invalid format string"))?;
    Ok(text.into())
}

/// As `repr()` of a `datetime`.
pub(crate) fn write_moment(f: &mut Formatter<'_>, moment: &Moment) -> fmt::Result {
    let at = moment.at;
    let (year, month, day, hour, minute) = (at.year(), at.month(), at.day(), at.hour(), at.minute());
    write!(f, "datetime.datetime({year}, {month}, {day}, {hour}, {minute}")?;
    let micros = at.subsec_nanosecond() / 1_000;
    if at.second() != 0 || micros != 0 {
        write!(f, ", {}", at.second())?;
    }
    if micros != 0 {
        write!(f, ", {micros}")?;
    }
    f.write_str(if moment.utc { ", tzinfo=datetime.timezone.utc)" } else { ")" })
}

/// As `str()` of a `timedelta`.
pub(crate) fn write_duration(f: &mut Formatter<'_>, micros: i64) -> fmt::Result {
    let (days, rest) = (micros.div_euclid(DAY), micros.rem_euclid(DAY));
    if days != 0 {
        write!(f, "{days} day{}, ", if days.abs() == 1 { "" } else { "s" })?;
    }
    let seconds = rest / SECOND;
    write!(f, "{}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)?;
    if rest % SECOND != 0 {
        write!(f, ".{:06}", rest % SECOND)?;
    }
    Ok(())
}

/// As `repr()` of a `timedelta`.
pub(crate) fn write_duration_repr(f: &mut Formatter<'_>, micros: i64) -> fmt::Result {
    let (days, rest) = (micros.div_euclid(DAY), micros.rem_euclid(DAY));
    let parts = [("days", days), ("seconds", rest / SECOND), ("microseconds", rest % SECOND)];
    let named: Vec<String> = parts
        .iter()
        .filter(|(_, count)| *count != 0)
        .map(|(name, count)| format!("{name}={count}"))
        .collect();
    write!(f, "datetime.timedelta({})", if named.is_empty() { "0".to_owned() } else { named.join(", ") })
}
