//! What can be told of a file from its text alone, before anything of it is done.

use super::aliases::CHANGING;
use super::file::Assigned;
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{self as ast, Expr, Stmt};
use std::collections::{HashMap, HashSet};

/// Collects each `object.attribute = value`, imports within functions, and what else must be known early.
#[derive(Default)]
pub(super) struct Stores<'f> {
    pub(super) attributes: HashMap<&'f str, Assigned>,
    /// Names of all functions.
    pub(super) methods: HashSet<&'f str>,
    /// Names that are declared `global`.
    pub(super) declared: HashSet<&'f str>,
    /// Names that functions change which stand for something of the file, if they are no variables of theirs.
    pub(super) changed: HashSet<&'f str>,
    /// Imports within functions.
    pub(super) imports: Vec<&'f Stmt>,
    /// Whether something leaves a task set.
    pub(super) interrupts: bool,
    /// Whether a client may have headers of its own.
    pub(super) has_session: bool,
    /// Whether a client may get another address to put before paths.
    pub(super) moves: bool,
    /// Whether a client may be told what requests are filed under.
    pub(super) names_requests: bool,
    depth: usize,
}

impl<'f> Visitor<'f> for Stores<'f> {
    fn visit_stmt(&mut self, statement: &'f Stmt) {
        if let Stmt::Assign(assign) = statement
            && let [Expr::Attribute(target)] = assign.targets.as_slice()
        {
            let of_client = !target.value.is_name_expr();
            self.has_session |= matches!(target.attr.as_str(), "auth" | "headers") && of_client;
            self.moves |= target.attr.as_str() == "base_url";
            self.names_requests |= target.attr.as_str() == "request_name";
            self.attributes.entry(target.attr.as_str()).or_default().add(Some(&assign.value));
            self.visit_expr(&assign.value);
            return;
        }
        if let Stmt::Global(global) = statement {
            self.declared.extend(global.names.iter().map(ast::Identifier::as_str));
        }
        if matches!(statement, Stmt::Import(_) | Stmt::ImportFrom(_)) && self.depth > 0 {
            self.imports.push(statement);
        }
        if let Stmt::FunctionDef(function) = statement {
            self.methods.insert(function.name.as_str());
        }
        self.depth += usize::from(statement.is_function_def_stmt());
        walk_stmt(self, statement);
        self.depth -= usize::from(statement.is_function_def_stmt());
    }

    fn visit_expr(&mut self, expression: &'f Expr) {
        self.interrupts |= match expression {
            Expr::Attribute(attribute) => matches!(attribute.attr.as_str(), "interrupt" | "InterruptTaskSet"),
            Expr::Name(name) => name.id == "InterruptTaskSet",
            _ => false,
        };
        self.has_session |= match expression {
            Expr::Call(call) => match &*call.func {
                Expr::Attribute(method) => method.attr.as_str() == "update" && is_headers(&method.value),
                _ => false,
            },
            Expr::Subscript(item) => item.ctx != ast::ExprContext::Load && is_headers(&item.value),
            _ => false,
        };
        if let Some(Expr::Name(name)) = changed(expression)
            && self.depth > 0
        {
            self.changed.insert(name.id.as_str());
        }
        if let Expr::Attribute(attribute) = expression
            && attribute.ctx != ast::ExprContext::Load
        {
            self.attributes.entry(attribute.attr.as_str()).or_default().add(None);
        }
        walk_expr(self, expression);
    }
}

/// `something.headers`, as that of a client.
fn is_headers(python: &Expr) -> bool {
    python.as_attribute_expr().is_some_and(|attribute| attribute.attr.as_str() == "headers")
}

/// What an expression changes.
pub(super) fn changed(python: &Expr) -> Option<&Expr> {
    match python {
        Expr::Subscript(item) if item.ctx != ast::ExprContext::Load => Some(&item.value),
        Expr::Call(call) => match (&*call.func, &*call.arguments.args) {
            (Expr::Attribute(shuffle), [items]) if shuffle.attr.as_str() == "shuffle" => Some(items),
            (Expr::Attribute(method), _) if CHANGING.contains(&method.attr.as_str()) => Some(&method.value),
            _ => None,
        },
        _ => None,
    }
}
