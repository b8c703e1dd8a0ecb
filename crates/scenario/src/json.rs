//! JSON that others wrote, read within bounds.

use crate::expr::{EvalError, Value};
use crate::limits::JSON_VALUES;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Error, Map, Value as Json};
use std::cell::Cell;
use std::fmt::{Formatter, Result as Written};

/// Reads a whole text as JSON. A few bytes of text may become a hundred of memory, so how many values it may have
/// is bounded by [`JSON_VALUES`], and their nesting by `serde_json`.
///
/// # Errors
/// When it is not JSON, or more than that.
pub fn read(text: &[u8]) -> Result<Json, Error> {
    read_at_most(text, JSON_VALUES)
}

/// As [`read`], with another bound on how many values there may be.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_at_most(text: &[u8], values: usize) -> Result<Json, Error> {
    let room = Cell::new(values);
    let mut reader = serde_json::Deserializer::from_slice(text);
    let json = Within { room: &room, values }.deserialize(&mut reader)?;
    reader.end()?;
    Ok(json)
}

/// A part of JSON as a value of expressions.
///
/// # Errors
/// When it is larger or deeper than [`crate::limits`] allow.
pub fn value(json: &Json) -> Result<Value, EvalError> {
    Value::from_json(json).bounded()
}

/// Reads one value, as long as there is room.
#[derive(Clone, Copy)]
struct Within<'a> {
    room: &'a Cell<usize>,
    /// How many there may be in all.
    values: usize,
}

impl<'de> DeserializeSeed<'de> for Within<'_> {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Json, D::Error> {
        let Some(room) = self.room.get().checked_sub(1) else {
            return Err(D::Error::custom(format_args!("more than {} values", self.values)));
        };
        self.room.set(room);
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Within<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut Formatter<'_>) -> Written {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
        Ok(Json::from(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        Ok(Json::from(number))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Json, E> {
        Ok(Json::from(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::from(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element_seed(self)? {
            items.push(item);
        }
        Ok(Json::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
        let mut members = Map::new();
        while let Some(name) = access.next_key()? {
            members.insert(name, access.next_value_seed(self)?);
        }
        Ok(Json::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_what_serde_json_reads() {
        for text in [
            r#" {"b": [1, -2, 1.5, 1e400, "x\u00e9\n"], "a": {"": null}, "b": true} "#,
            "18446744073709551615",
            "-0.0",
            "[1,]",
            "[] []",
            "",
            "{\"a\"}",
            "\"\\ud800\"",
            &"[".repeat(200),
        ] {
            let wanted = serde_json::from_str::<Json>(text).map_err(|error| error.to_string());
            assert_eq!(read(text.as_bytes()).map_err(|error| error.to_string()), wanted, "{text}");
        }
    }

    #[test]
    fn a_list_of_too_many_values_is_refused() {
        let list = |items: usize| format!("[{}0]", "0,".repeat(items - 1));
        assert!(read(list(JSON_VALUES - 1).as_bytes()).is_ok());
        let error = read(list(JSON_VALUES).as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with("more than 500000 values at line 1 column"), "{error}");
    }
}
