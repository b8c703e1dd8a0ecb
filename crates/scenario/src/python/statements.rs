//! From statements to steps.

use super::body::Body;
use super::client::With;
use crate::expr::Expr;
use crate::expr::lower::{operator, with};
use crate::expr::operators::Binary;
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
                targets => {
                    let slot = self.places.fresh();
                    if let Some(value) = self.value(&assign.value, steps) {
                        steps.push(Step::Set { target: slot, value });
                    }
                    for target in targets {
                        let value = self.held(slot);
                        self.give(target, value, steps);
                    }
                }
            },
            Stmt::AnnAssign(assign) => {
                if let Some(value) = &assign.value {
                    self.assign(&assign.target, value, steps);
                }
            }
            Stmt::AugAssign(assign) => self.augment(assign, steps),
            Stmt::If(conditional) => self.conditional(conditional, steps),
            Stmt::For(each) => self.each(each, steps),
            Stmt::While(repeat) => self.repeat(repeat, steps),
            Stmt::Break(_) | Stmt::Continue(_) if self.loops == 0 => {
                let message = "there is no loop to leave here";
                self.refusals.wrong(statement.range(), message, "write it within `for` or `while`");
            }
            Stmt::Break(_) => self.leave_loop(steps),
            Stmt::Continue(_) => steps.push(Step::Continue),
            Stmt::With(with) => self.with(with, steps),
            Stmt::Return(result) => self.result(result.value.as_deref(), steps),
            Stmt::Try(attempt) => self.attempt(attempt, steps),
            Stmt::Raise(raise) => self.raise(raise, steps),
            Stmt::Assert(assert) => self.assert(assert, steps),
            Stmt::Delete(delete) => self.delete(delete, steps),
            Stmt::Global(global)
                if global.names.iter().all(|name| self.file.kept(name.as_str()).is_some()) => {}
            // Read with those at the top of the file.
            Stmt::Import(_) | Stmt::ImportFrom(_) => {}
            other => {
                if let Stmt::FunctionDef(function) = other {
                    self.told.insert(function.name.as_str());
                }
                let (what, remedy) = untranslated(other);
                self.refusals.untranslated(other.range(), format!("{what} is not translated"), remedy);
            }
        }
    }

    fn expression_statement(&mut self, python: &'f Python, steps: &mut Vec<Step>) {
        if python.is_literal_expr() {
            return;
        }
        let Python::Call(call) = python else {
            return self.drop_value(python, steps);
        };
        if self.is_request(call) {
            if self.effects_of_arguments(call, steps).is_some() {
                let request = self.request(call, None, With::No);
                steps.extend(request.map(|request| Step::Request(Box::new(request))));
            }
            self.replaced.clear();
        } else if let Some(step) = self.verdict(call, steps) {
            steps.extend(step);
        } else if let Some(called) = self.called(call) {
            self.call(call, &called, None, steps);
        } else if let Some(name) = self.next_of(call) {
            _ = self.take_next(name, None, steps);
        } else if let Some(change) = self.change_of(call) {
            _ = self.change(call, change, None, steps);
        } else if !self.is_update(call, steps)
            && !self.is_cookies_change(call, steps)
            && !self.is_wait(call, steps)
            && !self.known_statement(python, call, steps)
        {
            self.drop_value(python, steps);
        }
    }

    /// Evaluates something whose value nobody uses: it may raise.
    pub(super) fn drop_value(&mut self, python: &'f Python, steps: &mut Vec<Step>) {
        let value = self.value(python, steps);
        if let Some(value) = value.filter(|value| value.constant().is_none()) {
            let target = self.places.fresh();
            steps.push(Step::Set { target, value });
        }
    }

    /// Where a value is kept that is given to `target`.
    pub(super) fn target(&mut self, target: &Python) -> Option<Slot> {
        let refused = match target {
            Python::Name(name) => {
                let local = self.locals.get(name.id.as_str()).map(|local| local.slot);
                return local.or_else(|| self.file.kept(&name.id));
            }
            Python::Attribute(attribute) => match self.owner(&attribute.value) {
                Some(_) if RESERVED.contains(&attribute.attr.as_str()) => {
                    format!("a new value for `{}` of a user", attribute.attr)
                }
                Some(owner) => return Some(self.class.variable(owner, attribute.attr.as_str())),
                // What is wrong with the object says more.
                None if self.lower(&attribute.value).is_none() => return None,
                None => "a value for an attribute of something else than the user".to_owned(),
            },
            Python::Starred(_) => "taking the rest of the values".to_owned(),
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

    /// The value that is kept in a place.
    pub(super) fn held(&mut self, slot: Slot) -> Expr {
        self.reads.insert(slot);
        Expr::Variable(slot, "value".into())
    }

    /// Gives a value to a name, or its items to several.
    pub(super) fn give(&mut self, target: &'f Python, value: Expr, steps: &mut Vec<Step>) {
        if let Python::Subscript(item) = target {
            _ = self.set_item(item, value, steps);
            return;
        }
        let (Python::Tuple(ast::ExprTuple { elts: targets, .. })
        | Python::List(ast::ExprList { elts: targets, .. })) = target
        else {
            steps.extend(self.target(target).map(|target| Step::Set { target, value }));
            return;
        };
        if let Some(rest) = targets.iter().position(Python::is_starred_expr) {
            return self.give_with_rest(targets, rest, value, steps);
        }
        let slot = self.places.fresh();
        steps.push(Step::Set { target: slot, value: Expr::unpacked(value, targets.len()) });
        for (place, target) in (0..).zip(targets) {
            let item = Expr::at(self.held(slot), place);
            self.give(target, item, steps);
        }
    }

    /// `first, *rest, last = value`
    fn give_with_rest(&mut self, targets: &'f [Python], rest: usize, value: Expr, steps: &mut Vec<Step>) {
        let slot = self.places.fresh();
        let value = with("list(value)", &[("value", value)]);
        steps.extend(value.map(|value| Step::Set { target: slot, value }));
        let names = [("items", self.held(slot))];
        let (count, after) = (targets.len() - 1, targets.len() - 1 - rest);
        let words = format!(
            "ValueError(f'not enough values to unpack (expected at least {count}, got {{len(items)}})')"
        );
        let few = with(&format!("len(items) < {count}"), &names).zip(with(&words, &names));
        steps.extend(few.map(|(few, error)| Step::If {
            branches: vec![(few, vec![Step::Raise(Some(error))])],
            otherwise: Vec::new(),
        }));
        for (place, target) in targets.iter().enumerate() {
            let (target, source) = match target {
                Python::Starred(rest) => (&*rest.value, format!("items[{place}:len(items) - {after}]")),
                target if place > rest => (target, format!("items[{}]", place as i64 - targets.len() as i64)),
                target => (target, format!("items[{place}]")),
            };
            if let Some(item) = with(&source, &names) {
                self.give(target, item, steps);
            }
        }
    }

    fn assign(&mut self, target: &'f Python, value: &'f Python, steps: &mut Vec<Step>) {
        if let Python::Attribute(attribute) = target
            && attribute.attr.as_str() == "client"
            && self.owner(&attribute.value).is_some()
        {
            self.class.told.insert("client");
            return self.refusals.python_only(target.range(), "a client of one's own is not translated");
        }
        if self.is_another_name(target, value)
            || self.is_client_setting(target, value, steps)
            || self.refuse_once(value, Some(target))
        {
            return;
        }
        if let Python::Call(call) = value
            && self.is_request(call)
            && !matches!(target, Python::Tuple(_) | Python::List(_))
        {
            let slot = self.target(target);
            if self.effects_of_arguments(call, steps).is_some() {
                let request = self.request(call, slot, With::No);
                steps.extend(request.map(|request| Step::Request(Box::new(request))));
            }
            self.replaced.clear();
            return;
        }
        match self.value(value, steps) {
            Some(value) => self.give(target, value, steps),
            None => {
                match target {
                    Python::Name(name) => _ = self.told.insert(name.id.as_str()),
                    Python::Attribute(attribute) if self.owner(&attribute.value).is_some() => {
                        self.class.told.insert(attribute.attr.as_str());
                    }
                    _ => {}
                }
                if !matches!(target, Python::Name(_) | Python::Subscript(_)) {
                    // For its problems.
                    _ = self.target(target);
                }
            }
        }
    }

    /// `user = self.user`: where that is all that the name ever stands for, it is the same object.
    fn is_another_name(&mut self, target: &'f Python, value: &'f Python) -> bool {
        let Python::Name(name) = target else { return false };
        let Some(thing) = self.thing(value) else { return false };
        let once = self.locals.get(name.id.as_str()).is_some_and(|local| local.assigned.is_once());
        if once {
            self.locals.remove(name.id.as_str());
            self.things.insert(name.id.as_str(), thing);
        }
        once
    }

    fn augment(&mut self, assign: &'f ast::StmtAugAssign, steps: &mut Vec<Step>) {
        let operator = match operator(assign.op) {
            Ok(operator) => operator,
            Err(refusal) => return self.refusals.refusal(assign.range, &refusal),
        };
        if let Python::Subscript(item) = &*assign.target {
            return self.augment_item(assign, item, operator, steps);
        }
        let Some(target) = self.target(&assign.target) else {
            // For its problems.
            _ = self.value(&assign.value, steps);
            return;
        };
        if matches!(&*assign.value, Python::List(_) | Python::ListComp(_))
            && self.changeable(&assign.target).is_none()
        {
            return;
        }
        let mut before = self.lower(&assign.target);
        if self.has_effect(&assign.value) {
            let slot = self.places.fresh();
            steps.extend(before.map(|value| Step::Set { target: slot, value }));
            before = Some(self.held(slot));
        }
        let value = self.value(&assign.value, steps);
        if let (Some(before), Some(value)) = (before, value) {
            let value = self.augmented(assign, operator, before, value);
            steps.push(Step::Set { target, value });
        }
    }

    /// `container[key] += value`
    fn augment_item(
        &mut self,
        assign: &'f ast::StmtAugAssign,
        item: &'f ast::ExprSubscript,
        operator: Binary,
        steps: &mut Vec<Step>,
    ) {
        if (item.slice.is_literal_expr() || item.slice.is_name_expr()) && !self.has_effect(&assign.value) {
            // In one step, so that no other user changes it meanwhile.
            let before = self.lower(&assign.target);
            if let Some((before, value)) = before.zip(self.lower(&assign.value)) {
                let value = self.augmented(assign, operator, before, value);
                _ = self.change_item(item, value, steps);
            }
            return;
        }
        let known = self.replaced.len();
        if !item.slice.is_literal_expr() && !item.slice.is_name_expr() {
            // It is evaluated once.
            let slot = self.places.fresh();
            let key = self.value(&item.slice, steps);
            steps.extend(key.map(|value| Step::Set { target: slot, value }));
            self.replaced.push((item.slice.range(), slot, "key"));
        }
        let slot = self.places.fresh();
        let before = self.lower(&assign.target);
        steps.extend(before.map(|value| Step::Set { target: slot, value }));
        if let Some(value) = self.value(&assign.value, steps) {
            let before = self.held(slot);
            let value = self.augmented(assign, operator, before, value);
            _ = self.set_item(item, value, steps);
        }
        self.replaced.truncate(known);
    }

    fn result(&mut self, value: Option<&'f Python>, steps: &mut Vec<Step>) {
        match (value, self.result) {
            (None, _) => {}
            (Some(Python::Call(call)), Some(target)) if self.is_request(call) => {
                if self.effects_of_arguments(call, steps).is_some() {
                    let request = self.request(call, Some(target), With::No);
                    steps.extend(request.map(|request| Step::Request(Box::new(request))));
                }
                self.replaced.clear();
            }
            (Some(value), Some(_)) if self.refuse_once(value, None) => {}
            (Some(value), Some(target)) => {
                let value = self.value(value, steps);
                steps.extend(value.map(|value| Step::Set { target, value }));
            }
            (Some(value), None) => {
                if !value.is_literal_expr() {
                    self.expression_statement(value, steps);
                }
            }
        }
        steps.push(Step::Return);
    }
}

/// What a statement is called, and what can be written in its place.
fn untranslated(statement: &Stmt) -> (&'static str, &'static str) {
    match statement {
        Stmt::FunctionDef(_) | Stmt::ClassDef(_) => {
            ("a definition within a method", "move it out of the method")
        }
        Stmt::Global(_) | Stmt::Nonlocal(_) => {
            ("this declaration", "give each name a value at the top level of the file")
        }
        Stmt::Match(_) => ("`match`", "write `if` and `elif`"),
        _ => ("this statement", "leave it out"),
    }
}
