//! What can be called by name: functions and methods, their parameters, and what their arguments must be.

use super::compare::Number;
use super::eval::Run;
use super::{EvalError, Value};
use std::fmt;

/// What a function does with its arguments. There is a value for each named parameter, [`Value::Unset`] for one
/// that was not given, then those of `*parameter`; missing ones at the end may not be there.
pub(crate) type Call = fn(&[Value], &mut Run<'_, '_>) -> Result<Value, EvalError>;

/// What a method does with its object and arguments; `None` if such an object has no such method.
pub(crate) type MethodCall = fn(&Value, &[Value], &mut Run<'_, '_>) -> Option<Result<Value, EvalError>>;

/// What an attribute of an object is; `None` if such an object has no such attribute.
pub(crate) type Read = fn(&Value, &mut Run<'_, '_>) -> Option<Result<Value, EvalError>>;

/// Names of parameters in their order. As in Python, those after `*` are given by name only, and one that begins
/// with `*` takes any number of values.
pub(crate) type Parameters = &'static [&'static str];

/// A function that expressions may call.
pub struct Function {
    /// Its full name, as after `import module`.
    pub(crate) name: &'static str,
    pub(crate) parameters: Parameters,
    /// How many of them must be given.
    pub(crate) required: usize,
    /// Whether equal arguments always give an equal value; not so where chance or the clock decide.
    pub(crate) fixed: bool,
    pub(crate) call: Call,
}

/// A method that expressions may call. One name may stand for several types; the value decides.
pub struct Method {
    pub(crate) name: &'static str,
    pub(crate) parameters: Parameters,
    /// How many of them must be given.
    pub(crate) required: usize,
    pub(crate) call: MethodCall,
}

/// Something of a value that is read without a call.
pub struct Attribute {
    pub(crate) name: &'static str,
    pub(crate) read: Read,
}

impl Function {
    /// One whose value depends on its arguments alone.
    pub(crate) const fn fixed(
        name: &'static str,
        parameters: Parameters,
        required: usize,
        call: Call,
    ) -> Self {
        Self { name, parameters, required, fixed: true, call }
    }

    /// One whose value may be another each time.
    pub(crate) const fn varying(
        name: &'static str,
        parameters: Parameters,
        required: usize,
        call: Call,
    ) -> Self {
        Self { name, parameters, required, fixed: false, call }
    }
}

impl Method {
    pub(crate) const fn new(
        name: &'static str,
        parameters: Parameters,
        required: usize,
        call: MethodCall,
    ) -> Self {
        Self { name, parameters, required, call }
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl fmt::Debug for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl fmt::Debug for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Python's `TypeError`.
pub(crate) fn type_error(words: &str) -> EvalError {
    EvalError::raise("TypeError", words)
}

/// Python's `ValueError`.
pub(crate) fn value_error(words: &str) -> EvalError {
    EvalError::raise("ValueError", words)
}

/// Python's words for what an object has not.
pub(crate) fn no_attribute(value: &Value, name: &str) -> EvalError {
    let words = format!("'{}' object has no attribute '{name}'", value.type_name());
    EvalError::raise("AttributeError", &words)
}

/// The argument at `place`, if it was given.
pub(crate) fn given(arguments: &[Value], place: usize) -> Option<&Value> {
    arguments.get(place).filter(|value| !matches!(value, Value::Unset))
}

/// The argument at `place`, which is required and therefore there.
pub(crate) fn argument(arguments: &[Value], place: usize) -> &Value {
    arguments.get(place).unwrap_or(&Value::Unset)
}

/// The text at `place`.
pub(crate) fn text_at(arguments: &[Value], place: usize) -> Result<&str, EvalError> {
    let value = argument(arguments, place);
    value.as_str().ok_or_else(|| type_error(&format!("expected str, not {}", value.type_name())))
}

/// The whole number at `place`, or `default` if none was given.
pub(crate) fn integer_at(arguments: &[Value], place: usize, default: i64) -> Result<i64, EvalError> {
    given(arguments, place).map_or(Ok(default), integer)
}

/// A whole number that a function needs.
pub(crate) fn integer(value: &Value) -> Result<i64, EvalError> {
    match value {
        Value::Int(number) => Ok(*number),
        Value::Bool(value) => Ok(i64::from(*value)),
        _ => {
            let words = format!("'{}' object cannot be interpreted as an integer", value.type_name());
            Err(type_error(&words))
        }
    }
}

/// A number that a function needs, as a float.
pub(crate) fn float(value: &Value) -> Result<f64, EvalError> {
    match Number::of(value) {
        Some(number) => Ok(number.as_float()),
        None => Err(type_error(&format!("must be real number, not {}", value.type_name()))),
    }
}
