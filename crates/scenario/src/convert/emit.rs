//! Writes YAML as a person would: plain text where it is safe, one line where it fits, block text where there are
//! lines.
//!
//! Only what the reader of this crate takes back exactly is written; property tests hold the two together.

use std::fmt::{Display, Write as _};

/// Widest line that is filled on purpose, columns.
const WIDTH: usize = 100;

/// A document.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Yaml {
    /// Text, with quotes where it would be something else without them.
    Text(String),
    /// A number, truth value or duration, as it stands.
    Raw(String),
    /// Items, each on lines of its own.
    List(Vec<Self>),
    /// Keys and values, each on lines of its own.
    Map(Vec<(String, Self)>),
    /// A list or mapping that stands on one line if it fits.
    Short(Box<Self>),
    /// With a comment above.
    Noted(String, Box<Self>),
}

impl Yaml {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub(super) fn raw(value: &dyn Display) -> Self {
        Self::Raw(value.to_string())
    }

    /// A mapping that stands on one line if it fits.
    pub(super) fn short(entries: Vec<(String, Self)>) -> Self {
        Self::Short(Box::new(Self::Map(entries)))
    }
}

/// The text of a document whose root is a mapping.
pub(super) fn emit(root: &[(String, Yaml)]) -> String {
    let mut out = String::new();
    map(&mut out, root, 0, false);
    out
}

/// Lines of `text` behind `# `, broken between words.
pub(super) fn comment(out: &mut String, text: &str, indent: usize) {
    let room = WIDTH.saturating_sub(indent + 2);
    let mut line = String::new();
    let end = |out: &mut String, line: &mut String| {
        let _ = writeln!(out, "{:indent$}# {line}", "");
        line.clear();
    };
    for word in text.split_whitespace() {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > room {
            end(out, &mut line);
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.extend(word.chars().map(|c| if is_visible(c) { c } else { '?' }));
    }
    if !line.is_empty() {
        end(out, &mut line);
    }
}

/// `inline`: the first key stands on the line that is already begun.
fn map(out: &mut String, entries: &[(String, Yaml)], indent: usize, mut inline: bool) {
    for (key, value) in entries {
        let value = match value {
            Yaml::Noted(note, inner) if !inline => {
                comment(out, note, indent);
                inner
            }
            value => value,
        };
        if !inline {
            pad(out, indent);
        }
        inline = false;
        out.push_str(&scalar(key, true));
        out.push(':');
        below(out, value, indent);
    }
}

fn list(out: &mut String, items: &[Yaml], indent: usize, mut inline: bool) {
    for item in items {
        let item = match item {
            Yaml::Noted(note, inner) if !inline => {
                comment(out, note, indent);
                inner
            }
            item => item,
        };
        if !inline {
            pad(out, indent);
        }
        inline = false;
        out.push('-');
        match unwrapped(item, column(out) + 1) {
            Yaml::Map(entries) if !entries.is_empty() => {
                out.push(' ');
                map(out, entries, indent + 2, true);
            }
            Yaml::List(items) if !items.is_empty() => {
                out.push(' ');
                list(out, items, indent + 2, true);
            }
            _ => below(out, item, indent),
        }
    }
}

/// What follows a colon, or a dash before anything but a collection.
fn below(out: &mut String, value: &Yaml, indent: usize) {
    match unwrapped(value, column(out) + 1) {
        Yaml::Map(entries) if !entries.is_empty() => {
            out.push('\n');
            map(out, entries, indent + 2, false);
        }
        Yaml::List(items) if !items.is_empty() => {
            out.push('\n');
            list(out, items, indent + 2, false);
        }
        Yaml::Text(text) if is_block(text) => {
            out.push_str(if text.ends_with('\n') { " |\n" } else { " |-\n" });
            for line in text.lines() {
                if !line.is_empty() {
                    pad(out, indent + 2);
                    out.push_str(line);
                }
                out.push('\n');
            }
        }
        Yaml::Text(text) => {
            let _ = writeln!(out, " {}", scalar(text, false));
        }
        value => {
            let _ = writeln!(out, " {}", flow(value).unwrap_or_default());
        }
    }
}

/// What is to be written in blocks; a [`Yaml::Short`] that fits is left as it is.
fn unwrapped(value: &Yaml, column: usize) -> &Yaml {
    match value {
        Yaml::Noted(_, inner) => unwrapped(inner, column),
        Yaml::Short(inner) => match flow(inner) {
            Some(line) if column + line.chars().count() <= WIDTH => value,
            _ => inner,
        },
        value => value,
    }
}

/// The value on one line; `None` where it holds text that wants lines of its own.
fn flow(value: &Yaml) -> Option<String> {
    Some(match value {
        Yaml::Text(text) if is_block(text) => return None,
        Yaml::Text(text) => scalar(text, true),
        Yaml::Raw(text) => text.clone(),
        Yaml::Short(inner) | Yaml::Noted(_, inner) => flow(inner)?,
        Yaml::List(items) => {
            let items: Option<Vec<_>> = items.iter().map(flow).collect();
            format!("[{}]", items?.join(", "))
        }
        Yaml::Map(entries) if entries.is_empty() => "{}".to_owned(),
        Yaml::Map(entries) => {
            let pair =
                |(key, value): &(String, Yaml)| Some(format!("{}: {}", scalar(key, true), flow(value)?));
            let pairs: Option<Vec<_>> = entries.iter().map(pair).collect();
            format!("{{ {} }}", pairs?.join(", "))
        }
    })
}

fn pad(out: &mut String, indent: usize) {
    out.extend(std::iter::repeat_n(' ', indent));
}

/// How wide the last line is by now.
fn column(out: &str) -> usize {
    out[out.rfind('\n').map_or(0, |end| end + 1)..].chars().count()
}

/// Text on one line; `guarded` where a comma or bracket would end it: as a key, or between brackets.
fn scalar(text: &str, guarded: bool) -> String {
    if is_plain(text) && !(guarded && text.contains([',', '[', ']', '{', '}', ':'])) {
        return text.to_owned();
    }
    if text.contains(['"', '\\']) && text.chars().all(is_visible) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_visible(c) => out.push(c),
            c => {
                let code = u32::from(c);
                let _ = match code {
                    0..0x100 => write!(out, "\\x{code:02x}"),
                    0x100..0x1_0000 => write!(out, "\\u{code:04x}"),
                    _ => write!(out, "\\U{code:08x}"),
                };
            }
        }
    }
    out.push('"');
    out
}

/// Whether the text means itself without quotes, for this crate's reader and for those of YAML 1.1.
fn is_plain(text: &str) -> bool {
    const WORDS: [&str; 10] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan"];
    let begins = text.starts_with(|c: char| c.is_alphabetic() || "/_$(^+.;".contains(c))
        // What begins as a number does is quoted, even if it goes on otherwise.
        && !text.trim_start_matches(['+', '.']).starts_with(|c: char| c.is_ascii_digit());
    begins
        && !text.starts_with("..")
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && text.chars().all(is_visible)
        && !WORDS.iter().any(|word| text.trim_start_matches(['+', '.']).eq_ignore_ascii_case(word))
        && !["inf", "+.inf", ".inf"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Whether the text stands as a block: several lines, none of which a reader could mistake.
fn is_block(text: &str) -> bool {
    let body = text.strip_suffix('\n').unwrap_or(text);
    body.contains('\n')
        && !body.ends_with('\n')
        && !body.starts_with([' ', '\t', '\n'])
        && body.chars().all(|c| c == '\n' || c == '\t' || is_visible(c))
        && body.lines().all(|line| !line.ends_with([' ', '\t']))
}

/// Whether a person sees the character for what it is: no control, and nothing that turns or hides text.
fn is_visible(c: char) -> bool {
    let hidden = ['\u{ad}', '\u{61c}', '\u{feff}', '\u{fffe}', '\u{ffff}'].contains(&c)
        || ('\u{200b}'..='\u{200f}').contains(&c)
        || ('\u{2028}'..='\u{202e}').contains(&c)
        || ('\u{2060}'..='\u{206f}').contains(&c)
        || c > '\u{e0000}';
    !c.is_control() && !hidden && (c == ' ' || !c.is_whitespace())
}
