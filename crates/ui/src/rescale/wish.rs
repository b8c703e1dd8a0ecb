//! The number that a form or JSON asks for. Only whole numbers within the bounds pass.

use crate::body::Content;
use crate::swarm::{Refused, Wrong};
use akrida_report::text::visible;
use serde_json::Value;
use std::ops::RangeInclusive;

/// The field of the first rescale form, which scripts know.
pub(super) const FIELD: &str = "worker_count";

/// Characters of a wrong value that are quoted.
const QUOTED: usize = 40;

/// Reads the number.
///
/// # Errors
/// When it is anything but one whole number within `bounds`.
pub(super) fn read(content: &Content, bounds: &RangeInclusive<u32>) -> Result<u32, Refused> {
    let text = match content {
        Content::Form(fields) => {
            let mut values = fields.all(FIELD);
            let value = values.next().map(str::to_owned);
            if values.next().is_some() {
                return Err(wrong(&format!("{FIELD} is given more than once"), bounds));
            }
            value
        }
        Content::Json(Value::Object(object)) => match object.get(FIELD) {
            None => None,
            Some(Value::String(text)) => Some(text.clone()),
            // 3.0 and 1e2 keep their point and exponent here.
            Some(value) => Some(value.to_string()),
        },
        Content::Json(_) => return Err(wrong("The body is no object", bounds)),
    };
    let Some(text) = text else { return Err(wrong(&format!("{FIELD} is missing"), bounds)) };
    number(&text).filter(|count| bounds.contains(count)).ok_or_else(|| {
        let short: String = text.chars().take(QUOTED).collect();
        let dots = if short.len() < text.len() { "..." } else { "" };
        wrong(&format!("Invalid {FIELD}: '{}{dots}'", visible(&short)), bounds)
    })
}

/// Digits and nothing else; not even a sign or a space, which somebody else may read differently.
fn number(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let plain = digits && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}

fn wrong(problem: &str, bounds: &RangeInclusive<u32>) -> Refused {
    let message =
        format!("{problem}. It has to be a whole number from {} to {}.", bounds.start(), bounds.end());
    Wrong { field: FIELD, message }.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body;
    use http::HeaderMap;

    fn of(kind: &str, body: &str) -> Result<u32, String> {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", kind.parse().unwrap());
        let content = body::parse(&headers, body.as_bytes()).unwrap();
        read(&content, &(1..=100)).map_err(|refused| {
            assert_eq!((refused.status.as_u16(), refused.field), (400, Some(FIELD)));
            refused.message
        })
    }

    #[test]
    fn whole_numbers_within_the_bounds() {
        const FORM: &str = "application/x-www-form-urlencoded";
        for (text, count) in [("1", 1), ("42", 42), ("100", 100)] {
            assert_eq!(of(FORM, &format!("worker_count={text}")), Ok(count));
            assert_eq!(of("application/json", &format!("{{\"worker_count\": {text}}}")), Ok(count));
            assert_eq!(of("application/json", &format!("{{\"worker_count\": \"{text}\"}}")), Ok(count));
            let parts = format!(
                "--x\r\nContent-Disposition: form-data; name=\"worker_count\"\r\n\r\n{text}\r\n--x--"
            );
            assert_eq!(of("multipart/form-data; boundary=x", &parts), Ok(count));
        }
    }

    #[test]
    fn nothing_else() {
        const FORM: &str = "application/x-www-form-urlencoded";
        for text in [
            "",
            "+3",
            "%2B3",
            "-1",
            "0",
            "101",
            "2147483648",
            "99999999999999999999",
            "2.5",
            "3.0",
            "1e2",
            "0x10",
            "007",
            "abc",
            "null",
            "true",
            "NaN",
            "Infinity",
            "5%0A",
            "%205",
            "5+6",
            "1,000",
            "%EF%BC%95",
            "%D9%A3",
            "5;6",
            "1%7D%2C%7B%22op%22%3A%22add%22",
            "5%00",
        ] {
            let refused = of(FORM, &format!("worker_count={text}")).unwrap_err();
            assert!(refused.ends_with("It has to be a whole number from 1 to 100."), "{refused}");
        }
        for json in [
            "null",
            "true",
            "[3]",
            "{}",
            "2.5",
            "3.0",
            "1e2",
            "-1",
            "0",
            "101",
            "\"3.0\"",
            "\" 3\"",
            "\"null\"",
            "\"\"",
            "18446744073709551616",
        ] {
            let refused = of("application/json", &format!("{{\"worker_count\": {json}}}")).unwrap_err();
            assert!(refused.ends_with("It has to be a whole number from 1 to 100."), "{refused}");
        }
        let message = |kind, body| of(kind, body).unwrap_err();
        assert!(message(FORM, "workers=3").starts_with("worker_count is missing. "));
        assert!(
            message(FORM, "worker_count=3&worker_count=4")
                .starts_with("worker_count is given more than once. ")
        );
        assert!(message("application/json", "[]").starts_with("The body is no object. "));
        assert_eq!(
            message(FORM, "worker_count=%1b%5B2J"),
            "Invalid worker_count: '\\x1b[2J'. It has to be a whole number from 1 to 100."
        );
    }
}
