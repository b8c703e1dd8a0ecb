//! A method on its way to steps: whose it is, and its variables.

use super::answers::forget_unread;
use super::classes::Class;
use super::file::{Assigned, File};
use super::names::{Local, Owner, Thing};
use super::refuse::Refusals;
use super::waits::Waiting;
use crate::expr::lower::Lower;
use crate::expr::{Expr, Value};
use crate::model::{Slot, Step, Template};
use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{self as ast, Expr as Python, Stmt};
use ruff_text_size::TextRange;
use std::collections::{HashMap, HashSet};

/// A method while it is translated, the methods that it calls included.
pub(super) struct Body<'b, 'f> {
    pub(super) file: &'b File<'f>,
    pub(super) class: &'b mut Class<'f>,
    /// Names of the present method that stand for objects: `self`, and parameters that were given one.
    pub(super) things: HashMap<&'f str, Thing>,
    pub(super) locals: HashMap<&'f str, Local>,
    /// Parameters that were given something constant.
    pub(super) known: HashMap<&'f str, Value>,
    /// Variables of which it was told already why they have no value.
    pub(super) told: HashSet<&'f str>,
    /// Places that expressions read; an answer that nobody reads is not kept.
    pub(super) reads: HashSet<Slot>,
    /// Parts of the present expression that became steps of their own, where their values are, and what a person
    /// calls them.
    pub(super) replaced: Vec<(TextRange, Slot, &'static str)>,
    pub(super) refusals: &'b mut Refusals,
    /// The places of the answers of the `with` blocks around; `success()` and `failure()` are about the last.
    pub(super) answers: Vec<Option<Slot>>,
    /// The places of the answers of `self.rest`, each with that of the JSON in it.
    pub(super) rests: Vec<(Slot, Slot)>,
    /// Names of open files, each with the call that opened it.
    pub(super) files: HashMap<&'f str, TextRange>,
    pub(super) places: &'b mut Places,
    /// Methods that are being put in place of their calls, the outermost first.
    pub(super) calls: Vec<&'f ast::StmtFunctionDef>,
    /// The name of requests that have none of their own.
    pub(super) renamed: Option<Template>,
    /// Where the result of the present method goes.
    pub(super) result: Option<Slot>,
    /// The blocks that catch all exceptions around the present statement.
    pub(super) catching: usize,
    /// The blocks that catch any exception around the present statement.
    pub(super) trying: usize,
    /// The loops of the present method around the present statement.
    pub(super) loops: usize,
    /// For each of them that has an `else`, whether it was left early.
    pub(super) left: Vec<Option<Slot>>,
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
        let mut body = Self::new(file, class, places, refusals);
        let mut steps = body.task(owner, function);
        forget_unread(&mut steps, &body.reads);
        steps
    }

    /// The steps of a wait that Python computes: it gives seconds.
    pub(super) fn wait(
        file: &'b File<'f>,
        class: &'b mut Class<'f>,
        owner: Owner,
        waiting: Waiting<'f>,
        places: &'b mut Places,
        refusals: &'b mut Refusals,
    ) -> Vec<Step> {
        let mut body = Self::new(file, class, places, refusals);
        let mut steps = Vec::new();
        body.wait_steps(owner, waiting, &mut steps);
        forget_unread(&mut steps, &body.reads);
        steps
    }

    /// Adds a wait that Python computes, of the object that is `owner`.
    pub(super) fn wait_steps(&mut self, owner: Owner, waiting: Waiting<'f>, steps: &mut Vec<Step>) {
        match waiting {
            Waiting::Lambda(lambda) => {
                let this = lambda.parameters.as_ref().and_then(|parameters| parameters.args.first());
                let this = this.map(|this| (this.parameter.name.as_str(), Thing::Object(owner)));
                let before = self.things.clone();
                self.things.extend(this);
                let seconds = self.value(&lambda.body, steps);
                self.things = before;
                steps.extend(seconds.map(Step::Pause));
            }
            Waiting::Method(method) => {
                let result = self.places.fresh();
                steps.push(Step::Call(self.give_seconds(owner, method, result)));
                let seconds = self.held(result);
                steps.push(Step::Pause(seconds));
            }
        }
    }

    fn new(
        file: &'b File<'f>,
        class: &'b mut Class<'f>,
        places: &'b mut Places,
        refusals: &'b mut Refusals,
    ) -> Self {
        Self {
            file,
            class,
            things: HashMap::new(),
            locals: HashMap::new(),
            known: HashMap::new(),
            told: HashSet::new(),
            reads: HashSet::new(),
            replaced: Vec::new(),
            refusals,
            answers: Vec::new(),
            rests: Vec::new(),
            files: HashMap::new(),
            places,
            calls: Vec::new(),
            renamed: None,
            result: None,
            catching: 0,
            trying: 0,
            loops: 0,
            left: Vec::new(),
            depth: 0,
        }
    }

    /// Finds the variables of a function: as in Python, whatever is given a value anywhere in it.
    pub(super) fn assigned(&mut self, body: &'f [Stmt], locals: &mut HashMap<&'f str, Local>) {
        for statement in body {
            self.named(statement, locals);
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
                    self.assigned(&each.orelse, locals);
                }
                Stmt::While(repeat) => {
                    self.assigned(&repeat.body, locals);
                    self.assigned(&repeat.orelse, locals);
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
                Stmt::Try(attempt) => {
                    for block in [&attempt.body, &attempt.orelse, &attempt.finalbody] {
                        self.assigned(block, locals);
                    }
                    for ast::ExceptHandler::ExceptHandler(handler) in &attempt.handlers {
                        if let Some(name) = &handler.name {
                            self.add(name.as_str(), None, locals);
                        }
                        self.assigned(&handler.body, locals);
                    }
                }
                _ => {}
            }
        }
    }

    /// Variables that get their values within expressions, by `:=`.
    fn named(&mut self, statement: &'f Stmt, locals: &mut HashMap<&'f str, Local>) {
        let mut found = Walrus(Vec::new());
        match statement {
            Stmt::If(conditional) => {
                found.visit_expr(&conditional.test);
                for clause in &conditional.elif_else_clauses {
                    clause.test.iter().for_each(|test| found.visit_expr(test));
                }
            }
            Stmt::While(repeat) => found.visit_expr(&repeat.test),
            Stmt::Expr(expression) => found.visit_expr(&expression.value),
            Stmt::Assign(assign) => found.visit_expr(&assign.value),
            Stmt::Return(ast::StmtReturn { value: Some(value), .. }) => found.visit_expr(value),
            _ => {}
        }
        for name in found.0 {
            self.add(name, None, locals);
        }
    }

    fn local(&mut self, target: &'f Python, value: Option<&Python>, locals: &mut HashMap<&'f str, Local>) {
        match target {
            Python::Name(name) => self.add(name.id.as_str(), value, locals),
            Python::Tuple(ast::ExprTuple { elts, .. }) | Python::List(ast::ExprList { elts, .. }) => {
                elts.iter().for_each(|target| self.local(target, None, locals));
            }
            Python::Starred(starred) => self.local(&starred.value, None, locals),
            _ => {}
        }
    }

    pub(super) fn add(
        &mut self,
        name: &'f str,
        value: Option<&Python>,
        locals: &mut HashMap<&'f str, Local>,
    ) {
        let known = locals
            .entry(name)
            .or_insert_with(|| Local { slot: self.places.fresh(), assigned: Assigned::default() });
        known.assigned.add(value);
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
}

/// The names before `:=` within an expression, those of other functions left out.
pub(super) fn named_within(python: &Python) -> Vec<&str> {
    let mut found = Walrus(Vec::new());
    found.visit_expr(python);
    found.0
}

/// Collects the names before `:=`, those of other functions left out.
struct Walrus<'f>(Vec<&'f str>);

impl<'f> Visitor<'f> for Walrus<'f> {
    fn visit_expr(&mut self, expression: &'f Python) {
        match expression {
            Python::Lambda(_) => return,
            Python::Named(named) => {
                if let Python::Name(name) = &*named.target {
                    self.0.push(name.id.as_str());
                }
            }
            _ => {}
        }
        walk_expr(self, expression);
    }
}

/// Places for local variables.
#[derive(Default)]
pub(super) struct Places {
    pub(super) next: u16,
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
