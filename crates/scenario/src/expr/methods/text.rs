//! Methods of text that look for a part of it, and take it apart or put it together.

use super::collections::bound;
use crate::expr::call::{Method, argument, given, integer, text_at, type_error, value_error};
use crate::expr::eval::Run;
use crate::expr::items::Items;
use crate::expr::operators::whole;
use crate::expr::{EvalError, Value};

pub(crate) static METHODS: &[Method] = &[
    Method::new("endswith", &["suffix"], 1, |value, arguments, _| {
        value.as_str().map(|text| affix(arguments, |part| text.ends_with(part)))
    }),
    Method::new("find", &["sub", "start", "end"], 1, |value, arguments, run| {
        value.as_str().map(|text| place(find(text, arguments, false, run)))
    }),
    Method::new("join", &["iterable"], 1, |value, arguments, run| {
        value.as_str().map(|text| join(text, arguments, run))
    }),
    Method::new("lstrip", &["chars"], 0, |value, arguments, run| {
        value.as_str().map(|text| strip(text, (true, false), arguments, run))
    }),
    Method::new("partition", &["sep"], 1, |value, arguments, run| {
        value.as_str().map(|text| partition(text, false, arguments, run))
    }),
    Method::new("removeprefix", &["prefix"], 1, |value, arguments, run| {
        value.as_str().map(|text| {
            let prefix = text_at(arguments, 0)?;
            run.text(text.strip_prefix(prefix).unwrap_or(text))
        })
    }),
    Method::new("removesuffix", &["suffix"], 1, |value, arguments, run| {
        value.as_str().map(|text| {
            let suffix = text_at(arguments, 0)?;
            run.text(text.strip_suffix(suffix).unwrap_or(text))
        })
    }),
    Method::new("replace", &["old", "new", "count"], 2, |value, arguments, run| {
        value.as_str().map(|text| replace(text, arguments, run))
    }),
    Method::new("rfind", &["sub", "start", "end"], 1, |value, arguments, run| {
        value.as_str().map(|text| place(find(text, arguments, true, run)))
    }),
    Method::new("rpartition", &["sep"], 1, |value, arguments, run| {
        value.as_str().map(|text| partition(text, true, arguments, run))
    }),
    Method::new("rsplit", &["sep", "maxsplit"], 0, |value, arguments, run| {
        value.as_str().map(|text| split(text, true, arguments, run))
    }),
    Method::new("rstrip", &["chars"], 0, |value, arguments, run| {
        value.as_str().map(|text| strip(text, (false, true), arguments, run))
    }),
    Method::new("split", &["sep", "maxsplit"], 0, |value, arguments, run| {
        value.as_str().map(|text| split(text, false, arguments, run))
    }),
    Method::new("splitlines", &["keepends"], 0, |value, arguments, run| {
        value.as_str().map(|text| split_lines(text, given(arguments, 0).is_some_and(Value::truthy), run))
    }),
    Method::new("startswith", &["prefix"], 1, |value, arguments, _| {
        value.as_str().map(|text| affix(arguments, |part| text.starts_with(part)))
    }),
    Method::new("strip", &["chars"], 0, |value, arguments, run| {
        value.as_str().map(|text| strip(text, (true, true), arguments, run))
    }),
];

/// What Python takes for space in a text.
pub(crate) fn is_space(character: char) -> bool {
    character.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&character)
}

/// A count that may be missing; negative means without end.
fn count(arguments: &[Value], place: usize) -> Result<Option<usize>, EvalError> {
    match given(arguments, place) {
        None => Ok(None),
        Some(value) => Ok(usize::try_from(integer(value)?).ok()),
    }
}

fn affix(arguments: &[Value], matches: impl Fn(&str) -> bool) -> Result<Value, EvalError> {
    match argument(arguments, 0) {
        Value::List(parts) => Ok(Value::Bool(parts.iter().any(|part| part.as_str().is_some_and(&matches)))),
        _ => Ok(Value::Bool(matches(text_at(arguments, 0)?))),
    }
}

/// Where a part begins for the first or last time, characters.
pub(super) fn find(
    text: &str,
    arguments: &[Value],
    last: bool,
    run: &mut Run<'_, '_>,
) -> Result<Option<i64>, EvalError> {
    let part = text_at(arguments, 0)?;
    run.look_through(text.len())?;
    let (mut from, mut to) = (0, text.len());
    if given(arguments, 1).is_some() || given(arguments, 2).is_some() {
        let length = text.chars().count();
        let start = match argument(arguments, 1) {
            Value::Unset | Value::None => 0,
            // Beyond the end there is not even nothing to be found.
            start
                if integer(start)
                    .is_ok_and(|start| usize::try_from(start).is_ok_and(|start| start > length)) =>
            {
                return Ok(None);
            }
            start => bound(start, length)?,
        };
        let stop = given(arguments, 2).map_or(Ok(length), |stop| bound(stop, length))?;
        if start > stop {
            return Ok(None);
        }
        let at = |place: usize| text.char_indices().nth(place).map_or(text.len(), |(offset, _)| offset);
        (from, to) = (at(start), at(stop));
    }
    let within = &text[from..to];
    let found = if last { within.rfind(part) } else { within.find(part) };
    Ok(found.and_then(|at| i64::try_from(text[..from + at].chars().count()).ok()))
}

/// As `find()` tells it.
fn place(found: Result<Option<i64>, EvalError>) -> Result<Value, EvalError> {
    whole(Some(found?.unwrap_or(-1)))
}

fn strip(
    text: &str,
    (left, right): (bool, bool),
    arguments: &[Value],
    run: &mut Run<'_, '_>,
) -> Result<Value, EvalError> {
    let characters = match argument(arguments, 0) {
        Value::None | Value::Unset => None,
        _ => Some(text_at(arguments, 0)?),
    };
    run.work(text.len().saturating_mul(characters.map_or(1, str::len)) / 32)?;
    let matches = |character: char| match characters {
        None => is_space(character),
        Some(characters) => characters.contains(character),
    };
    let text = if left { text.trim_start_matches(matches) } else { text };
    run.text(if right { text.trim_end_matches(matches) } else { text })
}

fn replace(text: &str, arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let (old, new) = (text_at(arguments, 0)?, text_at(arguments, 1)?);
    let most = count(arguments, 2)?.unwrap_or(usize::MAX);
    run.look_through(text.len())?;
    let found = text.matches(old).take(most).count();
    run.charge(text.len().saturating_add(found.saturating_mul(new.len())))?;
    Ok(text.replacen(old, new, most).into())
}

fn partition(text: &str, last: bool, arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let separator = text_at(arguments, 0)?;
    if separator.is_empty() {
        return Err(value_error("empty separator"));
    }
    run.look_through(text.len())?;
    let found = if last { text.rsplit_once(separator) } else { text.split_once(separator) };
    let parts = match (found, last) {
        (Some((before, after)), _) => [before, separator, after],
        (None, false) => [text, "", ""],
        (None, true) => ["", "", text],
    };
    let parts = parts.into_iter().map(|part| run.text(part)).collect::<Result<_, _>>()?;
    run.list(parts)
}

fn split(text: &str, from_end: bool, arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let most = count(arguments, 1)?;
    // Before they are collected: a text may have as many pieces as bytes.
    run.charge(text.len())?;
    let mut pieces: Vec<&str> = match argument(arguments, 0) {
        Value::None | Value::Unset => split_at_spaces(text, from_end, most),
        _ => {
            let separator = text_at(arguments, 0)?;
            if separator.is_empty() {
                return Err(value_error("empty separator"));
            }
            let pieces = most.map_or(usize::MAX, |most| most.saturating_add(1));
            run.charge_items(text.matches(separator).count().min(pieces))?;
            if from_end {
                text.rsplitn(pieces, separator).collect()
            } else {
                text.splitn(pieces, separator).collect()
            }
        }
    };
    if from_end {
        pieces.reverse();
    }
    run.charge_items(pieces.len())?;
    run.list(pieces.into_iter().map(Value::from).collect())
}

/// From the end, the last piece comes first.
fn split_at_spaces(text: &str, from_end: bool, most: Option<usize>) -> Vec<&str> {
    let mut pieces = Vec::new();
    let trim = |text| match from_end {
        true => str::trim_end_matches(text, is_space),
        false => str::trim_start_matches(text, is_space),
    };
    let mut rest = trim(text);
    while !rest.is_empty() {
        let whole = most == Some(pieces.len());
        let (piece, after) = match from_end {
            _ if whole => (rest, ""),
            false => rest.split_at(rest.find(is_space).unwrap_or(rest.len())),
            true => {
                let space = rest.char_indices().rev().find(|(_, character)| is_space(*character));
                let end = space.map_or(0, |(place, character)| place + character.len_utf8());
                let (before, piece) = rest.split_at(end);
                (piece, before)
            }
        };
        pieces.push(piece);
        rest = trim(after);
    }
    pieces
}

fn split_lines(text: &str, keep_ends: bool, run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let ends = |character: char| {
        matches!(
            character,
            '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}'
        )
    };
    let mut lines = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        run.charge_items(1)?;
        let end = rest.find(ends).unwrap_or(rest.len());
        let (line, after) = rest.split_at(end);
        let width = match after.strip_prefix("\r\n") {
            Some(_) => 2,
            None => after.chars().next().map_or(0, char::len_utf8),
        };
        lines.push(run.text(if keep_ends { &rest[..end + width] } else { line })?);
        rest = &after[width..];
    }
    run.list(lines)
}

fn join(separator: &str, arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let iterable = Items::of(argument(arguments, 0)).map_err(|_| type_error("can only join an iterable"))?;
    let mut text = String::new();
    for (place, item) in iterable.enumerate() {
        run.step()?;
        let Some(piece) = item.as_str() else {
            let found = item.type_name();
            return Err(type_error(&format!("sequence item {place}: expected str instance, {found} found")));
        };
        run.charge(piece.len() + separator.len())?;
        if place > 0 {
            text.push_str(separator);
        }
        text.push_str(piece);
    }
    Ok(text.into())
}
