//! The scale target in its cluster: how many replicas are wanted, who else scales it, what is kept beside it, and what
//! is told about it.

use crate::rivals::{Named, rivals};
use akrida_scaler::{Cluster, Request, ScaleError, Scaler, Target};
use http::Method;
use serde_json::{Value, json};
use std::sync::Arc;

const MERGE: &str = "application/merge-patch+json";
const JSON: &str = "application/json";

/// Under which annotation of the target, or key of the ConfigMap, it is kept.
const ANNOTATION: &str = "autoscaler.akrida.dev/state";
const KEY: &str = "state";

/// Longest message of an Event, bytes: the API server refuses more than 1 kB.
const MESSAGE: usize = 1_000;

/// What is to be scaled, as it is written: `deployment/web`, or `argoproj.io/v1alpha1/Rollout/web`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    api_version: String,
    kind: String,
    name: String,
    /// Where the API server has such objects; `None` if it has to be asked.
    plural: Option<&'static str>,
}

/// Kinds that can be written without their group and version: word, plural, group and version, kind.
const KINDS: [(&str, &str, &str, &str); 4] = [
    ("deployment", "deployments", "apps/v1", "Deployment"),
    ("statefulset", "statefulsets", "apps/v1", "StatefulSet"),
    ("replicaset", "replicasets", "apps/v1", "ReplicaSet"),
    ("replicationcontroller", "replicationcontrollers", "v1", "ReplicationController"),
];

impl Wanted {
    /// Reads what is written; `None` if it is something else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('/').collect();
        let known = |kind: &str| {
            let kind = kind.to_ascii_lowercase();
            KINDS.iter().find(|(word, plural, ..)| kind == *word || kind == *plural)
        };
        match parts.as_slice() {
            [kind, name] => {
                let (_, plural, api_version, kind) = known(kind)?;
                Self::checked(api_version, kind, name, Some(plural))
            }
            [group, version, kind, name] => {
                let api_version = format!("{group}/{version}");
                let plural = known(kind).filter(|(_, _, known, _)| *known == api_version).map(|kind| kind.1);
                Self::checked(&api_version, kind, name, plural)
            }
            _ => None,
        }
    }

    fn checked(api_version: &str, kind: &str, name: &str, plural: Option<&'static str>) -> Option<Self> {
        Target::new(api_version, kind, plural.unwrap_or("unknown"), None, name).ok()?;
        let (api_version, kind, name) = (api_version.to_owned(), kind.to_owned(), name.to_owned());
        Some(Self { api_version, kind, name, plural })
    }
}

/// Where rounds keep what they remember, in the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keep {
    /// In the ConfigMap of this name, beside the target.
    ConfigMap(String),
    /// In an annotation of the target.
    Annotation,
}

/// Something that people should find with `kubectl describe`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// One word, such as `Rescaled`.
    pub reason: &'static str,
    /// Whether it is something to worry about.
    pub warning: bool,
    /// What happened.
    pub message: &'a str,
    /// When, as `2026-11-28T21:00:00Z`.
    pub at: &'a str,
}

/// The target in its cluster.
#[derive(Debug)]
pub struct Site {
    cluster: Arc<Cluster>,
    scaler: Scaler,
    target: Target,
    api_version: String,
    namespace: String,
}

impl Site {
    /// Finds the target, in this namespace or in the pod's own.
    ///
    /// # Errors
    /// When the API server is not reached, or does not know such objects.
    pub async fn find(
        cluster: Arc<Cluster>,
        wanted: &Wanted,
        namespace: Option<&str>,
    ) -> Result<Self, String> {
        let namespace = match namespace {
            Some(namespace) => namespace.to_owned(),
            None => cluster.namespace().await.map_err(|error| error.to_string())?,
        };
        let Wanted { api_version, kind, name, plural } = wanted;
        let target = |plural: &str| {
            Target::new(api_version, kind, plural, Some(&namespace), name).map_err(|error| error.to_string())
        };
        let target = match plural {
            Some(plural) => target(plural)?,
            None => {
                let path = if api_version.contains('/') { "/apis/" } else { "/api/" };
                let (path, unknown) = (format!("{path}{api_version}"), target("unknown")?);
                let request = Request { method: Method::GET, path: &path, body: None, target: &unknown };
                let list = cluster.ask(request).await.map_err(|error| match error {
                    ScaleError::NotFound { .. } | ScaleError::NoSuchApi { .. } => {
                        format!("The API server does not know {api_version}: is its CustomResourceDefinition there?")
                    }
                    error => error.to_string(),
                })?;
                let found = plural_of(&list, kind);
                target(found.ok_or_else(|| format!("The API server has no {kind} in {api_version}."))?)?
            }
        };
        let scaler = Scaler::new(cluster.clone(), target.clone());
        Ok(Self { cluster, scaler, target, api_version: api_version.clone(), namespace })
    }

    /// How it is told: `Deployment web in namespace shop`.
    #[must_use]
    pub fn name(&self) -> String {
        self.target.to_string()
    }

    /// Replicas that are wanted.
    ///
    /// # Errors
    /// When they cannot be read, in a whole sentence.
    pub async fn replicas(&self) -> Result<u32, String> {
        self.scaler.get().await.map(|scale| scale.wanted).map_err(|error| error.to_string())
    }

    /// Wants so many replicas, and reads how many are wanted then.
    ///
    /// # Errors
    /// When they cannot be changed or read, in a whole sentence.
    pub async fn scale(&self, count: u32) -> Result<u32, String> {
        self.scaler.set(count).await.map(|scale| scale.wanted).map_err(|error| error.to_string())
    }

    /// Names of others that scale the target.
    ///
    /// # Errors
    /// When they cannot be looked for.
    pub async fn rivals(&self) -> Result<Vec<String>, String> {
        let named = Named {
            group: self.target.group().to_owned(),
            kind: self.target.kind().to_owned(),
            name: self.target.name().to_owned(),
        };
        let mut found = Vec::new();
        for (api, plural, kind) in [
            ("autoscaling/v1", "horizontalpodautoscalers", "HorizontalPodAutoscaler"),
            ("keda.sh/v1alpha1", "scaledobjects", "ScaledObject"),
        ] {
            let path = format!("/apis/{api}/namespaces/{}/{plural}", self.namespace);
            match self.ask(Method::GET, &path, None).await {
                Ok(list) => found.extend(rivals(&list, kind, &named)),
                // Most clusters have no KEDA.
                Err(ScaleError::NotFound { .. } | ScaleError::NoSuchApi { .. }) => {}
                Err(ScaleError::Forbidden { .. }) => {
                    return Err(format!("the Role does not let this account list {plural}"));
                }
                Err(error) => return Err(error.to_string()),
            }
        }
        Ok(found)
    }

    /// Reads what was kept; an empty text if nothing was.
    ///
    /// # Errors
    /// When it cannot be read, in a whole sentence.
    pub async fn read(&self, keep: &Keep) -> Result<String, String> {
        let found = self.ask(Method::GET, &self.path_of(keep), None).await;
        let object = found.map_err(|error| self.why(keep, &error, "get"))?;
        let part = match keep {
            Keep::ConfigMap(_) => object.get("data").and_then(|data| data.get(KEY)),
            Keep::Annotation => object
                .get("metadata")
                .and_then(|data| data.get("annotations"))
                .and_then(|all| all.get(ANNOTATION)),
        };
        Ok(part.and_then(Value::as_str).unwrap_or_default().to_owned())
    }

    /// Keeps `text` instead of what was kept. The API server does that wholly or not at all.
    ///
    /// # Errors
    /// When it cannot be kept, in a whole sentence.
    pub async fn keep(&self, keep: &Keep, text: &str) -> Result<(), String> {
        let patch = match keep {
            Keep::ConfigMap(_) => json!({ "data": { KEY: text } }),
            Keep::Annotation => json!({ "metadata": { "annotations": { ANNOTATION: text } } }),
        };
        let path = format!("{}?fieldManager=akrida", self.path_of(keep));
        let kept = self.ask(Method::PATCH, &path, Some((MERGE, &patch))).await;
        kept.map(|_| ()).map_err(|error| self.why(keep, &error, "patch"))
    }

    /// Tells of something beside the target.
    ///
    /// # Errors
    /// When the API server does not take it, in a whole sentence.
    pub async fn tell(&self, event: &Event<'_>) -> Result<(), String> {
        let path = format!("/api/v1/namespaces/{}/events", self.namespace);
        let body = self.event(event);
        match self.ask(Method::POST, &path, Some((JSON, &body))).await {
            Ok(_) => Ok(()),
            Err(ScaleError::Forbidden { .. }) => {
                Err("the Role does not let this account create events".to_owned())
            }
            Err(error) => Err(error.to_string()),
        }
    }

    fn event(&self, event: &Event<'_>) -> Value {
        let message = &event.message[..event.message.floor_char_boundary(MESSAGE)];
        json!({
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": { "generateName": format!("{}-akrida-", self.target.name()), "namespace": self.namespace },
            "involvedObject": {
                "apiVersion": self.api_version,
                "kind": self.target.kind(),
                "name": self.target.name(),
                "namespace": self.namespace,
            },
            "reason": event.reason,
            "message": message,
            "type": if event.warning { "Warning" } else { "Normal" },
            "source": { "component": "akrida-autoscaler" },
            "firstTimestamp": event.at,
            "lastTimestamp": event.at,
            "count": 1,
        })
    }

    fn path_of(&self, keep: &Keep) -> String {
        let namespace = &self.namespace;
        match keep {
            Keep::ConfigMap(name) => format!("/api/v1/namespaces/{namespace}/configmaps/{name}"),
            Keep::Annotation => {
                let api = if self.api_version.contains('/') { "/apis/" } else { "/api/" };
                let (version, plural, name) = (&self.api_version, self.target.plural(), self.target.name());
                format!("{api}{version}/namespaces/{namespace}/{plural}/{name}")
            }
        }
    }

    /// Why something cannot be kept. The words of [`ScaleError`] are about scales.
    fn why(&self, keep: &Keep, error: &ScaleError, verb: &str) -> String {
        let what = match keep {
            Keep::ConfigMap(name) => format!("ConfigMap {name}"),
            Keep::Annotation => self.name(),
        };
        match error {
            ScaleError::NotFound { .. } | ScaleError::NoSuchApi { .. } => {
                format!("There is no {what} in namespace {}: make it, it may be empty.", self.namespace)
            }
            ScaleError::Forbidden { .. } => format!("The Role does not let this account {verb} {what}."),
            error => error.to_string(),
        }
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<(&'static str, &Value)>,
    ) -> Result<Value, ScaleError> {
        self.cluster.ask(Request { method, path, body, target: &self.target }).await
    }
}

/// Where the API server has objects of a kind, by its list of what it knows in one group and version.
fn plural_of<'a>(list: &'a Value, kind: &str) -> Option<&'a str> {
    let resources = list.get("resources").and_then(Value::as_array)?;
    let text = |resource: &'a Value, key: &str| resource.get(key).and_then(Value::as_str);
    let mut of_kind = resources.iter().filter(|resource| text(resource, "kind") == Some(kind));
    // Subresources are in the list as well, as `rollouts/status`.
    of_kind.find_map(|resource| text(resource, "name").filter(|name| !name.contains('/')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use akrida_scaler::Access;

    #[test]
    fn targets_are_read_as_people_write_them() {
        let check = |text: &str, expected: Option<(&str, &str, &str, Option<&str>)>| {
            let found = Wanted::parse(text);
            let found = found.as_ref().map(|found| {
                (found.api_version.as_str(), found.kind.as_str(), found.name.as_str(), found.plural)
            });
            assert_eq!(found, expected, "{text}");
        };
        let deployment = Some(("apps/v1", "Deployment", "web", Some("deployments")));
        check("deployment/web", deployment);
        check("Deployment/web", deployment);
        check("deployments/web", deployment);
        check("apps/v1/Deployment/web", deployment);
        check("statefulset/db", Some(("apps/v1", "StatefulSet", "db", Some("statefulsets"))));
        check("argoproj.io/v1alpha1/Rollout/web", Some(("argoproj.io/v1alpha1", "Rollout", "web", None)));
        for wrong in
            ["", "web", "rollout/web", "deployment/", "deployment/../x", "deployment/A", "a/b/c", "a/b/c/d/e"]
        {
            check(wrong, None);
        }
    }

    #[test]
    fn the_plural_of_a_kind_is_looked_up() {
        let list = json!({ "resources": [
            { "name": "rollouts/status", "kind": "Rollout" },
            { "name": "rollouts", "kind": "Rollout" },
            { "name": "analysisruns", "kind": "AnalysisRun" },
        ]});
        assert_eq!(plural_of(&list, "Rollout"), Some("rollouts"));
        assert_eq!(plural_of(&list, "Deployment"), None);
        assert_eq!(plural_of(&json!({}), "Rollout"), None);
    }

    #[test]
    fn events_are_about_the_target_and_short() {
        let cluster = Arc::new(Cluster::new(Access::None));
        let target = Target::deployment(Some("shop"), "web").unwrap();
        let scaler = Scaler::new(cluster.clone(), target.clone());
        let site = Site { cluster, scaler, target, api_version: "apps/v1".into(), namespace: "shop".into() };
        let message = "ä".repeat(2_000);
        let event =
            Event { reason: "Rescaled", warning: false, message: &message, at: "2026-11-28T21:00:00Z" };
        let found = site.event(&event);
        assert_eq!(found["involvedObject"]["kind"], "Deployment");
        assert_eq!(found["message"].as_str().map(str::len), Some(1_000));
        assert_eq!(site.path_of(&Keep::Annotation), "/apis/apps/v1/namespaces/shop/deployments/web");
    }
}
