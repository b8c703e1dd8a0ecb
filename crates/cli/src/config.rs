//! Configuration files, as Locust's own parser (ConfigArgParse) reads them.
//!
//! Lines of `name = value`, `name: value`, `name value` or `name` alone, with `--` before the name or without,
//! comments after `#` or `;`, lists in brackets; in a file whose name ends in `.toml`, the table `[tool.locust]`.

use crate::args::{Flag, Takes, flags};
use crate::exit::Failure;
use crate::log::Notice;
use crate::settings::{Layer, Origin};

/// The files that are read when they are there, as Locust names them: later ones win.
pub(crate) const DEFAULT_FILES: [&str; 3] = ["~/.locust.conf", "locust.conf", "pyproject.toml"];

/// Largest configuration file, bytes; these are written by hand.
pub(crate) const FILE_BYTES: u64 = 1024 * 1024;

/// Reads `text`, the file called `file`. Unknown names are told, not refused: in Locust they may belong to a
/// locustfile's own arguments.
///
/// # Errors
/// When the file is not of its format, or a switch is neither true nor false.
pub(crate) fn read(file: &str, text: &str, notices: &mut Vec<Notice>) -> Result<Layer, Failure> {
    let items = if file.ends_with(".toml") { toml_items(file, text)? } else { line_items(file, text)? };
    let mut layer = Layer::default();
    for (key, values) in items {
        let Some(flag) = flags::named(key.trim_start_matches('-')) else {
            notices.push(Notice::warning(format!("{file}: {key} is not an option; it is left out")));
            continue;
        };
        if let Some(values) = accepted(flag, values).map_err(|problem| {
            Failure::usage(format!("{file}: {key}: {problem}"), "correct the configuration file")
        })? {
            layer.set(flag, values, Origin::File(file.to_owned()));
        }
    }
    Ok(layer)
}

/// What a configuration file or the environment gives a flag: for a switch `true` or `false`; `None` where the
/// value is empty, which counts as not being there.
///
/// # Errors
/// The problem, for a switch that is neither true nor false, and for a list where one value is wanted.
pub(crate) fn accepted(flag: &Flag, values: Vec<String>) -> Result<Option<Vec<String>>, String> {
    let only = match values.as_slice() {
        [value] => Some(value.as_str()),
        _ => None,
    };
    if only == Some("") {
        return Ok(None);
    }
    match (flag.takes, only) {
        (Takes::Nothing, Some(value)) => match value.to_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Ok(Some(vec!["true".to_owned()])),
            "false" | "no" | "off" | "0" => Ok(Some(vec!["false".to_owned()])),
            _ => Err(format!("`{value}` is neither true nor false")),
        },
        (Takes::Nothing | Takes::One(_), None) => Err("one value is wanted, not a list".to_owned()),
        (Takes::One(_), Some(_)) | (Takes::Many(_) | Takes::Each(_), _) => Ok(Some(values)),
    }
}

/// The elements of `[a, b]`, or the value itself.
pub(crate) fn elements(value: &str) -> Vec<String> {
    let Some(inner) = value.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) else {
        return vec![value.to_owned()];
    };
    match serde_json::from_str::<Vec<serde_json::Value>>(value) {
        Ok(items) => items
            .into_iter()
            .map(|item| match item {
                serde_json::Value::String(text) => text,
                other => other.to_string(),
            })
            .collect(),
        // As people write it: without quotes.
        Err(_) => inner.split(',').map(|item| item.trim().to_owned()).collect(),
    }
}

type Items = Vec<(String, Vec<String>)>;

fn toml_items(file: &str, text: &str) -> Result<Items, Failure> {
    let wrong = |problem: String| Failure::usage(format!("{file}: {problem}"), "correct the TOML");
    let table: toml::Table =
        text.parse().map_err(|error: toml::de::Error| wrong(error.message().to_owned()))?;
    let Some(toml::Value::Table(section)) = table.get("tool").and_then(|tool| tool.get("locust")) else {
        return Ok(Items::new());
    };
    // No option holds a date or a table; such a value is refused where the option is read.
    let plain = |value: &toml::Value| match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Float(number) => number.to_string(),
        toml::Value::Boolean(on) => on.to_string(),
        other => other.type_str().to_owned(),
    };
    let items = section.iter().map(|(key, value)| {
        let values = match value {
            toml::Value::Array(items) => items.iter().map(plain).collect(),
            other => vec![plain(other)],
        };
        (key.clone(), values)
    });
    Ok(items.collect())
}

fn line_items(file: &str, text: &str) -> Result<Items, Failure> {
    let mut items = Items::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';', '[']) || line.starts_with("---") {
            continue;
        }
        let Some((key, value)) = key_and_value(line) else {
            return Err(Failure::usage(
                format!("{file}:{}: `{line}` is not a setting", index + 1),
                "write `name = value`",
            ));
        };
        items.push((key.to_owned(), elements(value)));
    }
    Ok(items)
}

/// The two halves of a line; `true` where there is a name only.
fn key_and_value(line: &str) -> Option<(&str, &str)> {
    let end =
        line.find(|c: char| c.is_whitespace() || matches!(c, ':' | '=' | ';' | '#')).unwrap_or(line.len());
    let (key, rest) = line.split_at(end);
    if key.is_empty() || rest.starts_with([';', '#']) {
        return None;
    }
    let trimmed = rest.trim_start();
    if trimmed.is_empty() || trimmed.starts_with([';', '#']) {
        return Some((key, "true"));
    }
    let value = trimmed.strip_prefix(['=', ':']).unwrap_or(trimmed).trim_start();
    for quote in ['"', '\''] {
        if let Some((quoted, after)) = value.strip_prefix(quote).and_then(|rest| rest.split_once(quote))
            && without_comment(after).is_empty()
        {
            return Some((key, quoted));
        }
    }
    Some((key, without_comment(value)))
}

/// `value` without ` # comment` or ` ; comment`.
fn without_comment(value: &str) -> &str {
    let mut before = ' ';
    for (at, character) in value.char_indices() {
        if matches!(character, '#' | ';') && before.is_whitespace() {
            return value[..at].trim_end();
        }
        before = character;
    }
    value.trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> String {
        match line_items("locust.conf", text) {
            Ok(items) => items.iter().map(|(key, values)| format!("{key}={}\n", values.join("|"))).collect(),
            Err(failure) => failure.to_string(),
        }
    }

    #[test]
    fn lines_as_configargparse_reads_them() {
        let text = "
# a comment
; another
[section]
--- yaml style
users = 10
spawn-rate: 2.5
--host http://localhost # the target
headless
headless2   ; comment
csv=a#b
profile = \"night # run\" # quoted
tags = [a, b ,c]
exclude-tags = [\"x\", 5]
logfile =
json-file = 'a'b'
";
        insta::assert_snapshot!(lines(text), @r"
        users=10
        spawn-rate=2.5
        --host=http://localhost
        headless=true
        headless2=true
        csv=a#b
        profile=night # run
        tags=a|b|c
        exclude-tags=x|5
        logfile=
        json-file='a'b'
        ");
    }

    #[test]
    fn a_line_without_a_name_is_refused() {
        insta::assert_snapshot!(lines("users = 1\n= 2\n"), @r"
        error: locust.conf:2: `= 2` is not a setting
          help: write `name = value`
        ");
    }

    fn toml(text: &str) -> String {
        let mut notices = Vec::new();
        match read("pyproject.toml", text, &mut notices) {
            Ok(layer) => {
                let set = flags::all().filter_map(|flag| Some((flag.long, layer.get(flag)?)));
                let mut shown: String =
                    set.map(|(name, setting)| format!("{name}={}\n", setting.values.join("|"))).collect();
                notices.iter().for_each(|notice| shown += &format!("{notice}\n"));
                shown
            }
            Err(failure) => failure.to_string(),
        }
    }

    #[test]
    fn toml_as_locust_reads_it() {
        let text = "
[tool.other]
users = 99
[tool.locust]
users = 10
spawn-rate = 2.5
headless = true
only-summary = false
host = \"http://localhost\"
tags = [\"a\", \"b\"]
custom = 1
";
        insta::assert_snapshot!(toml(text), @r"
        host=http://localhost
        users=10
        spawn-rate=2.5
        tags=a|b
        only-summary=false
        headless=true
        WARNING: pyproject.toml: custom is not an option; it is left out
        ");
        insta::assert_snapshot!(toml("[tool.poetry]\nname = \"x\"\n"), @"");
        insta::assert_snapshot!(toml("[tool.locust]\nheadless = \"maybe\"\n"), @r"
        error: pyproject.toml: headless: `maybe` is neither true nor false
          help: correct the configuration file
        ");
        insta::assert_snapshot!(toml("[tool.locust]\nusers = [1, 2]\n"), @r"
        error: pyproject.toml: users: one value is wanted, not a list
          help: correct the configuration file
        ");
        insta::assert_snapshot!(toml("[tool.locust\n"), @r"
        error: pyproject.toml: unclosed table, expected `]`
          help: correct the TOML
        ");
    }
}
