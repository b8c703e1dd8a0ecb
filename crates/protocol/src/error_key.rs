//! The key under which Locust files a failure.

use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// The key of an error row: SHA-256, in hexadecimal, of method, name and Python's `repr` of the text. Rows of
/// Akrida's and Locust's workers share a row on either master only if both compute the same.
#[must_use]
pub fn error_key(method: &str, name: &str, error: &str) -> String {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(format!("{method}.{name}.{}", python_repr(error))) {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// What Python's `repr` makes of a text.
fn python_repr(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut repr = String::with_capacity(text.len() + 2);
    repr.push(quote);
    for c in text.chars() {
        let _ = match c {
            '\\' => write!(repr, "\\\\"),
            '\n' => write!(repr, "\\n"),
            '\r' => write!(repr, "\\r"),
            '\t' => write!(repr, "\\t"),
            c if c == quote => write!(repr, "\\{c}"),
            c if is_printable(c) => write!(repr, "{c}"),
            c if c < '\u{100}' => write!(repr, "\\x{:02x}", u32::from(c)),
            c if c < '\u{10000}' => write!(repr, "\\u{:04x}", u32::from(c)),
            c => write!(repr, "\\U{:08x}", u32::from(c)),
        };
    }
    repr.push(quote);
    repr
}

/// What Python calls printable: no control, format, surrogate, private or unassigned character, and no separator
/// but the space. Rust's escapes follow the same definition, save that a combining character is escaped where it
/// comes first; so it is asked about second.
fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return !c.is_ascii_control();
    }
    let mut after_a_letter = ['a', ' '];
    after_a_letter[1] = c;
    let text: String = after_a_letter.iter().collect();
    text.escape_debug().nth(1) == Some(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_quoted_as_python_quotes() {
        for (text, repr) in [
            ("", "''"),
            ("plain", "'plain'"),
            ("it's", "\"it's\""),
            ("a \"word\"", "'a \"word\"'"),
            ("it's a \"word\"", "'it\\'s a \"word\"'"),
            ("a\\b\n\r\t", "'a\\\\b\\n\\r\\t'"),
            ("\0\x1b\x7f\u{80}\u{a0}\u{ad}", "'\\x00\\x1b\\x7f\\x80\\xa0\\xad'"),
            ("\u{378}\u{200b}\u{2028}\u{3000}\u{feff}", "'\\u0378\\u200b\\u2028\\u3000\\ufeff'"),
            ("\u{e0001}\u{10ffff}", "'\\U000e0001\\U0010ffff'"),
            ("é\u{301}☃𝄞", "'é\u{301}☃𝄞'"),
            ("\u{301}", "'\u{301}'"),
        ] {
            assert_eq!(python_repr(text), repr);
        }
    }
}
