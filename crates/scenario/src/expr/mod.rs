//! Expressions: a documented subset of Python's, parsed once, evaluated while users run.
//!
//! Constant parts are folded when the file is loaded, so that what needs no evaluation costs nothing
//! ([`Expr::constant`], [`Template::Fixed`]). Evaluation touches nothing but its [`Frame`].

mod template;
mod value;

pub use value::{Response, Value};

use crate::model::{Slot, Template};

/// A checked expression. Variables are slots; constant parts are folded.
#[derive(Clone, Debug)]
pub enum Expr {
    /// Known before the run.
    Constant(Value),
    /// The value of a variable; its name is kept for the message when it was never set.
    Variable(Slot, std::sync::Arc<str>),
}

/// Why an expression has no value. The text is what a person reads in the error table, in Python's words where
/// Python has some.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct EvalError(pub String);

/// What an expression may read and change while it is evaluated.
#[derive(Debug)]
pub struct Frame<'a> {
    /// By [`Slot::User`].
    pub user: &'a mut [Value],
    /// By [`Slot::Local`].
    pub local: &'a mut [Value],
    /// Where random values come from.
    pub rng: &'a mut fastrand::Rng,
}

impl Frame<'_> {
    /// The variable in `slot`; [`Value::Unset`] before it was given a value.
    #[must_use]
    pub fn get(&self, slot: Slot) -> &Value {
        match slot {
            Slot::User(index) => self.user.get(usize::from(index)),
            Slot::Local(index) => self.local.get(usize::from(index)),
        }
        .unwrap_or(&Value::Unset)
    }

    /// Gives the variable in `slot` a value.
    pub fn set(&mut self, slot: Slot, value: Value) {
        let place = match slot {
            Slot::User(index) => self.user.get_mut(usize::from(index)),
            Slot::Local(index) => self.local.get_mut(usize::from(index)),
        };
        if let Some(place) = place {
            *place = value;
        }
    }
}

impl Expr {
    /// The value, if it is known before the run.
    #[must_use]
    pub fn constant(&self) -> Option<&Value> {
        match self {
            Self::Constant(value) => Some(value),
            Self::Variable(..) => None,
        }
    }

    /// The value now.
    ///
    /// # Errors
    /// When Python would raise, or a bound of [`crate::limits`] is passed.
    pub fn eval(&self, frame: &mut Frame<'_>) -> Result<Value, EvalError> {
        match self {
            Self::Constant(value) => Ok(value.clone()),
            Self::Variable(slot, name) => match frame.get(*slot) {
                Value::Unset => Err(EvalError(format!("NameError(\"name '{name}' is not set\")"))),
                value => Ok(value.clone()),
            },
        }
    }
}

impl Template {
    /// Whether the text is known before the run.
    #[must_use]
    pub fn is_fixed(&self) -> bool {
        matches!(self, Self::Fixed(_))
    }
}

/// Resolves a variable's name where it is read; `None` if there is no such variable.
pub type Resolve<'a> = &'a mut dyn FnMut(&str) -> Option<Slot>;

/// Reads one Python expression. `at` is where `source` begins in its file, for the places of problems.
///
/// # Errors
/// All problems of the expression: syntax, constructs outside the subset, unknown names and functions.
pub fn parse_expression(source: &str, at: usize, resolve: Resolve<'_>) -> Result<Expr, Vec<crate::Problem>> {
    let _ = resolve;
    Err(vec![crate::Problem {
        span: at..at + source.len(),
        message: "expressions are not read yet".to_owned(),
        remedy: "write a constant".to_owned(),
    }])
}

/// Reads text that may hold `{{ expression }}`; `at` as in [`parse_expression`]. A text whose expressions are all
/// constant becomes [`Template::Fixed`].
///
/// # Errors
/// As [`parse_expression`], and for braces that are never closed.
pub fn parse_template(
    source: &str,
    at: usize,
    resolve: Resolve<'_>,
) -> Result<Template, Vec<crate::Problem>> {
    let _ = (at, resolve);
    Ok(Template::Fixed(source.into()))
}
