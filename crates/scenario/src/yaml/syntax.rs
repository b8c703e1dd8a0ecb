//! What is said about text that is no YAML.

use super::quote::excerpt;
use crate::problem::Problem;

/// The problem of a parser's complaint `info` at the byte `at` of `text`, in which the document begins at `start`.
pub(super) fn problem(text: &str, start: usize, at: usize, info: &str) -> Problem {
    if let Some(tab) = tab_before(text, start, at) {
        return Problem::new(tab..tab + 1, "a tab in the indentation", "indent with spaces");
    }
    let end = text[at..].chars().next().map_or(at, |next| at + next.len_utf8());
    let has = |words: &[&str]| words.iter().any(|word| info.contains(word));
    let remedy = if has(&["unknown anchor"]) {
        "an alias (`*name`) needs an anchor (`&name`) before it; put quotes around text that begins with `*`"
    } else if has(&["quoted scalar"]) {
        "close the quotes, and write `\\\\` for a backslash between double quotes"
    } else if has(&["flow"]) {
        "close brackets with `]` and braces with `}`, and separate what is in them by commas"
    } else if has(&["mapping values", "simple key", "expected key", "block collection", "indentation"]) {
        "line up keys of one mapping, and put quotes around text that contains `: `"
    } else if has(&["character", "start any token"]) {
        "put quotes around text that begins with a special character"
    } else {
        "check the indentation and the quotes here and on the line before"
    };
    Problem::new(at..end, format!("this is not YAML: {}", excerpt(info)), remedy)
}

/// A tab among the white space that begins a line, on the line of `at` or the one before it.
fn tab_before(text: &str, start: usize, at: usize) -> Option<usize> {
    let line = text[..at].rfind('\n').map_or(start, |newline| newline + 1).max(start);
    let before =
        text[start..line.saturating_sub(1).max(start)].rfind('\n').map_or(start, |place| start + place + 1);
    [line, before].into_iter().find_map(|first| {
        let rest = &text[first..];
        let indent = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        rest[..indent].find('\t').map(|tab| first + tab)
    })
}
