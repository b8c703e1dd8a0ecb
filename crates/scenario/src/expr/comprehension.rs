//! Comprehensions: `[x for x in items if x]` and its relatives.
//!
//! Their variables live in the evaluation ([`Run`]), never in slots: as in Python, nothing outside sees them.

use super::eval::Run;
use super::items::{Items, Span};
use super::tree::Node;
use super::{EvalError, Expr, Value};
use std::sync::Arc;

/// A comprehension.
#[derive(Clone, Debug)]
pub struct Comprehension {
    /// What is made.
    pub(crate) make: Make,
    /// What each round gives.
    pub(crate) element: Expr,
    /// Each `for` with its `if`s; at least one.
    pub(crate) clauses: Vec<Clause>,
    /// Which of the variables of the evaluation is its first.
    pub(crate) first: usize,
    /// How many variables it has.
    pub(crate) variables: usize,
}

/// What becomes of what the rounds give.
#[derive(Clone, Debug)]
pub(crate) enum Make {
    /// `[element for ...]`
    List,
    /// `{key: element for ...}`
    Dict(Expr),
    /// `any(element for ...)`: ends with the first that is true.
    Any,
    /// `all(element for ...)`: ends with the first that is false.
    All,
    /// `next((element for ...), default)`: ends with the first.
    Next(Option<Expr>),
}

/// `for target in items if condition if condition`
#[derive(Clone, Debug)]
pub(crate) struct Clause {
    pub(crate) target: Target,
    pub(crate) items: Expr,
    pub(crate) conditions: Vec<Expr>,
}

/// Which variables are given a value.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    /// This one.
    One(usize),
    /// These, each an item of the value.
    Several(Vec<Target>),
}

/// What was made until now.
#[derive(Default)]
struct Made {
    list: Vec<Value>,
    dict: Vec<(Arc<str>, Value)>,
    /// What ended it early.
    found: Option<Value>,
}

impl Comprehension {
    /// Calls `see` for each expression directly within.
    pub(crate) fn each(&self, see: &mut dyn FnMut(&Expr)) {
        match &self.make {
            Make::Dict(expr) | Make::Next(Some(expr)) => see(expr),
            Make::List | Make::Any | Make::All | Make::Next(None) => {}
        }
        see(&self.element);
        for clause in &self.clauses {
            see(&clause.items);
            clause.conditions.iter().for_each(&mut *see);
        }
    }

    /// As [`Comprehension::each`], to change them.
    pub(crate) fn each_mut(&mut self, see: &mut dyn FnMut(&mut Expr)) {
        match &mut self.make {
            Make::Dict(expr) | Make::Next(Some(expr)) => see(expr),
            Make::List | Make::Any | Make::All | Make::Next(None) => {}
        }
        see(&mut self.element);
        for clause in &mut self.clauses {
            see(&mut clause.items);
            clause.conditions.iter_mut().for_each(&mut *see);
        }
    }

    pub(crate) fn eval(&self, run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
        let mut made = Made::default();
        if let Some((clause, inner)) = self.clauses.split_first() {
            // Before the variables get their places: a comprehension in there has the same.
            let items = run.iterate(&clause.items)?;
            run.bound.resize(self.first + self.variables, Value::Unset);
            self.rounds(items, clause, inner, &mut made, run)?;
            run.bound.truncate(self.first);
        }
        match &self.make {
            Make::List => run.list(made.list),
            Make::Dict(_) => run.dict(made.dict),
            Make::Any => Ok(Value::Bool(made.found.is_some())),
            Make::All => Ok(Value::Bool(made.found.is_none())),
            Make::Next(default) => match (made.found, default) {
                (Some(value), _) => Ok(value),
                (None, Some(default)) => run.eval(default),
                (None, None) => Err(EvalError("StopIteration()".to_owned())),
            },
        }
    }

    fn rounds(
        &self,
        items: Items,
        clause: &Clause,
        inner: &[Clause],
        made: &mut Made,
        run: &mut Run<'_, '_>,
    ) -> Result<(), EvalError> {
        for item in items {
            run.step()?;
            run.bind(&clause.target, item)?;
            let mut wanted = true;
            for condition in &clause.conditions {
                wanted = wanted && run.eval(condition)?.truthy();
            }
            match inner.split_first() {
                _ if !wanted => {}
                Some((clause, inner)) => {
                    let items = run.iterate(&clause.items)?;
                    self.rounds(items, clause, inner, made, run)?;
                }
                None => self.round(made, run)?,
            }
            if made.found.is_some() {
                break;
            }
        }
        Ok(())
    }

    fn round(&self, made: &mut Made, run: &mut Run<'_, '_>) -> Result<(), EvalError> {
        match &self.make {
            Make::List => {
                run.charge_items(1)?;
                made.list.push(run.eval(&self.element)?);
            }
            Make::Dict(key) => {
                run.charge_items(2)?;
                let key = run.key(key)?;
                made.dict.push((key, run.eval(&self.element)?));
            }
            Make::Any | Make::All => {
                let value = run.eval(&self.element)?;
                made.found = (value.truthy() == matches!(self.make, Make::Any)).then_some(value);
            }
            Make::Next(_) => made.found = Some(run.eval(&self.element)?),
        }
        Ok(())
    }
}

impl Run<'_, '_> {
    /// What `for ... in items` goes through. The numbers of a range are not made before they are needed.
    fn iterate(&mut self, items: &Expr) -> Result<Items, EvalError> {
        if let Expr::Node(node) = items
            && let Node::Call(function, arguments) = &**node
            && function.name == "range"
        {
            return Ok(Items::Numbers(Span::of(&self.all(arguments)?)?, 0));
        }
        Items::of(&self.eval(items)?)
    }

    fn bind(&mut self, target: &Target, value: Value) -> Result<(), EvalError> {
        match target {
            Target::One(place) => {
                if let Some(variable) = self.bound.get_mut(*place) {
                    *variable = value;
                }
                Ok(())
            }
            Target::Several(targets) => {
                let items = Items::of(&value).map_err(|_| {
                    let words = format!("cannot unpack non-iterable {} object", value.type_name());
                    EvalError::raise("TypeError", &words)
                })?;
                // One more is enough to know that there are too many.
                let values: Vec<Value> = items.take(targets.len() + 1).collect();
                self.charge_items(values.len())?;
                if values.len() > targets.len() {
                    let words = format!("too many values to unpack (expected {})", targets.len());
                    return Err(EvalError::raise("ValueError", &words));
                }
                if values.len() < targets.len() {
                    let (wanted, found) = (targets.len(), values.len());
                    let words = format!("not enough values to unpack (expected {wanted}, got {found})");
                    return Err(EvalError::raise("ValueError", &words));
                }
                targets.iter().zip(values).try_for_each(|(target, value)| self.bind(target, value))
            }
        }
    }
}
