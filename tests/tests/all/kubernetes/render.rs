//! What `kubectl kustomize` makes of each kustomization.

use super::yaml::documents;
use crate::repository::{files, root, text};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// The oldest kubectl whose kustomize knows all that k8s/ uses.
const OLDEST: u64 = 22;

/// One kustomization, rendered.
pub(super) struct Rendered {
    /// Such as `k8s/base`.
    pub(super) folder: String,
    pub(super) objects: Vec<Value>,
}

impl Rendered {
    /// All objects of a kind.
    pub(super) fn all<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Value> {
        self.objects.iter().filter(move |object| object["kind"] == kind)
    }

    /// One object.
    pub(super) fn get(&self, kind: &str, name: &str) -> Option<&Value> {
        self.objects.iter().find(|object| object["kind"] == kind && object["metadata"]["name"] == name)
    }

    /// Pods that are run: the name of the Deployment, and the template.
    pub(super) fn pods(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.all("Deployment").map(|object| (name(object), &object["spec"]["template"]))
    }

    /// Those of them that have all these labels.
    pub(super) fn selected<'a>(&'a self, labels: &'a Value) -> Vec<(&'a str, &'a Value)> {
        self.pods().filter(|(_, template)| has(&template["metadata"]["labels"], labels)).collect()
    }

    /// What a container finds in its environment; of what only a cluster knows, something that fits.
    pub(super) fn environment(&self, container: &Value) -> Vec<(String, String)> {
        let mut variables = Vec::new();
        for source in list(&container["envFrom"]) {
            let map = self.get("ConfigMap", text_of(&source["configMapRef"]["name"]));
            let data = map.and_then(|map| map["data"].as_object()).into_iter().flatten();
            variables.extend(data.map(|(name, value)| (name.clone(), text_of(value).to_owned())));
        }
        for variable in list(&container["env"]) {
            let key = &variable["valueFrom"]["configMapKeyRef"];
            let value = match (&variable["value"], self.get("ConfigMap", text_of(&key["name"]))) {
                (Value::String(value), _) => value.clone(),
                (_, Some(map)) => text_of(&map["data"][text_of(&key["key"])]).to_owned(),
                // A number of processors.
                (_, None) => "1".to_owned(),
            };
            variables.push((name(variable).to_owned(), value));
        }
        variables
    }
}

/// Whether `labels` has all of `wanted`, which has some.
pub(super) fn has(labels: &Value, wanted: &Value) -> bool {
    let wanted = wanted.as_object().filter(|wanted| !wanted.is_empty());
    wanted.is_some_and(|wanted| wanted.iter().all(|(name, value)| labels.get(name) == Some(value)))
}

/// The elements of a list that may be missing.
pub(super) fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// A text that may be missing.
pub(super) fn text_of(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The name of an object, or of what is named directly.
pub(super) fn name(object: &Value) -> &str {
    object["metadata"]["name"].as_str().or(object["name"].as_str()).unwrap_or_default()
}

/// Folders with a kustomization or a component, as `kind` says.
pub(super) fn folders(kind: &str) -> Vec<PathBuf> {
    let files =
        files().into_iter().filter(|file| file.starts_with("k8s") && file.ends_with("kustomization.yaml"));
    let of_kind = files.filter(|file| documents(&text(file).unwrap())[0]["kind"] == kind);
    of_kind.map(|file| file.parent().unwrap().to_owned()).collect()
}

/// All kustomizations. Rendered once.
pub(super) fn rendered() -> &'static [Rendered] {
    static RENDERED: LazyLock<Vec<Rendered>> = LazyLock::new(|| {
        recent_enough();
        let all: Vec<Rendered> = folders("Kustomization").iter().map(|folder| render(folder)).collect();
        assert!(all.len() >= 10, "only {} kustomizations", all.len());
        all
    });
    &RENDERED
}

fn render(folder: &Path) -> Rendered {
    let text = kubectl(&["kustomize", &folder.display().to_string()]);
    let objects = documents(&text);
    assert!(!objects.is_empty(), "{} renders to nothing", folder.display());
    Rendered { folder: folder.display().to_string(), objects }
}

/// Prints the version, so that a log shows what the manifests were rendered by.
fn recent_enough() {
    let said = kubectl(&["version", "--client", "-o", "json"]);
    let said: Value = serde_json::from_str(&said).unwrap();
    let version = text_of(&said["clientVersion"]["gitVersion"]);
    println!("kubectl {version}, kustomize {}", text_of(&said["kustomizeVersion"]));
    let minor = version.split('.').nth(1).and_then(|minor| minor.parse::<u64>().ok());
    assert!(
        minor.is_some_and(|minor| minor >= OLDEST),
        "kubectl {version} is too old: 1.{OLDEST} or newer is needed, from https://kubernetes.io/docs/tasks/tools/"
    );
}

fn kubectl(arguments: &[&str]) -> String {
    // Neither a cluster nor anybody's settings are asked.
    let output =
        Command::new("kubectl").args(arguments).current_dir(root()).env("KUBECONFIG", "/dev/null").output();
    let output = output.unwrap_or_else(|error| {
        panic!(
            "kubectl does not run ({error}): get 1.{OLDEST} or newer from https://kubernetes.io/docs/tasks/tools/ \
             (`kubectl kustomize` renders k8s/; no cluster is needed)"
        )
    });
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let errors = text(&output.stderr);
    assert!(output.status.success(), "kubectl {arguments:?}: {errors}");
    // It warns of what it takes and will not for ever.
    assert!(errors.is_empty(), "kubectl {arguments:?}: {errors}");
    text(&output.stdout)
}
