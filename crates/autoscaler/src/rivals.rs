//! Others that scale the same target: two writers fight, and the API server never complains.

use serde_json::Value;

/// What is scaled, as others name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// API group; empty for the core.
    pub group: String,
    /// Such as `Deployment`.
    pub kind: String,
    /// Its name.
    pub name: String,
}

/// Names of those in a list of HorizontalPodAutoscalers or ScaledObjects that scale `target`, each as
/// `HorizontalPodAutoscaler web`. An HPA that a ScaledObject made for itself is named too.
#[must_use]
pub fn rivals(list: &Value, kind: &str, target: &Named) -> Vec<String> {
    let items = list.get("items").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let scales = |item: &&Value| {
        let of = item.get("spec").and_then(|spec| spec.get("scaleTargetRef"));
        let text = |key: &str| of.and_then(|of| of.get(key)).and_then(Value::as_str);
        // A ScaledObject need not say that it scales a Deployment.
        let version = text("apiVersion").unwrap_or("apps/v1");
        let group = version.split_once('/').map_or("", |(group, _)| group);
        text("name") == Some(&*target.name)
            && text("kind").unwrap_or("Deployment") == target.kind
            && group == target.group
    };
    let name =
        |item: &Value| item.get("metadata")?.get("name")?.as_str().map(|name| format!("{kind} {name}"));
    items.iter().filter(scales).filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn those_that_scale_the_target_are_found() {
        let target =
            Named { group: "apps".to_owned(), kind: "Deployment".to_owned(), name: "web".to_owned() };
        let item =
            |name: &str, of: Value| json!({ "metadata": { "name": name }, "spec": { "scaleTargetRef": of } });
        let list = json!({ "items": [
            item("a", json!({ "apiVersion": "apps/v1", "kind": "Deployment", "name": "web" })),
            item("b", json!({ "apiVersion": "apps/v1", "kind": "Deployment", "name": "other" })),
            item("c", json!({ "apiVersion": "apps/v1", "kind": "StatefulSet", "name": "web" })),
            item("d", json!({ "apiVersion": "example.org/v1", "kind": "Deployment", "name": "web" })),
            item("e", json!({ "name": "web" })),
            item("f", json!({ "apiVersion": "apps/v1beta1", "kind": "Deployment", "name": "web" })),
            json!({ "spec": 3 }),
        ]});
        assert_eq!(
            rivals(&list, "ScaledObject", &target),
            ["ScaledObject a", "ScaledObject e", "ScaledObject f"]
        );
        assert_eq!(rivals(&json!({}), "ScaledObject", &target), Vec::<String>::new());
        assert_eq!(rivals(&json!([1]), "ScaledObject", &target), Vec::<String>::new());
    }
}
