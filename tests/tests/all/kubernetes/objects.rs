//! Each object is read into the type that Kubernetes has for it, and written again: a misspelt key would be lost.

use super::check;
use super::render::{name, text_of};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, PersistentVolumeClaim, Service, ServiceAccount};
use k8s_openapi::api::networking::v1::{Ingress, NetworkPolicy};
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::api::rbac::v1::{Role, RoleBinding};
use serde_json::Value;
use std::collections::BTreeSet;

/// The object as its type understands it.
fn understood(object: &Value) -> Result<Value, String> {
    macro_rules! understood {
        ($($version:literal $kind:literal $type:ty,)*) => {
            match (text_of(&object["apiVersion"]), text_of(&object["kind"])) {
                $(($version, $kind) => serde_json::from_value::<$type>(object.clone())
                    .and_then(|typed| serde_json::to_value(&typed))
                    .map_err(|error| error.to_string()),)*
                (version, kind) => Err(format!("no type is known for {kind} of {version}")),
            }
        };
    }
    understood! {
        "v1" "ConfigMap" ConfigMap,
        "v1" "PersistentVolumeClaim" PersistentVolumeClaim,
        "v1" "Service" Service,
        "v1" "ServiceAccount" ServiceAccount,
        "apps/v1" "Deployment" Deployment,
        "networking.k8s.io/v1" "Ingress" Ingress,
        "networking.k8s.io/v1" "NetworkPolicy" NetworkPolicy,
        "policy/v1" "PodDisruptionBudget" PodDisruptionBudget,
        "rbac.authorization.k8s.io/v1" "Role" Role,
        "rbac.authorization.k8s.io/v1" "RoleBinding" RoleBinding,
    }
}

/// Paths at which two values differ.
fn differences(here: &Value, there: &Value, path: &str, found: &mut Vec<String>) {
    match (here, there) {
        (Value::Object(here), Value::Object(there)) => {
            for key in here.keys().chain(there.keys()).collect::<BTreeSet<_>>() {
                let of = |map: &serde_json::Map<String, Value>| map.get(key).cloned().unwrap_or_default();
                differences(&of(here), &of(there), &format!("{path}.{key}"), found);
            }
        }
        (Value::Array(here), Value::Array(there)) if here.len() == there.len() => {
            for (index, (here, there)) in here.iter().zip(there).enumerate() {
                differences(here, there, &format!("{path}[{index}]"), found);
            }
        }
        _ if here == there => {}
        _ => found.push(format!("{path}: {here} is understood as {there}")),
    }
}

#[test]
fn no_key_is_misspelt() {
    check(|set, wrong| {
        for object in &set.objects {
            let who = format!("{} {}", text_of(&object["kind"]), name(object));
            match understood(object) {
                Ok(understood) => differences(object, &understood, &who, wrong),
                Err(error) => wrong.push(format!("{who}: {error}")),
            }
        }
    });
}

#[test]
fn a_misspelt_key_is_found() {
    let found = |object: Value| {
        let mut found = Vec::new();
        differences(&object, &understood(&object).unwrap_or_default(), "", &mut found);
        found.join("\n")
    };
    let service = |ports: &str| serde_json::json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}, "spec": {ports: [{"port": 1}]}});
    assert_eq!(found(service("ports")), "");
    assert_eq!(found(service("port")), r#".spec.port: [{"port":1}] is understood as null"#);
}
