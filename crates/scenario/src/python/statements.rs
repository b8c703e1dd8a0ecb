//! From statements to steps.

use super::body::Body;
use super::client::With;
use crate::expr::Expr;
use crate::expr::lower::operator;
use crate::limits::{DEPTH, STEPS};
use crate::model::{Slot, Step};
use ruff_python_ast::{self as ast, Expr as Python, Stmt};
use ruff_text_size::Ranged;

/// Attributes of users that Locust itself reads; a value given to them while users run would have an effect that
/// is not translated.
const RESERVED: &[&str] = &[
    "client",
    "environment",
    "fixed_count",
    "host",
    "locust",
    "max_wait",
    "min_wait",
    "parent",
    "tasks",
    "user",
    "wait_time",
    "weight",
];

impl<'f> Body<'_, 'f> {
    pub(super) fn block(&mut self, body: &'f [Stmt]) -> Vec<Step> {
        let mut steps = Vec::new();
        self.depth += 1;
        if self.depth > DEPTH {
            if let Some(first) = body.first() {
                self.refusals.untranslated(first.range(), "this is nested too deeply", "use fewer levels");
            }
        } else {
            for statement in body {
                self.class.steps += 1;
                if self.class.steps > STEPS {
                    // Told once: the methods that are left would all be the one too many.
                    if self.class.steps == STEPS + 1 {
                        let message = format!("the tasks of the file have more than {STEPS} steps");
                        self.refusals.untranslated(statement.range(), message, "use loops");
                    }
                    break;
                }
                self.statement(statement, &mut steps);
            }
        }
        self.depth -= 1;
        steps
    }

    fn statement(&mut self, statement: &'f Stmt, steps: &mut Vec<Step>) {
        match statement {
            Stmt::Pass(_) => {}
            Stmt::Expr(expression) => self.expression_statement(&expression.value, steps),
            Stmt::Assign(assign) => match assign.targets.as_slice() {
                [target] => self.assign(target, &assign.value, steps),
                _ => self.refusals.untranslated(
                    assign.range,
                    "a value for several names at once is not translated",
                    "write one name per line",
                ),
            },
            Stmt::AnnAssign(assign) => {
                if let Some(value) = &assign.value {
                    self.assign(&assign.target, value, steps);
                }
            }
            Stmt::AugAssign(assign) => self.augment(assign, steps),
            Stmt::If(conditional) => self.conditional(conditional, steps),
            Stmt::For(each) => self.each(each, steps),
            Stmt::With(with) => self.with(with, steps),
            other => {
                let (what, remedy) = untranslated(other);
                self.refusals.untranslated(other.range(), format!("{what} is not translated"), remedy);
            }
        }
    }

    fn expression_statement(&mut self, python: &'f Python, steps: &mut Vec<Step>) {
        let Python::Call(call) = python else {
            if !python.is_literal_expr() {
                self.refusals.untranslated(
                    python.range(),
                    "an expression whose value nobody uses is not translated",
                    "leave it out",
                );
            }
            return;
        };
        if self.is_request(call) {
            steps.extend(self.request(call, None, With::No).map(|request| Step::Request(Box::new(request))));
        } else if let Some(step) = self.verdict(call) {
            steps.extend(step);
        } else if let Some((owner, function)) = self.helper(call) {
            steps.extend(self.function(owner, function));
        } else {
            let remedy = match &*call.func {
                Python::Attribute(attribute) if attribute.attr.as_str() == "sleep" => {
                    "pause between tasks with wait_time"
                }
                _ => "leave it out",
            };
            let range = call.func.range();
            self.refusals.untranslated(range, "this call is not translated as a statement", remedy);
        }
    }

    /// Where a value is kept that is given to `target`.
    pub(super) fn target(&mut self, target: &Python) -> Option<Slot> {
        let refused = match target {
            Python::Name(name) => return self.locals.get(name.id.as_str()).map(|local| local.slot),
            Python::Attribute(attribute) => match self.owner(&attribute.value) {
                Some(_) if RESERVED.contains(&attribute.attr.as_str()) => {
                    format!("a new value for `{}` of a user", attribute.attr)
                }
                Some(owner) => return Some(self.class.variable(owner, attribute.attr.as_str())),
                None => "a value for an attribute of something else than the user".to_owned(),
            },
            Python::Tuple(_) | Python::List(_) => "taking values apart".to_owned(),
            Python::Subscript(_) => "changing an item of a list or dict".to_owned(),
            _ => "this target of a value".to_owned(),
        };
        self.refusals.untranslated(
            target.range(),
            format!("{refused} is not translated"),
            "give the whole value to one name, as in `self.token = ...`",
        );
        None
    }

    fn assign(&mut self, target: &'f Python, value: &'f Python, steps: &mut Vec<Step>) {
        let slot = self.target(target);
        if let Python::Call(call) = value
            && self.is_request(call)
        {
            let request = self.request(call, slot, With::No);
            steps.extend(request.map(|request| Step::Request(Box::new(request))));
            return;
        }
        // `self.client.get(...).json()`: the request first, then what is made of its answer.
        if let Some(call) = self.request_within(value) {
            let answer = self.places.fresh();
            let request = self.request(call, Some(answer), With::No);
            steps.extend(request.map(|request| Step::Request(Box::new(request))));
            self.replacement = Some((call.range(), answer));
        }
        let value = self.lower(value);
        self.replacement = None;
        steps.extend(slot.zip(value).map(|(target, value)| Step::Set { target, value }));
    }

    fn augment(&mut self, assign: &'f ast::StmtAugAssign, steps: &mut Vec<Step>) {
        let operator = match operator(assign.op) {
            Ok(operator) => operator,
            Err(refusal) => return self.refusals.refusal(assign.range, &refusal),
        };
        let target = self.target(&assign.target);
        let before = target.and_then(|_| self.lower(&assign.target));
        let value = self.lower(&assign.value);
        if let (Some(target), Some(before), Some(value)) = (target, before, value) {
            steps.push(Step::Set { target, value: Expr::binary(operator, before, value) });
        }
    }

    fn conditional(&mut self, conditional: &'f ast::StmtIf, steps: &mut Vec<Step>) {
        let mut branches = Vec::new();
        let test = self.lower(&conditional.test);
        let body = self.block(&conditional.body);
        branches.extend(test.map(|test| (test, body)));
        let mut otherwise = Vec::new();
        for clause in &conditional.elif_else_clauses {
            let test = clause.test.as_ref().map(|test| self.lower(test));
            let body = self.block(&clause.body);
            match test {
                None => otherwise = body,
                Some(test) => branches.extend(test.map(|test| (test, body))),
            }
        }
        steps.push(Step::If { branches, otherwise });
    }

    fn each(&mut self, each: &'f ast::StmtFor, steps: &mut Vec<Step>) {
        if each.is_async || !each.orelse.is_empty() {
            let message = "`async for`, and `else` after a loop, are not translated";
            self.refusals.untranslated(each.range, message, "write a plain loop");
        }
        let target = self.target(&each.target);
        let items = self.lower(&each.iter);
        let body = self.block(&each.body);
        if let Some((target, items)) = target.zip(items) {
            steps.push(Step::For { target, items, body });
        }
    }
}

/// What a statement is called, and what can be written in its place.
fn untranslated(statement: &Stmt) -> (&'static str, &'static str) {
    match statement {
        Stmt::While(_) => ("`while`", "write `for ... in range(...)`"),
        Stmt::Return(_) => ("`return` before the end of a method", "put the rest into an `else`"),
        Stmt::Break(_) | Stmt::Continue(_) => {
            ("leaving a loop early", "put the rest of the loop into an `if`")
        }
        Stmt::Try(_) => ("`try`", "check the answer with `if response.status_code == ...`"),
        Stmt::Raise(_) | Stmt::Assert(_) => {
            ("an exception", "mark the request with `response.failure(...)` in a `with` block")
        }
        Stmt::FunctionDef(_) | Stmt::ClassDef(_) => {
            ("a definition within a method", "move it out of the method")
        }
        Stmt::Import(_) | Stmt::ImportFrom(_) => {
            ("an import within a method", "move it to the top of the file")
        }
        Stmt::Global(_) | Stmt::Nonlocal(_) => {
            ("a variable that all users share", "keep it in an attribute of `self`")
        }
        Stmt::Delete(_) => ("`del`", "leave it out"),
        Stmt::Match(_) => ("`match`", "write `if` and `elif`"),
        _ => ("this statement", "leave it out"),
    }
}
