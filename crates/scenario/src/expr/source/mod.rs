//! Expressions as Python writes them: what [`super::parse_expression`] reads again, and has the same value.
//!
//! Parentheses stand where Python needs them and nowhere else ([`Level`]).

mod calls;
mod changes;
mod constant;
mod text;

pub(crate) use constant::range_of;

use super::comprehension::{Clause, Comprehension, Make, Target};
use super::methods::{HEADER, HEADER_GET, HEADER_IN};
use super::operators::{Binary, Unary};
use super::tree::Node;
use super::{Expr, Value};
use crate::model::Slot;

/// How tightly an expression holds together; one that holds less tightly than its place wants has parentheses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    /// `a if b else c`
    Choice,
    Or,
    And,
    Not,
    Comparison,
    BitOr,
    BitXor,
    BitAnd,
    Shift,
    Sum,
    Product,
    Sign,
    Power,
    /// A name, a call, something between brackets.
    Atom,
}

/// Writes expressions, and notes what of them has no source.
pub(crate) struct Source<'a> {
    /// The name of a variable.
    name: &'a dyn Fn(Slot) -> String,
    /// Names of the variables of comprehensions around, by their places.
    bound: Vec<(usize, String)>,
    /// What cannot be written, each as people call it.
    pub(crate) unsaid: Vec<String>,
}

/// A text and how tightly it holds together.
type Written = (String, Level);

impl<'a> Source<'a> {
    /// One that knows what variables are called.
    pub(crate) fn new(name: &'a dyn Fn(Slot) -> String) -> Self {
        Self { name, bound: Vec::new(), unsaid: Vec::new() }
    }

    /// The source of `expr`.
    pub(crate) fn expr(&mut self, expr: &Expr) -> String {
        self.at(expr, Level::Choice)
    }

    /// With parentheses if it holds less tightly than `least`.
    fn at(&mut self, expr: &Expr, least: Level) -> String {
        let (text, level) = self.written(expr);
        if level < least { format!("({text})") } else { text }
    }

    fn list(&mut self, items: &[Expr]) -> String {
        let items: Vec<String> = items.iter().map(|item| self.expr(item)).collect();
        items.join(", ")
    }

    /// Notes that something has no source.
    fn unsaid(&mut self, what: impl Into<String>) -> Written {
        self.unsaid.push(what.into());
        ("None".to_owned(), Level::Atom)
    }

    fn written(&mut self, expr: &Expr) -> Written {
        match expr {
            Expr::Constant(value) => self.constant(value),
            Expr::Variable(slot, _) => ((self.name)(*slot), Level::Atom),
            Expr::Bound(place, _) => match self.bound.iter().rev().find(|(known, _)| known == place) {
                Some((_, name)) => (name.clone(), Level::Atom),
                None => self.unsaid("a variable of a comprehension"),
            },
            Expr::Node(node) => self.node(node),
        }
    }

    fn node(&mut self, node: &Node) -> Written {
        let atom = |text: String| (text, Level::Atom);
        match node {
            Node::List(items) => atom(format!("[{}]", self.list(items))),
            Node::Dict(items) => {
                let items: Vec<String> = items
                    .iter()
                    .map(|(key, value)| format!("{}: {}", self.expr(key), self.expr(value)))
                    .collect();
                atom(format!("{{{}}}", items.join(", ")))
            }
            Node::Text(_) | Node::Format(..) | Node::FormatBy(..) => self.text(node),
            Node::Unary(Unary::Not, value) => (format!("not {}", self.at(value, Level::Not)), Level::Not),
            Node::Unary(operator, value) => {
                (format!("{}{}", operator.symbol(), self.at(value, Level::Sign)), Level::Sign)
            }
            Node::Binary(operator, left, right) => self.binary(*operator, left, right),
            Node::Compare(first, rest) => {
                let mut text = self.at(first, Level::BitOr);
                for (comparison, right) in rest {
                    text += &format!(" {} {}", comparison.symbol(), self.at(right, Level::BitOr));
                }
                (text, Level::Comparison)
            }
            Node::And(items) => (self.joined(items, " and ", Level::Not), Level::And),
            Node::Or(items) => (self.joined(items, " or ", Level::And), Level::Or),
            Node::If { test, then, otherwise } => {
                let (then, test) = (self.at(then, Level::Or), self.at(test, Level::Or));
                (format!("{then} if {test} else {}", self.expr(otherwise)), Level::Choice)
            }
            Node::Index(value, index) => atom(format!("{}[{}]", self.object(value), self.expr(index))),
            Node::Slice(value, bounds) => {
                let value = self.object(value);
                let [lower, upper, step] = bounds.each_ref().map(|bound| match bound.constant() {
                    Some(Value::None) => String::new(),
                    _ => self.expr(bound),
                });
                let step = if step.is_empty() { step } else { format!(":{step}") };
                atom(format!("{value}[{lower}:{upper}{step}]"))
            }
            Node::Attribute(value, attribute) => atom(format!("{}.{}", self.object(value), attribute.name)),
            Node::Method(value, method, arguments) => {
                if std::ptr::eq(*method, &raw const HEADER) {
                    return atom(format!("{}.headers[{}]", self.object(value), self.list(arguments)));
                }
                if std::ptr::eq(*method, &raw const HEADER_IN) {
                    let name = arguments.first().map_or_else(String::new, |name| self.at(name, Level::BitOr));
                    return (format!("{name} in {}.headers", self.object(value)), Level::Comparison);
                }
                let is_get = std::ptr::eq(*method, &raw const HEADER_GET);
                let name = if is_get { "headers.get" } else { method.name };
                let object = self.object(value);
                let given = self.arguments(name, method.parameters, arguments);
                atom(format!("{object}.{name}({given})"))
            }
            Node::Call(function, arguments) => self.call(function, arguments),
            Node::Comprehension(comprehension) => self.comprehension(comprehension),
        }
    }

    fn joined(&mut self, items: &[Expr], operator: &str, least: Level) -> String {
        let items: Vec<String> = items.iter().map(|item| self.at(item, least)).collect();
        items.join(operator)
    }

    /// What stands before a dot or bracket. A number would take the dot for its own.
    fn object(&mut self, value: &Expr) -> String {
        match value.constant() {
            Some(Value::Int(_) | Value::Float(_)) => format!("({})", self.expr(value)),
            _ => self.at(value, Level::Atom),
        }
    }

    fn binary(&mut self, operator: Binary, left: &Expr, right: &Expr) -> Written {
        let level = match operator {
            Binary::Or => Level::BitOr,
            Binary::Xor => Level::BitXor,
            Binary::And => Level::BitAnd,
            Binary::ShiftLeft | Binary::ShiftRight => Level::Shift,
            Binary::Add | Binary::Subtract => Level::Sum,
            Binary::Multiply | Binary::Divide | Binary::FloorDivide | Binary::Modulo => Level::Product,
            Binary::Power => {
                let (left, right) = (self.at(left, Level::Atom), self.at(right, Level::Sign));
                return (format!("{left} ** {right}"), Level::Power);
            }
        };
        let above = match level {
            Level::BitOr => Level::BitXor,
            Level::BitXor => Level::BitAnd,
            Level::BitAnd => Level::Shift,
            Level::Shift => Level::Sum,
            Level::Sum => Level::Product,
            _ => Level::Sign,
        };
        let (left, right) = (self.at(left, level), self.at(right, above));
        (format!("{left} {} {right}", operator.symbol()), level)
    }

    fn comprehension(&mut self, comprehension: &Comprehension) -> Written {
        let (inner, rounds) = self.rounds(comprehension);
        let text = match &comprehension.make {
            Make::List => format!("[{inner}{rounds}]"),
            Make::Dict(_) => format!("{{{inner}{rounds}}}"),
            Make::Any => format!("any({inner}{rounds})"),
            Make::All => format!("all({inner}{rounds})"),
            Make::Next(None) => format!("next({inner}{rounds})"),
            // Its place is outside.
            Make::Next(Some(default)) => format!("next(({inner}{rounds}), {})", self.expr(default)),
        };
        (text, Level::Atom)
    }

    /// What each round gives, and the rounds.
    fn rounds(&mut self, comprehension: &Comprehension) -> (String, String) {
        let Comprehension { make, element, clauses, first, variables } = comprehension;
        // What the first goes through is read outside.
        let outer = clauses.first().map_or_else(String::new, |clause| self.at(&clause.items, Level::Or));
        let known = self.bound.len();
        self.name_all(comprehension, *first..first + variables);
        let mut rounds = String::new();
        for (place, Clause { target, items, conditions }) in clauses.iter().enumerate() {
            let target = self.target(target, true);
            let items = if place == 0 { outer.clone() } else { self.at(items, Level::Or) };
            rounds += &format!(" for {target} in {items}");
            for condition in conditions {
                rounds += &format!(" if {}", self.at(condition, Level::Or));
            }
        }
        let inner = match make {
            Make::Dict(key) => format!("{}: {}", self.expr(key), self.expr(element)),
            _ => self.expr(element),
        };
        self.bound.truncate(known);
        (inner, rounds)
    }

    /// Gives the variables of a comprehension names that nothing else in it has.
    fn name_all(&mut self, comprehension: &Comprehension, places: std::ops::Range<usize>) {
        let mut found = Found::default();
        comprehension.each(&mut |expr| found.look(expr));
        let mut taken: Vec<String> = found.slots.iter().map(|slot| (self.name)(*slot)).collect();
        taken.extend(self.bound.iter().map(|(_, name)| name.clone()));
        for place in places {
            let known = found.bound.iter().find(|(known, name)| *known == place && is_name(name));
            let used = found.bound.iter().any(|(known, _)| *known == place);
            let default = if used { "item" } else { "_" };
            let mut name = known.map_or(default, |(_, name)| name).to_owned();
            while taken.contains(&name) {
                name.push('_');
            }
            taken.push(name.clone());
            self.bound.push((place, name));
        }
    }

    fn target(&self, target: &Target, outermost: bool) -> String {
        match target {
            Target::One(place) => {
                let named = self.bound.iter().rev().find(|(known, _)| known == place);
                named.map_or_else(String::new, |(_, name)| name.clone())
            }
            Target::Several(targets) => {
                let names: Vec<String> = targets.iter().map(|target| self.target(target, false)).collect();
                let comma = if names.len() == 1 { "," } else { "" };
                let names = names.join(", ") + comma;
                if outermost { names } else { format!("({names})") }
            }
        }
    }
}

/// Variables that an expression reads.
#[derive(Default)]
struct Found {
    slots: Vec<Slot>,
    bound: Vec<(usize, std::sync::Arc<str>)>,
}

impl Found {
    fn look(&mut self, expr: &Expr) {
        match expr {
            Expr::Constant(_) => {}
            Expr::Variable(slot, _) => self.slots.push(*slot),
            Expr::Bound(place, name) => self.bound.push((*place, name.clone())),
            Expr::Node(node) => node.each(&mut |expr| self.look(expr)),
        }
    }
}

/// Whether Python takes it for a name, and not for a word of its own.
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
