//! What the API server tells of a Scale.

use serde_json::Value;

/// How many there are to be, and how many there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scale {
    /// The wish: `spec.replicas`. Left out by the API server when it is 0.
    pub wanted: u32,
    /// Pods that exist, whatever state they are in: `status.replicas`. After a change still the old number.
    pub existing: u32,
    /// Which pods these are, as `kubectl get pods -l` takes it; empty if nothing was told.
    pub selector: String,
}

impl Scale {
    /// Reads one; `None` for what is no Scale.
    pub(crate) fn read(value: &Value) -> Option<Self> {
        if value.get("kind").and_then(Value::as_str) != Some("Scale") {
            return None;
        }
        let count = |part: &str| match value.get(part).and_then(|part| part.get("replicas")) {
            None | Some(Value::Null) => Some(0),
            Some(count) => count.as_u64().and_then(|count| u32::try_from(count).ok()),
        };
        let selector = value.get("status").and_then(|status| status.get("selector")).and_then(Value::as_str);
        Some(Self {
            wanted: count("spec")?,
            existing: count("status")?,
            selector: selector.unwrap_or_default().to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(value: &Value, expected: Option<(u32, u32, &str)>) {
        let read = Scale::read(value);
        let read = read.as_ref().map(|scale| (scale.wanted, scale.existing, scale.selector.as_str()));
        assert_eq!(read, expected, "{value}");
    }

    #[test]
    fn scales_are_read() {
        let status = json!({ "replicas": 3, "selector": "app=worker,component=worker" });
        let whole = json!({ "kind": "Scale", "spec": { "replicas": 5 }, "status": status });
        check(&whole, Some((5, 3, "app=worker,component=worker")));
        // At zero the API server leaves the number out.
        let at_zero = json!({ "kind": "Scale", "spec": {}, "status": { "replicas": 0, "selector": "a=b" } });
        check(&at_zero, Some((0, 0, "a=b")));
        check(&json!({ "kind": "Scale" }), Some((0, 0, "")));
        check(&json!({ "kind": "Scale", "spec": { "replicas": null } }), Some((0, 0, "")));
        check(&json!({ "kind": "Scale", "spec": { "replicas": -1 } }), None);
        check(&json!({ "kind": "Scale", "spec": { "replicas": "5" } }), None);
        check(&json!({ "kind": "Scale", "spec": { "replicas": 2.5 } }), None);
        check(&json!({ "kind": "Deployment", "spec": { "replicas": 5 } }), None);
        check(&json!([]), None);
    }
}
