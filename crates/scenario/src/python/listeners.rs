//! Listeners of events that do nothing to a test: they print, log, and count for that. They may be left out.

use super::file::File;
use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{self as ast, Expr, Stmt};
use std::collections::{HashMap, HashSet};

/// Functions of Python that do nothing but give a value.
const FUNCTIONS: &[&str] = &[
    "abs",
    "bool",
    "dict",
    "float",
    "format",
    "getattr",
    "hasattr",
    "int",
    "isinstance",
    "len",
    "list",
    "max",
    "min",
    "print",
    "repr",
    "round",
    "set",
    "sorted",
    "str",
    "sum",
    "tuple",
    "type",
];

/// Modules whose functions do no more.
const MODULES: &[&str] =
    &["collections", "datetime", "json.dumps", "json.loads", "math", "statistics", "time.time"];

/// Methods that do nothing but give a value.
const READING: &[&str] = &[
    "copy",
    "count",
    "decode",
    "encode",
    "endswith",
    "format",
    "get",
    "get_current_response_time_percentile",
    "get_response_time_percentile",
    "index",
    "isoformat",
    "items",
    "join",
    "json",
    "keys",
    "lower",
    "replace",
    "split",
    "startswith",
    "strftime",
    "strip",
    "total_seconds",
    "upper",
    "values",
];

/// Methods that change a list, dict or set, and give nothing.
const COUNTING: &[&str] = &["add", "append", "clear", "extend", "setdefault", "update"];

/// The functions of the file that listen to events and may be left out.
pub(super) fn harmless<'f>(file: &File<'f>, body: &'f [Stmt]) -> HashSet<&'f str> {
    // With the variables that each changes.
    let mut listeners: HashMap<&'f str, HashSet<&'f str>> = HashMap::new();
    for function in body.iter().filter_map(Stmt::as_function_def_stmt) {
        let listens = |decorator: &ast::Decorator| event(file, &decorator.expression).is_some();
        let name = function.name.as_str();
        let added =
            body.iter().filter_map(|statement| added(file, statement)).any(|(_, known)| known == name);
        let decorated = !function.decorator_list.is_empty() && function.decorator_list.iter().all(listens);
        if decorated || (added && function.decorator_list.is_empty()) {
            let mut changes = Changes::default();
            if only_counts(file, &function.body, &mut changes)
                && let Some(of_file) = changes.of_file()
            {
                listeners.insert(&function.name, of_file);
            }
        }
    }
    // What others read must be counted. A listener that stays may read what another one counts.
    loop {
        let mut read = Names(HashSet::new());
        let left_out = |statement: &Stmt| {
            statement
                .as_function_def_stmt()
                .is_some_and(|function| listeners.contains_key(function.name.as_str()))
        };
        let acts = |statement: &&Stmt| matches!(statement, Stmt::FunctionDef(_) | Stmt::ClassDef(_));
        body.iter().filter(acts).filter(|statement| !left_out(statement)).for_each(|statement| {
            read.visit_stmt(statement);
        });
        let before = listeners.len();
        listeners.retain(|_, changes| changes.is_disjoint(&read.0));
        if listeners.len() == before {
            return listeners.into_keys().collect();
        }
    }
}

/// The event that `events.test_start.add_listener` listens to.
pub(super) fn event(file: &File<'_>, python: &Expr) -> Option<String> {
    let path = file.path(python)?;
    Some(path.strip_prefix("locust.events.")?.strip_suffix(".add_listener")?.to_owned())
}

/// The event and the function of `events.request.add_listener(function)` or, before Locust 1.0,
/// `events.request_success += function`.
pub(super) fn added<'f>(file: &File<'f>, statement: &'f Stmt) -> Option<(String, &'f str)> {
    let (event, function) = match statement {
        Stmt::AugAssign(assign) if assign.op == ast::Operator::Add => {
            (file.path(&assign.target)?.strip_prefix("locust.events.")?.to_owned(), &*assign.value)
        }
        Stmt::Expr(expression) => match &*expression.value {
            Expr::Call(call) if let [function] = &*call.arguments.args => {
                (event(file, &call.func)?, function)
            }
            _ => return None,
        },
        _ => return None,
    };
    function.as_name_expr().map(|name| (event, name.id.as_str()))
}

/// What can be done in place of listening to an event.
pub(super) fn instead(event: &str) -> &'static str {
    match event {
        "quit" | "quitting" | "test_stop" | "test_stopping" => {
            "say when a run fails with `--fail-if`, as in `--fail-if 'failures > 1%'`, and do the rest after the run"
        }
        "init_command_line_parser" => "read variables of the environment: `os.getenv(\"NAME\", \"default\")`",
        "request" | "request_success" | "request_failure" => {
            "decide in a `with` block of the request: `response.failure(\"why\")`"
        }
        "spawning_complete" | "init" | "test_start" => "do it at the top of the file, or in on_start",
        _ => "do it in on_start or on_stop of the users",
    }
}

/// What a listener changes.
#[derive(Default)]
struct Changes<'f> {
    /// Names that it declares `global`.
    global: HashSet<&'f str>,
    /// Names that it gives a value.
    named: HashSet<&'f str>,
    /// Names of lists and dicts that it changes.
    within: HashSet<&'f str>,
}

impl<'f> Changes<'f> {
    /// The variables of the file among these; `None` where that cannot be told.
    fn of_file(&self) -> Option<HashSet<&'f str>> {
        // A variable of its own may be another name for something of the file.
        let own = |name: &&str| self.named.contains(name) && !self.global.contains(name);
        let of_file = self.named.intersection(&self.global).chain(&self.within).copied();
        (!self.within.iter().any(own)).then(|| of_file.collect())
    }
}

/// Whether statements print, log and change variables, and do nothing else; notes those variables.
fn only_counts<'f>(file: &File<'f>, body: &'f [Stmt], changes: &mut Changes<'f>) -> bool {
    body.iter().all(|statement| match statement {
        Stmt::Pass(_) | Stmt::Break(_) | Stmt::Continue(_) => true,
        Stmt::Global(global) => {
            changes.global.extend(global.names.iter().map(ast::Identifier::as_str));
            true
        }
        Stmt::Return(result) => result.value.as_deref().is_none_or(|value| only_reads(file, value)),
        Stmt::Expr(expression) => match &*expression.value {
            Expr::Call(call) if file.is_about_logs(&expression.value) => {
                call.arguments.iter_source_order().all(|given| only_reads(file, given.value()))
            }
            Expr::Call(call) => match &*call.func {
                Expr::Attribute(method) if COUNTING.contains(&method.attr.as_str()) => {
                    call.arguments.iter_source_order().all(|given| only_reads(file, given.value()))
                        && changed_within(file, &method.value, changes)
                }
                _ => only_reads(file, &expression.value),
            },
            other => only_reads(file, other),
        },
        Stmt::Assign(assign) => {
            only_reads(file, &assign.value)
                && assign.targets.iter().all(|target| changed(file, target, changes))
        }
        Stmt::AnnAssign(assign) => {
            assign.value.as_deref().is_none_or(|value| only_reads(file, value))
                && changed(file, &assign.target, changes)
        }
        Stmt::AugAssign(assign) => only_reads(file, &assign.value) && changed(file, &assign.target, changes),
        Stmt::If(conditional) => {
            only_reads(file, &conditional.test)
                && only_counts(file, &conditional.body, changes)
                && conditional.elif_else_clauses.iter().all(|clause| {
                    clause.test.as_ref().is_none_or(|test| only_reads(file, test))
                        && only_counts(file, &clause.body, changes)
                })
        }
        Stmt::For(each) => {
            only_reads(file, &each.iter)
                && changed(file, &each.target, changes)
                && only_counts(file, &each.body, changes)
                && only_counts(file, &each.orelse, changes)
        }
        _ => false,
    })
}

/// Whether what gets a value is a variable, or an item of one, which is noted.
fn changed<'f>(file: &File<'f>, target: &'f Expr, changes: &mut Changes<'f>) -> bool {
    match target {
        Expr::Name(name) => {
            changes.named.insert(name.id.as_str());
            true
        }
        Expr::Subscript(item) => only_reads(file, &item.slice) && changed_within(file, &item.value, changes),
        Expr::Tuple(tuple) => tuple.elts.iter().all(|target| changed(file, target, changes)),
        _ => false,
    }
}

/// The same of a list or dict in which something changes.
fn changed_within<'f>(file: &File<'f>, target: &'f Expr, changes: &mut Changes<'f>) -> bool {
    match target {
        Expr::Name(name) => {
            changes.within.insert(name.id.as_str());
            true
        }
        Expr::Subscript(item) => only_reads(file, &item.slice) && changed_within(file, &item.value, changes),
        _ => false,
    }
}

/// Whether evaluating it does nothing.
fn only_reads(file: &File<'_>, python: &Expr) -> bool {
    struct Reading<'a, 'f>(&'a File<'f>, bool);

    impl<'v> Visitor<'v> for Reading<'_, '_> {
        fn visit_expr(&mut self, expression: &'v Expr) {
            self.1 &= match expression {
                Expr::Call(call) => match (self.0.path(&call.func), &*call.func) {
                    (Some(path), _) => MODULES.iter().any(|module| path.starts_with(module)),
                    (None, Expr::Name(name)) => {
                        FUNCTIONS.contains(&name.id.as_str())
                            && !self.0.functions.contains_key(name.id.as_str())
                    }
                    (None, Expr::Attribute(method)) => READING.contains(&method.attr.as_str()),
                    (None, _) => false,
                },
                Expr::Named(_) | Expr::Await(_) | Expr::Yield(_) | Expr::YieldFrom(_) => false,
                _ => true,
            };
            walk_expr(self, expression);
        }
    }

    let mut reading = Reading(file, true);
    reading.visit_expr(python);
    reading.1
}

/// All names in some statements.
struct Names<'f>(HashSet<&'f str>);

impl<'f> Visitor<'f> for Names<'f> {
    fn visit_expr(&mut self, expression: &'f Expr) {
        if let Expr::Name(name) = expression {
            self.0.insert(name.id.as_str());
        }
        walk_expr(self, expression);
    }
}
