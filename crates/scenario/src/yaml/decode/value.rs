//! Values: texts with expressions, JSON, durations.

use super::super::check::number;
use super::super::node::{Kind, Meaning, Name, Node, Scalar};
use super::super::quote::{nearest, quote};
use super::Decoder;
use crate::duration::{DurationError, from_seconds, parse_duration};
use crate::expr::{self, Expr, Value};
use crate::model::{Part, Template};
use crate::problem::Problem;
use std::collections::HashMap;
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
        let variables = &self.variables;
        let mut resolve = |name: &str| variables.get(name).copied().map(crate::model::Slot::User);
        match expr::parse_template(&scalar.text, scalar.verbatim_at.unwrap_or(0), &mut resolve) {
            Ok(template) => Some(template),
            Err(problems) => {
                for mut problem in problems {
                    if scalar.verbatim_at.is_none() {
                        // Escapes and folded lines have moved the text, so only the whole can be shown.
                        problem.span = span.clone();
                    }
                    name_the_nearest(&mut problem, &self.variables);
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
    fn typed(&self, text: &str, template: Template) -> Expr {
        let inside = text.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
        match (template, inside) {
            (Template::Parts(mut parts), Some(_)) if matches!(parts.as_slice(), [Part::Value(_)]) => {
                match parts.pop() {
                    Some(Part::Value(expr)) => expr,
                    _ => Expr::text(Template::Parts(parts)),
                }
            }
            // A constant is text in a template, so it is read again; `{{ 1 }} to {{ 2 }}` is no expression.
            (Template::Fixed(fixed), Some(inside)) => {
                let variables = &self.variables;
                let mut resolve = |name: &str| variables.get(name).copied().map(crate::model::Slot::User);
                let again = expr::parse_expression(inside, 0, &mut resolve);
                again.unwrap_or_else(|_| Expr::text(Template::Fixed(fixed)))
            }
            (template, _) => Expr::text(template),
        }
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

/// Expressions know no other variables than they are asked for, so what may have been meant is added here.
fn name_the_nearest(problem: &mut Problem, variables: &HashMap<Arc<str>, u16>) {
    let name = problem.message.strip_prefix("there is no variable `").and_then(|rest| rest.strip_suffix('`'));
    let Some(name) = name else { return };
    let mut known: Vec<&str> = variables.keys().map(|name| &**name).collect();
    known.sort_unstable();
    if let Some(near) = nearest(name, known) {
        problem.remedy = format!("did you mean {}? Otherwise {}", quote(near), problem.remedy);
    }
}
