//! What the names of an expression stand for, and what is said where they stand for nothing.

use super::parse;
use crate::expr::{Expr, Resolve};
use crate::model::Slot;
use ruff_python_ast::{self as ast, Expr as Python};
use ruff_text_size::TextRange;

/// What the names of an expression stand for.
pub(crate) trait Scope {
    /// What `name` stands for where it is read. `None` leaves it to the functions of the subset.
    fn name(&mut self, name: &str) -> Option<Meaning>;

    /// What `object.attribute` stands for; asked before `object` is looked up by itself.
    fn attribute(&mut self, _object: &Python, _attribute: &str) -> Option<Meaning> {
        None
    }

    /// What the expression at this place was replaced by.
    fn replaced(&mut self, _range: TextRange) -> Option<Expr> {
        None
    }

    /// Whether a variable stands for a set.
    fn is_set(&self, _python: &Python) -> bool {
        false
    }

    /// Whether it was told already why this has no value, so that what is made of it needs no words.
    fn is_told(&self, _python: &Python) -> bool {
        false
    }

    /// The call of `re.compile` whose result has this name.
    fn pattern(&self, _name: &str) -> Option<&ast::ExprCall> {
        None
    }

    /// Whether the program may catch what an expression raises: one that always fails is no mistake then.
    fn catches(&self) -> bool {
        false
    }
}

/// What a name stands for.
pub(crate) enum Meaning {
    /// A value.
    Value(Expr),
    /// A module or function of Python, by its full name: `random`, `random.randint`.
    Global(String),
    /// Something that has no value here.
    Refused(Refusal),
}

/// Why something is not understood.
pub(crate) struct Refusal {
    /// What is wrong, in one line without a full stop.
    pub(crate) message: String,
    /// What to do instead, in the same form.
    pub(crate) remedy: String,
}

impl Refusal {
    pub(crate) fn new(message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { message: message.into(), remedy: remedy.into() }
    }
}

/// The scope of a YAML file: its variables, then the functions of the subset.
pub(crate) struct Variables<'a>(pub(crate) Resolve<'a>);

impl Scope for Variables<'_> {
    fn name(&mut self, name: &str) -> Option<Meaning> {
        (self.0)(name).map(|slot: Slot| Meaning::Value(Expr::Variable(slot, name.into())))
    }
}

/// An expression of our own, with these in place of names; `None` would be a mistake in `source`.
pub(crate) fn with(source: &str, names: &[(&str, Expr)]) -> Option<Expr> {
    parse(source, 0, &mut Given(names)).ok()
}

struct Given<'a>(&'a [(&'a str, Expr)]);

impl Scope for Given<'_> {
    fn name(&mut self, name: &str) -> Option<Meaning> {
        let given = self.0.iter().find(|(known, _)| *known == name);
        given.map(|(_, expr)| Meaning::Value(expr.clone()))
    }

    fn catches(&self) -> bool {
        true
    }
}
