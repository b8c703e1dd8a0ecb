//! Expressions that do something: requests, calls of the file's own functions and `:=` within them become steps
//! before, in the order in which Python evaluates.

use super::body::{Body, named_within};
use super::client::With;
use crate::expr::Expr;
use crate::model::{ClientStep, Slot, Step};
use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{self as ast, Expr as Python};
use ruff_text_size::Ranged;

impl<'f> Body<'_, 'f> {
    /// The value of an expression, after the `steps` that it needs.
    pub(super) fn value(&mut self, python: &'f Python, steps: &mut Vec<Step>) -> Option<Expr> {
        let known = self.replaced.len();
        let whole = self.effects(python, steps);
        let value = whole.and_then(|()| self.lower(python));
        self.replaced.truncate(known);
        value
    }

    /// Whether evaluating it does something.
    pub(super) fn has_effect(&self, python: &'f Python) -> bool {
        let mut finder = Finder { body: self, found: false };
        finder.visit_expr(python);
        finder.found
    }

    /// Adds what an expression does, and notes where the values of those parts are; `None` if there were problems.
    pub(super) fn effects(&mut self, python: &'f Python, steps: &mut Vec<Step>) -> Option<()> {
        let range = python.range();
        if !self.has_effect(python) || self.replaced.iter().any(|(replaced, ..)| *replaced == range) {
            return Some(());
        }
        match python {
            Python::Call(call) if self.is_request(call) => {
                self.effects_of_arguments(call, steps)?;
                let slot = self.places.fresh();
                let request = self.request(call, Some(slot), With::No)?;
                steps.push(Step::Request(Box::new(request)));
                self.replaced.push((call.range(), slot, "response"));
            }
            Python::Call(call) if let Some(called) = self.called(call) => {
                let slot = self.places.fresh();
                self.call(call, &called, Some(slot), steps);
                self.replaced.push((call.range(), slot, "result"));
            }
            Python::Call(call) if let Some(name) = self.next_of(call) => {
                let slot = self.places.fresh();
                self.take_next(name, Some(slot), steps)?;
                self.replaced.push((call.range(), slot, "next"));
            }
            Python::Call(call) if let Some(change) = self.change_of(call) => {
                let slot = self.places.fresh();
                self.change(call, change, Some(slot), steps)?;
                self.replaced.push((call.range(), slot, "result"));
            }
            python if let Some(range) = self.cookies_read(python) => {
                self.read_cookies(range, steps);
                self.effects_of_parts(&parts(python), steps)?;
            }
            python if self.is_host(python) => {
                let slot = self.places.fresh();
                steps.push(Step::Client(ClientStep::Host(slot)));
                self.replaced.push((python.range(), slot, "host"));
            }
            Python::Named(named) => {
                let target = self.target(&named.target);
                let value = self.value(&named.value, steps);
                let (target, value) = target.zip(value)?;
                steps.push(Step::Set { target, value });
                self.replaced.push((python.range(), target, "value"));
            }
            Python::BoolOp(boolean) if self.any_has_effect(boolean.values.get(1..).unwrap_or_default()) => {
                let slot = self.places.fresh();
                self.one_after_the_other(slot, boolean.op, &boolean.values, steps)?;
                self.replaced.push((python.range(), slot, "condition"));
            }
            Python::If(choice) if self.has_effect(&choice.body) || self.has_effect(&choice.orelse) => {
                let slot = self.places.fresh();
                let test = self.value(&choice.test, steps);
                let (mut then, mut otherwise) = (Vec::new(), Vec::new());
                self.set(slot, &choice.body, &mut then)?;
                self.set(slot, &choice.orelse, &mut otherwise)?;
                steps.push(Step::If { branches: vec![(test?, then)], otherwise });
                self.replaced.push((python.range(), slot, "value"));
            }
            Python::Compare(compare)
                if self.any_has_effect(compare.comparators.get(1..).unwrap_or_default()) =>
            {
                let message = "a request, a call or `:=` late in a chain of comparisons is not translated";
                let remedy = "write two comparisons with `and` between them";
                self.refusals.untranslated(python.range(), message, remedy);
                return None;
            }
            // The first of what it goes through is evaluated once, and before all else.
            Python::ListComp(_) | Python::SetComp(_) | Python::DictComp(_) | Python::Generator(_)
                if let Some(first) = self.only_effect(python) =>
            {
                self.effects(first, steps)?;
            }
            Python::ListComp(_)
            | Python::SetComp(_)
            | Python::DictComp(_)
            | Python::Generator(_)
            | Python::Lambda(_) => {
                let message =
                    "a request, or a function of the file, within a comprehension is not translated";
                self.refusals.untranslated(python.range(), message, "write a `for` loop");
                return None;
            }
            _ => self.effects_of_parts(&parts(python), steps)?,
        }
        Some(())
    }

    /// Effects of what a request is given.
    pub(super) fn effects_of_arguments(
        &mut self,
        call: &'f ast::ExprCall,
        steps: &mut Vec<Step>,
    ) -> Option<()> {
        self.effects_of_parts(&arguments(call), steps)
    }

    fn effects_of_parts(&mut self, parts: &[&'f Python], steps: &mut Vec<Step>) -> Option<()> {
        let Some(last) = parts.iter().rposition(|part| self.has_effect(part)) else { return Some(()) };
        let named: Vec<&str> = parts.iter().flat_map(|part| named_within(part)).collect();
        for (place, part) in parts.iter().enumerate().take(last + 1) {
            if place == last || matches!(part, Python::Call(call) if self.is_request(call)) {
                self.effects(part, steps)?;
            } else if !self.is_simple(part, &named) {
                // What comes later may change what this part reads.
                let slot = self.places.fresh();
                self.set(slot, part, steps)?;
                self.replaced.push((part.range(), slot, "value"));
            }
        }
        Some(())
    }

    fn set(&mut self, target: Slot, python: &'f Python, steps: &mut Vec<Step>) -> Option<()> {
        let value = self.value(python, steps)?;
        steps.push(Step::Set { target, value });
        Some(())
    }

    /// `and` and `or`: each part only if those before it do not decide.
    fn one_after_the_other(
        &mut self,
        slot: Slot,
        operator: ast::BoolOp,
        parts: &'f [Python],
        steps: &mut Vec<Step>,
    ) -> Option<()> {
        let Some((first, rest)) = parts.split_first() else { return Some(()) };
        self.set(slot, first, steps)?;
        if rest.is_empty() {
            return Some(());
        }
        let mut then = Vec::new();
        self.one_after_the_other(slot, operator, rest, &mut then)?;
        let value = Expr::Variable(slot, "condition".into());
        self.reads.insert(slot);
        let test = match operator {
            ast::BoolOp::And => value,
            ast::BoolOp::Or => value.negated(),
        };
        steps.push(Step::If { branches: vec![(test, then)], otherwise: Vec::new() });
        Some(())
    }

    fn any_has_effect(&self, parts: &'f [Python]) -> bool {
        parts.iter().any(|part| self.has_effect(part))
    }

    /// What a comprehension goes through first, if nothing else in it does something.
    fn only_effect(&self, python: &'f Python) -> Option<&'f Python> {
        let (made, generators) = match python {
            Python::ListComp(made) => (vec![&*made.elt], &made.generators),
            Python::SetComp(made) => (vec![&*made.elt], &made.generators),
            Python::Generator(made) => (vec![&*made.elt], &made.generators),
            Python::DictComp(made) => {
                (made.key.iter().map(|key| &**key).chain([&*made.value]).collect(), &made.generators)
            }
            _ => return None,
        };
        let (first, rest) = generators.split_first()?;
        let tests = generators.iter().flat_map(|generator| &generator.ifs);
        let rest = made.into_iter().chain(tests).chain(rest.iter().map(|generator| &generator.iter));
        (!rest.into_iter().any(|part| self.has_effect(part))).then_some(&first.iter)
    }

    /// Whether nothing that happens later changes its value, or it has none; `:=` gives values to the names in `named`.
    fn is_simple(&self, python: &Python, named: &[&str]) -> bool {
        let changes = |name: &ast::ExprName| self.file.kept(&name.id).is_some() || named.contains(&&*name.id);
        python.is_literal_expr()
            || python.as_name_expr().is_some_and(|name| !changes(name))
            || self.thing(python).is_some()
    }
}

/// The parts of a call that are evaluated before it.
fn arguments(call: &ast::ExprCall) -> Vec<&Python> {
    let object = match &*call.func {
        Python::Attribute(attribute) => Some(&*attribute.value),
        _ => None,
    };
    let keywords = call.arguments.keywords.iter().map(|keyword| &keyword.value);
    object.into_iter().chain(&call.arguments.args).chain(keywords).collect()
}

/// The expressions directly within another, in the order in which Python evaluates them.
pub(super) fn parts(python: &Python) -> Vec<&Python> {
    if let Python::Call(call) = python {
        return arguments(call);
    }
    let mut parts = Parts(Vec::new());
    walk_expr(&mut parts, python);
    parts.0
}

struct Parts<'f>(Vec<&'f Python>);

impl<'f> Visitor<'f> for Parts<'f> {
    fn visit_expr(&mut self, expression: &'f Python) {
        self.0.push(expression);
    }
}

struct Finder<'a, 'b, 'f> {
    body: &'a Body<'b, 'f>,
    found: bool,
}

impl<'f> Visitor<'f> for Finder<'_, '_, 'f> {
    fn visit_expr(&mut self, expression: &'f Python) {
        self.found |= match expression {
            Python::Named(_) => true,
            Python::Call(call) => {
                self.body.is_request(call)
                    || self.body.called(call).is_some()
                    || self.body.change_of(call).is_some()
                    || self.body.next_of(call).is_some()
            }
            python => self.body.is_host(python),
        };
        self.found |= self.body.cookies_read(expression).is_some();
        if !self.found {
            walk_expr(self, expression);
        }
    }
}
