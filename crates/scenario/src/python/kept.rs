//! Variables of the file that users change: as in Locust all users of a worker share them.

use super::aliases::Root;
use super::body::Body;
use super::file::File;
use crate::expr::library::change::NEXT_ITEM;
use crate::expr::library::function;
use crate::expr::operators::Binary;
use crate::expr::tree::Node;
use crate::expr::{Expr, Value};
use crate::model::{Slot, Step};
use ruff_python_ast::visitor::{Visitor, walk_stmt};
use ruff_python_ast::{self as ast, Expr as Python, Stmt};
use ruff_text_size::{TextRange, TextSize};
use std::collections::HashSet;
use std::sync::Arc;

/// Something at the top level of the file of which `next()` takes one after the other.
#[derive(Clone)]
pub(super) enum Taking {
    /// Over and over (`itertools.cycle`).
    Cycle(Value),
    /// Once.
    Once(Value),
    /// Whole numbers, so far apart (`itertools.count`).
    Count(i64),
}

impl<'f> File<'f> {
    /// Where a variable of the file is kept that users change.
    pub(super) fn kept(&self, name: &str) -> Option<Slot> {
        let place = self.kept.iter().position(|(kept, _)| *kept == name)?;
        u16::try_from(place).ok().map(Slot::Worker)
    }

    /// Whether the name stands for something that is no variable.
    pub(super) fn is_no_variable(&self, name: &str) -> bool {
        self.imports.contains_key(name)
            || self.functions.contains_key(name)
            || self.classes_by_name.contains_key(name)
            || self.exceptions.contains_key(name)
            || self.loggers.contains(name)
    }

    /// Why a variable of the file is not changed in place: a root that says it.
    pub(super) fn shared_root(&self, name: &str) -> Option<Root<'f>> {
        let (name, _) = self.kept.iter().find(|(kept, _)| *kept == name)?;
        let roots = self.aliases.of_name(name);
        let first = roots.min_by_key(|root| match root {
            Root::Local(range, _) => range.start(),
            Root::Attribute(_) => TextSize::default(),
        });
        Some(first.cloned().unwrap_or(Root::Local(TextRange::default(), name)))
    }

    /// Those of them that have another name already when the file was read.
    pub(super) fn kept_twice(&self) -> Vec<Root<'f>> {
        let twice = |(name, value): &(&'f str, Value)| {
            let names = match value {
                Value::List(items) => Arc::strong_count(items),
                Value::Dict(items) => Arc::strong_count(items),
                _ => 1,
            };
            (names > 1).then_some(Root::Local(TextRange::default(), name))
        };
        self.kept.iter().filter_map(twice).collect()
    }

    /// Takes the variables that users change from those that are known: those `changed`, if they are of the file, and
    /// those `declared` as such.
    pub(super) fn keep(&mut self, changed: HashSet<&'f str>, declared: HashSet<&'f str>) {
        let changed = changed.into_iter().filter(|name| self.constants.contains_key(name));
        let mut names: Vec<&str> = changed.chain(declared).chain(self.iterators.keys().copied()).collect();
        names.retain(|name| !self.is_no_variable(name));
        names.sort_unstable();
        names.dedup();
        for name in names {
            let known = self.constants.remove(name);
            let spent = self.spent.contains(name);
            let value = match self.iterators.get_mut(name) {
                Some(Taking::Cycle(items) | Taking::Once(items)) => {
                    // Some were taken when the file was read.
                    *items = known.filter(|_| !spent).unwrap_or_else(|| Value::List(Arc::default()));
                    Value::Int(0)
                }
                Some(Taking::Count(_)) | None => known.unwrap_or_default(),
            };
            self.kept.push((name, value));
        }
    }
}

impl<'f> Body<'_, 'f> {
    /// The name of the file's iterator of which `next(name)` takes one.
    pub(super) fn next_of(&self, call: &'f ast::ExprCall) -> Option<&'f str> {
        let (Python::Name(next), [Python::Name(name)]) = (&*call.func, &*call.arguments.args) else {
            return None;
        };
        let name = name.id.as_str();
        let is_ours = next.id == "next"
            && call.arguments.keywords.is_empty()
            && !self.locals.contains_key(name)
            && !self.things.contains_key(name)
            && self.file.iterators.contains_key(name);
        is_ours.then_some(name)
    }

    /// Takes one of the file's iterator `name`.
    pub(super) fn take_next(
        &mut self,
        name: &str,
        result: Option<Slot>,
        steps: &mut Vec<Step>,
    ) -> Option<()> {
        let taken = self.file.kept(name)?;
        let iterator = self.file.iterators.get(name)?.clone();
        let count = || Expr::Variable(taken, name.into());
        let number = |number: i64| Expr::Constant(Value::Int(number));
        let item = |items| Expr::Node(Box::new(Node::Call(&NEXT_ITEM, vec![Expr::Constant(items), count()])));
        let after = |step: i64| Expr::binary(Binary::Add, count(), number(step));
        let (value, left) = match iterator {
            Taking::Count(step) => (count(), after(step)),
            Taking::Once(items) => (item(items), after(1)),
            Taking::Cycle(items) => {
                let length = Node::Call(function("len")?, vec![Expr::Constant(items.clone())]);
                let length = Expr::Node(Box::new(length));
                (item(items), Expr::binary(Binary::Modulo, after(1), length))
            }
        };
        let slot = result.unwrap_or_else(|| self.places.fresh());
        steps.push(Step::SetAll(vec![(slot, value), (taken, left)]));
        Some(())
    }
}

/// Names that a function declares `global`.
pub(super) fn globals(body: &[Stmt]) -> HashSet<&str> {
    let mut globals = Globals(HashSet::new());
    body.iter().for_each(|statement| globals.visit_stmt(statement));
    globals.0
}

struct Globals<'f>(HashSet<&'f str>);

impl<'f> Visitor<'f> for Globals<'f> {
    fn visit_stmt(&mut self, statement: &'f Stmt) {
        if let Stmt::Global(global) = statement {
            self.0.extend(global.names.iter().map(ast::Identifier::as_str));
        }
        walk_stmt(self, statement);
    }
}
