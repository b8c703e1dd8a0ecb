//! Values of the scenario's options, from a form or from JSON.

use super::wish::{Wrong, quoted, wrong};
use crate::body::Fields;
use akrida_master::{CustomOption, OptionValue};
use serde_json::Value;

/// The field that is to blame for all of them: their names are the test's own.
const FIELD: &str = "options";

type Values = Vec<(String, OptionValue)>;

/// Fields of a form that are called as options are, as in Locust.
pub(super) fn of_form(fields: &Fields, options: &[CustomOption]) -> Result<Values, Wrong> {
    let named = options.iter().filter_map(|option| Some((option, fields.get(&option.name)?)));
    named.map(|(option, text)| read(option, text)).collect()
}

/// An object with values by name, which may be texts as in a form.
pub(super) fn of_json(value: &Value, options: &[CustomOption]) -> Result<Values, Wrong> {
    let object = match value {
        Value::Null => return Ok(Vec::new()),
        Value::Object(object) => object,
        _ => return Err(wrong(FIELD, "Invalid options: an object with values by name is wanted")),
    };
    let value = |(name, value): (&String, &Value)| {
        let Some(option) = options.iter().find(|option| option.name == *name) else {
            let known: Vec<&str> = options.iter().map(|option| option.name.as_str()).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            return Err(wrong(FIELD, format!("Unknown option {}; the test has {known}", quoted(name))));
        };
        match value {
            Value::String(text) => read(option, text),
            Value::Bool(_) | Value::Number(_) => read(option, &value.to_string()),
            _ => Err(wrong(FIELD, format!("Invalid {name}: it has to be {}", option.value.kind()))),
        }
    };
    object.iter().map(value).collect()
}

fn read(option: &CustomOption, text: &str) -> Result<(String, OptionValue), Wrong> {
    let value = option.read(text);
    let value = value.map_err(|error| {
        wrong(FIELD, format!("Invalid {} value: {} ({error})", option.name, quoted(text)))
    })?;
    Ok((option.name.clone(), value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::{Content, parse};
    use http::HeaderMap;
    use http::header::CONTENT_TYPE;
    use serde_json::json;

    fn options() -> Vec<CustomOption> {
        let option =
            |name: &str, value, choices| CustomOption { name: name.to_owned(), value, choices, help: None };
        let size = OptionValue::Int(20);
        vec![
            option("tenant", OptionValue::Text("acme".into()), Vec::new()),
            option("size", size.clone(), vec![size, OptionValue::Int(50)]),
        ]
    }

    fn of_text(form: &str) -> Result<Values, String> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, "application/x-www-form-urlencoded".parse().unwrap());
        let Content::Form(fields) = parse(&headers, form.as_bytes()).unwrap() else { unreachable!() };
        of_form(&fields, &options()).map_err(|wrong| wrong.message)
    }

    #[test]
    fn values_are_taken_by_name() {
        let expected = vec![
            ("tenant".to_owned(), OptionValue::Text("a b".into())),
            ("size".to_owned(), OptionValue::Int(50)),
        ];
        assert_eq!(of_text("tenant=a+b&size=50&unknown=1"), Ok(expected.clone()));
        assert_eq!(of_text("user_count=1"), Ok(Vec::new()));
        for size in [json!(50), json!("50")] {
            let mut found = of_json(&json!({ "size": size, "tenant": "a b" }), &options()).unwrap();
            found.sort_by_key(|(name, _)| name.len());
            found.reverse();
            assert_eq!(found, expected);
        }
        assert_eq!(of_json(&Value::Null, &options()), Ok(Vec::new()));
    }

    #[test]
    fn what_is_wrong_is_told() {
        assert_eq!(of_text("size=x").unwrap_err(), "Invalid size value: 'x' (has to be a whole number)");
        assert_eq!(of_text("size=30").unwrap_err(), "Invalid size value: '30' (has to be one of 20, 50)");
        let json = |value: Value| of_json(&value, &options()).unwrap_err();
        assert_eq!(json(json!({ "sise": 1 })).message, "Unknown option 'sise'; the test has tenant, size");
        assert_eq!(json(json!({ "size": [1] })).message, "Invalid size: it has to be a whole number");
        assert_eq!(json(json!([])).field, "options");
    }
}
