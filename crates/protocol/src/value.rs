//! Values whose shape the protocol leaves open: a job's options, a user class's attributes.

use crate::error::{At as _, Problem, Read};
use crate::limits;
use crate::reader::{Head, Number, Reader};
use crate::writer::Writer;

/// A free-form value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Python's `None`.
    Nil,
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A float, or a whole number above `i64`.
    Float(f64),
    /// A text.
    Text(String),
    /// Raw bytes.
    Bytes(Vec<u8>),
    /// A list.
    List(Vec<Value>),
    /// A map, in its order. Python's keys need not be texts.
    Map(Vec<(Value, Value)>),
}

/// The options of the master's command line that travel with each job, in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ParsedOptions(pub Vec<(String, Value)>);

impl ParsedOptions {
    /// The option called `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|option| option.0 == name).map(|option| &option.1)
    }

    /// Gives the option called `name` a value.
    pub fn set(&mut self, name: &str, value: Value) {
        match self.0.iter_mut().find(|option| option.0 == name) {
            Some(option) => option.1 = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    /// The texts of the list called `name`; none if there is no such list.
    #[must_use]
    pub fn texts(&self, name: &str) -> Vec<String> {
        let Some(Value::List(items)) = self.get(name) else { return Vec::new() };
        items.iter().filter_map(Value::as_text).map(str::to_owned).collect()
    }

    /// Gives the option called `name` a list of texts.
    pub fn set_texts(&mut self, name: &str, texts: &[String]) {
        self.set(name, Value::List(texts.iter().cloned().map(Value::Text).collect()));
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.map(self.0.len());
        for (name, value) in &self.0 {
            writer.text(name);
            value.write(writer);
        }
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Read<Self> {
        let mut budget = limits::ELEMENTS;
        let mut options = Vec::new();
        reader.fields(|name, reader| {
            options.push((name.to_owned(), Value::read_within(reader, &mut budget, limits::DEPTH)?));
            Ok(())
        })?;
        Ok(Self(options))
    }
}

impl Value {
    /// The text, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        match self {
            Self::Nil => writer.nil(),
            Self::Bool(value) => writer.boolean(*value),
            Self::Int(value) => writer.sint(*value),
            Self::Float(value) => writer.float(*value),
            Self::Text(value) => writer.text(value),
            Self::Bytes(value) => writer.blob(value),
            Self::List(items) => {
                writer.array(items.len());
                items.iter().for_each(|item| item.write(writer));
            }
            Self::Map(pairs) => {
                writer.map(pairs.len());
                for (key, value) in pairs {
                    key.write(writer);
                    value.write(writer);
                }
            }
        }
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Read<Self> {
        let mut budget = limits::ELEMENTS;
        Self::read_within(reader, &mut budget, limits::DEPTH)
    }

    fn read_within(reader: &mut Reader<'_>, budget: &mut usize, depth: usize) -> Read<Self> {
        let depth = depth.checked_sub(1).ok_or(Problem::TooDeep)?;
        *budget =
            budget.checked_sub(1).ok_or(Problem::TooMany { limit: limits::ELEMENTS, unit: "elements" })?;
        Ok(match reader.head()? {
            // No Locust sends an extension; one in an option that nobody asks for is no reason to refuse a job.
            Head::Nil | Head::Other => Self::Nil,
            Head::Bool(value) => Self::Bool(value),
            Head::Number(Number::Unsigned(value)) => {
                i64::try_from(value).map_or(Self::Float(value as f64), Self::Int)
            }
            Head::Number(Number::Negative(value)) => Self::Int(value),
            Head::Number(Number::Float(value)) => Self::Float(value),
            Head::Text(text) => {
                if text.len() > limits::VALUE_TEXT {
                    return Err(Problem::TooMany { limit: limits::VALUE_TEXT, unit: "bytes" }.into());
                }
                Self::Text(std::str::from_utf8(text).map_err(|_| Problem::NotUtf8)?.to_owned())
            }
            Head::Bytes(bytes) => Self::Bytes(bytes.to_vec()),
            Head::Array(len) => {
                let mut items = Vec::new();
                for index in 0..len as usize {
                    items.push(Self::read_within(reader, budget, depth).nth(index)?);
                }
                Self::List(items)
            }
            Head::Map(len) => {
                let mut pairs = Vec::new();
                for index in 0..len as usize {
                    let key = Self::read_within(reader, budget, depth).nth(index)?;
                    pairs.push((key, Self::read_within(reader, budget, depth).nth(index)?));
                }
                Self::Map(pairs)
            }
        })
    }
}
