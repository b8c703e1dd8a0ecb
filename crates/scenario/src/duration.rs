//! How long something takes, as people write it: `20`, `20s`, `3m`, `1h20m`, `250ms`, `1.5s`.

use crate::limits::LONGEST_S;
use std::time::Duration;

/// Units by size, the largest first, and how many seconds each has.
const UNITS: [(&str, f64); 4] = [("h", 3600.0), ("m", 60.0), ("s", 1.0), ("ms", 0.001)];

/// What [`parse_duration`] takes, as a regular expression, for the schema.
pub(crate) const PATTERN: &str = concat!(
    r"^([0-9]+(\.[0-9]+)?",
    r"|[0-9]+(\.[0-9]+)?h([0-9]+(\.[0-9]+)?m)?([0-9]+(\.[0-9]+)?s)?([0-9]+(\.[0-9]+)?ms)?",
    r"|[0-9]+(\.[0-9]+)?m([0-9]+(\.[0-9]+)?s)?([0-9]+(\.[0-9]+)?ms)?",
    r"|[0-9]+(\.[0-9]+)?s([0-9]+(\.[0-9]+)?ms)?",
    r"|[0-9]+(\.[0-9]+)?ms)$"
);

/// Why a text is no duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// It is not written as one.
    #[error("write a duration such as 20, 20s, 3m, 1h20m, 250ms or 1.5s")]
    Form,
    /// It is longer than [`LONGEST_S`].
    #[error("the longest duration is a year, 8760h")]
    TooLong,
}

/// Reads a duration: a number of seconds, or numbers with the units `h`, `m`, `s` and `ms`, the largest first.
///
/// # Errors
/// When `text` is something else, or longer than [`LONGEST_S`].
pub fn parse_duration(text: &str) -> Result<Duration, DurationError> {
    if text.is_empty() {
        return Err(DurationError::Form);
    }
    let mut seconds = 0.0;
    let mut rest = text;
    let mut units = UNITS.iter();
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(digits);
        let number = parse_number(number).ok_or(DurationError::Form)?;
        let letters = after.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        if unit.is_empty() && digits == text.len() {
            return from_seconds(number);
        }
        // Each unit at most once and in order: the iterator never goes back.
        let (_, size) = units.find(|(name, _)| *name == unit).ok_or(DurationError::Form)?;
        seconds += number * size;
        rest = after;
    }
    from_seconds(seconds)
}

/// A duration of so many seconds.
///
/// # Errors
/// When `seconds` is negative, not a number, or above [`LONGEST_S`].
pub fn from_seconds(seconds: f64) -> Result<Duration, DurationError> {
    if seconds.is_nan() || seconds < 0.0 {
        return Err(DurationError::Form);
    }
    if seconds > LONGEST_S {
        return Err(DurationError::TooLong);
    }
    // Rounded to microseconds, so that 0.3 is 300 ms and not 299.999999 ms.
    Ok(Duration::from_micros((seconds * 1e6).round() as u64))
}

/// Why a text is no run time, in Locust's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Valid run_time formats are : 20, 20s, 3m, 2h, 1h20m, 3h30m10s, etc.")]
pub struct RunTimeError;

/// Reads a run time (`-t`): a duration above zero.
///
/// # Errors
/// When `text` is something else.
pub fn parse_run_time(text: &str) -> Result<Duration, RunTimeError> {
    parse_duration(text).ok().filter(|time| !time.is_zero()).ok_or(RunTimeError)
}

/// Digits with at most one point between them.
pub(crate) fn parse_number(text: &str) -> Option<f64> {
    let whole =
        text.starts_with(|c: char| c.is_ascii_digit()) && text.ends_with(|c: char| c.is_ascii_digit());
    if whole { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_write() {
        let check = |text: &str, millis: u64| {
            assert_eq!(parse_duration(text), Ok(Duration::from_millis(millis)), "{text}");
        };
        check("0", 0);
        check("20", 20_000);
        check("0.3", 300);
        check("20s", 20_000);
        check("3m", 180_000);
        check("2h", 7_200_000);
        check("1h20m", 4_800_000);
        check("3h30m10s", 12_610_000);
        check("250ms", 250);
        check("1.5s", 1_500);
        check("1m500ms", 60_500);
        check("8760h", 31_536_000_000);
    }

    #[test]
    fn refuses_the_rest() {
        for text in [
            "", " ", "s", "-1", "1 s", "1s ", "1d", "1s1m", "1m1m", "1.", ".5", "1..5s", "1s5", "NaN", "inf",
            "1e3", "٣",
        ] {
            assert_eq!(parse_duration(text), Err(DurationError::Form), "{text}");
        }
        assert_eq!(parse_duration("8760h1ms"), Err(DurationError::TooLong));
        assert_eq!(parse_duration(&"9".repeat(400)), Err(DurationError::TooLong));
        assert_eq!(from_seconds(f64::NAN), Err(DurationError::Form));
    }

    #[test]
    fn run_times_are_above_zero() {
        assert_eq!(parse_run_time("1h20m"), Ok(Duration::from_secs(4_800)));
        for text in ["0", "0s", "1x", ""] {
            let message = parse_run_time(text).unwrap_err().to_string();
            assert_eq!(message, "Valid run_time formats are : 20, 20s, 3m, 2h, 1h20m, 3h30m10s, etc.");
        }
    }
}
