//! Calls of functions, and what only a translation puts into an expression.

use super::constant::is_short;
use super::{Level, Source, Written};
use crate::expr::call::{Function, Parameters};
use crate::expr::comprehension::{Comprehension, Make};
use crate::expr::library::change::NEXT_ITEM;
use crate::expr::library::convert::{FIELD, HEADER_VALUE, REAL, TRUTH, WHOLE};
use crate::expr::library::iterables::{BY_KEY, UNPACK};
use crate::expr::tree::Node;
use crate::expr::{Expr, Value};

/// Functions that go through a generator; that of others is a list.
const CONSUMERS: &[&str] =
    &["dict", "enumerate", "list", "max", "min", "set", "sorted", "sum", "tuple", "zip"];

impl Source<'_> {
    pub(super) fn call(&mut self, function: &'static Function, arguments: &[Expr]) -> Written {
        let is = |other: &'static Function| std::ptr::eq(function, other);
        let first = arguments.first();
        if let Some(value) = first.filter(|_| is(&FIELD) || is(&HEADER_VALUE) || is(&REAL)) {
            // These check, and give what they are given.
            return self.written(value);
        }
        if let Some(changed) = self.change(function, arguments) {
            return changed;
        }
        if BY_KEY.iter().any(is) {
            return self.by_key(function.name, arguments);
        }
        if is(&NEXT_ITEM) {
            // It is about a variable that users share, which is told.
            return ("None".to_owned(), Level::Atom);
        }
        if let Some(items) = first.filter(|items| is(&UNPACK) && is_list(items)) {
            return self.written(items);
        }
        let (name, arguments) = match arguments {
            [value, ..] if is(&WHOLE) => ("int", std::slice::from_ref(value)),
            [value, ..] if is(&TRUTH) => ("bool", std::slice::from_ref(value)),
            [items, ..] if is(&UNPACK) => ("list", std::slice::from_ref(items)),
            all => (function.name, all),
        };
        if crate::expr::library::function(name).is_none() {
            return self.unsaid(format!("`{name}`"));
        }
        let given = match (name, arguments) {
            ("isinstance", [value, types]) => format!("{}, {}", self.expr(value), types_of(types)),
            (_, [Expr::Node(node)])
                if CONSUMERS.contains(&name)
                    && let Node::Comprehension(comprehension) = &**node
                    && matches!(comprehension.make, Make::List) =>
            {
                let (inner, rounds) = self.rounds(comprehension);
                inner + &rounds
            }
            _ => self.arguments(name, function.parameters, arguments),
        };
        (format!("{name}({given})"), Level::Atom)
    }

    /// Arguments as they are given: by place as far as that goes, and then by name.
    pub(super) fn arguments(&mut self, name: &str, parameters: Parameters, arguments: &[Expr]) -> String {
        let star = parameters.iter().position(|parameter| parameter.starts_with('*'));
        let takes_rest = star.is_some_and(|star| parameters[star] != "*");
        let named: Vec<&str> =
            parameters.iter().copied().filter(|parameter| !parameter.starts_with('*')).collect();
        let positional = star.unwrap_or(named.len());
        let (by_name, rest) = match takes_rest {
            true => arguments.split_at(named.len().min(arguments.len())),
            false => (arguments, &[][..]),
        };
        let (mut given, mut last) = (Vec::new(), Vec::new());
        let mut left_out = false;
        for (place, argument) in by_name.iter().enumerate() {
            if argument.constant().is_some_and(|value| matches!(value, Value::Unset)) {
                left_out = true;
            } else if place < positional && !left_out {
                given.push(self.argument(name, argument));
            } else if let Some(parameter) = named.get(place) {
                last.push(format!("{parameter}={}", self.expr(argument)));
            }
        }
        given.extend(rest.iter().map(|argument| self.argument(name, argument)));
        given.append(&mut last);
        given.join(", ")
    }

    fn argument(&mut self, name: &str, argument: &Expr) -> String {
        match argument {
            Expr::Node(node)
                if name == "join"
                    && let Node::Comprehension(comprehension) = &**node
                    && matches!(comprehension.make, Make::List) =>
            {
                let (inner, rounds) = self.rounds(comprehension);
                inner + &rounds
            }
            other => self.expr(other),
        }
    }

    /// `sorted(items, key=lambda item: ...)`
    fn by_key(&mut self, name: &str, arguments: &[Expr]) -> Written {
        let option = arguments.get(1).filter(|option| !matches!(option.constant(), Some(Value::Unset)));
        let Some(Expr::Node(node)) = arguments.first() else {
            return self.unsaid(format!("`{name}` by a key"));
        };
        let Node::Comprehension(comprehension) = &**node else {
            return self.unsaid(format!("`{name}` by a key"));
        };
        let Some((key, items)) = self.key_of(comprehension) else {
            return self.unsaid(format!("`{name}` by a key"));
        };
        let option = option.map(|option| {
            let parameter = if name == "sorted" { "reverse" } else { "default" };
            format!(", {parameter}={}", self.expr(option))
        });
        (format!("{name}({items}, key={key}{})", option.unwrap_or_default()), Level::Atom)
    }

    /// The lambda, and what it is applied to.
    fn key_of(&mut self, comprehension: &Comprehension) -> Option<(String, String)> {
        let [clause] = comprehension.clauses.as_slice() else { return None };
        let items = self.expr(&clause.items);
        let Expr::Node(node) = &comprehension.element else { return None };
        let Node::List(pair) = &**node else { return None };
        let [key, _] = pair.as_slice() else { return None };
        let known = self.bound.len();
        self.name_all(comprehension, comprehension.first..comprehension.first + comprehension.variables);
        let name = self.bound.last().map(|(_, name)| name.clone());
        let body = self.expr(key);
        self.bound.truncate(known);
        Some((format!("lambda {}: {body}", name?), items))
    }

    /// Whether it may stand twice: it does nothing, and is short.
    pub(super) fn twice(expr: &Expr) -> bool {
        is_short(expr)
    }
}

/// Whether the value is a list whatever the variables are.
fn is_list(expr: &Expr) -> bool {
    match expr {
        Expr::Constant(value) => matches!(value, Value::List(_)),
        Expr::Node(node) => matches!(**node, Node::List(_)),
        Expr::Variable(..) | Expr::Bound(..) => false,
    }
}

/// `str`, or `(int, float)`.
fn types_of(types: &Expr) -> String {
    match types.constant() {
        Some(Value::List(names)) => match names.as_slice() {
            [only] => only.to_string(),
            several => {
                format!("({})", several.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
            }
        },
        Some(name) => name.to_string(),
        None => String::new(),
    }
}
