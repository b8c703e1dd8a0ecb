//! Exceptions as values: what `except ... as error` is given, and what `raise` takes.

use super::call::{Function, argument, type_error};
use super::display::write_quoted;
use super::object::Object;
use super::{EvalError, Value};
use std::sync::Arc;

/// Python's exceptions that code may name, each with the one that it derives from.
const KINDS: &[(&str, &str)] = &[
    ("ArithmeticError", "Exception"),
    ("AssertionError", "Exception"),
    ("AttributeError", "Exception"),
    ("CatchResponseError", "Exception"),
    ("ConnectionError", "OSError"),
    ("FileNotFoundError", "OSError"),
    ("FloatingPointError", "ArithmeticError"),
    ("HTTPError", "RequestException"),
    ("IOError", "Exception"),
    ("IndexError", "LookupError"),
    ("JSONDecodeError", "ValueError"),
    ("KeyError", "LookupError"),
    ("LocustError", "Exception"),
    ("LookupError", "Exception"),
    ("NameError", "Exception"),
    ("NotImplementedError", "RuntimeError"),
    ("OSError", "Exception"),
    ("OverflowError", "ArithmeticError"),
    ("RequestException", "OSError"),
    ("ResponseError", "Exception"),
    ("RuntimeError", "Exception"),
    ("StopIteration", "Exception"),
    ("TypeError", "Exception"),
    ("UnboundLocalError", "NameError"),
    ("UnicodeDecodeError", "ValueError"),
    ("UnicodeEncodeError", "ValueError"),
    ("ValueError", "Exception"),
    ("ZeroDivisionError", "ArithmeticError"),
];

/// Those by which the bounds of an evaluation are told. No code goes on after them, or a loop around it would not
/// end.
const BOUNDS: &[&str] = &["MemoryError", "TimeoutError"];

/// `ValueError(...)`: its kind, and what it is given; not to be called by this name.
pub(crate) static EXCEPTION: Function =
    Function::fixed("an exception", &["kind", "*arguments"], 1, |arguments, run| {
        let kind = argument(arguments, 0).as_str().unwrap_or("Exception");
        let error = EvalError::made(kind, arguments.get(1..).unwrap_or_default());
        run.charge(error.0.len())?;
        Ok(error.into_value())
    });

/// Whether Python has an exception of this name that code may raise and catch.
pub(crate) fn is_exception(name: &str) -> bool {
    name == "Exception" || KINDS.iter().any(|(kind, _)| *kind == name)
}

/// Whether `kind` is `wanted` or derives from it.
pub(crate) fn is_a(kind: &str, wanted: &str) -> bool {
    let mut kind = kind;
    while kind != wanted {
        match KINDS.iter().find(|(name, _)| *name == kind) {
            Some((_, base)) => kind = base,
            None => return false,
        }
    }
    true
}

impl EvalError {
    /// The name of the exception, as in `KeyError('token')`; `None` for what no code may catch: something that is
    /// not supported here, and bounds.
    #[must_use]
    pub fn kind(&self) -> Option<&str> {
        let (kind, _) = self.0.strip_suffix(')')?.split_once('(')?;
        let is_name = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let beyond = self.0 == BEYOND_64_BITS;
        (!kind.is_empty() && is_name(kind) && !BOUNDS.contains(&kind) && !beyond).then_some(kind)
    }

    /// Whether it is one of these or derives from one of them; `None` takes all that code may catch.
    #[must_use]
    pub fn is_any(&self, kinds: Option<&[Arc<str>]>) -> bool {
        let Some(kind) = self.kind() else { return false };
        kinds.is_none_or(|kinds| kinds.iter().any(|wanted| is_a(kind, wanted)))
    }

    /// The exception that `value` is, if it is one.
    #[must_use]
    pub fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Object(object) if let Object::Exception(error) = &**object => Some(error.clone()),
            _ => None,
        }
    }

    /// The exception that `raise` of this value raises.
    #[must_use]
    pub fn raised(value: &Value) -> Self {
        Self::of(value).unwrap_or_else(|| type_error("exceptions must derive from BaseException"))
    }

    /// The exception as a value.
    #[must_use]
    pub fn into_value(self) -> Value {
        Value::Object(Arc::new(Object::Exception(self)))
    }

    /// The text that it was given, if it was given one and nothing else.
    pub(crate) fn text(&self) -> Option<String> {
        let (_, inner) = self.0.strip_suffix(')')?.split_once('(')?;
        unquoted(inner)
    }

    /// What Python's `str()` makes of it.
    pub(crate) fn words(&self) -> String {
        let inner = self.0.strip_suffix(')').and_then(|text| text.split_once('('));
        match inner {
            // The text of this one is its key as it is written.
            Some(("KeyError", key)) => key.to_owned(),
            Some((_, "")) => String::new(),
            Some((_, inner)) => unquoted(inner).unwrap_or_else(|| match is_one(inner) {
                true => inner.to_owned(),
                false => format!("({inner})"),
            }),
            None => self.0.clone(),
        }
    }

    /// An exception of this kind with these arguments, as `kind(*arguments)` makes it.
    pub(crate) fn made(kind: &str, arguments: &[Value]) -> Self {
        let mut text = format!("{kind}(");
        for (place, argument) in arguments.iter().enumerate() {
            text.push_str(if place == 0 { "" } else { ", " });
            match argument {
                Value::Str(words) => _ = write_quoted(&mut text, words),
                other => text.push_str(&super::display::Repr(other).to_string()),
            }
        }
        text.push(')');
        Self(text)
    }
}

/// How [`super::operators::whole`] tells of a number that Python has and we have not.
const BEYOND_64_BITS: &str = "OverflowError('whole number beyond 64 bits')";

/// Whether this is the text of one value, as far as that matters: texts of several hold a comma after a value.
fn is_one(inner: &str) -> bool {
    !inner.contains(", ") || inner.starts_with(['[', '{'])
}

/// The text of a quoted text, if `inner` is one and nothing else.
fn unquoted(inner: &str) -> Option<String> {
    let quote = inner.chars().next().filter(|first| matches!(first, '\'' | '"'))?;
    let mut rest = inner[1..].chars();
    let mut text = String::with_capacity(inner.len());
    loop {
        match rest.next()? {
            '\\' => match rest.next()? {
                'n' => text.push('\n'),
                'r' => text.push('\r'),
                't' => text.push('\t'),
                kind @ ('x' | 'u' | 'U') => {
                    let digits = match kind {
                        'x' => 2,
                        'u' => 4,
                        _ => 8,
                    };
                    let code: String = rest.by_ref().take(digits).collect();
                    text.push(u32::from_str_radix(&code, 16).ok().and_then(char::from_u32)?);
                }
                other => text.push(other),
            },
            end if end == quote => return rest.next().is_none().then_some(text),
            other => text.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_derive_as_in_python() {
        let is = |error: &str, kinds: &[&str]| {
            let kinds: Vec<Arc<str>> = kinds.iter().map(|kind| (*kind).into()).collect();
            EvalError(error.to_owned()).is_any(Some(&kinds))
        };
        for (error, kinds) in [
            ("KeyError('a')", &["KeyError"][..]),
            ("KeyError('a')", &["LookupError"]),
            ("JSONDecodeError('x')", &["TypeError", "ValueError"]),
            ("UnboundLocalError('x')", &["Exception"]),
            ("Own('x')", &["Own"]),
        ] {
            assert!(is(error, kinds), "{error} {kinds:?}");
        }
        for (error, kinds) in [
            ("KeyError('a')", &["IndexError", "ValueError"][..]),
            ("Own('x')", &["Exception"]),
            ("MemoryError('x')", &["MemoryError"]),
            ("text % values is not supported here", &["Exception"]),
        ] {
            assert!(!is(error, kinds), "{error} {kinds:?}");
        }
        assert!(EvalError("Own('x')".into()).is_any(None));
        for bound in [EvalError::too_large().0.as_str(), BEYOND_64_BITS, "a complex number is not supported"]
        {
            assert!(!EvalError(bound.to_owned()).is_any(None), "{bound}");
        }
    }

    #[test]
    fn the_text_of_an_exception_is_pythons() {
        let check = |made: EvalError, expected: &str| assert_eq!(made.words(), expected, "{made}");
        check(EvalError::made("ValueError", &["it's \"so\" \n é \u{1}".into()]), "it's \"so\" \n é \u{1}");
        check(EvalError::made("ValueError", &[]), "");
        check(EvalError::made("ValueError", &[Value::Int(3)]), "3");
        check(EvalError::made("OSError", &[Value::Int(3), "x".into()]), "(3, 'x')");
        check(EvalError::raise("KeyError", "token"), "'token'");
        check(EvalError::raise("ZeroDivisionError", "division by zero"), "division by zero");
    }
}
