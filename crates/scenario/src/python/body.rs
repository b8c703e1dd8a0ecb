//! From the statements of a method to the steps of a task.

use super::classes::Class;
use super::client::With;
use super::file::{Assigned, File};
use super::names::{Local, Owner};
use super::refuse::Refusals;
use crate::expr::lower::{Lower, operator};
use crate::expr::{Expr, Value};
use crate::limits::{DEPTH, STEPS, VARIABLES};
use crate::model::{Slot, Step};
use ruff_python_ast::{self as ast, Expr as Python, Stmt};
use ruff_text_size::{Ranged, TextRange};
use std::collections::{HashMap, HashSet};

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
    answers: Vec<&'f str>,
    places: &'b mut Places,
    /// Methods that are being put in place of their calls, by their names' ranges.
    calls: Vec<TextRange>,
    depth: usize,
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

    fn function(&mut self, owner: Owner, function: &'f ast::StmtFunctionDef) -> Vec<Step> {
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
                Slot::User(index) | Slot::Local(index) => *index,
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

    fn block(&mut self, body: &'f [Stmt]) -> Vec<Step> {
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

    /// The expression as ours; problems are noted.
    pub(super) fn lower(&mut self, python: &Python) -> Option<Expr> {
        let mut lower = Lower::new(0, self);
        let expr = lower.expr(python);
        let problems = std::mem::take(&mut lower.problems);
        let found = problems.is_empty();
        self.refusals.expression(problems);
        expr.filter(|_| found)
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

    /// `response.success()` and `response.failure("why")`. The outer `None` is for any other call.
    fn verdict(&mut self, call: &'f ast::ExprCall) -> Option<Option<Step>> {
        let Python::Attribute(method) = &*call.func else { return None };
        let Python::Name(answer) = &*method.value else { return None };
        let verdict = method.attr.as_str();
        if !matches!(verdict, "success" | "failure") || !self.locals.contains_key(answer.id.as_str()) {
            return None;
        }
        let (is_last, is_outer) = match self.answers.split_last() {
            Some((last, outer)) => (*last == answer.id.as_str(), outer.contains(&answer.id.as_str())),
            None => (false, false),
        };
        if is_outer && !is_last {
            let message =
                format!("`{verdict}()` of an outer request within an inner `with` is not translated");
            self.refusals.untranslated(call.range(), message, "decide after the inner `with` block");
            return Some(None);
        }
        if !is_last {
            let message = format!("`{verdict}()` belongs into the `with` block of its answer");
            let remedy = "write `with self.client.get(..., catch_response=True) as response:` around it";
            self.refusals.wrong(call.range(), message, remedy);
            return Some(None);
        }
        match (verdict, &*call.arguments.args, &*call.arguments.keywords) {
            ("success", [], []) => Some(Some(Step::Success)),
            ("failure", [reason], []) => Some(self.lower(reason).map(Step::Failure)),
            ("failure", [], [keyword]) if keyword.arg.as_ref().is_some_and(|name| name.as_str() == "exc") => {
                Some(self.lower(&keyword.value).map(Step::Failure))
            }
            _ => {
                let form = if verdict == "success" { "success()" } else { "failure(\"why\")" };
                let message = format!("the arguments of {verdict}() are not understood");
                self.refusals.wrong(call.range(), message, format!("write `{}.{form}`", answer.id));
                Some(None)
            }
        }
    }

    /// A method or function of the file that is called with nothing but the object: `self.login()`, `login(self)`.
    fn helper(&self, call: &'f ast::ExprCall) -> Option<(Owner, &'f ast::StmtFunctionDef)> {
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

    fn with(&mut self, with: &'f ast::StmtWith, steps: &mut Vec<Step>) {
        let item = match with.items.as_slice() {
            [item] if !with.is_async => item,
            _ => {
                let message = "`with` over several things, or asynchronous, is not translated";
                return self.refusals.untranslated(with.range, message, "write one `with` for each request");
            }
        };
        let call = match &item.context_expr {
            Python::Call(call) if self.is_request(call) => call,
            other => {
                let message = "`with` is translated around a request only";
                let remedy = "write `with self.client.get(..., catch_response=True) as response:`";
                return self.refusals.untranslated(other.range(), message, remedy);
            }
        };
        let name = match item.optional_vars.as_deref() {
            None => None,
            Some(Python::Name(name)) => Some(name),
            Some(other) => {
                self.target(other);
                None
            }
        };
        let slot = name.and_then(|name| self.locals.get(name.id.as_str())).map(|local| local.slot);
        let request = self.request(call, slot, With::Yes);
        self.answers.push(name.map_or("", |name| name.id.as_str()));
        let handler = self.block(&with.body);
        self.answers.pop();
        if let Some(mut request) = request {
            request.handler = (!handler.is_empty()).then_some(handler);
            steps.push(Step::Request(Box::new(request)));
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
    fn fresh(&mut self) -> Slot {
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

/// Takes the answers out of requests that nobody reads: their bodies need not be kept.
fn forget_unread(steps: &mut [Step], reads: &HashSet<Slot>) {
    for step in steps {
        match step {
            Step::Request(request) => {
                request.response =
                    request.response.filter(|slot| matches!(slot, Slot::User(_)) || reads.contains(slot));
                forget_unread(request.handler.as_deref_mut().unwrap_or_default(), reads);
            }
            Step::For { body, .. } => forget_unread(body, reads),
            Step::If { branches, otherwise } => {
                branches.iter_mut().for_each(|(_, body)| forget_unread(body, reads));
                forget_unread(otherwise, reads);
            }
            Step::Set { .. } | Step::Success | Step::Failure(_) => {}
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
