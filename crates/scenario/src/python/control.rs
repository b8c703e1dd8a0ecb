//! Statements that decide what is done next: branches, loops, exceptions, pauses.

use super::body::Body;
use super::file::File;
use super::functions::is_super;
use super::names::Owner;
use super::refuse::Refusals;
use crate::expr::exception::is_exception;
use crate::expr::{Expr, Value};
use crate::limits::LONGEST_S;
use crate::model::{Extent, Handler, Slot, Step, Try, Wait};
use ruff_python_ast::{self as ast, Expr as Python};
use ruff_text_size::{Ranged, TextRange};
use std::sync::Arc;
use std::time::Duration;

impl<'f> Body<'_, 'f> {
    pub(super) fn conditional(&mut self, conditional: &'f ast::StmtIf, steps: &mut Vec<Step>) {
        let clauses = conditional.elif_else_clauses.as_slice();
        self.branches(&conditional.test, &conditional.body, clauses, steps);
    }

    fn branches(
        &mut self,
        test: &'f Python,
        body: &'f [ast::Stmt],
        clauses: &'f [ast::ElifElseClause],
        steps: &mut Vec<Step>,
    ) {
        let mut branches = Vec::new();
        let mut otherwise = Vec::new();
        let test = self.value(test, steps);
        let body = self.block(body);
        branches.extend(test.map(|test| (test, body)));
        for (place, clause) in clauses.iter().enumerate() {
            let Some(test) = &clause.test else {
                otherwise = self.block(&clause.body);
                continue;
            };
            if self.has_effect(test) {
                // It must not happen where a branch before is taken.
                let rest = clauses.get(place + 1..).unwrap_or_default();
                self.branches(test, &clause.body, rest, &mut otherwise);
                break;
            }
            let test = self.lower(test);
            let body = self.block(&clause.body);
            branches.extend(test.map(|test| (test, body)));
        }
        steps.push(Step::If { branches, otherwise });
    }

    pub(super) fn each(&mut self, each: &'f ast::StmtFor, steps: &mut Vec<Step>) {
        if each.is_async {
            let message = "`async for` is not translated";
            self.refusals.untranslated(each.range, message, "write a plain loop");
        }
        let items = self.value(&each.iter, steps);
        let mut body = Vec::new();
        let target = match &*each.target {
            Python::Tuple(_) | Python::List(_) => {
                let slot = self.places.fresh();
                let item = self.held(slot);
                self.give(&each.target, item, &mut body);
                Some(slot)
            }
            target => self.target(target),
        };
        let left = self.begin_loop(&each.orelse, steps);
        body.extend(self.block(&each.body));
        self.end_loop();
        if let Some((target, items)) = target.zip(items) {
            steps.push(Step::For { target, items, body });
        }
        self.unless_left(left, &each.orelse, steps);
    }

    /// Goes into a loop; where it has an `else`, the place of whether it was left early.
    fn begin_loop(&mut self, otherwise: &[ast::Stmt], steps: &mut Vec<Step>) -> Option<Slot> {
        let left = (!otherwise.is_empty()).then(|| self.places.fresh());
        let set = |target| Step::Set { target, value: Expr::Constant(Value::Bool(false)) };
        steps.extend(left.map(set));
        self.loops += 1;
        self.left.push(left);
        left
    }

    fn end_loop(&mut self) {
        self.loops -= 1;
        self.left.pop();
    }

    /// The `else` of a loop: done unless it was left early.
    fn unless_left(&mut self, left: Option<Slot>, otherwise: &'f [ast::Stmt], steps: &mut Vec<Step>) {
        let Some(left) = left else { return };
        let test = self.held(left).negated();
        let otherwise = self.block(otherwise);
        steps.push(Step::If { branches: vec![(test, otherwise)], otherwise: Vec::new() });
    }

    /// `break`
    pub(super) fn leave_loop(&mut self, steps: &mut Vec<Step>) {
        let set = |target| Step::Set { target, value: Expr::Constant(Value::Bool(true)) };
        steps.extend(self.left.last().copied().flatten().map(set));
        steps.push(Step::Break);
    }

    pub(super) fn repeat(&mut self, repeat: &'f ast::StmtWhile, steps: &mut Vec<Step>) {
        if !self.has_effect(&repeat.test) {
            let condition = self.lower(&repeat.test);
            let left = self.begin_loop(&repeat.orelse, steps);
            let body = self.block(&repeat.body);
            self.end_loop();
            steps.extend(condition.map(|condition| Step::While { condition, body }));
            self.unless_left(left, &repeat.orelse, steps);
            return;
        }
        let mut body = Vec::new();
        let test = self.value(&repeat.test, &mut body);
        let end = |test: Expr| Step::If {
            branches: vec![(test.negated(), vec![Step::Break])],
            otherwise: Vec::new(),
        };
        body.extend(test.map(end));
        let left = self.begin_loop(&repeat.orelse, steps);
        body.extend(self.block(&repeat.body));
        self.end_loop();
        steps.push(Step::While { condition: Expr::Constant(Value::Bool(true)), body });
        self.unless_left(left, &repeat.orelse, steps);
    }

    pub(super) fn attempt(&mut self, attempt: &'f ast::StmtTry, steps: &mut Vec<Step>) {
        if attempt.is_star {
            let message = "`except*` is not translated";
            self.refusals.untranslated(attempt.range, message, "write `except`");
            return;
        }
        let mut handlers = Vec::new();
        let mut catches_all = false;
        for ast::ExceptHandler::ExceptHandler(handler) in &attempt.handlers {
            let kinds = match handler.type_.as_deref() {
                None => Some(None),
                Some(kinds) => self.kinds(kinds),
            };
            catches_all |= kinds.as_ref().is_some_and(Option::is_none);
            let name = handler.name.as_ref().and_then(|name| self.locals.get(name.as_str()));
            handlers.extend(kinds.map(|kinds| (kinds, name.map(|local| local.slot), handler)));
        }
        self.catching += usize::from(catches_all);
        self.trying += usize::from(!handlers.is_empty());
        let body = self.block(&attempt.body);
        self.trying -= usize::from(!handlers.is_empty());
        self.catching -= usize::from(catches_all);
        let handlers = handlers.into_iter().map(|(kinds, target, handler)| {
            let mut steps = self.block(&handler.body);
            // As in Python, the name is gone after it.
            steps.extend(target.map(|target| Step::Set { target, value: Expr::Constant(Value::Unset) }));
            Handler { kinds, target, steps }
        });
        let handlers = handlers.collect();
        let otherwise = self.block(&attempt.orelse);
        let always = self.block(&attempt.finalbody);
        steps.push(Step::Try(Box::new(Try { body, handlers, otherwise, always })));
    }

    /// The exceptions that an `except` names: `Some(None)` for all of them.
    fn kinds(&mut self, python: &Python) -> Option<Option<Arc<[Arc<str>]>>> {
        let named = match python {
            Python::Tuple(tuple) => &*tuple.elts,
            only => std::slice::from_ref(only),
        };
        let mut kinds: Vec<Arc<str>> = Vec::new();
        let mut all = false;
        for python in named {
            match self.exception_name(python) {
                Some(name) if matches!(name.as_str(), "Exception" | "BaseException") => all = true,
                Some(name) => kinds.extend(self.file.exceptions_of(&name)),
                None => {
                    let message = "this exception is not translated";
                    let remedy = "name one of Python's own or of the file, or write `except Exception:`";
                    self.refusals.untranslated(python.range(), message, remedy);
                    return None;
                }
            }
        }
        Some((!all).then(|| kinds.into()))
    }

    /// The name of an exception: of the file, one of Python's, or one of a library by its last name.
    fn exception_name(&self, python: &Python) -> Option<String> {
        let name = match python {
            Python::Name(name) if self.locals.contains_key(name.id.as_str()) => return None,
            Python::Name(name) => match self.file.imports.get(name.id.as_str()) {
                Some(path) => path.rsplit('.').next()?.to_owned(),
                None if self.file.exceptions.contains_key(name.id.as_str()) => {
                    return Some(name.id.to_string());
                }
                None => name.id.to_string(),
            },
            Python::Attribute(attribute) => {
                let root = self.file.path(&attribute.value)?;
                ["json", "locust", "requests"].contains(&root.split('.').next()?).then_some(())?;
                attribute.attr.to_string()
            }
            _ => return None,
        };
        (is_exception(&name) || name == "BaseException").then_some(name)
    }

    pub(super) fn raise(&mut self, raise: &'f ast::StmtRaise, steps: &mut Vec<Step>) {
        let Some(python) = raise.exc.as_deref() else {
            steps.push(Step::Raise(None));
            return;
        };
        let raised = match python {
            Python::Call(call) => &call.func,
            other => other,
        };
        let extent = match self.file.locust_name(raised) {
            Some("StopUser" | "StopLocust") => Some(Extent::User),
            Some("RescheduleTask") => Some(Extent::Iteration),
            Some("RescheduleTaskImmediately") => Some(Extent::IterationAtOnce),
            Some("InterruptTaskSet") => self.interrupt(python),
            Some("StopTest") => Some(Extent::Run),
            _ => None,
        };
        if let Some(extent) = extent {
            return self.stop(extent, python.range(), steps);
        }
        if let Some(name) = self.exception_name(python) {
            steps.push(Step::Raise(Some(Expr::exception(&name, None))));
            return;
        }
        let value = self.value(python, steps);
        steps.extend(value.map(|value| Step::Raise(Some(value))));
    }

    /// What `InterruptTaskSet(reschedule=...)` ends, and `self.interrupt(...)`.
    fn interrupt(&mut self, python: &'f Python) -> Option<Extent> {
        let Python::Call(call) = python else { return Some(Extent::SetAtOnce) };
        let given = call
            .arguments
            .args
            .first()
            .or_else(|| call.arguments.find_keyword("reschedule").map(|keyword| &keyword.value));
        let at_once = match given {
            None => true,
            Some(python) => self.file.value(python, self.refusals)?.truthy(),
        };
        Some(if at_once { Extent::SetAtOnce } else { Extent::Set })
    }

    /// `self.interrupt()` of a task set. Whether it was one.
    fn is_interrupt(&mut self, python: &'f Python, call: &'f ast::ExprCall, steps: &mut Vec<Step>) -> bool {
        let Python::Attribute(attribute) = &*call.func else { return false };
        if attribute.attr.as_str() != "interrupt" {
            return false;
        }
        match self.owner(&attribute.value) {
            Some(Owner::Set(_)) => {
                if let Some(extent) = self.interrupt(python) {
                    self.stop(extent, call.range(), steps);
                }
            }
            Some(Owner::User) => {
                let message = "only a task set can be interrupted";
                self.refusals.wrong(call.range(), message, "write `raise StopUser()` to end the user");
            }
            None => return false,
        }
        true
    }

    /// `self.wait()`: what lies between two tasks, within one. Whether it was one.
    pub(super) fn is_wait(&mut self, call: &'f ast::ExprCall, steps: &mut Vec<Step>) -> bool {
        let Python::Attribute(attribute) = &*call.func else { return false };
        if attribute.attr.as_str() != "wait" || !call.arguments.is_empty() {
            return false;
        }
        let Some(owner) = self.owner(&attribute.value) else { return false };
        // Its problems are told where the wait stands.
        let mut told = Refusals::default();
        let (wait, waiting) = self.class.waits_of(self.file, owner, &mut told);
        match (wait, waiting) {
            (_, Some(waiting)) => self.wait_steps(owner, waiting, steps),
            (Wait::Constant(Duration::ZERO), None) => {}
            (wait @ (Wait::Constant(_) | Wait::Between(..)), None) => steps.push(Step::Sleep(wait)),
            (Wait::Pacing(_) | Wait::Throughput(_), None) => {
                let message = "`wait()` with a wait that depends on the task's time is not translated";
                self.refusals.untranslated(call.range(), message, "write `time.sleep(seconds)`");
            }
        }
        true
    }

    /// Ends something; Locust does it by an exception, which must not be caught on its way.
    pub(super) fn stop(&mut self, extent: Extent, range: TextRange, steps: &mut Vec<Step>) {
        if self.catching > 0 {
            let message = "Python would catch this by the `except` around it";
            self.refusals.wrong(range, message, "move it out of the `try`, or catch other exceptions");
        }
        steps.push(Step::Stop(extent));
    }

    pub(super) fn assert(&mut self, assert: &'f ast::StmtAssert, steps: &mut Vec<Step>) {
        let test = self.value(&assert.test, steps);
        let mut fail = Vec::new();
        let words = assert.msg.as_deref().and_then(|words| self.value(words, &mut fail));
        fail.push(Step::Raise(Some(Expr::exception("AssertionError", words))));
        steps.extend(
            test.map(|test| Step::If { branches: vec![(test.negated(), fail)], otherwise: Vec::new() }),
        );
    }

    /// Calls of libraries that are statements: pauses, and what would be printed. Whether it was one.
    pub(super) fn known_statement(
        &mut self,
        python: &'f Python,
        call: &'f ast::ExprCall,
        steps: &mut Vec<Step>,
    ) -> bool {
        if self.is_quit(call) {
            // The runner stops its users, and this one with them.
            steps.push(Step::Stop(Extent::Run));
            return true;
        }
        if self.is_interrupt(python, call, steps) || is_init_of_locust(call) {
            return true;
        }
        let path = match self.file.path(&call.func) {
            Some(path) => path,
            None => match &*call.func {
                Python::Name(name) if name.id == "print" && !self.locals.contains_key("print") => {
                    "print".to_owned()
                }
                _ => return false,
            },
        };
        match path.as_str() {
            "time.sleep" | "gevent.sleep" => match &*call.arguments.args {
                [seconds] if call.arguments.keywords.is_empty() => {
                    let seconds = self.value(seconds, steps);
                    steps.extend(seconds.map(pause));
                }
                _ => {
                    let message = "the arguments of sleep() are not understood";
                    self.refusals.wrong(call.range(), message, "write `time.sleep(seconds)`");
                }
            },
            "random.shuffle" if let [items] = &*call.arguments.args => self.shuffle(items, steps),
            "print" => self.said(call, steps),
            _ if File::is_log(&path) => self.said(call, steps),
            _ => return false,
        }
        true
    }

    /// What would be printed is evaluated, because it may raise, and not shown.
    fn said(&mut self, call: &'f ast::ExprCall, steps: &mut Vec<Step>) {
        for argument in &call.arguments.args {
            let value = match argument {
                Python::Starred(starred) => &starred.value,
                other => other,
            };
            // The user itself may be shown as well.
            if self.thing(value).is_none() {
                self.drop_value(value, steps);
            }
        }
    }

    /// `self.environment.runner.quit()`
    fn is_quit(&self, call: &ast::ExprCall) -> bool {
        let Python::Attribute(quit) = &*call.func else { return false };
        let Python::Attribute(runner) = &*quit.value else { return false };
        let Python::Attribute(environment) = &*runner.value else { return false };
        (quit.attr.as_str(), runner.attr.as_str(), environment.attr.as_str())
            == ("quit", "runner", "environment")
            && self.owner(&environment.value).is_some()
    }
}

/// `super().__init__(...)` where that is Locust's own.
fn is_init_of_locust(call: &ast::ExprCall) -> bool {
    matches!(&*call.func, Python::Attribute(attribute)
        if attribute.attr.as_str() == "__init__" && is_super(&attribute.value))
}

/// A pause; constant ones need no evaluation.
fn pause(seconds: Expr) -> Step {
    let constant = match seconds.constant() {
        Some(Value::Int(number)) => u32::try_from(*number).ok().map(f64::from),
        Some(Value::Float(number)) => Some(*number),
        _ => None,
    };
    match constant.filter(|seconds| (0.0..=LONGEST_S).contains(seconds)) {
        Some(seconds) => Step::Sleep(Wait::Constant(Duration::from_secs_f64(seconds))),
        None => Step::Pause(seconds),
    }
}
