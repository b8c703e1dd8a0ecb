//! Numbers and moments as people read them; the page's script writes them likewise.

use crate::clock;

pub(crate) const NOTHING: &str = "\u{2013}";

/// A count: `12,345`.
pub(crate) fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn fraction(value: f64, digits: usize) -> String {
    let text = format!("{:.digits$}", value.abs());
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let whole = whole.parse().map_or_else(|_| whole.to_owned(), |whole: u64| count(whole));
    let sign = if value < 0.0 { "-" } else { "" };
    if rest.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest}") }
}

/// A rate per second: one digit after the point, or two below ten.
pub(crate) fn rate(value: f64) -> String {
    fraction(value, if value.abs() < 10.0 && value != 0.0 { 2 } else { 1 })
}

/// Milliseconds without the unit: three digits that count.
pub(crate) fn ms(value: f64) -> String {
    fraction(
        value,
        if value >= 100.0 {
            0
        } else if value >= 10.0 {
            1
        } else {
            2
        },
    )
}

/// The same of what may not exist.
pub(crate) fn ms_of(value: Option<f64>) -> String {
    value.map_or_else(|| NOTHING.to_owned(), ms)
}

/// A share of one as percent. What is not nothing never reads `0 %`, what is not all never `100 %`.
pub(crate) fn percent(ratio: f64) -> String {
    let value = ratio * 100.0;
    match value {
        0.0 => "0 %".to_owned(),
        value if value < 0.1 => "<0.1 %".to_owned(),
        value if value >= 100.0 => "100 %".to_owned(),
        value if value > 99.9 => ">99.9 %".to_owned(),
        value => format!("{value:.1} %"),
    }
}

/// Bytes, in steps of 1024.
pub(crate) fn bytes(mut value: f64) -> String {
    let mut units = ["B", "KiB", "MiB", "GiB", "TiB"].into_iter();
    let mut unit = units.next().unwrap_or_default();
    for larger in units {
        if value < 1024.0 {
            break;
        }
        value /= 1024.0;
        unit = larger;
    }
    let digits = usize::from(unit != "B" && value < 100.0);
    format!("{} {unit}", fraction(value, digits))
}

/// `1:02:03`, `2:03` of seconds.
pub(crate) fn span(seconds: f64) -> String {
    let all = seconds.max(0.0).round() as u64;
    let (hours, minutes, rest) = (all / 3600, all / 60 % 60, all % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{rest:02}") } else { format!("{minutes}:{rest:02}") }
}

/// Day and time of unix seconds, in the master's zone.
pub(crate) fn moment(at: Option<f64>) -> String {
    at.map_or_else(|| NOTHING.to_owned(), clock::for_pages)
}

/// `1 worker`, `2 workers`.
pub(crate) fn plural(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", count(number), if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        let check = |found: String, expected: &str| assert_eq!(found, expected);
        check(count(0), "0");
        check(count(999), "999");
        check(count(1_234_567), "1,234,567");
        check(rate(0.0), "0.0");
        check(rate(1.234), "1.23");
        check(rate(1_234.56), "1,234.6");
        check(ms(0.123), "0.12");
        check(ms(12.34), "12.3");
        check(ms(1_234.5), "1,234");
        check(ms_of(None), NOTHING);
        check(percent(0.0), "0 %");
        check(percent(0.000_01), "<0.1 %");
        check(percent(0.123), "12.3 %");
        check(percent(0.999_99), ">99.9 %");
        check(percent(1.0), "100 %");
        check(bytes(512.0), "512 B");
        check(bytes(5_324.0), "5.2 KiB");
        check(bytes(45e6), "42.9 MiB");
        check(span(62.4), "1:02");
        check(span(3_723.0), "1:02:03");
        check(plural(1, "worker"), "1 worker");
        check(plural(2_000, "worker"), "2,000 workers");
    }
}
