//! What a patch of a scale does, for each of its four kinds.

use super::Deployment;
use super::serve::Reply;
use crate::http1::Request;
use serde_json::{Value, json};

/// What came of a patch.
pub(super) enum Outcome {
    Refused(Reply),
    Done { object: Deployment, warning: Option<String> },
}

/// What a patch asks for.
#[derive(Default)]
struct Wish {
    /// `Some(None)` for null.
    replicas: Option<Value>,
    version: Option<String>,
    uid: Option<String>,
    unknown: Option<String>,
}

const UID: &str = "7d0a0c1e-0000-4000-8000-000000000001";

pub(super) fn apply(name: &str, object: &Deployment, request: &Request) -> Outcome {
    let refused = |code, reason: &str, message: &str| Outcome::Refused(Reply::failure(code, reason, message));
    let kind = request.header("content-type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let merges = ["application/merge-patch+json", "application/strategic-merge-patch+json"].contains(&kind);
    let applies = kind == "application/apply-patch+yaml";
    if !merges && !applies && kind != "application/json-patch+json" {
        return refused(
            415,
            "UnsupportedMediaType",
            "the body of the request was in an unknown format - accepted media types include: \
             application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml",
        );
    }
    let body: Value = match serde_json::from_slice(&request.body) {
        Ok(body) => body,
        Err(error) => return refused(400, "BadRequest", &format!("error decoding patch: {error}")),
    };
    let manager = request.parameter("fieldManager").unwrap_or("unknown").to_owned();
    let wish = if merges || applies { of_merge(&body) } else { of_operations(object, &body) };
    let wish = match wish {
        Ok(wish) => wish,
        Err((code, reason, message)) => return refused(code, reason, &message),
    };
    if applies {
        if request.parameter("fieldManager").is_none() {
            return refused(
                422,
                "Invalid",
                "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value",
            );
        }
        let others = object.managers.iter().any(|other| *other != manager);
        if others && request.parameter("force") != Some("true") {
            return refused(409, "Conflict", "Apply failed with 1 conflict: .spec.replicas");
        }
    }
    if wish.version.is_some_and(|version| version != object.version.to_string())
        || wish.uid.is_some_and(|uid| uid != UID)
    {
        let message = format!(
            "Operation cannot be fulfilled on deployments.apps \"{name}\": the object has been modified; please apply \
             your changes to the latest version and try again"
        );
        return refused(409, "Conflict", &message);
    }
    if let Some(field) =
        wish.unknown.as_ref().filter(|_| request.parameter("fieldValidation") == Some("Strict"))
    {
        return refused(422, "Invalid", &format!("strict decoding error: unknown field \"{field}\""));
    }
    let mut changed = object.clone();
    // A custom resource's scale takes a merge patch and does nothing with it (kubernetes#116311).
    let does_nothing = object.api != "apps/v1" && !kind.starts_with("application/json-patch");
    if let Some(replicas) = wish.replicas.filter(|_| !does_nothing) {
        match count(name, &replicas) {
            Ok(replicas) => {
                if changed.wanted != replicas {
                    changed.generation += 1;
                    changed.version += 1;
                }
                changed.wanted = replicas;
                if changed.managers.insert(manager) {
                    changed.version += 1;
                }
            }
            Err(message) => return refused(422, "Invalid", &message),
        }
    }
    Outcome::Done { object: changed, warning: wish.unknown.map(|field| format!("unknown field \"{field}\"")) }
}

type Failure = (u16, &'static str, String);

fn of_merge(body: &Value) -> Result<Wish, Failure> {
    let Value::Object(object) = body else {
        let message =
            "error decoding patch: json: cannot unmarshal into Go value of type map[string]interface {}";
        return Err((400, "BadRequest", message.to_owned()));
    };
    let mut wish = Wish::default();
    for (key, value) in object {
        match key.as_str() {
            "spec" => {
                for (key, value) in value.as_object().into_iter().flatten() {
                    match key.as_str() {
                        "replicas" => wish.replicas = Some(value.clone()),
                        other => wish.unknown = Some(format!("spec.{other}")),
                    }
                }
            }
            "metadata" => {
                let text = |key: &str| value[key].as_str().map(str::to_owned);
                (wish.version, wish.uid) = (text("resourceVersion"), text("uid"));
            }
            "apiVersion" | "kind" | "status" => {}
            other => wish.unknown = Some(other.to_owned()),
        }
    }
    Ok(wish)
}

fn of_operations(object: &Deployment, body: &Value) -> Result<Wish, Failure> {
    let Value::Array(operations) = body else {
        let message =
            "error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch";
        return Err((400, "BadRequest", message.to_owned()));
    };
    let mut wish = Wish::default();
    for operation in operations {
        let now = wish.replicas.clone().unwrap_or_else(|| json!(object.wanted));
        match (operation["op"].as_str(), operation["path"].as_str()) {
            (Some("add" | "replace"), Some("/spec/replicas")) => {
                wish.replicas = Some(operation["value"].clone());
            }
            (Some("test"), Some("/spec/replicas")) if operation["value"] == now => {}
            _ => {
                let message = "the server rejected our request due to an error in our request";
                return Err((422, "Invalid", message.to_owned()));
            }
        }
    }
    Ok(wish)
}

/// There is no upper bound, and null is nothing.
fn count(name: &str, replicas: &Value) -> Result<i64, String> {
    if replicas.is_null() {
        return Ok(0);
    }
    let Some(count) = replicas.as_i64().filter(|count| i32::try_from(*count).is_ok()) else {
        // The real one has the whole object in its message, with about 800 characters.
        let dump = "f:metadata{f:name{} f:namespace{} f:uid{}} f:spec{f:replicas{}} ".repeat(12);
        return Err(format!(
            " \"\" is invalid: patch: Invalid value: \"{{{dump}\\\"replicas\\\":{replicas}}}\": json: cannot unmarshal \
             into Go struct field ScaleSpec.spec.replicas of type int32"
        ));
    };
    if count < 0 {
        return Err(format!(
            "Scale.autoscaling \"{name}\" is invalid: spec.replicas: Invalid value: {count}: must be greater than or \
             equal to 0"
        ));
    }
    Ok(count)
}
