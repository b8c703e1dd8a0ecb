//! How text of a file is put into a message: short, on one line.

/// Most characters of the file that a message repeats.
const CHARS: usize = 60;

/// `text` between backquotes.
#[must_use]
pub fn quote(text: &str) -> String {
    format!("`{}`", excerpt(text))
}

/// The beginning of `text`, with control characters made visible.
pub(super) fn excerpt(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    for c in chars.by_ref().take(CHARS) {
        if c.is_control() {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    if chars.next().is_some() {
        out.push_str("...");
    }
    out
}

/// Words as `a`, `b` or `c`.
#[must_use]
pub fn either<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    list(words, "or")
}

/// Words as `a`, `b` and `c`.
#[must_use]
pub fn all<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    list(words, "and")
}

fn list<'a>(words: impl IntoIterator<Item = &'a str>, last: &str) -> String {
    let words: Vec<String> = words.into_iter().map(quote).collect();
    match words.split_last() {
        Some((end, rest)) if !rest.is_empty() => format!("{} {last} {end}", rest.join(", ")),
        _ => words.concat(),
    }
}

/// The word of `known` that `text` most likely means, if one is close enough.
#[must_use]
pub fn nearest<'a>(text: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if text.chars().count() > CHARS {
        return None; // Nobody means a short word by this, and comparing costs the product of both lengths.
    }
    let lower = text.to_lowercase().replace('-', "_");
    let scored = known.into_iter().map(|word| (strsim::jaro_winkler(&lower, &word.to_lowercase()), word));
    let best = scored.max_by(|(a, _), (b, _)| a.total_cmp(b));
    best.filter(|(score, _)| *score >= 0.8).map(|(_, word)| word)
}
