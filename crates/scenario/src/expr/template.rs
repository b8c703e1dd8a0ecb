//! Text with expressions in it.

use super::{EvalError, Frame, Value};
use crate::model::{Part, Template};
use std::borrow::Cow;
use std::fmt::Write as _;

impl Template {
    /// The text now.
    ///
    /// # Errors
    /// When one of its expressions has no value.
    pub fn render<'a>(&'a self, frame: &mut Frame<'_>) -> Result<Cow<'a, str>, EvalError> {
        match self {
            Self::Fixed(text) => Ok(Cow::Borrowed(text)),
            Self::Parts(parts) => {
                let mut text = String::new();
                for part in parts {
                    match part {
                        Part::Text(piece) => text.push_str(piece),
                        Part::Value(expr) => match expr.eval(frame)? {
                            Value::Str(piece) => text.push_str(&piece),
                            value => _ = write!(text, "{value}"),
                        },
                    }
                }
                Ok(Cow::Owned(text))
            }
        }
    }
}
