//! JSON with numbers that are as long as they are worth.

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// `value` as JSON whose fractions have three digits after the point, below 1 six. Times are exact to the microsecond
/// then, and what is computed is not given with sixteen digits that say nothing and do not compress.
pub(crate) fn compact(value: &impl Serialize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, Short(CompactFormatter));
    // Writing plain data with text keys to memory cannot fail.
    let _ = value.serialize(&mut serializer);
    out
}

struct Short(CompactFormatter);

impl Formatter for Short {
    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        let places = if value.abs() < 1.0 { 1e6 } else { 1e3 };
        let rounded = (value * places).round() / places;
        let rounded = if rounded.is_finite() { rounded } else { value };
        // Without the `.0` of whole numbers, and without an exponent; never `-0`.
        if rounded == 0.0 { writer.write_all(b"0") } else { write!(writer, "{rounded}") }
    }
}

/// `value` as Locust's API has it: keys sorted, indented by two, with a line end.
pub(crate) fn pretty(value: &impl Serialize) -> Vec<u8> {
    let value = serde_json::to_value(value).unwrap_or_default();
    let mut out = Vec::new();
    let layout = serde_json::ser::PrettyFormatter::with_indent(b"  ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, layout);
    let _ = Sorted(&value).serialize(&mut serializer);
    out.push(b'\n');
    out
}

struct Sorted<'a>(&'a serde_json::Value);

impl Serialize for Sorted<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            serde_json::Value::Object(object) => {
                let sorted: BTreeMap<_, _> = object.iter().map(|(key, value)| (key, Sorted(value))).collect();
                serializer.collect_map(sorted)
            }
            serde_json::Value::Array(array) => serializer.collect_seq(array.iter().map(Sorted)),
            other => other.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_short() {
        let check = |value: f64, expected: &str| {
            assert_eq!(String::from_utf8(compact(&value)).unwrap(), expected);
        };
        check(840.479_999_999_999_9, "840.48");
        check(0.016_339_869, "0.01634");
        check(0.000_000_04, "0");
        check(-0.000_000_04, "0");
        check(50.0, "50");
        check(1_795_362_460.942_103_9, "1795362460.942");
        check(1e300, &format!("1{}", "0".repeat(300)));
        check(f64::NAN, "null");
        check(f64::INFINITY, "null");
    }

    #[test]
    fn locusts_layout() {
        let value = serde_json::json!({ "b": [{ "d": 1, "c": "x" }], "a": 1.5 });
        insta::assert_snapshot!(String::from_utf8(pretty(&value)).unwrap(), @r#"
        {
          "a": 1.5,
          "b": [
            {
              "c": "x",
              "d": 1
            }
          ]
        }
        "#);
    }
}
