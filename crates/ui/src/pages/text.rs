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

/// A whole number that may be below 0.
pub(crate) fn signed(value: f64) -> String {
    fraction(value, 0)
}

fn fraction(value: f64, digits: usize) -> String {
    // Halves are rounded up, as the page's script does.
    let unit = 10_f64.powi(i32::try_from(digits).unwrap_or_default());
    let text = format!("{:.digits$}", (value.abs() * unit).round() / unit);
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let whole = whole.parse().map_or_else(|_| whole.to_owned(), |whole: u64| count(whole));
    // What rounds to nothing has none.
    let sign = if value < 0.0 && text.bytes().any(|byte| matches!(byte, b'1'..=b'9')) { "-" } else { "" };
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
        value => format!("{} %", fraction(value, 1)),
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

    /// The page's script writes the same: its tests have the same table.
    #[test]
    fn numbers_are_written_as_the_pages_script_does() {
        let table = include_str!("../../../../web/tests/numbers.json");
        let table: serde_json::Value = serde_json::from_str(table).unwrap();
        let whole = |value: f64| count(value as u64);
        let formats: [(&str, &dyn Fn(f64) -> String); 7] = [
            ("count", &whole),
            ("signed", &signed),
            ("rate", &rate),
            ("ms", &ms),
            ("percent", &percent),
            ("bytes", &bytes),
            ("span", &span),
        ];
        assert_eq!(table.as_object().unwrap().len(), formats.len());
        for (name, format) in formats {
            let cases = table[name].as_array().unwrap();
            assert!(cases.len() > 3, "{name}");
            for case in cases {
                let value = case[0].as_f64().unwrap();
                assert_eq!(format(value), case[1].as_str().unwrap(), "{name} of {value}");
            }
        }
    }

    #[test]
    fn what_is_not_there_and_words() {
        assert_eq!(ms_of(None), NOTHING);
        assert_eq!([plural(1, "worker"), plural(2_000, "worker")], ["1 worker", "2,000 workers"]);
    }
}
