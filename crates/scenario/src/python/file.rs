//! What a locustfile defines at its top level: imports, constants, functions, classes.

use super::aliases::Aliases;
use super::environment;
use super::kept::Taking;
use super::lineage::Lineage;
use super::listeners;
use super::module::{Budget, Module};
use super::names::Constants;
use super::reading::{self, Opened};
use super::refuse::Refusals;
use super::stores::Stores;
use crate::expr::Value;
use crate::expr::exception::{is_a, is_exception};
use crate::expr::lower::{Lower, is_set};
use crate::limits::{CLASSES, DEPTH};
use crate::source::Source;
use ruff_python_ast::visitor::Visitor;
use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::{Ranged, TextRange};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A locustfile's definitions, by name.
pub(super) struct File<'f> {
    /// What imported names stand for, by full name: `random.randint`, `locust.task`.
    pub(super) imports: HashMap<&'f str, String>,
    pub(super) constants: HashMap<&'f str, Value>,
    pub(super) functions: HashMap<&'f str, &'f ast::StmtFunctionDef>,
    /// In the order of the file.
    pub(super) classes: Vec<&'f ast::StmtClassDef>,
    pub(super) classes_by_name: HashMap<&'f str, &'f ast::StmtClassDef>,
    /// What those derive from.
    pub(super) lineages: HashMap<&'f str, Lineage<'f>>,
    /// Whether something leaves a task set.
    pub(super) interrupts: bool,
    /// Whether a client may have headers of its own.
    pub(super) has_session: bool,
    /// Whether a client may get another address to put before paths.
    pub(super) moves: bool,
    /// Whether a client may be told what requests are filed under.
    pub(super) names_requests: bool,
    /// Exceptions that the file defines, each with the names of those that it derives from.
    pub(super) exceptions: HashMap<&'f str, Vec<&'f str>>,
    /// Names of what writes a log, as in `logger = logging.getLogger(...)`.
    pub(super) loggers: HashSet<&'f str>,
    /// Functions that listen to events and may be left out.
    listeners: HashSet<&'f str>,
    /// Compiled patterns, as in `PATTERN = re.compile("...")`.
    pub(super) patterns: HashMap<&'f str, &'f ast::ExprCall>,
    /// Constants of classes that are nothing to Locust, by the names of the class and of the constant.
    pub(super) plain: HashMap<&'f str, HashMap<&'f str, Value>>,
    /// Variables that are not changed in place, and why.
    pub(super) aliases: Aliases<'f>,
    /// Names of methods of the file's classes, and of its functions.
    pub(super) methods: HashSet<&'f str>,
    /// Files that functions open, by the calls of `open()`.
    pub(super) opened: HashMap<TextRange, Opened>,
    /// Variables of the environment and contents of files, by the places where they are read.
    pub(super) environment: HashMap<TextRange, Value>,
    /// Variables of the file that users change, with the values that they begin with; sorted.
    pub(super) kept: Vec<(&'f str, Value)>,
    /// Those among them that `next()` takes from.
    pub(super) iterators: HashMap<&'f str, Taking>,
    /// Variables of the file that stand for what Python goes through once, and those that it went through.
    pub(super) once: HashSet<&'f str>,
    pub(super) spent: HashSet<&'f str>,
    /// The statement of the file that is done now, and the last that gave each variable a value.
    pub(super) moment: usize,
    pub(super) moments: HashMap<&'f str, usize>,
    /// Variables of the file that are given sets.
    pub(super) sets: HashSet<&'f str>,
    /// Names of which it was told already why they stand for nothing here.
    pub(super) told: HashSet<&'f str>,
    /// Attributes that are given a value somewhere in the file, as in `self.token = ...`.
    pub(super) attributes: HashMap<&'f str, Assigned>,
}

/// How an attribute or variable gets its value.
#[derive(Clone, Default)]
pub(super) struct Assigned {
    times: usize,
    /// Whether it is given a set somewhere.
    pub(super) is_set: bool,
    keys: Option<Vec<Arc<str>>>,
}

impl Assigned {
    /// Notes that it is given `value`; `None` for a value that is not written there, as in `for`.
    pub(super) fn add(&mut self, value: Option<&Expr>) {
        self.times += 1;
        self.is_set |= value.is_some_and(is_set);
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
    pub(super) fn read(body: &'f [Stmt], source: &dyn Source, refusals: &mut Refusals) -> Self {
        let mut stores = Stores::default();
        body.iter().for_each(|statement| stores.visit_stmt(statement));
        let mut file = Self {
            imports: HashMap::new(),
            constants: HashMap::new(),
            functions: HashMap::new(),
            classes: Vec::new(),
            classes_by_name: HashMap::new(),
            lineages: HashMap::new(),
            interrupts: stores.interrupts,
            has_session: stores.has_session,
            moves: stores.moves,
            names_requests: stores.names_requests,
            exceptions: HashMap::new(),
            loggers: HashSet::new(),
            listeners: HashSet::new(),
            patterns: HashMap::new(),
            plain: HashMap::new(),
            environment: HashMap::new(),
            opened: HashMap::new(),
            aliases: Aliases::default(),
            methods: stores.methods,
            kept: Vec::new(),
            iterators: HashMap::new(),
            once: HashSet::new(),
            spent: HashSet::new(),
            sets: HashSet::new(),
            told: HashSet::new(),
            moment: 0,
            moments: HashMap::new(),
            attributes: stores.attributes,
        };
        // A name that is imported within a function is taken for one of the file.
        let of_file =
            body.iter().filter(|statement| statement.is_import_stmt() || statement.is_import_from_stmt());
        for import in of_file.chain(stores.imports) {
            match import {
                Stmt::Import(import) => file.import(import, refusals),
                Stmt::ImportFrom(import) => file.import_from(import, refusals),
                _ => {}
            }
        }
        for statement in body {
            if let Stmt::Assign(ast::StmtAssign { targets, value, .. }) = statement
                && let ([Expr::Name(name)], Expr::Call(call)) = (targets.as_slice(), &**value)
                && file.path(&call.func).as_deref() == Some("logging.getLogger")
            {
                file.loggers.insert(&name.id);
            }
        }
        file.listeners = listeners::harmless(&file, body);
        file.environment = environment::read(&file, body, source, refusals);
        let mut budget = Budget::default();
        for (moment, statement) in body.iter().enumerate() {
            file.moment = moment;
            file.statement(statement, source, &mut budget, refusals);
        }
        reading::read(&mut file, body, source, &mut budget, refusals);
        file.keep(stores.changed, stores.declared);
        file.settle(body, refusals);
        file.aliases = Aliases::of(&file, body);
        for root in file.kept_twice() {
            file.aliases.note(root);
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

    fn statement(
        &mut self,
        statement: &'f Stmt,
        source: &dyn Source,
        budget: &mut Budget,
        refusals: &mut Refusals,
    ) {
        match statement {
            // They were read before.
            Stmt::Import(_) | Stmt::ImportFrom(_) => {}
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
                self.plain_class(class, source, budget, refusals);
                if self.classes.len() == CLASSES + 1 {
                    let message = format!("the file has more than {CLASSES} classes");
                    refusals.untranslated(class.name.range, message, "make several files of it");
                }
            }
            Stmt::FunctionDef(function) => {
                self.define(&function.name, refusals);
                let known = |expression: &Expr| {
                    let function = expression.as_call_expr().map_or(expression, |call| &*call.func);
                    matches!(
                        self.locust_name(function),
                        Some("seq_task" | "tag" | "task" | "transition" | "transitions")
                    )
                };
                if self.listeners.contains(function.name.as_str()) {
                    return;
                }
                for decorator in
                    function.decorator_list.iter().filter(|decorator| !known(&decorator.expression))
                {
                    match listeners::event(self, &decorator.expression) {
                        Some(event) => refusals.untranslated(
                            decorator.range,
                            format!("a listener of `events.{event}` that does more than print, log and count is not translated"),
                            listeners::instead(&event),
                        ),
                        None => refusals.untranslated(
                            decorator.range,
                            "decorators of functions are not translated",
                            "leave it out, and do what it does in the function itself",
                        ),
                    }
                }
                self.functions.insert(&function.name, function);
            }
            Stmt::Assign(ast::StmtAssign { targets, value, .. })
                if let [Expr::Name(name)] = targets.as_slice() =>
            {
                self.constant(name, value, source, budget, refusals);
            }
            Stmt::AnnAssign(ast::StmtAnnAssign { target, value: Some(value), .. })
                if let Expr::Name(name) = &**target =>
            {
                self.constant(name, value, source, budget, refusals);
            }
            Stmt::If(conditional) if is_main_guard(conditional) => {}
            other if let Some((event, name)) = listeners::added(self, other) => {
                if !self.listeners.contains(name) {
                    let message = format!(
                        "a listener of `events.{event}` that does more than print, log and count is not translated"
                    );
                    refusals.untranslated(other.range(), message, listeners::instead(&event));
                }
            }
            other => Module::new(self, source, budget, refusals).run(other),
        }
    }

    /// Notes the constants of a class that is nothing to Locust. Those that are given another value elsewhere are none,
    /// and what cannot be known is told where it is read.
    fn plain_class(
        &mut self,
        class: &'f ast::StmtClassDef,
        source: &dyn Source,
        budget: &mut Budget,
        refusals: &mut Refusals,
    ) {
        let lineage = self.lineage(class);
        if !lineage.roots.is_empty() || lineage.fault.is_some() || lineage.classes.len() > 1 {
            return;
        }
        for statement in &class.body {
            let (target, value) = match statement {
                Stmt::Assign(assign) => match assign.targets.as_slice() {
                    [Expr::Name(name)] => (name, &*assign.value),
                    _ => continue,
                },
                Stmt::AnnAssign(ast::StmtAnnAssign { target, value: Some(value), .. }) => match &**target {
                    Expr::Name(name) => (name, &**value),
                    _ => continue,
                },
                _ => continue,
            };
            let found = refusals.list.len();
            let known = Module::new(self, source, budget, refusals).constant(value);
            refusals.list.truncate(found);
            if let Some(known) = known.filter(|_| !self.attributes.contains_key(target.id.as_str())) {
                self.plain.entry(&class.name).or_default().insert(&target.id, known);
            }
        }
    }

    /// The constant that `Class.NAME` is.
    pub(super) fn plain_constant(&self, object: &Expr, name: &str) -> Option<&Value> {
        let Expr::Name(class) = object else { return None };
        self.plain.get(class.id.as_str())?.get(name)
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
            || self.iterators.contains_key(name)
            || self.patterns.contains_key(name)
            || self.is_no_variable(name)
    }

    /// `NAME = value`
    fn constant(
        &mut self,
        name: &'f ast::ExprName,
        value: &'f Expr,
        source: &dyn Source,
        budget: &mut Budget,
        refusals: &mut Refusals,
    ) {
        if self.loggers.contains(name.id.as_str()) {
            return;
        }
        if self.is_no_variable(&name.id)
            || self.iterators.contains_key(name.id.as_str())
            || self.patterns.contains_key(name.id.as_str())
        {
            refusals.untranslated(
                name.range,
                format!("`{}` is given a value twice", name.id),
                "give each value a name of its own",
            );
            return;
        }
        let path = value.as_call_expr().and_then(|call| self.path(&call.func));
        if let ("re.compile", Expr::Call(call)) = (path.as_deref().unwrap_or_default(), value) {
            self.patterns.insert(&name.id, call);
            return;
        }
        let found = refusals.list.len();
        let taking = Module::new(self, source, budget, refusals).iterator(value, path.as_deref());
        let known = match taking {
            Some((taking, first)) => {
                self.iterators.insert(&name.id, taking);
                first
            }
            // Each problem is told once.
            None if refusals.list.len() > found => Value::Unset,
            None => match Module::new(self, source, budget, refusals).constant(value) {
                Some(value) => value,
                None => {
                    self.told.insert(&name.id);
                    Value::Unset
                }
            },
        };
        self.note_moment(&name.id);
        Module::new(self, source, budget, refusals).note_name(&name.id, value);
        self.constants.insert(&name.id, known);
    }

    /// The value of an expression, if it is known; problems are told where it stands.
    pub(super) fn quiet_value(&self, python: &Expr) -> Option<Value> {
        let mut scope = Constants(self);
        Lower::new(0, &mut scope).expr(python)?.constant().cloned()
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
        if expr.is_some() && value.is_none() && found {
            refusals.untranslated(
                python.range(),
                "this value is not known before the run",
                "write a constant here, or compute it in on_start",
            );
        }
        value
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

/// `if __name__ == "__main__":` is not true when Locust loads the file.
fn is_main_guard(conditional: &ast::StmtIf) -> bool {
    let Expr::Compare(compare) = &*conditional.test else { return false };
    let Expr::Name(name) = &*compare.left else { return false };
    conditional.elif_else_clauses.is_empty()
        && name.id == "__name__"
        && matches!(&*compare.ops, [ast::CmpOp::Eq])
        && matches!(&*compare.comparators, [Expr::StringLiteral(text)] if text.value.to_str() == "__main__")
}
