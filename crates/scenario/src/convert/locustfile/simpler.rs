//! Steps and expressions in the simpler ways in which YAML says them.

use super::visit::reads;
use crate::expr::exception::EXCEPTION;
use crate::expr::library::convert::{FIELD, HEADER_VALUE, REAL};
use crate::expr::operators::{Binary, Unary};
use crate::expr::tree::Node;
use crate::expr::{EvalError, Expr, Value};
use crate::model::{Content, Part, Request, Slot, Step, Template, Wait};
use std::time::Duration;

/// A step that does nothing, where there must be one.
pub(super) fn filled(steps: &mut Vec<Step>) {
    if steps.is_empty() {
        steps.push(Step::Sleep(Wait::Constant(Duration::ZERO)));
    }
}

/// Headers that are written out become part of the expression for others, if there is one; they win there.
pub(super) fn one_mapping(request: &mut Request) {
    if let Some(more) = request.more_headers.take_if(|_| !request.headers.is_empty()) {
        let known = std::mem::take(&mut request.headers).into_iter();
        let known = known.map(|(name, value)| (Expr::Constant(Value::from(name)), Expr::text(value)));
        request.more_headers = Some(Expr::binary(Binary::Or, more, Expr::dict(known.collect())));
    }
}

/// Bytes that are text as text.
pub(super) fn as_text(content: &mut Content) {
    if let Content::Bytes(bytes) = content
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        *content = Content::Text(Template::Fixed(text.into()));
    }
}

/// The expression that a step evaluates before all else.
pub(super) fn whole_of(step: &mut Step) -> Option<&mut Expr> {
    match step {
        Step::Set { value: expr, .. }
        | Step::For { items: expr, .. }
        | Step::Pause(expr)
        | Step::Raise(Some(expr))
        | Step::Failure(expr) => Some(expr),
        Step::If { branches, .. } => branches.first_mut().map(|(test, _)| test),
        _ => None,
    }
}

/// Puts the value of a variable in its place, if that is all that `reader` is, or `not` before it; whether it was.
pub(super) fn takes(reader: &mut Expr, target: Slot, value: &Expr) -> bool {
    match reader {
        Expr::Variable(slot, _) if *slot == target => {
            *reader = value.clone();
            true
        }
        Expr::Node(node) => match &mut **node {
            Node::Unary(Unary::Not, inner) => takes(inner, target, value),
            _ => false,
        },
        _ => false,
    }
}

pub(super) fn is_read(expr: &Expr, slot: Slot) -> bool {
    let mut found = false;
    reads(expr, &mut |read, _| found |= read == slot);
    found
}

/// Leaves out what only a translation puts into an expression: checks of what fields and headers are given, and the
/// empty dict to which `{**others}` adds.
pub(super) fn simpler(expr: &mut Expr) {
    let Expr::Node(node) = expr else { return };
    let inner = match &**node {
        Node::Call(function, arguments) if std::ptr::eq(*function, &EXCEPTION) => {
            let known: Option<Vec<Value>> = arguments.iter().map(|expr| expr.constant().cloned()).collect();
            if let Some([Value::Str(kind), words @ ..]) = known.as_deref() {
                *expr = Expr::Constant(EvalError::made(kind, words).into_value());
            }
            return;
        }
        Node::Call(function, arguments)
            if (std::ptr::eq(*function, &FIELD) || std::ptr::eq(*function, &HEADER_VALUE))
                && let [Expr::Constant(Value::Bytes(bytes))] = arguments.as_slice()
                && let Ok(text) = std::str::from_utf8(bytes) =>
        {
            *expr = Expr::Constant(Value::from(text));
            return;
        }
        Node::Call(function, arguments)
            if [&FIELD, &HEADER_VALUE, &REAL].iter().any(|check| std::ptr::eq(*function, *check)) =>
        {
            arguments.first()
        }
        // The text of a text is that text.
        Node::Text(parts) if let [Part::Value(inner)] = parts.as_slice() => {
            Some(inner).filter(|inner| inner.is_text())
        }
        Node::Binary(Binary::Or, Expr::Constant(Value::Dict(items)), others) if items.is_empty() => {
            Some(others)
        }
        _ => None,
    };
    if let Some(inner) = inner.cloned() {
        *expr = inner;
    }
}

pub(super) fn conditional(mut branches: Vec<(Expr, Vec<Step>)>, mut otherwise: Vec<Step>) -> Step {
    if let [(test, body)] = branches.as_mut_slice()
        && body.is_empty()
        && !otherwise.is_empty()
    {
        *test = test.clone().negated();
        std::mem::swap(body, &mut otherwise);
    }
    branches.iter_mut().for_each(|(_, body)| filled(body));
    Step::If { branches, otherwise }
}

/// How many times a loop goes through a range.
pub(super) fn times(items: &Expr) -> Option<Expr> {
    match items {
        Expr::Constant(value @ Value::List(items)) if crate::expr::source::range_of(value).is_some() => {
            i64::try_from(items.len()).ok().map(|count| Expr::Constant(Value::Int(count)))
        }
        Expr::Constant(Value::List(items)) => {
            let counts = (0..).zip(items.iter()).all(|(place, item)| *item == Value::Int(place));
            let count = i64::try_from(items.len()).ok().filter(|_| counts && !items.is_empty());
            count.map(|count| Expr::Constant(Value::Int(count)))
        }
        Expr::Node(node) => match &**node {
            Node::Call(function, arguments) if function.name == "range" => match arguments.as_slice() {
                [count] => Some(count.clone()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}
