//! The variables of code at the top level of a file: what gives them values, and what changes those.

use super::{Done, Ended, Module};
use crate::expr::library::change;
use crate::expr::operators::Binary;
use crate::expr::tree::Node;
use crate::expr::{Expr, Value};
use crate::python::aliases::{CHANGING, LAZY, VIEWS};
use crate::python::kept::Taking;
use ruff_python_ast::{self as ast, Expr as Python};
use ruff_text_size::Ranged;
use std::sync::Arc;

impl<'f> Module<'_, 'f> {
    /// `items.append(item)` and its like; what it gives.
    pub(super) fn change(
        &mut self,
        call: &'f ast::ExprCall,
        name: &'f ast::ExprName,
        method: &str,
    ) -> Done<Value> {
        let mut given = Vec::new();
        for argument in &call.arguments.args {
            given.push(self.lowered(argument)?);
        }
        let plain = call.arguments.keywords.is_empty();
        let whole = self.own(name)?;
        if plain
            && (method, given.len()) == ("append", 1)
            && let Value::List(items) = &mut *whole
            && let Some(items) = Arc::get_mut(items)
            && let Some(item) = given.pop()
        {
            items.push(item);
            return Ok(Value::None);
        }
        let before = whole.clone();
        let arguments = || {
            let given = std::iter::once(&before).chain(&given);
            given.cloned().map(Expr::Constant).collect::<Vec<_>>()
        };
        let Some((changed, gives)) = change::by_name(method).filter(|_| plain) else {
            let message = format!("these arguments of `.{method}()` are not translated");
            return self.refuse(call.range(), message, "make a new list, as by `sorted(items, key=...)`");
        };
        let result = match gives {
            Some(gives) => self.eval(&Expr::Node(Box::new(Node::Call(gives, arguments()))), call.range())?,
            None => Value::None,
        };
        let after = self.eval(&Expr::Node(Box::new(Node::Call(changed, arguments()))), call.range())?;
        self.put_back(name.id.as_str(), after);
        Ok(result)
    }

    /// `name += value` and its like.
    pub(super) fn augment(
        &mut self,
        assign: &'f ast::StmtAugAssign,
        operator: Binary,
        before: Value,
        value: Value,
    ) -> Done<()> {
        let changes = matches!((&before, operator), (Value::List(_), Binary::Add | Binary::Multiply))
            || matches!((&before, operator), (Value::Dict(_), Binary::Or));
        let added = |before| {
            Expr::Node(Box::new(Node::Call(&change::EXTENDED, vec![before, Expr::Constant(value.clone())])))
        };
        if !changes {
            let after = Expr::binary(operator, Expr::Constant(before), Expr::Constant(value));
            let after = self.eval(&after, assign.range)?;
            return self.assign(&assign.target, after);
        }
        // It is changed in place.
        drop(before);
        let Python::Name(name) = &*assign.target else {
            return self.refuse(
                assign.target.range(),
                "changing a list or dict within another is not translated",
                "give the whole a new value, as in `a = a + b`",
            );
        };
        let before = Expr::Constant(self.own(name)?.clone());
        let after = match operator {
            Binary::Add => added(before),
            _ => Expr::binary(operator, before, Expr::Constant(value)),
        };
        let after = self.eval(&after, assign.range)?;
        self.put_back(name.id.as_str(), after);
        Ok(())
    }

    /// A list or dict that nothing else stands for, so that it may be changed.
    pub(super) fn own(&mut self, name: &'f ast::ExprName) -> Done<&mut Value> {
        let known = self.variable(name.id.as_str());
        let alone = match known {
            Some(Value::List(items)) => Arc::strong_count(items) == 1,
            Some(Value::Dict(items)) => Arc::strong_count(items) == 1,
            _ => true,
        };
        if !alone {
            return self.refuse(
                name.range,
                "changing a list or dict that may have another name is not translated",
                "copy it first, as in `mine = list(items)` or `mine = dict(row)`",
            );
        }
        let (name, range) = (name.id.as_str(), name.range);
        let place = match self.scopes.last_mut() {
            Some(scope) if scope.contains_key(name) => scope.get_mut(name),
            _ => {
                self.file.note_moment(name);
                self.file.constants.get_mut(name)
            }
        };
        match place {
            Some(place) => Ok(place),
            None => {
                let message = format!("there is no variable `{name}`");
                self.refusals.wrong(range, message, "give it a value before");
                Err(Ended::Refused)
            }
        }
    }

    pub(super) fn variable(&self, name: &str) -> Option<&Value> {
        self.scopes.last().and_then(|scope| scope.get(name)).or_else(|| self.file.constants.get(name))
    }

    pub(super) fn set(&mut self, name: &'f str, value: Value) {
        match self.scopes.last_mut() {
            Some(scope) => scope.insert(name, value),
            None => {
                self.file.note_moment(name);
                self.file.constants.insert(name, value)
            }
        };
    }

    /// Gives a variable that is changed in place its new value, wherever it is.
    fn put_back(&mut self, name: &'f str, value: Value) {
        match self.scopes.last_mut() {
            Some(scope) if scope.contains_key(name) => _ = scope.insert(name, value),
            _ => {
                self.file.note_moment(name);
                self.file.constants.insert(name, value);
            }
        }
    }

    pub(super) fn forget(&mut self, name: &str) {
        match self.scopes.last_mut() {
            Some(scope) => _ = scope.remove(name),
            None => _ = self.file.constants.remove(name),
        }
    }

    pub(super) fn assign(&mut self, target: &'f Python, value: Value) -> Done<()> {
        match target {
            Python::Name(name) => {
                if self.scopes.is_empty() && self.file.is_no_variable(&name.id) {
                    let message = format!("`{}` is defined twice", name.id);
                    return self.refuse(name.range, message, "give each definition a name of its own");
                }
                self.set(name.id.as_str(), value);
                Ok(())
            }
            Python::Tuple(ast::ExprTuple { elts, .. }) | Python::List(ast::ExprList { elts, .. }) => {
                if let Some(starred) = elts.iter().find(|target| target.is_starred_expr()) {
                    return self.assign(starred, Value::Unset);
                }
                let unpacked = Expr::unpacked(Expr::Constant(value), elts.len());
                let items = self.eval(&unpacked, target.range())?.items();
                let items = items.map_err(|error| Ended::Raised(target.range(), error))?;
                elts.iter().zip(items).try_for_each(|(target, item)| self.assign(target, item))
            }
            Python::Starred(_) => self.refuse(
                target.range(),
                "taking the rest of the values is not translated",
                "give the whole value to one name, and take items and slices of it",
            ),
            Python::Subscript(item) if let Python::Name(name) = &*item.value => {
                let key = self.value(&item.slice)?;
                let before = self.own(name)?.clone();
                let arguments = [before, key, value].map(Expr::Constant).to_vec();
                let changed = Expr::Node(Box::new(Node::Call(&change::WITH_ITEM, arguments)));
                let after = self.eval(&changed, item.range)?;
                self.put_back(name.id.as_str(), after);
                Ok(())
            }
            other => self.refuse(
                other.range(),
                "this target of a value is not translated here",
                "give the whole value to one name",
            ),
        }
    }

    /// What a method of a variable gives that changes it, as `rows.pop()`.
    pub(in crate::python) fn changing(&mut self, call: &'f ast::ExprCall) -> Option<Done<Value>> {
        let Python::Attribute(method) = &*call.func else { return None };
        let Python::Name(name) = &*method.value else { return None };
        let changes = CHANGING.contains(&method.attr.as_str()) && self.variable(name.id.as_str()).is_some();
        changes.then(|| self.change(call, name, method.attr.as_str()))
    }

    /// Takes the next of what a name stands for.
    pub(in crate::python) fn take_first(&mut self, name: &'f ast::ExprName) -> Option<Value> {
        let taking = if self.scopes.last().is_some_and(|scope| scope.contains_key(name.id.as_str())) {
            None
        } else {
            self.file.iterators.get(name.id.as_str()).cloned()
        };
        let (first, rest) = match (self.variable(name.id.as_str())?, taking) {
            (Value::Int(number), Some(Taking::Count(step))) => {
                (Value::Int(*number), Value::Int(number.checked_add(step)?))
            }
            (Value::List(items), taking) => {
                let (first, rest) = items.split_first()?;
                let again = matches!(taking, Some(Taking::Cycle(_))).then(|| first.clone());
                let rest = rest.iter().cloned().chain(again).collect();
                (first.clone(), Value::List(Arc::new(rest)))
            }
            _ => return None,
        };
        self.put_back(name.id.as_str(), rest);
        Some(first)
    }

    /// Holds the variables that a loop goes through, so that changes of them are noticed.
    pub(super) fn gone_through(&self, python: &'f Python, kept: &mut Vec<Value>) {
        match python {
            Python::Name(name) => kept.extend(self.variable(&name.id).cloned()),
            Python::Call(call) => match &*call.func {
                Python::Name(name) if LAZY.contains(&name.id.as_str()) => {
                    call.arguments.args.iter().for_each(|argument| self.gone_through(argument, kept));
                }
                Python::Attribute(method) if VIEWS.contains(&method.attr.as_str()) => {
                    self.gone_through(&method.value, kept);
                }
                _ => {}
            },
            _ => {}
        }
    }
}
