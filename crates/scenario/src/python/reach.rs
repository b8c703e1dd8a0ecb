//! What a call may change that stands elsewhere, with all that is called from there: told from names alone, so rather
//! more than less.

use super::stores::changed;
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Expr, Stmt};
use std::collections::{HashMap, HashSet};

/// What the functions of a file do, by their names.
pub(super) struct Reach<'f>(HashMap<&'f str, Deeds<'f>>);

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
        Self(functions.0)
    }

    /// Whether something that `body` calls changes what is called `name`.
    pub(super) fn changes(&self, body: &'f [Stmt], name: &str) -> bool {
        let mut deeds = Deeds::default();
        body.iter().for_each(|statement| deeds.visit_stmt(statement));
        let mut known = HashSet::new();
        let mut left: Vec<&str> = deeds.called.into_iter().collect();
        while let Some(function) = left.pop() {
            let Some(deeds) = self.0.get(function).filter(|_| known.insert(function)) else { continue };
            if deeds.changed.contains(name) {
                return true;
            }
            left.extend(deeds.called.iter().copied());
        }
        false
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
