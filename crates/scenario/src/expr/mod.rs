//! Expressions: a documented subset of Python's, parsed once, evaluated while users run.
//!
//! Constant parts are folded when the file is loaded, so that what needs no evaluation costs nothing
//! ([`Expr::constant`], [`Template::Fixed`]). Evaluation touches nothing but its [`Frame`], and ends: the steps it
//! may take and the bytes it may make are bounded ([`crate::limits`]).
//!
//! One file per idea: [`nesting`] refuses what is too deep to parse, [`lower`] turns Python's tree into ours
//! ([`tree`]), [`eval`] walks it, and [`call`] says how functions ([`library`]) and [`methods`] are called;
//! operators, comparisons, slices and [`comprehension`]s have a file each, and so have the forms of a value:
//! [`display`], [`format`], [`json`], and [`source`] for that of an expression.

mod call;
pub(crate) mod compare;
mod comprehension;
mod display;
mod eval;
pub(crate) mod exception;
mod fields;
mod format;
mod items;
mod json;
pub(crate) mod library;
pub(crate) mod lower;
mod methods;
pub(crate) mod nesting;
mod object;
pub(crate) mod operators;
mod slice;
pub(crate) mod source;
pub(crate) mod template;
pub(crate) mod tree;
mod value;

pub(crate) use library::is_module;
pub(crate) use lower::is_global as is_known;

pub use object::Object;
pub use tree::Expr;
pub use value::{Response, Value};

use crate::model::{Slot, Template};
use crate::problem::Problem;
use std::sync::MutexGuard;

/// Why an expression has no value. The text is what a person reads in the error table, in Python's words where
/// Python has some.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct EvalError(pub String);

impl EvalError {
    /// As Python's `repr()` of an exception: `KeyError('token')`.
    pub fn raise(kind: &str, message: &str) -> Self {
        let mut text = format!("{kind}(");
        _ = display::write_quoted(&mut text, message);
        text.push(')');
        Self(text)
    }

    pub(crate) fn too_large() -> Self {
        Self::raise("MemoryError", "the value is too large or nested too deeply")
    }
}

/// What an expression may read and change while it is evaluated.
pub struct Frame<'a> {
    /// By [`Slot::User`].
    pub user: &'a mut [Value],
    /// By [`Slot::Local`].
    pub local: &'a mut [Value],
    /// By [`Slot::Shared`].
    pub shared: &'a [Value],
    /// By [`Slot::Worker`]; `None` where the scenario has none. Others wait for them meanwhile.
    pub worker: Option<MutexGuard<'a, Vec<Value>>>,
    /// Where random values come from.
    pub rng: &'a mut fastrand::Rng,
    /// Tells the time, unix microseconds.
    pub clock: &'a dyn Fn() -> u64,
}

impl std::fmt::Debug for Frame<'_> {
    /// Without the values: secrets may be among them.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Frame").finish_non_exhaustive()
    }
}

impl<'a> Frame<'a> {
    /// Without variables and at the beginning of time: for what is known before the run.
    #[must_use]
    pub fn bare(rng: &'a mut fastrand::Rng) -> Self {
        Self { user: &mut [], local: &mut [], shared: &[], worker: None, rng, clock: &|| 0 }
    }
}

impl Frame<'_> {
    /// The variable in `slot`; [`Value::Unset`] before it was given a value.
    #[must_use]
    pub fn get(&self, slot: Slot) -> &Value {
        match slot {
            Slot::User(index) => self.user.get(usize::from(index)),
            Slot::Local(index) => self.local.get(usize::from(index)),
            Slot::Shared(index) => self.shared.get(usize::from(index)),
            Slot::Worker(index) => self.worker.as_ref().and_then(|worker| worker.get(usize::from(index))),
        }
        .unwrap_or(&Value::Unset)
    }

    /// Gives the variable in `slot` a value.
    pub fn set(&mut self, slot: Slot, value: Value) {
        let place = match slot {
            Slot::User(index) => self.user.get_mut(usize::from(index)),
            Slot::Local(index) => self.local.get_mut(usize::from(index)),
            Slot::Worker(index) => self.worker.as_mut().and_then(|worker| worker.get_mut(usize::from(index))),
            // Front ends let nothing set it.
            Slot::Shared(_) => None,
        };
        if let Some(place) = place {
            *place = value;
        }
    }
}

/// Resolves a variable's name where it is read; `None` if there is no such variable.
pub type Resolve<'a> = &'a mut dyn FnMut(&str) -> Option<Slot>;

/// Reads one Python expression. `at` is where `source` begins in its file, for the places of problems.
///
/// # Errors
/// All problems of the expression: syntax, constructs outside the subset, unknown names and functions.
pub fn parse_expression(source: &str, at: usize, resolve: Resolve<'_>) -> Result<Expr, Vec<Problem>> {
    lower::parse(source, at, &mut lower::Variables(resolve))
}

/// Reads text that may hold `{{ expression }}`; `at` as in [`parse_expression`]. A text whose expressions are all
/// constant becomes [`Template::Fixed`].
///
/// # Errors
/// As [`parse_expression`], and for braces that are never closed.
pub fn parse_template(source: &str, at: usize, resolve: Resolve<'_>) -> Result<Template, Vec<Problem>> {
    template::parse(source, at, resolve)
}
