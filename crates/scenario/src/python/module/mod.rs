//! Code at the top level of the file, and functions that it calls: done when the file is read, as Python does it, so
//! that what it leaves is known before the run. Its [`variables`] stand beside it.

mod variables;

use super::aliases::stored;
use super::file::File;
use super::kept::Taking;
use super::names::known_before;
use super::once::{GOES_ONCE, MAKE_A_LIST};
use super::refuse::Refusals;
use crate::expr::lower::{Lower, Meaning, Scope, operator};
use crate::expr::{EvalError, Expr, Value};
use crate::limits::{ALL_FILES_BYTES, EVALUATION_STEPS};
use crate::source::Source;
use ruff_python_ast::{self as ast, Expr as Python, Stmt};
use ruff_text_size::{Ranged, TextRange};
use std::collections::HashMap;
use std::sync::Arc;

/// Deepest calls of functions within each other.
const CALLS: usize = 16;

/// What all code at the top level of a file may use.
pub(super) struct Budget {
    /// Steps, as of an evaluation.
    pub(super) steps: usize,
    /// Bytes that are made, those included that are dropped again.
    pub(super) room: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { steps: EVALUATION_STEPS, room: ALL_FILES_BYTES }
    }
}

/// Code while it is done.
pub(super) struct Module<'a, 'f> {
    pub(super) file: &'a mut File<'f>,
    pub(super) source: &'a dyn Source,
    pub(super) refusals: &'a mut Refusals,
    pub(super) budget: &'a mut Budget,
    /// Variables of the functions that are being done, the innermost last.
    scopes: Vec<HashMap<&'f str, Value>>,
    /// Parts of expressions whose values are known.
    pub(super) parts: HashMap<TextRange, Value>,
    /// Defaults that parameters were given.
    defaults: Vec<Value>,
}

/// Why a block ends early.
pub(super) enum Ended {
    /// There were problems, which are noted.
    Refused,
    Break,
    Continue,
    Return(Value),
    /// Python would raise this.
    Raised(TextRange, EvalError),
}

pub(super) type Done<T> = Result<T, Ended>;

impl<'a, 'f> Module<'a, 'f> {
    pub(super) fn new(
        file: &'a mut File<'f>,
        source: &'a dyn Source,
        budget: &'a mut Budget,
        refusals: &'a mut Refusals,
    ) -> Self {
        Self {
            file,
            source,
            refusals,
            budget,
            scopes: Vec::new(),
            parts: HashMap::new(),
            defaults: Vec::new(),
        }
    }

    /// The same, with variables of a function.
    pub(super) fn with_names(mut self, names: HashMap<&'f str, Value>) -> Self {
        self.scopes.push(names);
        self
    }

    /// Does a statement at the top level; problems are noted.
    pub(super) fn run(&mut self, statement: &'f Stmt) {
        match self.statement(statement) {
            Ok(()) => {}
            Err(Ended::Refused) => {
                self.file.told.extend(stored(std::slice::from_ref(statement)));
                if self.refusals.list.is_empty() {
                    let message = "this statement at the top level of the file is not translated";
                    self.refusals.untranslated(statement.range(), message, "leave it out");
                }
            }
            Err(Ended::Raised(range, error)) => {
                let message = format!("this fails when the file is read: {error}");
                self.refusals.wrong(range, message, "correct it");
            }
            Err(Ended::Break | Ended::Continue | Ended::Return(_)) => {
                let message = "there is nothing to leave here";
                self.refusals.wrong(statement.range(), message, "leave it out");
            }
        }
    }

    /// The value of the expression of a plain `NAME = expression`; problems are noted.
    pub(super) fn constant(&mut self, python: &'f Python) -> Option<Value> {
        match self.value(python) {
            Ok(value) => return Some(value),
            Err(Ended::Raised(range, error)) => {
                let message = format!("this fails when the file is read: {error}");
                self.refusals.wrong(range, message, "correct it");
            }
            Err(_) => {}
        }
        None
    }

    /// Something that `next()` takes from, and what a variable holds meanwhile; `path` is what is called.
    pub(super) fn iterator(&mut self, python: &'f Python, path: Option<&str>) -> Option<(Taking, Value)> {
        let call = python.as_call_expr()?;
        let arguments = &*call.arguments.args;
        match (path, arguments) {
            (Some("itertools.count"), []) => {
                let keyword = |name: &str| call.arguments.find_keyword(name).map(|keyword| &keyword.value);
                let (start, step) = (keyword("start"), keyword("step"));
                self.count(start, step)
            }
            (Some("itertools.count"), [start]) => {
                let step = call.arguments.find_keyword("step").map(|keyword| &keyword.value);
                self.count(Some(start), step)
            }
            (Some("itertools.count"), [start, step]) => self.count(Some(start), Some(step)),
            (Some("itertools.cycle"), [items]) => {
                let items = match self.constant(items)? {
                    // The same, so that a change of it is noticed.
                    list @ Value::List(_) => list,
                    other => Value::List(Arc::new(other.items().ok()?)),
                };
                Some((Taking::Cycle(items.clone()), items))
            }
            (None, [_]) if matches!(&*call.func, Python::Name(name) if name.id == "iter") => {
                let items = self.constant(python)?;
                Some((Taking::Once(items.clone()), items))
            }
            (Some("csv.DictReader" | "csv.reader"), _) => {
                let items = self.constant(python)?;
                Some((Taking::Once(items.clone()), items))
            }
            _ => None,
        }
    }

    fn count(&mut self, start: Option<&'f Python>, step: Option<&'f Python>) -> Option<(Taking, Value)> {
        let start = start.map_or(Some(Value::Int(0)), |start| self.constant(start))?;
        let step = step.map_or(Some(Value::Int(1)), |step| self.constant(step))?;
        match (start, step) {
            (Value::Int(start), Value::Int(step)) => Some((Taking::Count(step), Value::Int(start))),
            _ => None,
        }
    }

    pub(super) fn refuse<T>(
        &mut self,
        range: TextRange,
        message: impl Into<String>,
        remedy: &str,
    ) -> Done<T> {
        self.refusals.untranslated(range, message, remedy);
        Err(Ended::Refused)
    }

    fn block(&mut self, body: &'f [Stmt]) -> Done<()> {
        body.iter().try_for_each(|statement| self.statement(statement))
    }

    fn statement(&mut self, statement: &'f Stmt) -> Done<()> {
        self.charge(statement.range())?;
        // They would seem to be other names of what they are.
        self.parts.clear();
        match statement {
            Stmt::Pass(_) | Stmt::Import(_) | Stmt::ImportFrom(_) => Ok(()),
            Stmt::Expr(expression) => self.expression(&expression.value),
            Stmt::Assign(assign) => {
                let value = self.value(&assign.value)?;
                assign.targets.iter().try_for_each(|target| {
                    self.assign(target, value.clone())?;
                    self.note_once(target, &assign.value);
                    Ok(())
                })
            }
            Stmt::AnnAssign(assign) => match &assign.value {
                Some(value) => {
                    let given = self.value(value)?;
                    self.assign(&assign.target, given)?;
                    self.note_once(&assign.target, value);
                    Ok(())
                }
                None => Ok(()),
            },
            Stmt::AugAssign(assign) => {
                let operator = match operator(assign.op) {
                    Ok(operator) => operator,
                    Err(refusal) => {
                        self.refusals.refusal(assign.range, &refusal);
                        return Err(Ended::Refused);
                    }
                };
                let before = self.value(&assign.target)?;
                let value = self.value(&assign.value)?;
                self.augment(assign, operator, before, value)
            }
            Stmt::For(each) => self.each(each),
            Stmt::While(repeat) if repeat.orelse.is_empty() => {
                while self.value(&repeat.test)?.truthy() {
                    self.charge(repeat.range)?;
                    match self.block(&repeat.body) {
                        Err(Ended::Break) => break,
                        Ok(()) | Err(Ended::Continue) => {}
                        ended => return ended,
                    }
                }
                Ok(())
            }
            Stmt::If(conditional) => {
                if self.value(&conditional.test)?.truthy() {
                    return self.block(&conditional.body);
                }
                for clause in &conditional.elif_else_clauses {
                    let taken = match &clause.test {
                        Some(test) => self.value(test)?.truthy(),
                        None => true,
                    };
                    if taken {
                        return self.block(&clause.body);
                    }
                }
                Ok(())
            }
            Stmt::With(with) if !with.is_async => {
                for item in &with.items {
                    let value = self.value(&item.context_expr)?;
                    if let Some(target) = &item.optional_vars {
                        self.assign(target, value)?;
                        self.note_once(target, &item.context_expr);
                    }
                }
                self.block(&with.body)
            }
            Stmt::Try(attempt) if !attempt.is_star => self.attempt(attempt),
            Stmt::Break(_) => Err(Ended::Break),
            Stmt::Continue(_) => Err(Ended::Continue),
            Stmt::Return(ast::StmtReturn { value: Some(value), .. }) if self.file.goes_once(value) => {
                self.refuse(value.range(), GOES_ONCE, MAKE_A_LIST)
            }
            Stmt::Return(result) => {
                let value = result.value.as_deref().map_or(Ok(Value::None), |value| self.value(value))?;
                Err(Ended::Return(value))
            }
            other => self.refuse(
                other.range(),
                "this statement at the top level of the file is not translated",
                "keep it simple there, or move it into a method",
            ),
        }
    }

    fn charge(&mut self, range: TextRange) -> Done<()> {
        // A statement takes longer than a step of an evaluation.
        match self.budget.steps.checked_sub(25) {
            Some(left) => {
                self.budget.steps = left;
                Ok(())
            }
            None => self.refuse(range, "the code at the top level takes too long", "keep it short"),
        }
    }

    fn each(&mut self, each: &'f ast::StmtFor) -> Done<()> {
        // Kept meanwhile, so that a change of it is noticed.
        let whole = self.value(&each.iter)?;
        let mut kept = Vec::new();
        self.gone_through(&each.iter, &mut kept);
        let items = whole.items().map_err(|error| Ended::Raised(each.iter.range(), error))?;
        for item in items {
            self.charge(each.range)?;
            self.assign(&each.target, item)?;
            match self.block(&each.body) {
                Err(Ended::Break) => return Ok(()),
                Ok(()) | Err(Ended::Continue) => {}
                ended => return ended,
            }
        }
        self.block(&each.orelse)
    }

    fn attempt(&mut self, attempt: &'f ast::StmtTry) -> Done<()> {
        let mut ended = self.block(&attempt.body);
        if ended.is_ok() {
            ended = self.block(&attempt.orelse);
        } else if let Err(Ended::Raised(_, error)) = &ended {
            let error = error.clone();
            for ast::ExceptHandler::ExceptHandler(handler) in &attempt.handlers {
                if !self.takes(handler.type_.as_deref(), &error) {
                    continue;
                }
                if let Some(name) = &handler.name {
                    self.set(name.as_str(), error.into_value());
                }
                ended = self.block(&handler.body);
                if let Some(name) = &handler.name {
                    // As in Python, the name is gone after it.
                    self.forget(name.as_str());
                }
                break;
            }
        }
        self.block(&attempt.finalbody)?;
        ended
    }

    fn takes(&self, kinds: Option<&Python>, error: &EvalError) -> bool {
        let named = match kinds {
            None => return true,
            Some(Python::Tuple(tuple)) => &*tuple.elts,
            Some(only) => std::slice::from_ref(only),
        };
        named.iter().any(|kind| {
            let name = match kind {
                Python::Name(name) => name.id.as_str(),
                Python::Attribute(attribute) => attribute.attr.as_str(),
                _ => return false,
            };
            matches!(name, "Exception" | "BaseException")
                || error.is_any(Some(self.file.exceptions_of(name).as_slice()))
        })
    }

    fn expression(&mut self, python: &'f Python) -> Done<()> {
        if python.is_literal_expr() || self.file.is_about_logs(python) {
            return Ok(());
        }
        self.value(python).map(|_| ())
    }

    /// The value of an expression, after what it calls is done.
    pub(super) fn value(&mut self, python: &'f Python) -> Done<Value> {
        let spent = self.spend(python)?;
        self.calls(python)?;
        let value = self.lowered(python)?;
        self.file.spent.extend(spent);
        Ok(value)
    }

    /// The value of an expression whose calls are done.
    pub(super) fn lowered(&mut self, python: &'f Python) -> Done<Value> {
        let mut scope = Known { file: &*self.file, locals: self.scopes.last(), parts: &self.parts };
        let mut lower = Lower::new(0, &mut scope);
        let expr = lower.expr(python);
        let problems = lower.problems;
        let found = problems.is_empty();
        self.refusals.expression(problems);
        match expr.filter(|_| found) {
            Some(expr) if expr.is_known() => self.eval(&expr, python.range()),
            Some(_) => self.refuse(
                python.range(),
                "this value is not known before the run",
                "write a constant here, or compute it in on_start",
            ),
            None => Err(Ended::Refused),
        }
    }

    pub(super) fn eval(&mut self, expr: &Expr, range: TextRange) -> Done<Value> {
        let Budget { steps, room } = &mut *self.budget;
        expr.eval_within(steps, room).map_err(|error| Ended::Raised(range, error))
    }

    /// Does a function of the file.
    pub(super) fn function(
        &mut self,
        function: &'f ast::StmtFunctionDef,
        call: &'f ast::ExprCall,
    ) -> Done<Value> {
        let parameters = &function.parameters;
        let plain = parameters.vararg.is_none() && parameters.kwarg.is_none() && !function.is_async;
        let count = call.arguments.args.len();
        let placed = parameters.posonlyargs.len() + parameters.args.len();
        let is_known = |keyword: &ast::Keyword| {
            let known = parameters.iter_non_variadic_params().enumerate();
            let mut known = known.filter(|(place, _)| *place >= count.max(parameters.posonlyargs.len()));
            keyword
                .arg
                .as_ref()
                .is_some_and(|name| known.any(|(_, parameter)| parameter.name().as_str() == name.as_str()))
        };
        if !plain
            || self.scopes.len() == CALLS
            || count > placed
            || call.arguments.args.iter().any(Python::is_starred_expr)
            || !call.arguments.keywords.iter().all(is_known)
        {
            let message = format!("this call of `{}` is not translated", function.name);
            return self.refuse(
                call.range(),
                message,
                "give a value for each of its parameters, without recursion",
            );
        }
        let mut scope = HashMap::new();
        let mut once = Vec::new();
        for (place, parameter) in parameters.iter_non_variadic_params().enumerate() {
            let name = parameter.name().as_str();
            let given = match call.arguments.args.get(place) {
                Some(given) => Some(given),
                None => call.arguments.find_keyword(name).map(|keyword| &keyword.value),
            };
            let value = match (given, parameter.default.as_deref()) {
                (Some(given), _) => self.lowered(given)?,
                (None, Some(default)) => {
                    let value = self.value(default)?;
                    // All calls share it, so that it is not changed.
                    self.defaults.push(value.clone());
                    value
                }
                (None, None) => {
                    let message = format!("`{}` is not given `{name}`", function.name);
                    return self.refuse(call.range(), message, "give a value for each of its parameters");
                }
            };
            once.extend(given.map(|given| (name, given)));
            scope.insert(name, value);
        }
        for (name, given) in once {
            self.note_name(name, given);
        }
        self.scopes.push(scope);
        // It may be called within itself.
        let parts = std::mem::take(&mut self.parts);
        let ended = self.block(&function.body);
        self.parts = parts;
        self.scopes.pop();
        match ended {
            Ok(()) => Ok(Value::None),
            Err(Ended::Return(value)) => Ok(value),
            Err(ended) => Err(ended),
        }
    }
}

/// What names stand for while the file is read.
struct Known<'a, 'f> {
    file: &'a File<'f>,
    locals: Option<&'a HashMap<&'f str, Value>>,
    parts: &'a HashMap<TextRange, Value>,
}

impl Scope for Known<'_, '_> {
    fn name(&mut self, name: &str) -> Option<Meaning> {
        match self.locals.and_then(|locals| locals.get(name)) {
            Some(value) => Some(Meaning::Value(Expr::Constant(value.clone()))),
            None => known_before(self.file, name),
        }
    }

    fn attribute(&mut self, object: &Python, attribute: &str) -> Option<Meaning> {
        let constant = self.file.plain_constant(object, attribute)?;
        Some(Meaning::Value(Expr::Constant(constant.clone())))
    }

    fn pattern(&self, name: &str) -> Option<&ast::ExprCall> {
        self.file.patterns.get(name).copied()
    }

    fn replaced(&mut self, range: TextRange) -> Option<Expr> {
        let known = self.parts.get(&range).or_else(|| self.file.environment.get(&range));
        known.cloned().map(Expr::Constant)
    }

    fn is_set(&self, python: &Python) -> bool {
        matches!(python, Python::Name(name) if self.file.sets.contains(name.id.as_str()))
    }

    fn is_told(&self, python: &Python) -> bool {
        let local = |name: &str| self.locals.is_some_and(|locals| locals.contains_key(name));
        matches!(python, Python::Name(name) if self.file.told.contains(name.id.as_str()) && !local(&name.id))
    }

    fn catches(&self) -> bool {
        // What nothing catches is told when it is evaluated, which is at once.
        true
    }
}
