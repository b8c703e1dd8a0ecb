//! Holds a document against its [`Shape`]: every departure becomes a problem with a remedy.

use super::node::{Kind, Meaning, Node};
use super::quote::{all, either, excerpt, nearest, quote};
use super::shape::{Choice, Either, Object, Rule, Shape};
use crate::limits::FOUND;
use crate::problem::Problem;

/// Where at most so many may stand, it is for their meaning and not for their size.
const FEW: usize = 2;

/// Adds to `problems` whatever of `node` is not as `shape` says.
pub(super) fn check(node: &Node, shape: &Shape, problems: &mut Vec<Problem>) {
    if problems.len() >= FOUND {
        return;
    }
    match shape {
        Shape::List { of, min, max } => match &node.kind {
            Kind::List(items) => {
                count(node, items.len(), *min, *max, problems);
                items.iter().for_each(|item| check(item, of, problems));
            }
            _ => mismatch(node, shape, problems),
        },
        Shape::Map { name: rule, of, min, max } => match &node.kind {
            Kind::Map(entries) => {
                count(node, entries.len(), *min, *max, problems);
                for (name, value) in entries {
                    if !(rule.accepts)(&name.text) {
                        let message = format!("{} is not {}", quote(&name.text), rule.what);
                        problems.push(Problem::new(name.span.clone(), message, rule.remedy));
                    }
                    check(value, of, problems);
                }
            }
            _ => mismatch(node, shape, problems),
        },
        Shape::Object(found) => match &node.kind {
            Kind::Map(_) => object(node, found, problems),
            _ => mismatch(node, shape, problems),
        },
        Shape::Choice(among) => match &node.kind {
            Kind::Map(_) => choice(node, among, problems),
            _ => mismatch(node, shape, problems),
        },
        Shape::Either(Either { shapes, .. }) => {
            let mut same_kind = shapes.iter().filter(|shape| could_be(node, shape));
            match (same_kind.next(), same_kind.next()) {
                // Of lists and mappings there is one each, so what is wrong inside can be told.
                (Some(only), None) if node.scalar().is_none() => check(node, only, problems),
                _ if shapes.iter().any(|shape| fits(node, shape)) => {}
                _ => mismatch(node, shape, problems),
            }
        }
        Shape::Json => json(node, problems),
        _ if scalar_fits(node, shape) => {}
        _ => mismatch(node, shape, problems),
    }
}

/// The object of `choice` that a mapping is, by the keys it has.
pub(super) fn chosen(node: &Node, choice: &Choice) -> Option<&'static Object> {
    let has = |object: &&&Object| object.one_of.iter().any(|key| node.get(key).is_some());
    choice.objects.iter().find(has).copied()
}

fn fits(node: &Node, shape: &Shape) -> bool {
    let mut problems = Vec::new();
    check(node, shape, &mut problems);
    problems.is_empty()
}

/// Whether `shape` is for this kind of node at all.
fn could_be(node: &Node, shape: &Shape) -> bool {
    match shape {
        Shape::Json => true,
        Shape::List { .. } => matches!(node.kind, Kind::List(_)),
        Shape::Map { .. } | Shape::Object(_) | Shape::Choice(_) => matches!(node.kind, Kind::Map(_)),
        Shape::Either(either) => either.shapes.iter().any(|shape| could_be(node, shape)),
        _ => node.scalar().is_some(),
    }
}

fn scalar_fits(node: &Node, shape: &Shape) -> bool {
    let Some(scalar) = node.scalar() else { return false };
    match (shape, scalar.meaning()) {
        (Shape::Bool, Meaning::Bool(_)) => true,
        (Shape::Whole { min, max }, meaning) => {
            whole(meaning).is_some_and(|value| (*min..=*max).contains(&value))
        }
        (Shape::Number { least, above, most }, Meaning::Int(_) | Meaning::Float(_)) => {
            let value = number(scalar.meaning()).unwrap_or(f64::NAN);
            (if *above { value > *least } else { value >= *least }) && value <= *most
        }
        (Shape::Text(Rule { accepts, .. }) | Shape::Scalar(Rule { accepts, .. }), Meaning::Text(text)) => {
            accepts(text)
        }
        // No JSON has infinities, so they are not numbers here either.
        (Shape::Scalar(_), Meaning::Float(value)) => value.is_finite(),
        (Shape::Scalar(_), Meaning::Bool(_) | Meaning::Int(_)) => true,
        (Shape::Numbers(numbers), meaning) => number(meaning).is_some_and(|value| numbers.contains(&value)),
        (Shape::Word(words), Meaning::Text(text)) => words.contains(&text),
        _ => false,
    }
}

/// A whole number of at least 0, also one written as `3.0`.
pub(super) fn whole(meaning: Meaning<'_>) -> Option<u64> {
    match meaning {
        Meaning::Int(value) => value.try_into().ok(),
        Meaning::Float(value) if value.fract() == 0.0 && (0.0..1e15).contains(&value) => Some(value as u64),
        _ => None,
    }
}

pub(super) fn number(meaning: Meaning<'_>) -> Option<f64> {
    match meaning {
        Meaning::Int(value) => Some(value as f64),
        Meaning::Float(value) => Some(value),
        _ => None,
    }
}

fn mismatch(node: &Node, shape: &Shape, problems: &mut Vec<Problem>) {
    let what = shape.what();
    let (found, remedy) = match &node.kind {
        Kind::List(_) => ("a list".to_owned(), shape.remedy()),
        Kind::Map(_) => ("a mapping".to_owned(), shape.remedy()),
        Kind::Scalar(scalar) => match (scalar.meaning(), shape) {
            (Meaning::Null, _) => ("nothing".to_owned(), format!("{}; or leave the key out", shape.remedy())),
            (Meaning::Bool(_) | Meaning::Int(_) | Meaning::Float(_), Shape::Text(rule))
                if (rule.accepts)(&scalar.text) =>
            {
                (
                    quote(&scalar.text),
                    format!("put quotes around it to make it text: \"{}\"", excerpt(&scalar.text)),
                )
            }
            (Meaning::Text(text), Shape::Word(words)) => match nearest(text, words.iter().copied()) {
                Some(word) => (quote(text), format!("did you mean {}?", quote(word))),
                None => (quote(text), shape.remedy()),
            },
            (Meaning::Text(text), Shape::Numbers(_)) if scalar.quoted => {
                (quote(&format!("\"{text}\"")), shape.remedy())
            }
            (Meaning::Text(""), _) => ("empty text".to_owned(), shape.remedy()),
            _ => (quote(&scalar.text), shape.remedy()),
        },
    };
    problems.push(Problem::new(node.span.clone(), format!("{found} is not {what}"), remedy));
}

fn count(node: &Node, count: usize, min: usize, max: usize, problems: &mut Vec<Problem>) {
    if count < min {
        problems.push(Problem::new(
            node.span.clone(),
            "nothing is in here",
            "write at least one, or leave the key out",
        ));
    } else if count > max {
        let message = format!("there are {count} of these, more than {max}");
        let remedy = match max {
            ..=FEW => format!("keep {max}"),
            _ => "a scenario is for what users do; keep data elsewhere".to_owned(),
        };
        problems.push(Problem::new(node.span.clone(), message, remedy));
    }
}

fn object(node: &Node, object: &Object, problems: &mut Vec<Problem>) {
    let unknown = unknown_keys(node, object.what, &object.names(), problems);
    for (name, value) in node.entries() {
        if let Some(key) = object.key(&name.text) {
            check(value, key.shape, problems);
        }
    }
    let missing: Vec<_> = object.required.iter().copied().filter(|key| node.get(key).is_none()).collect();
    if !missing.is_empty() {
        let missing = all(missing);
        let message = format!("{} needs {missing}", object.what);
        problems.push(Problem::new(first(node), message, format!("add {missing}")));
    }
    let mut given = node.entries().iter().filter(|(name, _)| object.one_of.contains(&&*name.text));
    match given.next() {
        None if unknown => {} // It may be the one that seems to be missing.
        None => needs_one_of(node, object.what, object.one_of, problems),
        Some((first, _)) => problems.extend(given.map(|(name, _)| {
            let (first, second) = (quote(&first.text), quote(&name.text));
            Problem::new(
                name.span.clone(),
                format!("{} has {first} already, and {second} cannot stand beside it", object.what),
                "keep one of the two",
            )
        })),
    }
}

fn choice(node: &Node, choice: &Choice, problems: &mut Vec<Problem>) {
    if let Some(found) = chosen(node, choice) {
        return object(node, found, problems);
    }
    let names: Vec<_> = choice.objects.iter().flat_map(|object| object.names()).collect();
    if !unknown_keys(node, choice.what, &names, problems) {
        let wanted: Vec<_> = choice.objects.iter().flat_map(|object| object.one_of).copied().collect();
        needs_one_of(node, choice.what, &wanted, problems);
    }
}

fn needs_one_of(node: &Node, what: &str, wanted: &[&str], problems: &mut Vec<Problem>) {
    if !wanted.is_empty() {
        let message = format!("{what} needs {}", either(wanted.iter().copied()));
        problems.push(Problem::new(first(node), message, "add one of them"));
    }
}

/// Adds a problem for each key of `node` that is not `known`; whether there was one.
fn unknown_keys(node: &Node, what: &str, known: &[&'static str], problems: &mut Vec<Problem>) -> bool {
    let mut any = false;
    for (name, _) in node.entries().iter().filter(|(name, _)| !known.contains(&&*name.text)) {
        any = true;
        if problems.len() >= FOUND {
            break;
        }
        let message = format!("{what} has no key {}", quote(&name.text));
        problems.push(Problem::new(name.span.clone(), message, allowed(&name.text, what, known)));
    }
    any
}

fn allowed(name: &str, what: &str, known: &[&'static str]) -> String {
    let mut keys = known.to_vec();
    keys.sort_unstable();
    keys.dedup();
    let allowed = match keys.as_slice() {
        [only] => format!("the only key of {what} is {}", quote(only)),
        _ => format!("the keys of {what} are {}", all(keys)),
    };
    match nearest(name, known.iter().copied()) {
        Some(key) => format!("did you mean {}? {allowed}", quote(key)),
        None => allowed,
    }
}

/// Where a mapping as a whole is shown: at its first key.
fn first(node: &Node) -> std::ops::Range<usize> {
    node.entries().first().map_or_else(|| node.span.clone(), |(name, _)| name.span.clone())
}

fn json(node: &Node, problems: &mut Vec<Problem>) {
    match &node.kind {
        Kind::List(items) => items.iter().for_each(|item| json(item, problems)),
        Kind::Map(entries) => entries.iter().for_each(|(_, value)| json(value, problems)),
        Kind::Scalar(scalar) => {
            if let Meaning::Float(value) = scalar.meaning() {
                // Whole numbers beyond 64 bits would lose digits.
                if !value.is_finite() || !scalar.text.contains(['.', 'e', 'E']) {
                    let message = format!("{} cannot be sent as a JSON number", quote(&scalar.text));
                    problems.push(Problem::new(
                        node.span.clone(),
                        message,
                        "put quotes around it to send text",
                    ));
                }
            }
        }
    }
}
