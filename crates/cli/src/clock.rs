//! The time of day. Nobody else in this crate asks for it.

use jiff::{Timestamp, tz::TimeZone};

/// The local time as log lines have it: `2026-11-22 18:00:00,123`.
pub(crate) fn log_time() -> String {
    format(Timestamp::now(), TimeZone::system())
}

/// Unix nanoseconds, for seeds.
pub(crate) fn nanoseconds() -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a seed: the low bits are wanted"
    )]
    let low = Timestamp::now().as_nanosecond() as u64;
    low
}

fn format(time: Timestamp, zone: TimeZone) -> String {
    let local = time.to_zoned(zone);
    format!("{},{:03}", local.strftime("%Y-%m-%d %H:%M:%S"), local.millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_python_logs_it() {
        let time = Timestamp::new(1_795_370_400, 7_999_999).unwrap();
        assert_eq!(format(time, TimeZone::UTC), "2026-11-22 18:00:00,007");
    }
}
