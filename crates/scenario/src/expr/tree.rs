//! The tree of an expression, and how its constant parts are folded.

use super::call::{Attribute, Function, Method};
use super::compare::Comparison;
use super::comprehension::Comprehension;
use super::eval::{Run, eval_within, fold};
use super::exception::EXCEPTION;
use super::format::Format;
use super::library::convert::{FIELD, HEADER_VALUE};
use super::library::iterables::UNPACK;
use super::operators::{Binary, Unary};
use super::{EvalError, Frame, Value};
use crate::model::{Part, Slot, Template};
use std::sync::Arc;

/// A checked expression. Variables are slots; constant parts are folded.
#[derive(Clone, Debug)]
pub enum Expr {
    /// Known before the run.
    Constant(Value),
    /// The value of a variable. Its name is kept for the message when it was never set: `name`, or
    /// `Class.attribute` for what belongs to a Python user.
    Variable(Slot, Arc<str>),
    /// A variable of a comprehension around, by its place in the evaluation, and its name.
    Bound(usize, Arc<str>),
    /// Anything else.
    Node(Box<Node>),
}

/// What is put together of other expressions.
#[derive(Clone, Debug)]
pub enum Node {
    /// `[a, b]`
    List(Vec<Expr>),
    /// `{a: b}`
    Dict(Vec<(Expr, Expr)>),
    /// `f"a{b}"`
    Text(Vec<Part>),
    /// `{a:>5}` in an f-string
    Format(Expr, Format),
    /// `{a:{b}}` in an f-string
    FormatBy(Expr, Expr),
    /// `-a`
    Unary(Unary, Expr),
    /// `a + b`
    Binary(Binary, Expr, Expr),
    /// `a < b <= c`
    Compare(Expr, Vec<(Comparison, Expr)>),
    /// `a and b`
    And(Vec<Expr>),
    /// `a or b`
    Or(Vec<Expr>),
    /// `a if test else b`
    If {
        /// Decides.
        test: Expr,
        /// If it is true.
        then: Expr,
        /// If it is not.
        otherwise: Expr,
    },
    /// `a[b]`
    Index(Expr, Expr),
    /// `a[b:c:d]`
    Slice(Expr, [Expr; 3]),
    /// `a.b`
    Attribute(Expr, &'static Attribute),
    /// `a.b(c)`
    Method(Expr, &'static Method, Vec<Expr>),
    /// `f(a)`
    Call(&'static Function, Vec<Expr>),
    /// `[a for b in c]`
    Comprehension(Comprehension),
}

impl Expr {
    /// The value, if it is known before the run.
    #[must_use]
    pub fn constant(&self) -> Option<&Value> {
        match self {
            Self::Constant(value) => Some(value),
            Self::Variable(..) | Self::Bound(..) | Self::Node(_) => None,
        }
    }

    /// The value now.
    ///
    /// # Errors
    /// When Python would raise, or a bound of [`crate::limits`] is passed.
    pub fn eval(&self, frame: &mut Frame<'_>) -> Result<Value, EvalError> {
        match self {
            Self::Constant(value) => Ok(value.clone()),
            _ => Run::new(frame).eval(self),
        }
    }

    /// The value now, of an expression that reads no variable and is [known](Self::is_known); what it uses is taken
    /// from `steps` and `room`.
    pub(crate) fn eval_within(&self, steps: &mut usize, room: &mut usize) -> Result<Value, EvalError> {
        let mut rng = fastrand::Rng::with_seed(0);
        eval_within(self, &mut Frame::bare(&mut rng), steps, room)
    }

    /// Whether it has the same value each time.
    pub(crate) fn is_known(&self) -> bool {
        self.is_closed(0)
    }

    /// A list; constant if all `items` are.
    #[must_use]
    pub fn list(items: Vec<Self>) -> Self {
        fold_whole(Node::List(items))
    }

    /// A dict; constant if all `items` are. A key must have a text for its value.
    #[must_use]
    pub fn dict(items: Vec<(Self, Self)>) -> Self {
        fold_whole(Node::Dict(items))
    }

    /// Whether the value is text whatever the variables are.
    pub(crate) fn is_text(&self) -> bool {
        match self {
            Self::Constant(value) => value.as_str().is_some(),
            Self::Variable(..) | Self::Bound(..) => false,
            Self::Node(node) => match &**node {
                Node::Text(_) | Node::Format(..) | Node::FormatBy(..) => true,
                Node::Binary(Binary::Add, left, right) => left.is_text() || right.is_text(),
                Node::Call(function, _) => matches!(function.name, "json.dumps" | "repr" | "str"),
                _ => false,
            },
        }
    }

    /// `left operator right`
    pub(crate) fn binary(operator: Binary, left: Self, right: Self) -> Self {
        Self::Node(Box::new(Node::Binary(operator, left, right)))
    }

    /// `dict[key]`
    pub(crate) fn item(dict: Self, key: Arc<str>) -> Self {
        Self::Node(Box::new(Node::Index(dict, Self::Constant(Value::Str(key)))))
    }

    /// `list[place]`
    pub(crate) fn at(list: Self, place: i64) -> Self {
        Self::Node(Box::new(Node::Index(list, Self::Constant(Value::Int(place)))))
    }

    /// The items of a list, which must be so many.
    pub(crate) fn unpacked(list: Self, count: usize) -> Self {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        Self::Node(Box::new(Node::Call(&UNPACK, vec![list, Self::Constant(Value::Int(count))])))
    }

    /// `kind(words)`, an exception.
    pub(crate) fn exception(kind: &str, words: Option<Self>) -> Self {
        let given = std::iter::once(Self::Constant(kind.into())).chain(words).collect();
        Self::Node(Box::new(Node::Call(&EXCEPTION, given)))
    }

    /// `not value`
    pub(crate) fn negated(self) -> Self {
        match self {
            Self::Constant(value) => Self::Constant(Value::Bool(!value.truthy())),
            value => Self::Node(Box::new(Node::Unary(Unary::Not, value))),
        }
    }

    /// The value, after a check that a field of a form or query can have it.
    pub(crate) fn checked_field(self) -> Self {
        self.checked(&FIELD)
    }

    /// The value, after a check that a header can have it.
    pub(crate) fn checked_header(self) -> Self {
        self.checked(&HEADER_VALUE)
    }

    fn checked(self, function: &'static Function) -> Self {
        if self.is_text() { self } else { Self::Node(Box::new(Node::Call(function, vec![self]))) }
    }

    /// The text of `template`.
    #[must_use]
    pub fn text(template: Template) -> Self {
        match template {
            Template::Fixed(text) => Self::Constant(Value::Str(text)),
            Template::Parts(parts) => Self::Node(Box::new(Node::Text(parts))),
        }
    }

    /// The same, as text: a template that renders what Python's `str()` makes of the value.
    #[must_use]
    pub fn into_template(self) -> Template {
        match self {
            Self::Constant(Value::Str(text)) => Template::Fixed(text),
            Self::Constant(value) => Template::Fixed(value.to_string().into()),
            Self::Node(node) if matches!(*node, Node::Text(_)) => match *node {
                Node::Text(parts) => Template::Parts(parts),
                other => Template::Parts(vec![Part::Value(Self::Node(Box::new(other)))]),
            },
            other => Template::Parts(vec![Part::Value(other)]),
        }
    }

    /// `node`, or its value where that is known now, can be had for sure, and is not much larger than its
    /// source of `source_bytes`: a file must not grow in memory because it says `"x" * 1000000`.
    ///
    /// # Errors
    /// When the node is constant and evaluating it always fails.
    pub(crate) fn folded(node: Node, source_bytes: usize) -> Result<Self, EvalError> {
        if !node.is_pure() {
            return Ok(Self::Node(Box::new(node)));
        }
        let room = 256 + source_bytes.saturating_mul(2 * size_of::<Value>());
        fold(Self::Node(Box::new(node)), room)
    }
}

/// Folds what cannot be larger than its source.
fn fold_whole(node: Node) -> Expr {
    let whole = Expr::Node(Box::new(node));
    match &whole {
        Expr::Node(node) if node.is_pure() => {
            fold(whole.clone(), crate::limits::VALUE_BYTES).unwrap_or(whole)
        }
        _ => whole,
    }
}

impl Expr {
    /// Whether it has the same value each time, whatever variables before the place `first` are.
    fn is_closed(&self, first: usize) -> bool {
        match self {
            Self::Constant(_) => true,
            Self::Variable(..) => false,
            Self::Bound(place, _) => *place >= first,
            Self::Node(node) => node.is_fixed() && node.all(&mut |expr| expr.is_closed(first)),
        }
    }
}

impl Node {
    /// Whether it has the same value each time: constant in all its parts, and nothing random.
    fn is_pure(&self) -> bool {
        match self {
            Self::Comprehension(comprehension) => self.all(&mut |expr| expr.is_closed(comprehension.first)),
            _ => self.is_fixed() && self.all(&mut |expr| expr.constant().is_some()),
        }
    }

    /// Whether it has the same value each time if its parts have.
    fn is_fixed(&self) -> bool {
        match self {
            Self::Call(function, _) => function.fixed,
            _ => true,
        }
    }

    /// Whether all expressions directly within pass a test.
    fn all(&self, test: &mut dyn FnMut(&Expr) -> bool) -> bool {
        let mut all = true;
        self.each(&mut |expr| all = all && test(expr));
        all
    }

    /// As [`Node::each`], to change them.
    pub(crate) fn each_mut(&mut self, mut see: &mut dyn FnMut(&mut Expr)) {
        match self {
            Self::List(items) | Self::And(items) | Self::Or(items) => items.iter_mut().for_each(see),
            Self::Dict(items) => {
                items.iter_mut().for_each(|(key, value)| [key, value].into_iter().for_each(&mut see));
            }
            Self::Text(parts) => parts.iter_mut().for_each(|part| match part {
                Part::Text(_) => {}
                Part::Value(expr) => see(expr),
            }),
            Self::Unary(_, value) | Self::Attribute(value, _) | Self::Format(value, _) => see(value),
            Self::Binary(_, left, right) | Self::Index(left, right) | Self::FormatBy(left, right) => {
                [left, right].into_iter().for_each(see);
            }
            Self::Slice(value, bounds) => std::iter::once(value).chain(bounds).for_each(see),
            Self::Compare(first, rest) => {
                std::iter::once(first).chain(rest.iter_mut().map(|(_, expr)| expr)).for_each(see);
            }
            Self::If { test, then, otherwise } => [test, then, otherwise].into_iter().for_each(see),
            Self::Method(value, _, arguments) => std::iter::once(value).chain(arguments).for_each(see),
            Self::Call(_, arguments) => arguments.iter_mut().for_each(see),
            Self::Comprehension(comprehension) => comprehension.each_mut(&mut see),
        }
    }

    /// Calls `see` for each expression directly within.
    pub(crate) fn each(&self, mut see: &mut dyn FnMut(&Expr)) {
        match self {
            Self::List(items) | Self::And(items) | Self::Or(items) => items.iter().for_each(see),
            Self::Dict(items) => {
                items.iter().for_each(|(key, value)| [key, value].into_iter().for_each(&mut see));
            }
            Self::Text(parts) => parts.iter().for_each(|part| match part {
                Part::Text(_) => {}
                Part::Value(expr) => see(expr),
            }),
            Self::Unary(_, value) | Self::Attribute(value, _) | Self::Format(value, _) => see(value),
            Self::Binary(_, left, right) | Self::Index(left, right) | Self::FormatBy(left, right) => {
                [left, right].into_iter().for_each(see);
            }
            Self::Slice(value, bounds) => std::iter::once(value).chain(bounds).for_each(see),
            Self::Compare(first, rest) => {
                std::iter::once(first).chain(rest.iter().map(|(_, expr)| expr)).for_each(see);
            }
            Self::If { test, then, otherwise } => [test, then, otherwise].into_iter().for_each(see),
            Self::Method(value, _, arguments) => std::iter::once(value).chain(arguments).for_each(see),
            Self::Call(_, arguments) => arguments.iter().for_each(see),
            Self::Comprehension(comprehension) => comprehension.each(&mut see),
        }
    }
}
