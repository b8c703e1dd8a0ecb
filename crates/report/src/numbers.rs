//! Numbers as people read them on pages; the scripts of pages write them likewise.

/// What stands for a number that there is not.
pub const NOTHING: &str = "\u{2013}";

/// A count: `12,345`.
#[must_use]
pub fn count(value: u64) -> String {
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

/// A number with so many digits after the point.
#[must_use]
pub fn fraction(value: f64, digits: usize) -> String {
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
#[must_use]
pub fn rate(value: f64) -> String {
    fraction(value, if value.abs() < 10.0 && value != 0.0 { 2 } else { 1 })
}

/// Milliseconds without the unit: three digits that count.
#[must_use]
pub fn ms(value: f64) -> String {
    let digits = match value {
        value if value >= 100.0 => 0,
        value if value >= 10.0 => 1,
        _ => 2,
    };
    fraction(value, digits)
}

/// The same of what may not exist.
#[must_use]
pub fn ms_of(value: Option<f64>) -> String {
    value.map_or_else(|| NOTHING.to_owned(), ms)
}

/// A share of one as percent. What is not nothing never reads `0 %`, what is not all never `100 %`.
#[must_use]
pub fn percent(ratio: f64) -> String {
    let value = ratio * 100.0;
    match value {
        0.0 => "0 %".to_owned(),
        value if value < 0.1 => "<0.1 %".to_owned(),
        value if value >= 100.0 => "100 %".to_owned(),
        value if value > 99.9 => ">99.9 %".to_owned(),
        value => format!("{} %", fraction(value, 1)),
    }
}

/// `1:02:03`, `2:03` of seconds.
#[must_use]
pub fn span(seconds: f64) -> String {
    let all = seconds.max(0.0).round() as u64;
    let (hours, minutes, rest) = (all / 3600, all / 60 % 60, all % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{rest:02}") } else { format!("{minutes}:{rest:02}") }
}

/// `1 worker`, `2 workers`.
#[must_use]
pub fn plural(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", count(number), if number == 1 { "" } else { "s" })
}
