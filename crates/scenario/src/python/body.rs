//! A method on its way to steps: whose it is, its variables, and the methods that it calls.

use super::answers::forget_unread;
use super::classes::Class;
use super::file::{Assigned, File};
use super::names::{Local, Owner};
use super::refuse::Refusals;
use crate::expr::lower::Lower;
use crate::expr::{Expr, Value};
use crate::limits::{DEPTH, VARIABLES};
use crate::model::{Slot, Step};
use ruff_python_ast::{self as ast, Expr as Python, Stmt};
use ruff_text_size::TextRange;
use std::collections::{HashMap, HashSet};

/// A method while it is translated, the methods that it calls included.
pub(super) struct Body<'b, 'f> {
    pub(super) file: &'b File<'f>,
    pub(super) class: &'b mut Class<'f>,
    /// Whose method it is.
    pub(super) owner: Owner,
    /// What the method calls its object, usually `self`.
    pub(super) this: &'f str,
    pub(super) locals: HashMap<&'f str, Local>,
    /// Places that expressions read; an answer that nobody reads is not kept.
    pub(super) reads: HashSet<Slot>,
    /// A call that was made a request of its own, and where its answer is.
    pub(super) replacement: Option<(TextRange, Slot)>,
    pub(super) refusals: &'b mut Refusals,
    /// The names of the answers of the `with` blocks around; `success()` and `failure()` are about the last.
    pub(super) answers: Vec<&'f str>,
    pub(super) places: &'b mut Places,
    /// Methods that are being put in place of their calls, by their names' ranges.
    calls: Vec<TextRange>,
    pub(super) depth: usize,
}

impl<'b, 'f> Body<'b, 'f> {
    /// The steps of `function`, called with the object that is `owner`.
    pub(super) fn translate(
        file: &'b File<'f>,
        class: &'b mut Class<'f>,
        owner: Owner,
        function: &'f ast::StmtFunctionDef,
        places: &'b mut Places,
        refusals: &'b mut Refusals,
    ) -> Vec<Step> {
        let mut body = Self {
            file,
            class,
            owner,
            this: "",
            locals: HashMap::new(),
            reads: HashSet::new(),
            replacement: None,
            refusals,
            answers: Vec::new(),
            places,
            calls: Vec::new(),
            depth: 0,
        };
        let mut steps = body.function(owner, function);
        forget_unread(&mut steps, &body.reads);
        steps
    }

    pub(super) fn function(&mut self, owner: Owner, function: &'f ast::StmtFunctionDef) -> Vec<Step> {
        if self.calls.contains(&function.name.range) || self.calls.len() == DEPTH {
            self.refusals.untranslated(
                function.name.range,
                "a method that calls itself is not translated",
                "use a loop",
            );
            return Vec::new();
        }
        let Some(this) = self.only_parameter(function) else { return Vec::new() };
        let next = self.places.next;
        let mut locals = HashMap::new();
        self.assigned(&function.body, &mut locals);
        if locals.contains_key(this) || self.places.most > VARIABLES {
            let message =
                format!("a method that has many variables, or gives `{this}` a value, is not translated");
            self.refusals.untranslated(function.name.range, message, "use attributes of the user");
            return Vec::new();
        }
        let mut steps = Vec::new();
        if !self.calls.is_empty() {
            // The places may have been used before, and the method's variables begin without values.
            let mut slots: Vec<Slot> = locals.values().map(|local| local.slot).collect();
            slots.sort_by_key(|slot| match slot {
                Slot::User(index) | Slot::Local(index) | Slot::Shared(index) => *index,
            });
            let unset = |target| Step::Set { target, value: Expr::Constant(Value::Unset) };
            steps.extend(slots.into_iter().map(unset));
        }
        let before = (
            self.owner,
            self.this,
            std::mem::take(&mut self.answers),
            std::mem::replace(&mut self.locals, locals),
        );
        (self.owner, self.this) = (owner, this);
        self.calls.push(function.name.range);
        steps.extend(match function.body.split_last() {
            Some((Stmt::Return(last), rest))
                if last.value.as_deref().is_none_or(Python::is_none_literal_expr) =>
            {
                self.block(rest)
            }
            _ => self.block(&function.body),
        });
        self.calls.pop();
        (self.owner, self.this, self.answers, self.locals) = before;
        if !self.calls.is_empty() {
            self.places.next = next;
        }
        steps
    }

    fn only_parameter(&mut self, function: &'f ast::StmtFunctionDef) -> Option<&'f str> {
        let parameters = &function.parameters;
        if function.is_async {
            self.refusals.untranslated(
                function.name.range,
                "an async method is not translated",
                "write a plain one",
            );
            return None;
        }
        match parameters.args.first() {
            Some(only) if parameters.len() == 1 && only.default.is_none() => {
                Some(only.parameter.name.as_str())
            }
            _ => {
                self.refusals.untranslated(
                    parameters.range,
                    "a task with other parameters than its user is not translated",
                    "take `self` only, and keep values in its attributes",
                );
                None
            }
        }
    }

    /// Finds the variables of a function: as in Python, whatever is given a value anywhere in it.
    fn assigned(&mut self, body: &'f [Stmt], locals: &mut HashMap<&'f str, Local>) {
        for statement in body {
            match statement {
                Stmt::Assign(assign) => {
                    for target in &assign.targets {
                        self.local(target, Some(&assign.value), locals);
                    }
                }
                Stmt::AnnAssign(assign) if assign.value.is_some() => {
                    self.local(&assign.target, assign.value.as_deref(), locals);
                }
                Stmt::AugAssign(assign) => self.local(&assign.target, None, locals),
                Stmt::For(each) => {
                    self.local(&each.target, None, locals);
                    self.assigned(&each.body, locals);
                }
                Stmt::With(with) => {
                    for name in with.items.iter().filter_map(|item| item.optional_vars.as_deref()) {
                        self.local(name, None, locals);
                    }
                    self.assigned(&with.body, locals);
                }
                Stmt::If(conditional) => {
                    self.assigned(&conditional.body, locals);
                    for clause in &conditional.elif_else_clauses {
                        self.assigned(&clause.body, locals);
                    }
                }
                _ => {}
            }
        }
    }

    fn local(&mut self, target: &'f Python, value: Option<&Python>, locals: &mut HashMap<&'f str, Local>) {
        if let Python::Name(name) = target {
            let known = locals
                .entry(name.id.as_str())
                .or_insert_with(|| Local { slot: self.places.fresh(), assigned: Assigned::default() });
            known.assigned.add(value);
        }
    }

    /// The expression as ours; problems are noted.
    pub(super) fn lower(&mut self, python: &Python) -> Option<Expr> {
        let mut lower = Lower::new(0, self);
        let expr = lower.expr(python);
        let problems = std::mem::take(&mut lower.problems);
        let found = problems.is_empty();
        self.refusals.expression(problems);
        expr.filter(|_| found)
    }

    /// A method or function of the file that is called with nothing but the object: `self.login()`, `login(self)`.
    pub(super) fn helper(&self, call: &'f ast::ExprCall) -> Option<(Owner, &'f ast::StmtFunctionDef)> {
        if !call.arguments.keywords.is_empty() {
            return None;
        }
        match (&*call.func, &*call.arguments.args) {
            (Python::Attribute(method), []) => {
                let owner = self.owner(&method.value)?;
                Some((owner, self.class.method(owner, method.attr.as_str())?))
            }
            (Python::Name(name), [object]) if !self.locals.contains_key(name.id.as_str()) => {
                let owner = self.owner(object)?;
                Some((owner, self.file.functions.get(name.id.as_str())?))
            }
            _ => None,
        }
    }
}

/// Places for local variables.
#[derive(Default)]
pub(super) struct Places {
    next: u16,
    /// How many were in use at once at most.
    pub(super) most: u16,
}

impl Places {
    /// A place for one more; how many there may be is checked method by method.
    pub(super) fn fresh(&mut self) -> Slot {
        let slot = Slot::Local(self.next);
        self.next = self.next.saturating_add(1);
        self.most = self.most.max(self.next);
        slot
    }

    /// Lets a method that runs by itself begin with the first place.
    pub(super) fn restart(&mut self) {
        self.next = 0;
    }
}
