//! Evaluation: one walk over the tree of an expression.

use super::call::{Call, no_attribute};
use super::format::apply_spec;
use super::items::Items;
use super::slice::{item, slice};
use super::tree::Node;
use super::{EvalError, Expr, Frame, Value};
use crate::limits::{EVALUATION_STEPS, VALUE_BYTES};
use crate::model::{Part, Slot};
use std::fmt::Write as _;
use std::sync::Arc;

/// One evaluation, and what it may still use.
pub(crate) struct Run<'a, 'f> {
    pub(crate) frame: &'a mut Frame<'f>,
    /// Values of the variables of comprehensions, outer ones first.
    pub(crate) bound: Vec<Value>,
    /// Bytes that may still be made, dropped values included, so that memory is bounded.
    room: usize,
    /// Steps that may still be taken, so that time is bounded.
    steps: usize,
    /// Whether `room` or `steps` did not suffice.
    exhausted: bool,
}

impl<'a, 'f> Run<'a, 'f> {
    pub(crate) fn new(frame: &'a mut Frame<'f>) -> Self {
        Self { frame, bound: Vec::new(), room: VALUE_BYTES, steps: EVALUATION_STEPS, exhausted: false }
    }

    /// Before `bytes` are made.
    pub(crate) fn charge(&mut self, bytes: usize) -> Result<(), EvalError> {
        match self.room.checked_sub(bytes) {
            Some(room) => {
                self.room = room;
                Ok(())
            }
            None => {
                self.exhausted = true;
                Err(EvalError::too_large())
            }
        }
    }

    /// Before a list of `items` is made.
    pub(crate) fn charge_items(&mut self, items: usize) -> Result<(), EvalError> {
        self.charge(items.saturating_mul(size_of::<Value>()))
    }

    /// Before something that takes about as long as `steps` nodes of the tree.
    pub(crate) fn work(&mut self, steps: usize) -> Result<(), EvalError> {
        match self.steps.checked_sub(steps) {
            Some(steps) => {
                self.steps = steps;
                Ok(())
            }
            None => {
                self.exhausted = true;
                Err(EvalError::raise("TimeoutError", "the expression takes too many steps"))
            }
        }
    }

    /// Before one more node of the tree, or item of a loop.
    pub(crate) fn step(&mut self) -> Result<(), EvalError> {
        self.work(1)
    }

    /// Before a text is gone through.
    pub(crate) fn look_through(&mut self, bytes: usize) -> Result<(), EvalError> {
        self.work(bytes / 32)
    }

    /// Before a key is looked for in a dict.
    pub(crate) fn look_up(&mut self, keys: usize) -> Result<(), EvalError> {
        self.work(keys / 8)
    }

    /// Before a value is gone through with all its parts, as to compare it.
    pub(crate) fn walk(&mut self, value: &Value) -> Result<(), EvalError> {
        match value {
            Value::List(_) | Value::Dict(_) => {
                let weight = value.weigh(usize::MAX).map_or(usize::MAX, |weight| weight.values);
                self.work(weight)
            }
            Value::Str(text) => self.look_through(text.len()),
            Value::Bytes(bytes) => self.look_through(bytes.len()),
            _ => Ok(()),
        }
    }

    /// A list of `items`.
    pub(crate) fn list(&mut self, items: Vec<Value>) -> Result<Value, EvalError> {
        self.weighed(Value::List(Arc::new(items)))
    }

    /// A dict of `items`.
    pub(crate) fn dict(&mut self, items: Vec<(Arc<str>, Value)>) -> Result<Value, EvalError> {
        Value::dict(items).and_then(|dict| self.weighed(dict))
    }

    /// A value that keeps the bounds.
    pub(crate) fn weighed(&mut self, value: Value) -> Result<Value, EvalError> {
        let Some(weight) = value.weigh(VALUE_BYTES) else {
            self.exhausted = true;
            return Err(EvalError::too_large());
        };
        self.work(weight.values)?;
        Ok(value)
    }

    /// A copy of `text`.
    pub(crate) fn text(&mut self, text: &str) -> Result<Value, EvalError> {
        self.charge(text.len())?;
        Ok(text.into())
    }

    /// What was written as text: the bound is checked after, so it may hold a few times what its parts do.
    pub(crate) fn written(&mut self, text: String) -> Result<Value, EvalError> {
        self.charge(text.len())?;
        Ok(text.into())
    }

    /// Bytes that were made.
    pub(crate) fn bytes(&mut self, bytes: Vec<u8>) -> Result<Value, EvalError> {
        self.charge(bytes.len())?;
        Ok(Value::Bytes(bytes.into()))
    }

    /// The items of a value that can be gone through.
    pub(crate) fn items(&mut self, value: &Value) -> Result<Vec<Value>, EvalError> {
        let items = Items::of(value)?;
        self.charge_items(items.left())?;
        self.work(items.left())?;
        Ok(items.collect())
    }

    pub(crate) fn call(&mut self, call: Call, arguments: &[Expr]) -> Result<Value, EvalError> {
        match arguments {
            // Most calls have few arguments, which then need no memory.
            [] => call(&[], self),
            [first] => {
                let first = self.eval(first)?;
                call(&[first], self)
            }
            [first, second] => {
                let both = [self.eval(first)?, self.eval(second)?];
                call(&both, self)
            }
            _ => {
                let arguments = self.all(arguments)?;
                call(&arguments, self)
            }
        }
    }

    pub(crate) fn eval(&mut self, expr: &Expr) -> Result<Value, EvalError> {
        match expr {
            Expr::Constant(value) => Ok(value.clone()),
            Expr::Variable(slot, name) => match self.frame.get(*slot) {
                Value::Unset => Err(unset(*slot, name)),
                value => Ok(value.clone()),
            },
            Expr::Bound(place, name) => match self.bound.get(*place) {
                Some(Value::Unset) | None => Err(unbound(name)),
                Some(value) => Ok(value.clone()),
            },
            Expr::Node(node) => self.node(node),
        }
    }

    fn node(&mut self, node: &Node) -> Result<Value, EvalError> {
        self.step()?;
        match node {
            Node::List(items) => {
                self.charge_items(items.len())?;
                let items = self.all(items)?;
                self.list(items)
            }
            Node::Dict(items) => {
                self.charge_items(2 * items.len())?;
                let items = items.iter().map(|(key, value)| Ok((self.key(key)?, self.eval(value)?)));
                let items = items.collect::<Result<_, EvalError>>()?;
                self.dict(items)
            }
            Node::Text(parts) => self.template(parts).map(Value::from),
            Node::Format(value, format) => {
                let value = self.eval(value)?;
                format.apply(&value, self)
            }
            Node::FormatBy(value, spec) => {
                let (value, spec) = (self.eval(value)?, self.eval(spec)?);
                apply_spec(&value, &spec, self)
            }
            Node::Unary(operator, value) => operator.apply(&self.eval(value)?),
            Node::Binary(operator, left, right) => {
                let (left, right) = (self.eval(left)?, self.eval(right)?);
                operator.apply(&left, &right, self)
            }
            Node::Compare(first, rest) => {
                let mut left = self.eval(first)?;
                for (operator, right) in rest {
                    let right = self.eval(right)?;
                    if !operator.holds(&left, &right, self)? {
                        return Ok(Value::Bool(false));
                    }
                    left = right;
                }
                Ok(Value::Bool(true))
            }
            Node::And(items) => self.first_that(items, false),
            Node::Or(items) => self.first_that(items, true),
            Node::If { test, then, otherwise } => {
                if self.eval(test)?.truthy() {
                    self.eval(then)
                } else {
                    self.eval(otherwise)
                }
            }
            Node::Index(value, index) => {
                let (value, index) = (self.eval(value)?, self.eval(index)?);
                item(&value, &index, self)
            }
            Node::Slice(value, [start, stop, step]) => {
                let value = self.eval(value)?;
                let bounds = [self.eval(start)?, self.eval(stop)?, self.eval(step)?];
                slice(&value, bounds, self)
            }
            Node::Attribute(value, attribute) => {
                let value = self.eval(value)?;
                (attribute.read)(&value, self).unwrap_or_else(|| Err(no_attribute(&value, attribute.name)))
            }
            Node::Method(value, method, arguments) => {
                let value = self.eval(value)?;
                let arguments = self.all(arguments)?;
                (method.call)(&value, &arguments, self)
                    .unwrap_or_else(|| Err(no_attribute(&value, method.name)))
            }
            Node::Call(function, arguments) => self.call(function.call, arguments),
            Node::Comprehension(comprehension) => comprehension.eval(self),
        }
    }

    pub(crate) fn all(&mut self, items: &[Expr]) -> Result<Vec<Value>, EvalError> {
        items.iter().map(|item| self.eval(item)).collect()
    }

    /// The first value that counts as `wanted`, or the last.
    fn first_that(&mut self, items: &[Expr], wanted: bool) -> Result<Value, EvalError> {
        let mut value = Value::None;
        for item in items {
            value = self.eval(item)?;
            if value.truthy() == wanted {
                break;
            }
        }
        Ok(value)
    }

    pub(crate) fn key(&mut self, key: &Expr) -> Result<Arc<str>, EvalError> {
        match self.eval(key)? {
            Value::Str(text) => Ok(text),
            other => {
                let words = format!("a key of a dict must be text here, not {}", other.type_name());
                Err(EvalError::raise("TypeError", &words))
            }
        }
    }

    /// The text of the parts of a template or f-string.
    pub(crate) fn template(&mut self, parts: &[Part]) -> Result<String, EvalError> {
        let mut text = String::new();
        for part in parts {
            match part {
                Part::Text(piece) => text.push_str(piece),
                Part::Value(expr) => match self.eval(expr)? {
                    Value::Str(piece) => text.push_str(&piece),
                    value => _ = write!(text, "{value}"),
                },
            }
            if text.len() > self.room {
                break;
            }
        }
        self.charge(text.len())?;
        Ok(text)
    }
}

/// `expr`, or its value if that needs at most `room` bytes, and about as many steps.
pub(crate) fn fold(expr: Expr, room: usize) -> Result<Expr, EvalError> {
    let mut rng = fastrand::Rng::with_seed(0);
    let mut frame = Frame::bare(&mut rng);
    let steps = room.min(EVALUATION_STEPS);
    let mut run = Run { room, steps, ..Run::new(&mut frame) };
    match run.eval(&expr) {
        Ok(value) if value.weigh(room).is_some() => Ok(Expr::Constant(value)),
        Err(error) if !run.exhausted => Err(error),
        _ => Ok(expr),
    }
}

/// The value of `expr`; what it uses is taken from `steps` and `room`.
pub(crate) fn eval_within(
    expr: &Expr,
    frame: &mut Frame<'_>,
    steps: &mut usize,
    room: &mut usize,
) -> Result<Value, EvalError> {
    let (most_steps, most_room) = ((*steps).min(EVALUATION_STEPS), (*room).min(VALUE_BYTES));
    let mut run = Run { steps: most_steps, room: most_room, ..Run::new(frame) };
    let value = run.eval(expr);
    *steps -= most_steps - run.steps;
    *room -= most_room - run.room;
    value
}

fn unset(slot: Slot, name: &str) -> EvalError {
    match name.split_once('.') {
        Some((class, attribute)) => {
            EvalError::raise("AttributeError", &format!("'{class}' object has no attribute '{attribute}'"))
        }
        None if matches!(slot, Slot::Local(_)) => unbound(name),
        None => EvalError::raise("NameError", &format!("name '{name}' is not defined")),
    }
}

fn unbound(name: &str) -> EvalError {
    let words = format!("cannot access local variable '{name}' where it is not associated with a value");
    EvalError::raise("UnboundLocalError", &words)
}
