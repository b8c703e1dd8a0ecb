//! Text that strangers wrote, made safe to show.

use std::borrow::Cow;
use std::fmt::Write as _;

/// `text` with control characters, and those that change the direction of writing, shown as escapes, so that
/// neither a request's name nor a server's error can move the cursor, start a line or colour the terminal.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(acts) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            _ if acts(character) && u32::from(character) < 0x100 => {
                _ = write!(shown, "\\x{:02x}", u32::from(character));
            }
            _ if acts(character) => _ = write!(shown, "\\u{{{:x}}}", u32::from(character)),
            _ => shown.push(character),
        }
    }
    Cow::Owned(shown)
}

/// Whether a terminal does something other than draw it.
fn acts(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, shown: &str) {
        assert_eq!(visible(text), shown);
    }

    #[test]
    fn what_acts_on_a_terminal_is_shown_as_an_escape() {
        check("/shop/ü?q=1", "/shop/ü?q=1");
        check("a\r\nb\tc", "a\\r\\nb\\tc");
        check("\u{1b}[31mred\u{7}", "\\x1b[31mred\\x07");
        check("abc\u{202e}txt", "abc\\u{202e}txt");
        check("\u{9b}2J", "\\x9b2J");
    }

    #[test]
    fn harmless_text_is_not_copied() {
        assert!(matches!(visible("/fine"), Cow::Borrowed(_)));
    }
}
