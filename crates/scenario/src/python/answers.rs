//! What a task makes of the answer to a request: `with` blocks, and which answers are kept.

use super::body::Body;
use super::client::With;
use crate::expr::Expr;
use crate::model::{Slot, Step, Try};
use ruff_python_ast::{self as ast, Expr as Python, Stmt};
use ruff_text_size::Ranged;
use std::collections::HashSet;

impl<'f> Body<'_, 'f> {
    pub(super) fn with(&mut self, with: &'f ast::StmtWith, steps: &mut Vec<Step>) {
        if with.is_async {
            let message = "`async with` is not translated";
            return self.refusals.untranslated(with.range, message, "write `with`");
        }
        self.with_items(&with.items, &with.body, steps);
    }

    pub(super) fn with_items(&mut self, items: &'f [ast::WithItem], body: &'f [Stmt], steps: &mut Vec<Step>) {
        let Some((item, rest)) = items.split_first() else { return steps.extend(self.block(body)) };
        if let Some(name) = self.renaming(&item.context_expr) {
            let name = self.value(name, steps).map(|value| self.fixed(value, steps));
            self.renamed = name.map(Expr::into_template);
            self.with_items(rest, body, steps);
            // As in Locust, that of a block around is forgotten too.
            self.renamed = None;
            return;
        }
        let name = match item.optional_vars.as_deref() {
            None => None,
            Some(Python::Name(name)) => Some(name),
            Some(other) => {
                self.target(other);
                None
            }
        };
        let call = match &item.context_expr {
            Python::Call(call) if let Some(opened) = self.file.opened.get(&call.range()) => {
                let slot = name.and_then(|name| self.locals.get(name.id.as_str())).map(|local| local.slot);
                let value = Expr::Constant(opened.content.clone());
                steps.extend(slot.map(|target| Step::Set { target, value }));
                let before = self.files.clone();
                self.files.extend(name.map(|name| (name.id.as_str(), call.range())));
                self.with_items(rest, body, steps);
                self.files = before;
                return;
            }
            Python::Call(call) if self.is_rest(call) => return self.rest(call, name, rest, body, steps),
            Python::Call(call) if self.is_request(call) => call,
            Python::Call(call) if matches!(&*call.func, Python::Name(name) if name.id == "open") => {
                let message = "which file is opened here is not known before the run";
                let remedy = "name one beside this file, as in `open(\"data.json\")`";
                return self.refusals.untranslated(call.range(), message, remedy);
            }
            other => {
                // For its problems, and those of the block.
                if self.lower(other).is_some() {
                    let message = "`with` is translated around a request only";
                    let remedy = "write `with self.client.get(..., catch_response=True) as response:`";
                    self.refusals.untranslated(other.range(), message, remedy);
                }
                _ = self.block(body);
                return;
            }
        };
        let slot = name.and_then(|name| self.locals.get(name.id.as_str())).map(|local| local.slot);
        let whole = self.effects_of_arguments(call, steps);
        let request = self.request(call, slot, With::Yes);
        self.replaced.clear();
        self.answers.push(slot);
        let mut handler = Vec::new();
        self.with_items(rest, body, &mut handler);
        self.answers.pop();
        if let Some(mut request) = request.filter(|_| whole.is_some()) {
            request.handler = (!handler.is_empty()).then_some(handler);
            steps.push(Step::Request(Box::new(request)));
        }
    }

    /// The name that `self.client.rename_request(name)` gives to requests.
    fn renaming(&self, python: &'f Python) -> Option<&'f Python> {
        let Python::Call(call) = python else { return None };
        let Python::Attribute(rename) = &*call.func else { return None };
        match &*call.arguments.args {
            [name] if rename.attr.as_str() == "rename_request" && self.is_client(&rename.value) => Some(name),
            _ => None,
        }
    }

    /// A value that stays what it is now.
    fn fixed(&mut self, value: Expr, steps: &mut Vec<Step>) -> Expr {
        if value.constant().is_some() {
            return value;
        }
        let target = self.places.fresh();
        steps.push(Step::Set { target, value });
        self.held(target)
    }

    /// `response.success()` and `response.failure("why")`. The outer `None` is for any other call.
    pub(super) fn verdict(&mut self, call: &'f ast::ExprCall, steps: &mut Vec<Step>) -> Option<Option<Step>> {
        let Python::Attribute(method) = &*call.func else { return None };
        let Python::Name(answer) = &*method.value else { return None };
        let verdict = method.attr.as_str();
        if !matches!(verdict, "success" | "failure") {
            return None;
        }
        let slot = Some(self.locals.get(answer.id.as_str())?.slot);
        let (is_last, is_outer) = match self.answers.split_last() {
            Some((last, outer)) => (*last == slot, outer.contains(&slot)),
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
            ("failure", [reason], []) => Some(self.value(reason, steps).map(Step::Failure)),
            ("failure", [], [keyword]) if keyword.arg.as_ref().is_some_and(|name| name.as_str() == "exc") => {
                Some(self.value(&keyword.value, steps).map(Step::Failure))
            }
            _ => {
                let form = if verdict == "success" { "success()" } else { "failure(\"why\")" };
                let message = format!("the arguments of {verdict}() are not understood");
                self.refusals.wrong(call.range(), message, format!("write `{}.{form}`", answer.id));
                Some(None)
            }
        }
    }
}

/// Takes the answers out of requests that nobody reads: their bodies need not be kept.
pub(super) fn forget_unread(steps: &mut [Step], reads: &HashSet<Slot>) {
    for step in steps {
        match step {
            Step::Request(request) => {
                request.response =
                    request.response.filter(|slot| matches!(slot, Slot::User(_)) || reads.contains(slot));
                forget_unread(request.handler.as_deref_mut().unwrap_or_default(), reads);
            }
            Step::For { body, .. }
            | Step::Repeat { body, .. }
            | Step::While { body, .. }
            | Step::Group { body, .. } => forget_unread(body, reads),
            Step::Choose(bodies) => bodies.iter_mut().for_each(|(_, body)| forget_unread(body, reads)),
            Step::If { branches, otherwise } => {
                branches.iter_mut().for_each(|(_, body)| forget_unread(body, reads));
                forget_unread(otherwise, reads);
            }
            Step::Call(body) => forget_unread(body, reads),
            Step::Try(attempt) => {
                let Try { body, handlers, otherwise, always } = &mut **attempt;
                [body, otherwise, always].into_iter().for_each(|steps| forget_unread(steps, reads));
                handlers.iter_mut().for_each(|handler| forget_unread(&mut handler.steps, reads));
            }
            Step::Set { .. }
            | Step::SetAll(_)
            | Step::Sleep(_)
            | Step::Pause(_)
            | Step::Client(_)
            | Step::Break
            | Step::Continue
            | Step::Return
            | Step::Raise(_)
            | Step::Stop(_)
            | Step::Success
            | Step::Failure(_) => {}
        }
    }
}
