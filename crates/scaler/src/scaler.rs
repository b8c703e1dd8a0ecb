//! Reads and changes one count.

use crate::cluster::Request;
use crate::{Cluster, FIELD_MANAGER, Scale, ScaleError, Target};
use http::Method;
use serde_json::{Value, json};
use std::sync::Arc;

const MERGE: &str = "application/merge-patch+json";
const JSON_PATCH: &str = "application/json-patch+json";

/// Makes a wanted count of one target true. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Scaler {
    cluster: Arc<Cluster>,
    target: Target,
}

impl Scaler {
    /// Scales `target` in `cluster`.
    #[must_use]
    pub fn new(cluster: Arc<Cluster>, target: Target) -> Self {
        Self { cluster, target }
    }

    /// What is scaled, as it was configured.
    #[must_use]
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// The API server in which it is.
    #[must_use]
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// Where it is: the namespace that was configured, or the pod's own.
    ///
    /// # Errors
    /// As [`Cluster::namespace`].
    pub async fn namespace(&self) -> Result<String, ScaleError> {
        match self.target.namespace() {
            Some(namespace) => Ok(namespace.to_owned()),
            None => self.cluster.namespace().await,
        }
    }

    /// Reads the count.
    ///
    /// # Errors
    /// When it cannot be had; see [`ScaleError`].
    pub async fn get(&self) -> Result<Scale, ScaleError> {
        let path = self.target.path(&self.namespace().await?);
        self.ask(Method::GET, &path, None).await
    }

    /// Makes `count` the wish. The answer tells the new wish and the old number of pods. Whoever cannot bear a count
    /// has to refuse it before: the API server has no upper bound.
    ///
    /// # Errors
    /// When it is not changed; see [`ScaleError`].
    pub async fn set(&self, count: u32) -> Result<Scale, ScaleError> {
        self.patch(count, "").await
    }

    /// Finds out whether [`Scaler::set`] would be let through, with a dry run that changes nothing: rights and name.
    ///
    /// # Errors
    /// What would stand in the way.
    pub async fn rehearse(&self) -> Result<Scale, ScaleError> {
        let now = self.get().await?;
        self.patch(now.wanted, "dryRun=All&").await?;
        Ok(now)
    }

    async fn patch(&self, count: u32, options: &str) -> Result<Scale, ScaleError> {
        let scale = self.target.path(&self.namespace().await?);
        let path = format!("{scale}?{options}fieldManager={FIELD_MANAGER}");
        if self.target.takes_merge_patches() {
            let patch = json!({ "spec": { "replicas": count } });
            return self.ask(Method::PATCH, &path, Some((MERGE, &patch))).await;
        }
        // `add` sets a number that is there, and one that is left out at zero.
        let patch = json!([{ "op": "add", "path": "/spec/replicas", "value": count }]);
        let answered = self.ask(Method::PATCH, &path, Some((JSON_PATCH, &patch))).await?;
        if !options.is_empty() {
            return Ok(answered);
        }
        // A custom resource's answer is not to be believed.
        let now = self.ask(Method::GET, &scale, None).await?;
        if now.wanted == count {
            return Ok(now);
        }
        Err(ScaleError::NoEffect { target: self.target.to_string(), wanted: now.wanted })
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<(&'static str, &Value)>,
    ) -> Result<Scale, ScaleError> {
        let answer = self.cluster.ask(Request { method, path, body, target: &self.target }).await?;
        Scale::read(&answer).ok_or_else(|| ScaleError::Unreadable { target: self.target.to_string() })
    }
}
