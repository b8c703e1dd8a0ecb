//! What a call may change that stands elsewhere, with all that is called from there: told from names alone, so rather
//! more than less.

use super::stores::changed;
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Expr, Stmt};
use std::collections::{HashMap, HashSet};

/// Most functions that are looked at: beyond that anything may be changed.
const MOST: usize = 200_000;

/// What the functions of a file do, by their names.
pub(super) struct Reach<'f> {
    /// Who changes what is called so.
    changers: HashMap<&'f str, Vec<&'f str>>,
    /// Who calls what is called so.
    callers: HashMap<&'f str, Vec<&'f str>>,
    /// Those that change what is called so, by themselves or by what they call.
    known: HashMap<&'f str, HashSet<&'f str>>,
    left: usize,
}

/// What code changes in place, and what it calls.
#[derive(Default)]
struct Deeds<'f> {
    /// Names of variables, and of attributes of whatever object.
    changed: HashSet<&'f str>,
    called: HashSet<&'f str>,
}

impl<'f> Reach<'f> {
    pub(super) fn of(body: &'f [Stmt]) -> Self {
        let mut functions = Functions(HashMap::new());
        body.iter().for_each(|statement| functions.visit_stmt(statement));
        let mut reach =
            Self { changers: HashMap::new(), callers: HashMap::new(), known: HashMap::new(), left: MOST };
        for (function, deeds) in &functions.0 {
            for changed in &deeds.changed {
                reach.changers.entry(changed).or_default().push(function);
            }
            for called in &deeds.called {
                reach.callers.entry(called).or_default().push(function);
            }
        }
        reach
    }

    /// Whether something that `body` calls changes what is called `name`.
    pub(super) fn changes(&mut self, body: &'f [Stmt], name: &'f str) -> bool {
        let Some(changers) = self.changers.get(name) else { return false };
        if !self.known.contains_key(name) {
            let mut known = HashSet::new();
            let mut new = changers.clone();
            while let (Some(function), 1..) = (new.pop(), self.left) {
                if known.insert(function) {
                    self.left -= 1;
                    new.extend(self.callers.get(function).into_iter().flatten());
                }
            }
            self.known.insert(name, known);
        }
        let mut deeds = Deeds::default();
        body.iter().for_each(|statement| deeds.visit_stmt(statement));
        let known = self.known.get(name);
        self.left == 0 || deeds.called.iter().any(|called| known.is_some_and(|known| known.contains(called)))
    }
}

struct Functions<'f>(HashMap<&'f str, Deeds<'f>>);

impl<'f> Visitor<'f> for Functions<'f> {
    fn visit_stmt(&mut self, statement: &'f Stmt) {
        if let Stmt::FunctionDef(function) = statement {
            let deeds = self.0.entry(function.name.as_str()).or_default();
            function.body.iter().for_each(|statement| deeds.visit_stmt(statement));
        }
        walk_stmt(self, statement);
    }
}

impl<'f> Deeds<'f> {
    fn change(&mut self, python: &'f Expr) {
        match python {
            Expr::Name(name) => _ = self.changed.insert(name.id.as_str()),
            Expr::Attribute(attribute) => _ = self.changed.insert(attribute.attr.as_str()),
            _ => {}
        }
    }
}

impl<'f> Visitor<'f> for Deeds<'f> {
    fn visit_stmt(&mut self, statement: &'f Stmt) {
        if let Stmt::AugAssign(assign) = statement
            && !assign.value.is_literal_expr()
        {
            self.change(&assign.target);
        }
        walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'f Expr) {
        if let Expr::Call(call) = expression {
            match &*call.func {
                Expr::Name(name) => _ = self.called.insert(name.id.as_str()),
                Expr::Attribute(method) => _ = self.called.insert(method.attr.as_str()),
                _ => {}
            }
        }
        changed(expression).into_iter().for_each(|python| self.change(python));
        walk_expr(self, expression);
    }
}
