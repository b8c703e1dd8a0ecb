//! What a locustfile defines at its top level: imports, constants, functions, classes.

use super::lineage::Lineage;
use super::names::Constants;
use super::refuse::Refusals;
use crate::expr::Value;
use crate::expr::exception::{is_a, is_exception};
use crate::expr::lower::Lower;
use crate::limits::{CLASSES, DEPTH};
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::Ranged;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Modules of the standard library, and those that come with Locust, that may be imported as long as nothing of them
/// is used that is not translated: importing them changes nothing.
const HARMLESS: &[&str] = &[
    "__future__",
    "abc",
    "base64",
    "collections",
    "contextlib",
    "copy",
    "csv",
    "dataclasses",
    "datetime",
    "enum",
    "functools",
    "gevent",
    "hashlib",
    "hmac",
    "http",
    "itertools",
    "json",
    "logging",
    "math",
    "os",
    "pathlib",
    "pprint",
    "random",
    "re",
    "requests",
    "string",
    "sys",
    "time",
    "traceback",
    "typing",
    "urllib",
    "urllib3",
    "uuid",
    "warnings",
];

/// A locustfile's definitions, by name.
pub(super) struct File<'f> {
    /// What imported names stand for, by full name: `random.randint`, `locust.task`.
    pub(super) imports: HashMap<&'f str, String>,
    pub(super) constants: HashMap<&'f str, Value>,
    pub(super) functions: HashMap<&'f str, &'f ast::StmtFunctionDef>,
    /// In the order of the file.
    pub(super) classes: Vec<&'f ast::StmtClassDef>,
    classes_by_name: HashMap<&'f str, &'f ast::StmtClassDef>,
    /// What those derive from.
    pub(super) lineages: HashMap<&'f str, Lineage<'f>>,
    /// Whether something leaves a task set.
    pub(super) interrupts: bool,
    /// Exceptions that the file defines, each with the names of those that it derives from.
    pub(super) exceptions: HashMap<&'f str, Vec<&'f str>>,
    /// Names of what writes a log, as in `logger = logging.getLogger(...)`.
    loggers: HashSet<&'f str>,
    /// Attributes that are given a value somewhere in the file, as in `self.token = ...`.
    pub(super) attributes: HashMap<&'f str, Assigned>,
}

/// How an attribute or variable gets its value.
#[derive(Clone, Default)]
pub(super) struct Assigned {
    times: usize,
    keys: Option<Vec<Arc<str>>>,
}

impl Assigned {
    /// Notes that it is given `value`; `None` for a value that is not written there, as in `for`.
    pub(super) fn add(&mut self, value: Option<&Expr>) {
        self.times += 1;
        self.keys = value.and_then(keys_of);
    }

    /// Whether it is given a value at one place only.
    pub(super) fn is_once(&self) -> bool {
        self.times == 1
    }

    /// The keys of the dict that it always is, if its only value is a dict that is written out.
    pub(super) fn keys(&self) -> Option<&[Arc<str>]> {
        self.keys.as_deref().filter(|_| self.times == 1)
    }
}

fn keys_of(value: &Expr) -> Option<Vec<Arc<str>>> {
    let Expr::Dict(dict) = value else { return None };
    let mut keys: Vec<Arc<str>> = Vec::with_capacity(dict.items.len());
    for item in &dict.items {
        let Some(Expr::StringLiteral(key)) = &item.key else { return None };
        if !keys.iter().any(|known| **known == *key.value.to_str()) {
            keys.push(key.value.to_str().into());
        }
    }
    Some(keys)
}

impl<'f> File<'f> {
    pub(super) fn read(body: &'f [Stmt], refusals: &mut Refusals) -> Self {
        let mut stores =
            Stores { attributes: HashMap::new(), imports: Vec::new(), interrupts: false, depth: 0 };
        body.iter().for_each(|statement| stores.visit_stmt(statement));
        let mut file = Self {
            imports: HashMap::new(),
            constants: HashMap::new(),
            functions: HashMap::new(),
            classes: Vec::new(),
            classes_by_name: HashMap::new(),
            lineages: HashMap::new(),
            interrupts: stores.interrupts,
            exceptions: HashMap::new(),
            loggers: HashSet::new(),
            attributes: stores.attributes,
        };
        for statement in body {
            file.statement(statement, refusals);
        }
        // A name that is imported within a function is taken for one of the file.
        for import in stores.imports {
            match import {
                Stmt::Import(import) => file.import(import, refusals),
                Stmt::ImportFrom(import) => file.import_from(import, refusals),
                _ => {}
            }
        }
        file
    }

    /// Whether the class is an exception, which is then noted.
    fn is_exception(&mut self, class: &'f ast::StmtClassDef) -> bool {
        let bases = class.arguments.as_deref().map_or(&[][..], |arguments| &*arguments.args);
        let mut derived = Vec::new();
        for base in bases {
            let Expr::Name(base) = base else { continue };
            let base = base.id.as_str();
            match self.exceptions.get(base) {
                Some(further) => derived.extend(std::iter::once(base).chain(further.iter().copied())),
                None if is_exception(base) && self.class(base).is_none() => derived.push(base),
                None => {}
            }
        }
        let is = !derived.is_empty();
        if is && derived.len() <= DEPTH {
            self.exceptions.insert(&class.name, derived);
        }
        is
    }

    /// The exception, and those of the file that derive from it.
    pub(super) fn exceptions_of(&self, name: &str) -> Vec<Arc<str>> {
        let derived = self.exceptions.iter().filter(|(_, bases)| bases.iter().any(|base| is_a(base, name)));
        let mut all: Vec<Arc<str>> = derived.map(|(derived, _)| (*derived).into()).collect();
        all.push(name.into());
        all.sort();
        all
    }

    fn statement(&mut self, statement: &'f Stmt, refusals: &mut Refusals) {
        match statement {
            Stmt::Import(import) => self.import(import, refusals),
            Stmt::ImportFrom(import) => self.import_from(import, refusals),
            Stmt::ClassDef(class) => {
                self.define(&class.name, refusals);
                if self.is_exception(class) {
                    return;
                }
                self.classes.push(class);
                if self.classes.len() <= CLASSES {
                    // Before it has its name: no class derives from itself.
                    let lineage = Lineage::of(self, class);
                    self.lineages.insert(&class.name, lineage);
                }
                self.classes_by_name.insert(&class.name, class);
                if self.classes.len() == CLASSES + 1 {
                    let message = format!("the file has more than {CLASSES} classes");
                    refusals.untranslated(class.name.range, message, "make several files of it");
                }
            }
            Stmt::FunctionDef(function) => {
                self.define(&function.name, refusals);
                let known = |expression: &Expr| {
                    let function = expression.as_call_expr().map_or(expression, |call| &*call.func);
                    matches!(self.locust_name(function), Some("seq_task" | "tag" | "task"))
                };
                for decorator in
                    function.decorator_list.iter().filter(|decorator| !known(&decorator.expression))
                {
                    refusals.untranslated(
                        decorator.range,
                        "decorators of functions are not translated",
                        "remove the decorator",
                    );
                }
                self.functions.insert(&function.name, function);
            }
            Stmt::Assign(assign) => match assign.targets.as_slice() {
                [Expr::Name(name)] => self.constant(name, &assign.value, refusals),
                _ => refusals.untranslated(
                    assign.range,
                    "only a plain name can be given a value here",
                    "write one `NAME = value` per line",
                ),
            },
            Stmt::AnnAssign(ast::StmtAnnAssign { target, value: Some(value), range, .. }) => {
                match &**target {
                    Expr::Name(name) => self.constant(name, value, refusals),
                    _ => refusals.untranslated(
                        *range,
                        "only a plain name can be given a value here",
                        "use a name",
                    ),
                }
            }
            Stmt::AnnAssign(_) | Stmt::Pass(_) => {}
            Stmt::If(conditional) if is_main_guard(conditional) => {}
            Stmt::Expr(expression) if expression.value.is_literal_expr() => {}
            Stmt::Expr(expression) if self.is_about_logs(&expression.value) => {}
            other => refusals.untranslated(
                other.range(),
                "code at the top level of the file is not translated",
                "keep imports, constants, functions and classes there",
            ),
        }
    }

    /// A name must stand for one thing, or the order of execution would decide.
    fn define(&mut self, name: &'f ast::Identifier, refusals: &mut Refusals) {
        if self.is_defined(name.as_str()) {
            refusals.untranslated(
                name.range,
                format!("`{name}` is defined twice"),
                "give each definition a name of its own",
            );
        }
    }

    fn is_defined(&self, name: &str) -> bool {
        self.constants.contains_key(name)
            || self.imports.contains_key(name)
            || self.functions.contains_key(name)
            || self.classes_by_name.contains_key(name)
            || self.exceptions.contains_key(name)
            || self.loggers.contains(name)
    }

    fn constant(&mut self, name: &'f ast::ExprName, value: &'f Expr, refusals: &mut Refusals) {
        if self.is_defined(&name.id) {
            refusals.untranslated(
                name.range,
                format!("`{}` is given a value twice", name.id),
                "give each value a name of its own",
            );
            return;
        }
        if let Expr::Call(call) = value
            && self.path(&call.func).is_some_and(|path| path == "logging.getLogger")
        {
            self.loggers.insert(&name.id);
            return;
        }
        let known = self.value(value, refusals).unwrap_or_default();
        self.constants.insert(&name.id, known);
    }

    /// The value of an expression that must be known before the run.
    pub(super) fn value(&self, python: &Expr, refusals: &mut Refusals) -> Option<Value> {
        let mut scope = Constants(self);
        let mut lower = Lower::new(0, &mut scope);
        let expr = lower.expr(python);
        let problems = lower.problems;
        let found = problems.is_empty();
        refusals.expression(problems);
        let value = expr.as_ref().and_then(|expr| expr.constant()).cloned();
        if value.is_none() && found {
            refusals.untranslated(
                python.range(),
                "this value is not known before the run",
                "write a constant here, or compute it in on_start",
            );
        }
        value
    }

    fn import(&mut self, import: &'f ast::StmtImport, refusals: &mut Refusals) {
        for alias in &import.names {
            let module = alias.name.as_str();
            let root = module.split('.').next().unwrap_or(module);
            if root == "locust" || HARMLESS.contains(&root) {
                let (name, path) = match &alias.asname {
                    Some(name) => (name.as_str(), module),
                    None => (root, root),
                };
                self.imports.insert(name, canonical(path));
            } else {
                refusals.python_only(alias.range, format!("the module `{module}` is not translated"));
            }
        }
    }

    fn import_from(&mut self, import: &'f ast::StmtImportFrom, refusals: &mut Refusals) {
        let module = import.module.as_ref().map_or("", |module| module.as_str());
        let root = module.split('.').next().unwrap_or(module);
        if import.level > 0 || !(root == "locust" || HARMLESS.contains(&root)) {
            let dots = ".".repeat(import.level as usize);
            refusals.python_only(import.range, format!("the module `{dots}{module}` is not translated"));
            return;
        }
        for alias in &import.names {
            if alias.name.as_str() == "*" {
                refusals.untranslated(
                    alias.range,
                    "`import *` does not say what is imported",
                    "name what is used, as in `from locust import HttpUser, task`",
                );
                continue;
            }
            let name = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
            self.imports.insert(name, canonical(&format!("{module}.{}", alias.name)));
        }
    }

    /// The full name of something that was imported: `time.sleep`.
    pub(super) fn path(&self, python: &Expr) -> Option<String> {
        match python {
            Expr::Name(name) if self.loggers.contains(name.id.as_str()) => Some("logging.logger".to_owned()),
            Expr::Name(name) => self.imports.get(name.id.as_str()).cloned(),
            Expr::Attribute(attribute) => {
                Some(format!("{}.{}", self.path(&attribute.value)?, attribute.attr))
            }
            _ => None,
        }
    }

    /// Whether a function of this full name writes a log.
    pub(super) fn is_log(path: &str) -> bool {
        const LEVELS: &[&str] =
            &["critical", "debug", "error", "exception", "fatal", "info", "log", "warn", "warning"];
        path.strip_prefix("logging.")
            .and_then(|rest| rest.rsplit('.').next())
            .is_some_and(|last| LEVELS.contains(&last))
    }

    /// Code at the top level that only says how logs are written, or writes one.
    fn is_about_logs(&self, python: &Expr) -> bool {
        let Expr::Call(call) = python else { return false };
        match self.path(&call.func) {
            Some(path) => path.starts_with("logging.") || path == "urllib3.disable_warnings",
            None => matches!(&*call.func, Expr::Name(name) if name.id == "print"),
        }
    }

    /// The full name of what was imported from Locust, without `locust.`: `HttpUser`, `task`, `between`.
    pub(super) fn locust_name<'a>(&'a self, python: &'a Expr) -> Option<&'a str> {
        let found = match python {
            Expr::Name(name) => self.imports.get(&*name.id).and_then(|path| path.strip_prefix("locust.")),
            Expr::Attribute(attribute) => match &*attribute.value {
                Expr::Name(module) if self.imports.get(&*module.id).is_some_and(|path| path == "locust") => {
                    Some(attribute.attr.as_str())
                }
                _ => None,
            },
            _ => None,
        };
        found.filter(|name| !name.is_empty())
    }

    /// What a class derives from.
    pub(super) fn lineage(&self, class: &'f ast::StmtClassDef) -> Lineage<'f> {
        let known = self.lineages.get(class.name.as_str());
        let known =
            known.filter(|known| known.classes.first().is_some_and(|first| first.range == class.range));
        known.cloned().unwrap_or_else(|| Lineage::of(self, class))
    }

    pub(super) fn class(&self, name: &str) -> Option<&'f ast::StmtClassDef> {
        self.classes_by_name.get(name).copied()
    }
}

/// What Locust offers is the same whichever of its modules it comes from.
fn canonical(path: &str) -> String {
    match path.strip_prefix("locust.") {
        Some(rest) => format!("locust.{}", rest.rsplit('.').next().unwrap_or(rest)),
        None => path.to_owned(),
    }
}

/// `if __name__ == "__main__":` is not true when Locust loads the file.
fn is_main_guard(conditional: &ast::StmtIf) -> bool {
    let Expr::Compare(compare) = &*conditional.test else { return false };
    let Expr::Name(name) = &*compare.left else { return false };
    conditional.elif_else_clauses.is_empty()
        && name.id == "__name__"
        && matches!(&*compare.ops, [ast::CmpOp::Eq])
        && matches!(&*compare.comparators, [Expr::StringLiteral(text)] if text.value.to_str() == "__main__")
}

/// Collects each `object.attribute = value`, and imports within functions.
struct Stores<'f> {
    attributes: HashMap<&'f str, Assigned>,
    /// Imports within functions.
    imports: Vec<&'f Stmt>,
    /// Whether something leaves a task set.
    interrupts: bool,
    depth: usize,
}

impl<'f> Visitor<'f> for Stores<'f> {
    fn visit_stmt(&mut self, statement: &'f Stmt) {
        if let Stmt::Assign(assign) = statement
            && let [Expr::Attribute(target)] = assign.targets.as_slice()
        {
            self.attributes.entry(target.attr.as_str()).or_default().add(Some(&assign.value));
            self.visit_expr(&assign.value);
            return;
        }
        if matches!(statement, Stmt::Import(_) | Stmt::ImportFrom(_)) && self.depth > 0 {
            self.imports.push(statement);
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
        if let Expr::Attribute(attribute) = expression
            && attribute.ctx != ast::ExprContext::Load
        {
            self.attributes.entry(attribute.attr.as_str()).or_default().add(None);
        }
        walk_expr(self, expression);
    }
}
