//! Files that methods and functions open: they are read when the locustfile is, so that no user waits for a disk and a
//! master can hand them out.

use super::file::File;
use super::module::{Budget, Ended, Module};
use super::refuse::Refusals;
use crate::expr::Value;
use crate::source::Source;
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::Ranged;
use std::collections::HashMap;
use std::sync::Arc;

/// A file that is opened somewhere.
#[derive(Clone)]
pub(super) struct Opened {
    /// As the locustfile names it.
    pub(super) path: Arc<str>,
    /// Its bytes, or its lines.
    pub(super) content: Value,
}

impl Opened {
    /// What `requests` calls it when it uploads it.
    pub(super) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// All of it: bytes or text.
    pub(super) fn whole(&self) -> Value {
        match &self.content {
            Value::List(lines) => lines.iter().filter_map(Value::as_str).collect::<String>().into(),
            bytes => bytes.clone(),
        }
    }
}

/// Reads the files that functions open, as far as their paths are known, and notes what those calls give.
pub(super) fn read<'f>(
    file: &mut File<'f>,
    body: &'f [Stmt],
    source: &dyn Source,
    budget: &mut Budget,
    refusals: &mut Refusals,
) {
    let mut finder =
        Finder { file, source, budget, refusals, names: HashMap::new(), method: false, loops: 0 };
    for statement in
        body.iter().filter(|statement| matches!(statement, Stmt::ClassDef(_) | Stmt::FunctionDef(_)))
    {
        finder.visit_stmt(statement);
    }
}

struct Finder<'a, 'f> {
    file: &'a mut File<'f>,
    source: &'a dyn Source,
    budget: &'a mut Budget,
    refusals: &'a mut Refusals,
    /// Names of open files, with what they hold and whether that was read.
    names: HashMap<&'f str, (Value, bool)>,
    /// Whether this is within a class: what fails there would fail in each user.
    method: bool,
    /// Loops around, within the block of the file.
    loops: usize,
}

impl<'f> Finder<'_, 'f> {
    /// Whether a call opens a file.
    fn opens(&self, call: &ast::ExprCall) -> bool {
        match &*call.func {
            Expr::Name(name) if !self.file.imports.contains_key(name.id.as_str()) => {
                name.id == "open" && !self.file.functions.contains_key("open")
            }
            function => matches!(self.file.path(function).as_deref(), Some("io.open" | "codecs.open")),
        }
    }

    /// The expression whose open file a call reads.
    fn read_by(&self, call: &'f ast::ExprCall) -> Option<&'f Expr> {
        match (&*call.func, &*call.arguments.args) {
            (Expr::Attribute(method), []) if matches!(method.attr.as_str(), "read" | "readlines") => {
                Some(&method.value)
            }
            (function, [file, ..]) => {
                let path = self.file.path(function)?;
                matches!(path.as_str(), "json.load" | "csv.DictReader" | "csv.reader").then_some(file)
            }
            _ => None,
        }
    }

    /// Does a call, with the open files that have names; `None` if it cannot be done, which is told if it must be.
    fn value(&mut self, python: &'f Expr) -> Option<Value> {
        let known = self.refusals.list.len();
        let names = self.names.iter().map(|(name, (value, _))| (*name, value.clone())).collect();
        let mut module = Module::new(self.file, self.source, self.budget, self.refusals).with_names(names);
        let done = module.value(python);
        let parts = std::mem::take(&mut module.parts);
        self.refusals.list.truncate(known);
        match done {
            Ok(value) => {
                self.file.environment.extend(parts);
                Some(value)
            }
            Err(Ended::Raised(range, error)) if self.method => {
                let message = format!("this fails when the file is read: {error}");
                self.refusals.wrong(range, message, "correct it");
                None
            }
            Err(_) => None,
        }
    }

    fn open(&mut self, call: &'f ast::ExprCall, python: &'f Expr) -> Option<Value> {
        let path = self.value(call.arguments.args.first()?)?;
        let content = self.value(python)?;
        self.file.environment.insert(call.range(), content.clone());
        let opened = Opened { path: path.as_str()?.into(), content: content.clone() };
        self.file.opened.insert(call.range(), opened);
        Some(content)
    }

    /// Reads the open file that has this name.
    fn read(&mut self, name: &'f ast::ExprName, call: &'f ast::ExprCall, python: &'f Expr) {
        let Some((_, read)) = self.names.get_mut(name.id.as_str()) else { return };
        if std::mem::replace(read, true) || self.loops > 0 {
            let message = "a file that is read more than once is not translated";
            self.refusals.untranslated(call.range(), message, "keep what it holds in a variable");
            return;
        }
        if let Some(value) = self.value(python) {
            self.file.environment.insert(call.range(), value);
        }
    }
}

impl<'f> Visitor<'f> for Finder<'_, 'f> {
    fn visit_stmt(&mut self, statement: &'f Stmt) {
        match statement {
            Stmt::ClassDef(_) => {
                let before = std::mem::replace(&mut self.method, true);
                walk_stmt(self, statement);
                self.method = before;
            }
            Stmt::With(with) => {
                let mut names: Vec<&'f str> = Vec::new();
                for item in &with.items {
                    self.visit_expr(&item.context_expr);
                    if let (Expr::Call(call), Some(Expr::Name(name))) =
                        (&item.context_expr, item.optional_vars.as_deref())
                        && let Some(opened) = self.file.opened.get(&call.range())
                    {
                        self.names.insert(&name.id, (opened.content.clone(), false));
                        names.push(&name.id);
                    }
                }
                let loops = if names.is_empty() { self.loops } else { std::mem::take(&mut self.loops) };
                self.visit_body(&with.body);
                self.loops = loops;
                for name in names {
                    self.names.remove(name);
                }
            }
            Stmt::For(each) => {
                self.visit_expr(&each.iter);
                self.loops += 1;
                self.visit_body(&each.body);
                self.loops -= 1;
            }
            Stmt::While(_) => {
                self.loops += 1;
                walk_stmt(self, statement);
                self.loops -= 1;
            }
            _ => walk_stmt(self, statement),
        }
    }

    fn visit_expr(&mut self, expression: &'f Expr) {
        if let Expr::Call(call) = expression {
            if self.opens(call) {
                _ = self.open(call, expression);
                return;
            }
            match self.read_by(call) {
                Some(Expr::Name(name)) => return self.read(name, call, expression),
                Some(file @ Expr::Call(open)) if self.opens(open) => {
                    if self.open(open, file).is_some()
                        && let Some(value) = self.value(expression)
                    {
                        self.file.environment.insert(call.range(), value);
                    }
                    return;
                }
                _ => {}
            }
        }
        walk_expr(self, expression);
    }
}
