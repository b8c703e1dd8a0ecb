//! The time of day. Nobody else in this crate asks for it.

use jiff::{Timestamp, tz::TimeZone};

/// Unix seconds.
pub(crate) fn now_s() -> f64 {
    Timestamp::now().as_duration().as_secs_f64()
}

/// Unix nanoseconds, to tell one process from the one before it.
pub(crate) fn nanoseconds() -> u128 {
    Timestamp::now().as_nanosecond().unsigned_abs()
}

/// The local time as Locust writes it into names of files: `2026-11-22-15h47`; empty for a time that no calendar
/// holds.
pub(crate) fn for_files(unix_seconds: f64) -> String {
    format(unix_seconds, TimeZone::system(), "%Y-%m-%d-%Hh%M")
}

/// The local time as a page shows it: `2026-11-22 15:47:00`.
pub(crate) fn for_pages(unix_seconds: f64) -> String {
    format(unix_seconds, TimeZone::system(), "%Y-%m-%d %H:%M:%S")
}

fn format(unix_seconds: f64, zone: TimeZone, pattern: &str) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "whole seconds; what is out of range saturates")]
    let seconds = unix_seconds.floor() as i64;
    Timestamp::from_second(seconds)
        .map_or_else(|_| String::new(), |time| time.to_zoned(zone).strftime(pattern).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_locust_writes_it() {
        assert_eq!(format(1_795_370_400.7, TimeZone::UTC, "%Y-%m-%d-%Hh%M"), "2026-11-22-18h00");
        assert_eq!(format(f64::MAX, TimeZone::UTC, "%Y"), "");
    }
}
