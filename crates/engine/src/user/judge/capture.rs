//! Captures: what is taken from an answer.

use super::json::Found;
use super::{Fault, Reading, words};
use crate::limits;
use akrida_scenario::expr::{Frame, Value};
use akrida_scenario::json;
use akrida_scenario::model::{Capture, CaptureFrom, Pick};
use regex::Regex;
use scraper::ElementRef;
use std::cell::Cell;

/// Takes what `captures` want. One that is missing fails the request, but not the others: what does not depend on
/// it is there for the steps that follow. The first that is missing is told.
pub(super) fn capture(
    captures: &[Capture],
    reading: &Reading<'_>,
    frame: &mut Frame<'_>,
) -> Result<(), Fault> {
    let mut result = Ok(());
    for capture in captures {
        match take(capture, reading, frame.rng) {
            Ok(value) => frame.set(capture.target, value),
            Err(fault) => result = result.and(Err(named(fault, &capture.name))),
        }
    }
    result
}

fn named(fault: Fault, name: &str) -> Fault {
    match fault {
        Fault::Missing(reason) | Fault::Wrong(reason) => Fault::Wrong(format!("capture {name}: {reason}")),
        Fault::Raised(_) => fault,
    }
}

/// What is captured: the find, or the default where there is none.
fn take(capture: &Capture, reading: &Reading<'_>, rng: &mut fastrand::Rng) -> Result<Value, Fault> {
    let found = match find(&capture.from, capture.pick, reading, rng) {
        Ok(Some(value)) => return Ok(value),
        Ok(None) => Fault::Missing(missing(&capture.from)),
        Err(fault) => fault,
    };
    match (found, &capture.default) {
        (Fault::Missing(_), Some(default)) => Ok(default.clone()),
        (fault, _) => Err(fault),
    }
}

fn missing(from: &CaptureFrom) -> String {
    match from {
        CaptureFrom::Json { text, .. } => format!("{} is not in the answer", words::short(text)),
        CaptureFrom::Regex(regex) => {
            format!("nothing in the answer matches {}", words::short(regex.as_str()))
        }
        CaptureFrom::Header(name) => format!("the answer has no header {name}"),
        CaptureFrom::Cookie(name) => format!("the user has no cookie {name}"),
        CaptureFrom::Css { text, attribute: None, .. } => {
            format!("nothing in the answer is {}", words::short(text))
        }
        CaptureFrom::Css { text, attribute: Some(attribute), .. } => {
            format!("nothing in the answer is {} with {attribute}", words::short(text))
        }
    }
}

fn find(
    from: &CaptureFrom,
    pick: Pick,
    reading: &Reading<'_>,
    rng: &mut fastrand::Rng,
) -> Result<Option<Value>, Fault> {
    // Captured values are bounded all together, whatever `all` gathers.
    let room = Cell::new(akrida_scenario::limits::VALUE_BYTES);
    let text = |text: &str| text_value(text, &room);
    match from {
        CaptureFrom::Json { text, path } => {
            let found = Found::new(text, path, reading.json()?)?;
            choose(pick, found.items.into_iter(), limits::FINDS, rng, |item| Ok(json::value(item)?))
        }
        CaptureFrom::Regex(regex) => {
            let body = reading.text()?;
            let most = limits::FINDS.min(limits::FIND_BYTES / body.len().max(1)).max(1);
            choose(pick, matches(regex, body), most, rng, text)
        }
        CaptureFrom::Header(name) => {
            choose(pick, reading.header(name), limits::FINDS, rng, |value| text(&value))
        }
        CaptureFrom::Cookie(name) => {
            let values = reading.cookies.iter().filter(|(known, _)| known == name);
            choose(pick, values, limits::FINDS, rng, |(_, value)| text(value))
        }
        CaptureFrom::Css { text: css, selector, attribute } => {
            let page = reading.html()?;
            let elements = page.select(selector, css).ok_or_else(|| {
                Fault::Wrong(format!("the HTML of the answer is too large for {}", words::short(css)))
            })?;
            match attribute {
                Some(name) => {
                    let values = elements.filter_map(|element| attribute_of(element, name));
                    choose(pick, values, limits::FINDS, rng, text)
                }
                None => choose(pick, elements, limits::FINDS, rng, |element| text_in(element, &room)),
            }
        }
    }
}

/// Names of attributes are in lower case in HTML, and as they are written in SVG.
fn attribute_of<'a>(element: ElementRef<'a>, name: &str) -> Option<&'a str> {
    element.attr(name).or_else(|| element.attr(&name.to_ascii_lowercase()))
}

/// The text of an element and of all within it, without white space around it.
fn text_in(element: ElementRef<'_>, room: &Cell<usize>) -> Result<Value, Fault> {
    let mut text = String::new();
    for piece in element.text() {
        if text.len() + piece.len() > room.get() {
            return Err(too_large());
        }
        text.push_str(piece);
    }
    text_value(text.trim(), room)
}

fn text_value(text: &str, room: &Cell<usize>) -> Result<Value, Fault> {
    let weight = text.len() + size_of::<Value>();
    room.set(room.get().checked_sub(weight).ok_or_else(too_large)?);
    Ok(Value::from(text))
}

fn too_large() -> Fault {
    Fault::Wrong("what is captured is too large".to_owned())
}

/// The first group of each match, empty if it took no part; the whole match where there are no groups.
fn matches<'t>(regex: &'t Regex, text: &'t str) -> Box<dyn Iterator<Item = &'t str> + 't> {
    if regex.captures_len() > 1 {
        Box::new(regex.captures_iter(text).map(|found| found.get(1).map_or("", |group| group.as_str())))
    } else {
        Box::new(regex.find_iter(text).map(|found| found.as_str()))
    }
}

/// What `pick` says, of at most `most` finds.
fn choose<T>(
    pick: Pick,
    mut finds: impl Iterator<Item = T>,
    most: usize,
    rng: &mut fastrand::Rng,
    value: impl Fn(T) -> Result<Value, Fault>,
) -> Result<Option<Value>, Fault> {
    if pick == Pick::First {
        return finds.next().map(value).transpose();
    }
    let mut all: Vec<T> = finds.by_ref().take(most).collect();
    if finds.next().is_some() {
        return Err(Fault::Wrong(format!("there are more than {most} finds")));
    }
    match pick {
        Pick::All => Value::list(all.into_iter().map(value).collect::<Result<_, _>>()?)
            .map(Some)
            .map_err(|_| too_large()),
        Pick::Random if !all.is_empty() => value(all.swap_remove(rng.usize(..all.len()))).map(Some),
        Pick::First | Pick::Last | Pick::Random => all.pop().map(value).transpose(),
    }
}
