//! Points in time as recordings write them: RFC 3339, such as `2026-11-22T21:00:00.123+01:00`.

/// Milliseconds since 1970; `None` for other text.
pub(super) fn millis(text: &str) -> Option<i64> {
    let (date, time) = text.trim().split_once(['T', 't', ' '])?;
    let (time, offset_min) = zone(time)?;
    let mut date = date.splitn(3, '-').map(|part| number(part, 4));
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let (clock, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let mut clock = clock.splitn(3, ':').map(|part| number(part, 2));
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    let in_range =
        (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 61;
    let fraction = fraction.get(..fraction.len().min(3))?;
    let millis = number(fraction, 3)? * 10_i64.pow(3 - u32::try_from(fraction.len()).ok()?);
    let minutes = (days(year, month, day) * 24 + hour) * 60 + minute - offset_min;
    in_range.then_some((minutes * 60 + second) * 1000 + millis)
}

/// The time without its zone, and how far that is ahead of UTC, minutes.
fn zone(time: &str) -> Option<(&str, i64)> {
    if let Some(time) = time.strip_suffix(['Z', 'z']) {
        return Some((time, 0));
    }
    let (time, sign, zone) = match (time.split_once('+'), time.split_once('-')) {
        (Some((time, zone)), _) => (time, 1, zone),
        (_, Some((time, zone))) => (time, -1, zone),
        _ => return Some((time, 0)),
    };
    let (hours, minutes) = zone.split_once(':').or_else(|| zone.split_at_checked(2))?;
    Some((time, sign * (number(hours, 2)? * 60 + number(minutes, 2)?)))
}

/// A number of at most so many digits.
fn number(text: &str, most: usize) -> Option<i64> {
    let digits = (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

/// Days since 1970 of a day of the Gregorian calendar. Years begin in March here, so that leap days come last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let month = (month + 9) % 12;
    year * 365 + year.div_euclid(4) - year.div_euclid(100)
        + year.div_euclid(400)
        + (month * 153 + 2) / 5
        + day
        - 1
        - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_in_time() {
        let check = |text: &str, expected: Option<i64>| assert_eq!(millis(text), expected, "{text}");
        check("1970-01-01T00:00:00Z", Some(0));
        check("1970-01-01T00:00:01.5Z", Some(1500));
        check("2026-11-22T21:00:00.123Z", Some(1_795_381_200_123));
        check("2026-11-22T22:00:00.1234567+01:00", Some(1_795_381_200_123));
        check("2026-11-22 15:30:00.12-0530", Some(1_795_381_200_120));
        check("2024-02-29T00:00:00Z", Some(1_709_164_800_000));
        check("2000-03-01T00:00:00", Some(951_868_800_000));
        for text in [
            "",
            "2026-11-22",
            "2026-13-01T00:00:00Z",
            "2026-11-22T1é:00:00Z",
            "aTb",
            "1-1-1T0:0:0.é",
            "T",
            "-1-1-1T1:1:1Z",
        ] {
            check(text, None);
        }
    }
}
