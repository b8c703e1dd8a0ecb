//! Options: values that a person may set when a run is started, without touching the file. Locust calls them custom
//! arguments.

use super::Scenario;
use crate::expr::Value;
use crate::limits::OPTION_BYTES;
use std::fmt;
use std::sync::Arc;

/// Something that may be set for each run.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomOption {
    /// What it is called in the file, in forms and on the wire.
    pub name: String,
    /// What it is now: its default, until somebody says otherwise. Also says of which kind it is.
    pub value: OptionValue,
    /// What it may be; empty for anything of its kind.
    pub choices: Vec<OptionValue>,
    /// What it is for, in the words of the file.
    pub help: Option<String>,
}

/// The value of an option.
#[derive(Clone, Debug, PartialEq)]
pub enum OptionValue {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// Text of at most [`OPTION_BYTES`].
    Text(Arc<str>),
}

/// Why a value cannot be one of an option, in words that follow its name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OptionError {
    /// It is of another kind.
    #[error("has to be {0}")]
    Kind(&'static str),
    /// It is none of the choices.
    #[error("has to be one of {0}")]
    Choice(String),
    /// It is too long.
    #[error("has to be no longer than {OPTION_BYTES} bytes")]
    Long,
    /// There is no such option.
    #[error("is no option of this test")]
    Unknown,
}

impl CustomOption {
    /// Reads what somebody wrote into a form or on a command line.
    ///
    /// # Errors
    /// When it is no value of this option.
    pub fn read(&self, text: &str) -> Result<OptionValue, OptionError> {
        let kind = OptionError::Kind(self.value.kind());
        let trimmed = text.trim();
        let value = match self.value {
            OptionValue::Bool(_) => match trimmed.to_ascii_lowercase().as_str() {
                "true" => OptionValue::Bool(true),
                "false" => OptionValue::Bool(false),
                _ => return Err(kind),
            },
            OptionValue::Int(_) => OptionValue::Int(trimmed.parse().map_err(|_| kind)?),
            OptionValue::Float(_) => OptionValue::Float(trimmed.parse().map_err(|_| kind)?),
            OptionValue::Text(_) => OptionValue::Text(text.into()),
        };
        self.accept(&value)
    }

    /// Takes a value of the right kind; a whole number where a number is wanted.
    ///
    /// # Errors
    /// When it is no value of this option.
    pub fn accept(&self, value: &OptionValue) -> Result<OptionValue, OptionError> {
        let value = match (&self.value, value) {
            (OptionValue::Bool(_), OptionValue::Bool(_)) | (OptionValue::Int(_), OptionValue::Int(_)) => {
                value.clone()
            }
            (OptionValue::Float(_), OptionValue::Float(number)) if number.is_finite() => value.clone(),
            (OptionValue::Float(_), OptionValue::Int(number)) => OptionValue::Float(*number as f64),
            (OptionValue::Text(_), OptionValue::Text(text)) if text.len() > OPTION_BYTES => {
                return Err(OptionError::Long);
            }
            (OptionValue::Text(_), OptionValue::Text(_)) => value.clone(),
            _ => return Err(OptionError::Kind(self.value.kind())),
        };
        if !self.choices.is_empty() && !self.choices.contains(&value) {
            let choices: Vec<String> = self.choices.iter().map(ToString::to_string).collect();
            return Err(OptionError::Choice(choices.join(", ")));
        }
        Ok(value)
    }
}

impl OptionValue {
    /// Of which kind it is, with its article.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Bool(_) => "true or false",
            Self::Int(_) => "a whole number",
            Self::Float(_) => "a number",
            Self::Text(_) => "a text",
        }
    }
}

/// As it is written into a form.
impl fmt::Display for OptionValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => value.fmt(f),
            Self::Int(number) => number.fmt(f),
            Self::Float(number) => number.fmt(f),
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl From<&OptionValue> for Value {
    fn from(value: &OptionValue) -> Self {
        match value {
            OptionValue::Bool(value) => Self::Bool(*value),
            OptionValue::Int(number) => Self::Int(*number),
            OptionValue::Float(number) => Self::Float(*number),
            OptionValue::Text(text) => Self::Str(text.clone()),
        }
    }
}

impl Scenario {
    /// The options of the test; each class knows all of its file's.
    #[must_use]
    pub fn options(&self) -> Vec<&CustomOption> {
        let mut options: Vec<&CustomOption> = Vec::new();
        for option in self.classes.iter().flat_map(|class| class.options.iter()) {
            if !options.iter().any(|known| known.name == option.name) {
                options.push(option);
            }
        }
        options
    }

    /// Gives options these values. Names that are no options, and values that an option does not take, are left out:
    /// whoever asks a person looks at them before.
    pub fn set_options(&mut self, values: &[(String, OptionValue)]) {
        for class in &mut self.classes {
            let set = class.options.iter().map(|option| {
                let named = values.iter().find(|(name, _)| *name == option.name);
                let value = named.and_then(|(_, value)| option.accept(value).ok());
                CustomOption { value: value.unwrap_or_else(|| option.value.clone()), ..option.clone() }
            });
            class.options = set.collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn option(value: OptionValue, choices: &[OptionValue]) -> CustomOption {
        CustomOption { name: "o".to_owned(), value, choices: choices.to_vec(), help: None }
    }

    fn text(text: &str) -> OptionValue {
        OptionValue::Text(text.into())
    }

    #[test]
    fn texts_are_read_as_the_default_is() {
        let check = |option: &CustomOption, written: &str, expected: Result<OptionValue, &str>| {
            let read = option.read(written).map_err(|error| error.to_string());
            assert_eq!(read, expected.map_err(str::to_owned), "{written}");
        };
        let flag = option(OptionValue::Bool(false), &[]);
        check(&flag, " True ", Ok(OptionValue::Bool(true)));
        check(&flag, "yes", Err("has to be true or false"));
        let whole = option(OptionValue::Int(1), &[]);
        check(&whole, " -20", Ok(OptionValue::Int(-20)));
        check(&whole, "2.5", Err("has to be a whole number"));
        let number = option(OptionValue::Float(1.0), &[]);
        check(&number, "2", Ok(OptionValue::Float(2.0)));
        for none in ["", "x", "nan", "inf"] {
            check(&number, none, Err("has to be a number"));
        }
        check(&option(text("a"), &[]), " 2 ", Ok(text(" 2 ")));
        check(
            &option(text("a"), &[]),
            &"a".repeat(OPTION_BYTES + 1),
            Err("has to be no longer than 4096 bytes"),
        );
        let chosen = option(text("a"), &[text("a"), text("b")]);
        check(&chosen, "b", Ok(text("b")));
        check(&chosen, "c", Err("has to be one of a, b"));
    }

    #[test]
    fn kinds_are_kept() {
        let number = option(OptionValue::Float(1.0), &[]);
        assert_eq!(number.accept(&OptionValue::Int(3)), Ok(OptionValue::Float(3.0)));
        assert_eq!(number.accept(&text("3")), Err(OptionError::Kind("a number")));
        let whole = option(OptionValue::Int(1), &[]);
        assert_eq!(whole.accept(&OptionValue::Float(3.0)), Err(OptionError::Kind("a whole number")));
    }
}
