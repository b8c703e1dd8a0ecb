//! JSON paths, and tests of what they find.

use super::check::{count, empty, unmatched};
use super::{Fault, expect, words};
use crate::limits;
use akrida_scenario::expr::{Frame, Value};
use akrida_scenario::model::Test;
use serde_json::Value as Json;
use serde_json_path::JsonPath;
use std::borrow::Cow;

/// What a path finds.
pub(super) struct Found<'a> {
    /// The path as it is shown.
    what: Cow<'a, str>,
    pub(super) items: Vec<&'a Json>,
}

impl<'a> Found<'a> {
    pub(super) fn new(text: &'a str, path: &JsonPath, json: &'a Json) -> Result<Self, Fault> {
        let what = words::short(text);
        let most = searched(text);
        if most < usize::MAX && !has_at_most(most, json) {
            return Err(Fault::Wrong(format!("{what} is not looked for in more than {most} values")));
        }
        Ok(Self { items: path.query(json).all(), what })
    }

    /// The one list that was found, or else all that was.
    fn count(&self) -> usize {
        match self.items.as_slice() {
            [Json::Array(items)] => items.len(),
            items => items.len(),
        }
    }
}

/// In how many values a path is looked for. Most paths take time and memory linear in the answer. One with several
/// `..` finds the same value again and again, and a filter may look through the whole answer, or compile an
/// expression, for each value.
fn searched(path: &str) -> usize {
    let descents = path.matches("..").count();
    let filter = path.split_once('?').map_or("", |(_, filter)| filter);
    if ["$", "match", "search"].iter().any(|word| filter.contains(word)) || descents > 2 {
        limits::JSON_SEARCHED / 20
    } else if descents == 2 || filter.contains("..") {
        limits::JSON_SEARCHED
    } else {
        usize::MAX
    }
}

/// Whether `json` has no more than `most` values. It is nested no deeper than its reader allows.
fn has_at_most(most: usize, json: &Json) -> bool {
    fn room(left: usize, json: &Json) -> Option<usize> {
        let left = left.checked_sub(1)?;
        match json {
            Json::Array(items) => items.iter().try_fold(left, room),
            Json::Object(members) => members.values().try_fold(left, room),
            _ => Some(left),
        }
    }
    room(most, json).is_some()
}

/// Each find must pass. Where nothing is found nothing passes, but that something is lacking or missing.
pub(super) fn passes(found: &Found<'_>, test: &Test, frame: &mut Frame<'_>) -> Result<(), Fault> {
    let (what, items) = (&*found.what, &found.items);
    let each = |holds: &dyn Fn(&Json) -> bool| {
        if items.is_empty() {
            Err(Fault::Wrong(empty(what, true)))
        } else {
            Ok(items.iter().all(|item| holds(item)))
        }
    };
    match test {
        Test::Exists(wanted) => expect(*wanted != items.is_empty(), || empty(what, *wanted)),
        Test::Count(wanted) => count(what, found.count(), wanted, frame),
        Test::Contains(part) => {
            let text = part.render(frame)?;
            let holds = each(&|item| contains(item, &text))?;
            expect(holds, || format!("{what} does not contain {}", words::template(part)))
        }
        Test::Lacks(part) => {
            let text = part.render(frame)?;
            let holds = !items.iter().any(|item| contains(item, &text));
            expect(holds, || format!("{what} contains {}", words::template(part)))
        }
        Test::Matches(regex) => {
            expect(each(&|item| regex.is_match(&text_of(item)))?, || unmatched(what, regex))
        }
        Test::Equals(wanted) => {
            let value = wanted.eval(frame)?;
            let holds = each(&|item| equals(item, &value))?;
            expect(holds, || {
                let other = items.iter().find(|item| !equals(item, &value));
                let came = other.filter(|item| !is_like(item, &value)).map(|item| words::kind(item));
                let came = came.map(|kind| format!(", but {kind}")).unwrap_or_default();
                format!("{what} is not {}{came}", words::expr(wanted))
            })
        }
    }
}

/// As Python's `==` after `json.loads()`.
fn equals(json: &Json, value: &Value) -> bool {
    match (json, value) {
        (Json::String(text), Value::Str(wanted)) => **text == **wanted,
        (Json::String(_), _) | (_, Value::Str(_)) => false,
        _ => Value::from_json(json) == *value,
    }
}

/// Whether both are of one kind, so that naming the kind would tell nothing.
fn is_like(json: &Json, value: &Value) -> bool {
    matches!(
        (json, value),
        (Json::Number(_), Value::Int(_) | Value::Float(_))
            | (Json::String(_), Value::Str(_))
            | (Json::Array(_), Value::List(_))
            | (Json::Object(_), Value::Dict(_))
    )
}

/// Whether a text holds another, a list has an item, or an object has a key.
fn contains(json: &Json, part: &str) -> bool {
    match json {
        Json::Array(items) => items.iter().any(|item| text_of(item) == part),
        Json::Object(members) => members.contains_key(part),
        other => text_of(other).contains(part),
    }
}

/// Text as it is, anything else as JSON.
fn text_of(json: &Json) -> Cow<'_, str> {
    match json {
        Json::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_string()),
    }
}
