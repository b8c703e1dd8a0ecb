//! What is beside scales: ConfigMaps and other objects that tests put there, lists, and Events.

use super::serve::Reply;
use super::state::State;
use crate::http1::Request;
use serde_json::{Value, json};

/// The answer to a request for one of these; `None` if it is for something else.
pub(super) fn answer(state: &mut State, request: &Request) -> Option<Reply> {
    if request.method == "POST" && request.path == "/api/v1/namespaces/load/events" {
        let Some(event) = request.json().filter(|event| event["involvedObject"]["name"].is_string()) else {
            return Some(Reply::failure(400, "BadRequest", "the object provided is unrecognized"));
        };
        return Some(Reply::json(201, &event));
    }
    let object = state.others.get_mut(&request.path)?;
    match request.method.as_str() {
        "GET" => Some(Reply::json(200, object)),
        "PATCH" if request.header("content-type") == Some("application/merge-patch+json") => {
            let patch = request.json().unwrap_or_else(|| json!({}));
            merge(object, &patch);
            Some(Reply::json(200, object))
        }
        "PATCH" => Some(Reply::failure(415, "UnsupportedMediaType", "the body was in an unknown format")),
        _ => Some(Reply::failure(405, "MethodNotAllowed", "the server does not allow this method")),
    }
}

/// RFC 7396.
fn merge(object: &mut Value, patch: &Value) {
    let Value::Object(changes) = patch else {
        *object = patch.clone();
        return;
    };
    if !object.is_object() {
        *object = json!({});
    }
    for (key, change) in changes {
        match object.as_object_mut() {
            Some(object) if change.is_null() => {
                object.remove(key);
            }
            Some(object) => merge(object.entry(key.clone()).or_insert(Value::Null), change),
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patches_are_merged() {
        let mut object = json!({ "data": { "a": "1", "b": "2" }, "kind": "ConfigMap" });
        merge(&mut object, &json!({ "data": { "a": "3", "b": null, "c": "4" } }));
        assert_eq!(object, json!({ "data": { "a": "3", "c": "4" }, "kind": "ConfigMap" }));
        let mut empty = json!({ "kind": "ConfigMap" });
        merge(&mut empty, &json!({ "data": { "a": "1" } }));
        assert_eq!(empty, json!({ "kind": "ConfigMap", "data": { "a": "1" } }));
    }
}
