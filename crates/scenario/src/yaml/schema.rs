//! The format as a JSON Schema (draft 2020-12), for editors and other tools.

use super::shape::{Choice, Either, Object, Shape};
use super::table::SCENARIO;
use serde_json::{Map, Value, json};

/// The schema of scenario files.
#[must_use]
pub fn schema() -> Value {
    let mut definitions = Map::new();
    let mut root = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Akrida scenario",
        "description": "What users do in a load test.",
    });
    merge(&mut root, body(&SCENARIO, &mut definitions));
    definitions.sort_keys();
    merge(&mut root, json!({ "$defs": definitions }));
    root
}

fn merge(into: &mut Value, from: Value) {
    if let (Value::Object(into), Value::Object(from)) = (into, from) {
        into.extend(from);
    }
}

fn shape(shape: &Shape, definitions: &mut Map<String, Value>) -> Value {
    match shape {
        Shape::Bool => json!({ "type": "boolean" }),
        Shape::Whole { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Shape::Number { least, above, most } => {
            let lower = if *above { "exclusiveMinimum" } else { "minimum" };
            json!({ "type": "number", lower: least, "maximum": most })
        }
        Shape::Text(rule) => text(&json!("string"), rule.pattern),
        Shape::Scalar(rule) => text(&json!(["string", "number", "boolean"]), rule.pattern),
        Shape::Numbers(numbers) => json!({ "enum": numbers }),
        Shape::Word(words) => json!({ "enum": words }),
        Shape::Json => json!(true),
        Shape::List { of, min, max } => {
            let mut list = json!({ "type": "array", "items": self::shape(of, definitions) });
            bounds(&mut list, "minItems", "maxItems", *min, *max);
            list
        }
        Shape::Map { name, of, min, max } => {
            let mut map = json!({ "type": "object" });
            if let Some(pattern) = name.pattern {
                merge(&mut map, json!({ "propertyNames": { "pattern": pattern } }));
            }
            bounds(&mut map, "minProperties", "maxProperties", *min, *max);
            merge(&mut map, json!({ "additionalProperties": self::shape(of, definitions) }));
            map
        }
        Shape::Object(object) => reference(object, definitions),
        Shape::Choice(Choice { objects, .. }) => {
            let objects: Vec<_> = objects.iter().map(|object| reference(object, definitions)).collect();
            json!({ "anyOf": objects })
        }
        Shape::Either(Either { shapes, .. }) => {
            let shapes: Vec<_> = shapes.iter().map(|shape| self::shape(shape, definitions)).collect();
            json!({ "anyOf": shapes })
        }
    }
}

fn text(kind: &Value, pattern: Option<&str>) -> Value {
    match pattern {
        Some(pattern) => json!({ "type": kind, "pattern": pattern }),
        None => json!({ "type": kind }),
    }
}

fn bounds(schema: &mut Value, lower: &str, upper: &str, min: usize, max: usize) {
    if min > 0 {
        merge(schema, json!({ lower: min }));
    }
    merge(schema, json!({ upper: max }));
}

/// A reference to `object`, which is defined on its first use.
fn reference(object: &Object, definitions: &mut Map<String, Value>) -> Value {
    if !definitions.contains_key(object.id) {
        // Taken before its body is made, so that an object may contain itself.
        definitions.insert(object.id.to_owned(), Value::Null);
        let body = body(object, definitions);
        definitions.insert(object.id.to_owned(), body);
    }
    json!({ "$ref": format!("#/$defs/{}", object.id) })
}

fn body(object: &Object, definitions: &mut Map<String, Value>) -> Value {
    let mut properties = Map::new();
    for key in object.keys() {
        let mut property = json!({ "description": key.doc });
        match shape(key.shape, definitions) {
            Value::Bool(_) => {}
            schema => merge(&mut property, schema),
        }
        properties.insert(key.name.to_owned(), property);
    }
    let mut schema = json!({ "type": "object", "properties": properties, "additionalProperties": false });
    if !object.required.is_empty() {
        merge(&mut schema, json!({ "required": object.required }));
    }
    if !object.one_of.is_empty() {
        let alternatives: Vec<_> = object.one_of.iter().map(|key| json!({ "required": [key] })).collect();
        merge(&mut schema, json!({ "oneOf": alternatives }));
    }
    schema
}
