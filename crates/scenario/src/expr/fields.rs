//! What `requests` makes of the dicts that it is given: fields of a form or query, and headers.

use super::call::{type_error, value_error};
use super::{EvalError, Value};

impl Value {
    /// The fields of a form or query: of a dict or of a list of pairs. None leaves a field out, and a list repeats it.
    ///
    /// # Errors
    /// When it is neither, or a field has no text.
    pub fn fields(&self) -> Result<Vec<(String, String)>, EvalError> {
        let mut fields = Vec::new();
        match self {
            Self::None | Self::Unset => {}
            Self::Dict(items) => {
                for (name, value) in items.iter() {
                    add(name, value, &mut fields)?;
                }
            }
            Self::List(pairs) => {
                for pair in pairs.iter() {
                    match pair {
                        Self::List(pair) if let [name, value] = pair.as_slice() => {
                            add(&one(name)?, value, &mut fields)?;
                        }
                        _ => return Err(value_error("not enough values to unpack (expected 2, got 1)")),
                    }
                }
            }
            other => {
                let words = format!("fields must be a dict or pairs, not {}", other.type_name());
                return Err(type_error(&words));
            }
        }
        Ok(fields)
    }

    /// The headers of a dict; `None` for one that is not sent.
    ///
    /// # Errors
    /// When it is no dict, or the value of one is no text.
    pub fn headers(&self) -> Result<Vec<(String, Option<String>)>, EvalError> {
        self.texts("header")
    }

    /// The cookies of a dict; `None` for one that is forgotten.
    ///
    /// # Errors
    /// When it is no dict, or a name or value is nothing that a header may hold.
    pub fn cookies(&self) -> Result<Vec<(String, Option<String>)>, EvalError> {
        let cookies = self.texts("cookie")?;
        let goes = |text: &str| text.bytes().all(|byte| byte >= b' ' && byte != 0x7f);
        match cookies.iter().find(|(name, value)| !goes(name) || !value.as_deref().is_none_or(goes)) {
            Some((name, _)) => {
                let name = super::library::repr(name);
                Err(value_error(&format!("the cookie {name} holds characters that no header may")))
            }
            None => Ok(cookies),
        }
    }

    /// Texts by name, or None; `what` each is.
    fn texts(&self, what: &str) -> Result<Vec<(String, Option<String>)>, EvalError> {
        let items = match self {
            Self::None | Self::Unset => return Ok(Vec::new()),
            Self::Dict(items) => items,
            other => return Err(type_error(&format!("{what}s must be a dict, not {}", other.type_name()))),
        };
        let text = |(name, value): &(std::sync::Arc<str>, Self)| match value {
            Self::None => Ok((name.to_string(), None)),
            Self::Str(text) => Ok((name.to_string(), Some(text.to_string()))),
            Self::Bytes(_) => Ok((name.to_string(), Some(one(value)?))),
            other => {
                let words = format!("the value of a {what} must be text, not {}", other.type_name());
                Err(type_error(&words))
            }
        };
        items.iter().map(text).collect()
    }
}

fn add(name: &str, value: &Value, fields: &mut Vec<(String, String)>) -> Result<(), EvalError> {
    match value {
        Value::None | Value::Unset => {}
        Value::List(items) => {
            for item in items.iter().filter(|item| !matches!(item, Value::None)) {
                fields.push((name.to_owned(), one(item)?));
            }
        }
        // As Python goes through a dict, which nobody wants but many do.
        Value::Dict(items) => fields.extend(items.iter().map(|(key, _)| (name.to_owned(), key.to_string()))),
        other => fields.push((name.to_owned(), one(other)?)),
    }
    Ok(())
}

/// The text of one value.
fn one(value: &Value) -> Result<String, EvalError> {
    match value {
        Value::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(text.to_owned()),
            Err(_) => Err(value_error("bytes that are no UTF-8 are not supported here")),
        },
        other => Ok(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use crate::expr::{Frame, parse_expression};

    fn fields(source: &str) -> Result<Vec<(String, String)>, String> {
        let mut rng = fastrand::Rng::with_seed(1);
        let value =
            parse_expression(source, 0, &mut |_| None).unwrap().eval(&mut Frame::bare(&mut rng)).unwrap();
        value.fields().map_err(|error| error.0)
    }

    #[test]
    fn fields_are_those_of_requests() {
        let check = |source: &str, expected: &[(&str, &str)]| {
            let expected: Vec<(String, String)> =
                expected.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            assert_eq!(fields(source), Ok(expected), "{source}");
        };
        check(
            "{'a': 1, 'b': None, 'c': [1, None, 'x'], 'd': True, 'e': b'y'}",
            &[("a", "1"), ("c", "1"), ("c", "x"), ("d", "True"), ("e", "y")],
        );
        check("[('a', 1), ['a', 2.5]]", &[("a", "1"), ("a", "2.5")]);
        check("{'a': {'b': 1, 'c': 2}}", &[("a", "b"), ("a", "c")]);
        check("None", &[]);
        for source in ["5", "[1]", "['ab']", "{'a': b'\\xff'}"] {
            assert!(fields(source).is_err(), "{source}");
        }
    }
}
