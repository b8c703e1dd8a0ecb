//! Values and texts of a scenario: as YAML has them where it can, and as expressions otherwise.

use super::names::Names;
use crate::convert::emit::Yaml;
use crate::convert::secrets::escaped;
use crate::expr::source::{Source, range_of};
use crate::expr::tree::Node;
use crate::expr::{Expr, Value};
use crate::model::{Part, Slot, Template};
use std::collections::HashSet;
use std::time::Duration;

/// Writes values within one function.
pub(super) struct Values<'n> {
    pub(super) names: &'n Names,
    /// What has no source.
    pub(super) unsaid: Vec<String>,
}

impl Values<'_> {
    /// An expression without its braces.
    fn source(&mut self, expr: &Expr) -> String {
        let name = |slot: Slot| self.names.of(slot);
        let mut source = Source::new(&name);
        let text = source.expr(expr);
        self.unsaid.append(&mut source.unsaid);
        text
    }

    /// An expression that stands alone.
    pub(super) fn expression(&mut self, expr: &Expr) -> Yaml {
        Yaml::text(format!("{{{{ {} }}}}", self.source(expr)))
    }

    /// Something that is true or not.
    pub(super) fn condition(&mut self, expr: &Expr) -> Yaml {
        match expr.constant() {
            Some(Value::Bool(value)) => Yaml::raw(value),
            _ => self.expression(expr),
        }
    }

    /// A value with its type.
    pub(super) fn value(&mut self, expr: &Expr) -> Yaml {
        match expr {
            Expr::Constant(value) => self.constant(value),
            Expr::Node(node) => match &**node {
                Node::List(items) => short(Yaml::List(items.iter().map(|item| self.value(item)).collect())),
                Node::Dict(items) if has_text_keys(items) => {
                    let items = items.iter().map(|(key, value)| {
                        let key = key.constant().and_then(Value::as_str).unwrap_or_default();
                        (escaped(key), self.value(value))
                    });
                    short(Yaml::Map(items.collect()))
                }
                // One value alone would keep its type.
                Node::Text(parts) if !matches!(parts.as_slice(), [Part::Value(_)]) => {
                    Yaml::Text(self.parts(parts))
                }
                _ => self.expression(expr),
            },
            Expr::Variable(..) | Expr::Bound(..) => self.expression(expr),
        }
    }

    /// The items of a loop.
    pub(super) fn items(&mut self, expr: &Expr) -> Yaml {
        match expr.constant().and_then(range_of) {
            Some(range) => Yaml::text(format!("{{{{ {range} }}}}")),
            None => self.value(expr),
        }
    }

    fn constant(&mut self, value: &Value) -> Yaml {
        match value {
            Value::None => Yaml::raw(&"null"),
            Value::Bool(value) => Yaml::raw(value),
            Value::Int(number) => Yaml::raw(number),
            Value::Float(number) if number.is_finite() => Yaml::Raw(format!("{number:?}")),
            Value::Str(text) => Yaml::Text(escaped(text)),
            Value::List(items) => short(Yaml::List(items.iter().map(|item| self.constant(item)).collect())),
            Value::Dict(items) => {
                let items = items.iter().map(|(key, value)| (escaped(key), self.constant(value)));
                short(Yaml::Map(items.collect()))
            }
            other => self.expression(&Expr::Constant(other.clone())),
        }
    }

    /// A text.
    pub(super) fn template(&mut self, template: &Template) -> String {
        match template {
            Template::Fixed(text) => escaped(text),
            Template::Parts(parts) => self.parts(parts),
        }
    }

    fn parts(&mut self, parts: &[Part]) -> String {
        let mut out = String::new();
        for (place, part) in parts.iter().enumerate() {
            match part {
                Part::Text(text) => {
                    let text = escaped(text);
                    match text.strip_suffix('{').filter(|_| place + 1 < parts.len()) {
                        // It would join the braces of the expression.
                        Some(text) => out += &format!("{text}{{{{ \"{{\" }}}}"),
                        None => out += &text,
                    }
                }
                Part::Value(Expr::Constant(Value::Str(text))) => out += &escaped(text),
                Part::Value(expr) => out += &format!("{{{{ {} }}}}", self.source(expr)),
            }
        }
        out
    }

    /// Fields of a query or a form; one that stands several times has a list.
    pub(super) fn fields(&mut self, fields: &[(Template, Template)]) -> Yaml {
        let mut map: Vec<(String, Yaml)> = Vec::new();
        for (name, value) in fields {
            let (name, value) = (self.template(name), self.field(value));
            match map.iter_mut().find(|(known, _)| *known == name) {
                Some((_, Yaml::List(values))) => values.push(value),
                Some((_, known)) => *known = Yaml::List(vec![known.clone(), value]),
                None => map.push((name, value)),
            }
        }
        let map = map.into_iter().map(|(name, value)| (name, short(value)));
        short(Yaml::Map(map.collect()))
    }

    /// Numbers stand without quotes.
    fn field(&mut self, value: &Template) -> Yaml {
        let text = self.template(value);
        match text.parse::<i64>().ok().filter(|number| number.to_string() == text) {
            Some(number) => Yaml::raw(&number),
            None => Yaml::Text(text),
        }
    }
}

/// Whether all keys are known, and none stands twice.
fn has_text_keys(items: &[(Expr, Expr)]) -> bool {
    let mut seen = HashSet::new();
    items.iter().all(|(key, _)| key.constant().and_then(Value::as_str).is_some_and(|key| seen.insert(key)))
}

/// On one line if it fits.
pub(super) fn short(value: Yaml) -> Yaml {
    match value {
        Yaml::List(_) | Yaml::Map(_) => Yaml::Short(Box::new(value)),
        other => other,
    }
}

/// As people write it: `250ms`, `2s`, `1.5s`, `3m`.
pub(super) fn duration(time: Duration) -> Yaml {
    let micros = time.as_micros();
    let with_unit = |unit: u128, name: &str| {
        let (whole, rest) = (micros / unit, micros % unit);
        if rest == 0 {
            return format!("{whole}{name}");
        }
        let width = unit.ilog10() as usize;
        format!("{whole}.{}{name}", format!("{rest:0width$}").trim_end_matches('0'))
    };
    Yaml::Raw(match micros {
        0 => "0s".to_owned(),
        1..1_000_000 => with_unit(1_000, "ms"),
        _ if micros.is_multiple_of(3_600_000_000) => format!("{}h", micros / 3_600_000_000),
        _ if micros.is_multiple_of(60_000_000) => format!("{}m", micros / 60_000_000),
        _ => with_unit(1_000_000, "s"),
    })
}
