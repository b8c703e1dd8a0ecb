//! The module `re`, by a library whose searches take time linear in the text. Patterns are compiled when the file is
//! loaded: here they arrive as [`Object::Pattern`].

use crate::expr::call::{Function, argument, integer_at, text_at, type_error, value_error};
use crate::expr::eval::Run;
use crate::expr::object::{Match, Object};
use crate::expr::{EvalError, Value};
use crate::limits::{COMPILED_BYTES, COMPILED_DEPTH};
use regex::{Captures, Regex, RegexBuilder};
use std::sync::Arc;

pub(crate) static FUNCTIONS: &[Function] = &[
    Function::fixed("re.findall", &["pattern", "string"], 2, find_all),
    Function::fixed("re.fullmatch", &["pattern", "string"], 2, search),
    Function::fixed("re.match", &["pattern", "string"], 2, search),
    Function::fixed("re.search", &["pattern", "string"], 2, search),
    Function::fixed("re.split", &["pattern", "string", "maxsplit"], 2, split),
    Function::fixed("re.sub", &["pattern", "repl", "string", "count"], 3, substitute),
];

/// How much of the rest of a text a search may look at for one step. It may look at all of it for each match.
const SCANNED: usize = 256;

/// The pattern that `function` of this module is given, compiled. The error says what is wrong with it.
pub(crate) fn compile(function: &str, pattern: &str) -> Result<Value, String> {
    let whole = match function {
        "re.match" => format!(r"\A(?:{pattern})"),
        "re.fullmatch" => format!(r"\A(?:{pattern})\z"),
        _ => pattern.to_owned(),
    };
    let built = RegexBuilder::new(&whole)
        .size_limit(COMPILED_BYTES)
        .dfa_size_limit(COMPILED_BYTES)
        .nest_limit(COMPILED_DEPTH)
        .build();
    match built {
        Ok(regex) => Ok(Value::Object(Arc::new(Object::Pattern(Box::new(regex))))),
        Err(regex::Error::CompiledTooBig(_)) => Err("it is too large".to_owned()),
        // The last line of the message is the reason; those before it show the place.
        Err(error) => {
            let text = error.to_string();
            Err(text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned())
        }
    }
}

/// The pattern and the text, after the search was paid for.
fn prepared<'v>(
    arguments: &'v [Value],
    place: usize,
    run: &mut Run<'_, '_>,
) -> Result<(&'v Regex, &'v str), EvalError> {
    let Value::Object(object) = argument(arguments, 0) else { return Err(not_compiled()) };
    let Object::Pattern(pattern) = &**object else { return Err(not_compiled()) };
    let text = argument(arguments, place);
    let Some(text) = text.as_str() else {
        let words = format!("expected string or bytes-like object, got '{}'", text.type_name());
        return Err(type_error(&words));
    };
    run.work((text.len() / 16).saturating_mul(1 + pattern.as_str().len() / 32))?;
    Ok((pattern, text))
}

fn not_compiled() -> EvalError {
    type_error("a pattern must be text that is known before the run")
}

fn search(arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let (pattern, text) = prepared(arguments, 1, run)?;
    let Some(found) = pattern.captures(text) else { return Ok(Value::None) };
    let groups = groups(&found, run)?;
    let (start, end) = found.get(0).map_or((0, 0), |whole| (whole.start(), whole.end()));
    run.look_through(end)?;
    let start = text[..start].chars().count();
    let span = (start, start + found.get(0).map_or(0, |whole| whole.as_str().chars().count()));
    let names = pattern.capture_names().enumerate();
    let names = names.filter_map(|(place, name)| name.map(|name| (name.into(), place))).collect();
    Ok(Value::Object(Arc::new(Object::Match(Match { groups, names, span }))))
}

/// Each match. As in Python, and other than the library's own iterator has it, one that is empty may follow one that
/// is not.
fn matches<'t>(pattern: &Regex, text: &'t str) -> impl Iterator<Item = Captures<'t>> {
    let mut start = Some(0);
    std::iter::from_fn(move || {
        let found = pattern.captures_at(text, start?)?;
        let whole = found.get(0)?;
        start = match text[whole.end()..].chars().next() {
            _ if !whole.is_empty() => Some(whole.end()),
            Some(skipped) => Some(whole.end() + skipped.len_utf8()),
            None => None,
        };
        Some(found)
    })
}

/// The whole, and what each group found.
fn groups(found: &Captures<'_>, run: &mut Run<'_, '_>) -> Result<Vec<Value>, EvalError> {
    run.charge_items(found.len())?;
    let groups = found.iter().map(|group| group.map_or(Ok(Value::None), |group| run.text(group.as_str())));
    groups.collect()
}

/// What findall and split make of groups: those without a match are empty or None.
fn find_all(arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let (pattern, text) = prepared(arguments, 1, run)?;
    let mut all = Vec::new();
    for found in matches(pattern, text) {
        let start = found.get(0).map_or(0, |whole| whole.start());
        run.work(1 + (text.len() - start) / SCANNED)?;
        let groups = groups(&found, run)?.into_iter().map(|group| match group {
            Value::None => Value::from(""),
            group => group,
        });
        let mut groups: Vec<Value> = groups.collect();
        all.push(match groups.len() {
            1 | 2 => groups.pop().unwrap_or_default(),
            _ => {
                groups.remove(0);
                run.list(groups)?
            }
        });
        run.charge_items(1)?;
    }
    run.list(all)
}

fn split(arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let (pattern, text) = prepared(arguments, 1, run)?;
    let most = most(arguments, 2)?;
    let mut pieces = Vec::new();
    let mut end = 0;
    for found in matches(pattern, text).take(most) {
        let Some(whole) = found.get(0) else { continue };
        run.work(1 + (text.len() - whole.start()) / SCANNED)?;
        run.charge_items(1)?;
        pieces.push(run.text(&text[end..whole.start()])?);
        pieces.extend(groups(&found, run)?.into_iter().skip(1));
        end = whole.end();
    }
    pieces.push(run.text(&text[end..])?);
    run.list(pieces)
}

/// A count of which 0 means without end.
fn most(arguments: &[Value], place: usize) -> Result<usize, EvalError> {
    Ok(match integer_at(arguments, place, 0)? {
        0 => usize::MAX,
        count => usize::try_from(count).unwrap_or(0),
    })
}

fn substitute(arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let (pattern, text) = prepared(arguments, 2, run)?;
    let replacement = replacement(text_at(arguments, 1)?, pattern)?;
    let most = most(arguments, 3)?;
    let mut made = String::new();
    let mut end = 0;
    for found in matches(pattern, text).take(most) {
        let Some(whole) = found.get(0) else { continue };
        run.work(1 + (text.len() - whole.start()) / SCANNED)?;
        let before = made.len();
        made.push_str(&text[end..whole.start()]);
        for piece in &replacement {
            made.push_str(match piece {
                Piece::Text(text) => text,
                Piece::Group(place) => found.get(*place).map_or("", |group| group.as_str()),
            });
        }
        run.charge(made.len() - before)?;
        end = whole.end();
    }
    made.push_str(&text[end..]);
    run.written(made)
}

/// A part of what is put in for a match.
enum Piece {
    Text(String),
    Group(usize),
}

/// Reads `\1`, `\g<1>` and `\g<name>`.
fn replacement(text: &str, pattern: &Regex) -> Result<Vec<Piece>, EvalError> {
    let error = |words: &str| EvalError::raise("error", words);
    let group = |place: Option<usize>| match place.filter(|place| *place < pattern.captures_len()) {
        Some(place) => Ok(Piece::Group(place)),
        None => Err(error("invalid group reference")),
    };
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        pieces.push(Piece::Text(before.to_owned()));
        let mut characters = after.chars();
        match characters.next() {
            Some('g') => {
                let named = characters.as_str().strip_prefix('<').and_then(|named| named.split_once('>'));
                let (name, after) = named.ok_or_else(|| error("missing <"))?;
                let place = name
                    .parse()
                    .ok()
                    .or_else(|| pattern.capture_names().position(|known| known == Some(name)));
                pieces.push(group(place)?);
                rest = after;
                continue;
            }
            Some(digit @ '1'..='9') => {
                let second = characters.clone().next().and_then(|next| next.to_digit(10));
                let first = digit.to_digit(10).unwrap_or(0);
                if second.is_some() {
                    characters.next();
                }
                let place = second.map_or(first, |second| first * 10 + second);
                pieces.push(group(usize::try_from(place).ok())?);
            }
            Some('\\') => pieces.push(Piece::Text("\\".to_owned())),
            Some('n') => pieces.push(Piece::Text("\n".to_owned())),
            Some('t') => pieces.push(Piece::Text("\t".to_owned())),
            Some('r') => pieces.push(Piece::Text("\r".to_owned())),
            Some(other) => return Err(error(&format!("bad escape \\{other}"))),
            None => return Err(value_error("bad escape (end of pattern)")),
        }
        rest = characters.as_str();
    }
    pieces.push(Piece::Text(rest.to_owned()));
    Ok(pieces)
}
