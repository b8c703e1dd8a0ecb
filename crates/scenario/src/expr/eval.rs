//! Evaluation: one walk over the tree of an expression.

use super::compare::contains;
use super::display::Repr;
use super::tree::Node;
use super::{EvalError, Expr, Frame, Value};
use crate::limits::VALUE_BYTES;
use crate::model::Part;
use std::fmt::Write as _;
use std::sync::Arc;

/// One evaluation, and what it may still use.
pub(crate) struct Run<'a, 'f> {
    pub(crate) frame: &'a mut Frame<'f>,
    /// Bytes that may still be made, dropped values included; so neither memory nor time is without end.
    room: usize,
    /// Whether `room` did not suffice.
    exhausted: bool,
}

impl<'a, 'f> Run<'a, 'f> {
    pub(crate) fn new(frame: &'a mut Frame<'f>) -> Self {
        Self { frame, room: VALUE_BYTES, exhausted: false }
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

    pub(crate) fn eval(&mut self, expr: &Expr) -> Result<Value, EvalError> {
        match expr {
            Expr::Constant(value) => Ok(value.clone()),
            Expr::Variable(slot, name) => match self.frame.get(*slot) {
                Value::Unset => Err(unset(name)),
                value => Ok(value.clone()),
            },
            Expr::Node(node) => self.node(node),
        }
    }

    fn node(&mut self, node: &Node) -> Result<Value, EvalError> {
        match node {
            Node::List(items) => {
                self.charge_items(items.len())?;
                Value::list(self.all(items)?)
            }
            Node::Dict(items) => {
                self.charge_items(2 * items.len())?;
                let items = items.iter().map(|(key, value)| Ok((self.key(key)?, self.eval(value)?)));
                Value::dict(items.collect::<Result<_, EvalError>>()?)
            }
            Node::Text(parts) => self.text(parts).map(Value::from),
            Node::Format(value, format) => {
                let value = self.eval(value)?;
                let text = format.apply(&value)?;
                self.charge(text.len())?;
                Ok(text.into())
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
                    if !operator.holds(&left, &right)? {
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
                item(&value, &index)
            }
            Node::Attribute(value, attribute) => {
                let value = self.eval(value)?;
                attribute.of(&value, self)
            }
            Node::Method(value, method, arguments) => {
                let value = self.eval(value)?;
                let arguments = self.all(arguments)?;
                method.call(&value, &arguments, self)
            }
            Node::Call(function, arguments) => {
                let arguments = self.all(arguments)?;
                function.call(&arguments, self)
            }
        }
    }

    fn all(&mut self, items: &[Expr]) -> Result<Vec<Value>, EvalError> {
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

    fn key(&mut self, key: &Expr) -> Result<Arc<str>, EvalError> {
        match self.eval(key)? {
            Value::Str(text) => Ok(text),
            other => {
                let words = format!("a key of a dict must be text here, not {}", other.type_name());
                Err(EvalError::raise("TypeError", &words))
            }
        }
    }

    /// The text of the parts of a template or f-string.
    pub(crate) fn text(&mut self, parts: &[Part]) -> Result<String, EvalError> {
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

/// `expr` if it has no constant parts only or its value would need more than `room` bytes; otherwise its value.
pub(crate) fn fold(expr: Expr, room: usize) -> Result<Expr, EvalError> {
    let mut rng = fastrand::Rng::with_seed(0);
    let mut frame = Frame::bare(&mut rng);
    let mut run = Run { room, ..Run::new(&mut frame) };
    match run.eval(&expr) {
        Ok(value) if value.weigh(room, 0).is_some() => Ok(Expr::Constant(value)),
        Err(error) if !run.exhausted => Err(error),
        _ => Ok(expr),
    }
}

fn unset(name: &str) -> EvalError {
    match name.split_once('.') {
        Some((class, attribute)) => {
            EvalError::raise("AttributeError", &format!("'{class}' object has no attribute '{attribute}'"))
        }
        None => EvalError::raise("NameError", &format!("name '{name}' is not defined")),
    }
}

/// `value[index]`
fn item(value: &Value, index: &Value) -> Result<Value, EvalError> {
    let place = match index {
        Value::Int(place) => Some(*place),
        Value::Bool(place) => Some(i64::from(*place)),
        _ => None,
    };
    match (value, place) {
        (Value::List(items), Some(place)) => at(place, items.len())
            .and_then(|place| items.get(place).cloned())
            .ok_or_else(|| EvalError::raise("IndexError", "list index out of range")),
        (Value::Str(text), Some(place)) => at(place, text.chars().count())
            .and_then(|place| text.chars().nth(place))
            .map(|character| Value::from(character.to_string()))
            .ok_or_else(|| EvalError::raise("IndexError", "string index out of range")),
        (Value::Dict(_), _) => {
            contains(value, index)?;
            let found = index.as_str().and_then(|key| value.member(key)).cloned();
            found.ok_or_else(|| EvalError(format!("KeyError({})", Repr(index))))
        }
        (Value::List(_), None) => Err(EvalError::raise(
            "TypeError",
            &format!("list indices must be integers or slices, not {}", index.type_name()),
        )),
        (Value::Str(_), None) => Err(EvalError::raise(
            "TypeError",
            &format!("string indices must be integers, not '{}'", index.type_name()),
        )),
        _ => Err(EvalError::raise(
            "TypeError",
            &format!("'{}' object is not subscriptable", value.type_name()),
        )),
    }
}

/// A place in something of `length`; negative places count from its end.
fn at(place: i64, length: usize) -> Option<usize> {
    if place < 0 {
        length.checked_sub(usize::try_from(place.unsigned_abs()).ok()?)
    } else {
        usize::try_from(place).ok()
    }
}
