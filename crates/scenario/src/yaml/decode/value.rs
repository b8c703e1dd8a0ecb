//! Values: texts with expressions, JSON, durations.

use super::super::node::{Kind, Meaning, Name, Node, Scalar};
use super::super::quote::quote;
use super::super::rules;
use super::{Decoder, number, whole};
use crate::duration::{DurationError, from_seconds, parse_duration};
use crate::expr::{self, Expr, Value};
use crate::limits::WEIGHT;
use crate::model::{Part, Template};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

impl Decoder<'_> {
    /// The text of a scalar, whatever else it could mean, with its expressions.
    pub(super) fn template(&mut self, node: &Node) -> Option<Template> {
        self.scalar_template(node.scalar()?, &node.span)
    }

    /// A key as a text with expressions.
    pub(super) fn name_template(&mut self, name: &Name) -> Option<Template> {
        let scalar = Scalar { text: Arc::clone(&name.text), quoted: true, verbatim_at: None };
        self.scalar_template(&scalar, &name.span)
    }

    fn scalar_template(&mut self, scalar: &Scalar, span: &Range<usize>) -> Option<Template> {
        let names = &mut self.names;
        let mut resolve = |name: &str| names.resolve(name);
        match expr::parse_template(&scalar.text, scalar.verbatim_at.unwrap_or(0), &mut resolve) {
            Ok(template) => Some(template),
            Err(problems) => {
                for mut problem in problems {
                    if scalar.verbatim_at.is_none() {
                        // Escapes and folded lines have moved the text, so only the whole can be shown.
                        problem.span = span.clone();
                    }
                    self.names.advise(&mut problem);
                    self.report(problem);
                }
                None
            }
        }
    }

    /// Anything that JSON can express. Text that is one expression and nothing else has the value of that
    /// expression, with its type.
    pub(super) fn value(&mut self, node: &Node) -> Option<Expr> {
        match &node.kind {
            Kind::List(items) => {
                // Not stopped at the first that fails, so that the problems of all are found.
                let items: Vec<_> = items.iter().map(|item| self.value(item)).collect();
                items.into_iter().collect::<Option<Vec<_>>>().map(Expr::list)
            }
            Kind::Map(entries) => {
                let entries: Vec<_> = entries
                    .iter()
                    .map(|(name, value)| {
                        let name = self.name_template(name).map(Expr::text);
                        Some((name?, self.value(value)?))
                    })
                    .collect();
                entries.into_iter().collect::<Option<Vec<_>>>().map(Expr::dict)
            }
            Kind::Scalar(scalar) => match scalar.meaning() {
                Meaning::Null => Some(Expr::Constant(Value::None)),
                Meaning::Bool(value) => Some(Expr::Constant(Value::Bool(value))),
                Meaning::Int(value) => Some(Expr::Constant(Value::Int(value))),
                Meaning::Float(value) => Some(Expr::Constant(Value::Float(value))),
                Meaning::Text(text) => {
                    let template = self.scalar_template(scalar, &node.span)?;
                    Some(self.typed(text, template))
                }
            },
        }
    }

    /// The expression of `text`, which was read as `template`.
    fn typed(&mut self, text: &str, template: Template) -> Expr {
        match self.single(text, &template) {
            Some(expr) => expr,
            None => Expr::text(template),
        }
    }

    /// The one expression that `text` is, if it is that; it was read as `template`.
    fn single(&mut self, text: &str, template: &Template) -> Option<Expr> {
        let inside = text.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"))?;
        match template {
            Template::Parts(parts) => match parts.as_slice() {
                [Part::Value(expr)] => Some(expr.clone()),
                _ => None,
            },
            // A constant is text in a template, so it is read again; `{{ 1 }} to {{ 2 }}` is no expression.
            Template::Fixed(_) => {
                let names = &mut self.names;
                expr::parse_expression(inside, 0, &mut |name| names.resolve(name)).ok()
            }
        }
    }

    /// An expression that stands alone.
    pub(super) fn expression(&mut self, node: &Node) -> Option<Expr> {
        let text = text(node).filter(|text| (rules::EXPRESSION.accepts)(text))?;
        let template = self.template(node)?;
        let found = self.single(text, &template);
        if found.is_none() {
            self.problem(
                &node.span,
                format!("{} is more than one expression", quote(text)),
                "put all of it between one `{{` and one `}}`, with `and` or `or` between its parts",
            );
        }
        found
    }

    /// A value that is known before the run.
    pub(super) fn constant(&mut self, node: &Node) -> Option<Value> {
        let value = self.value(node)?;
        if value.constant().is_none() {
            self.problem(&node.span, "this is known only while users run", "write a value that is fixed");
        }
        value.constant().cloned()
    }

    /// Does `decode` where only secrets are known.
    pub(super) fn before_users<T>(&mut self, decode: impl FnOnce(&mut Self) -> T) -> T {
        self.names.before_users = true;
        let result = decode(self);
        self.names.before_users = false;
        result
    }

    /// A duration, 0 included.
    pub(super) fn duration(&mut self, node: &Node) -> Option<Duration> {
        let found = match node.meaning()? {
            Meaning::Text(text) => parse_duration(text),
            meaning => from_seconds(number(meaning)?),
        };
        // Any other form was refused with the shape.
        if found == Err(DurationError::TooLong) && matches!(node.meaning(), Some(Meaning::Text(_))) {
            self.problem(&node.span, "this is too long", DurationError::TooLong.to_string());
        }
        found.ok()
    }

    /// A duration above 0.
    pub(super) fn span(&mut self, node: &Node) -> Option<Duration> {
        let duration = self.duration(node)?;
        if duration.is_zero() {
            if matches!(node.meaning(), Some(Meaning::Text(_)))
                || number(node.meaning()?).is_some_and(|n| n > 0.0)
            {
                self.problem(&node.span, "this cannot be 0", "write a duration of at least a microsecond");
            }
            return None;
        }
        Some(duration)
    }
}

/// The text of a scalar that is text.
pub(super) fn text(node: &Node) -> Option<&str> {
    match node.meaning()? {
        Meaning::Text(text) => Some(text),
        _ => None,
    }
}

/// A scalar as it is written, without quotes.
pub(super) fn text_of(node: &Node) -> &str {
    node.scalar().map_or("", |scalar| &scalar.text)
}

/// The `weight` of a class, a task or a way.
pub(super) fn weight(node: &Node) -> u32 {
    let weight = node.get("weight").and_then(Node::meaning).and_then(whole);
    let weight = weight.and_then(|weight| weight.try_into().ok());
    weight.filter(|weight| (1..=WEIGHT).contains(weight)).unwrap_or(1)
}
