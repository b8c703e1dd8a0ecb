//! What the stand-in knows.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The state of the stand-in.
#[derive(Debug)]
pub(super) struct State {
    pub(super) token: String,
    pub(super) grants: Vec<Grant>,
    /// By name, all in namespace `load`.
    pub(super) objects: BTreeMap<String, Deployment>,
    /// Objects that are not scaled, by where they are.
    pub(super) others: BTreeMap<String, Value>,
    /// What goes wrong, and with which method; empty for all.
    pub(super) fault: Fault,
    pub(super) faulty: &'static str,
}

impl State {
    pub(super) fn new(replicas: i64) -> Self {
        let worker = Deployment { wanted: replicas, existing: replicas, ..Deployment::default() };
        Self {
            token: "a-token-of-a-service-account".to_owned(),
            grants: vec![Grant::scale("get", "akrida-worker"), Grant::scale("patch", "akrida-worker")],
            objects: BTreeMap::from([("akrida-worker".to_owned(), worker)]),
            others: BTreeMap::new(),
            fault: Fault::None,
            faulty: "",
        }
    }
}

/// A verb on `deployments/scale`, or on the scale of another kind, for one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// `get`, `patch` or `update`.
    pub verb: &'static str,
    /// Such as `deployments`.
    pub plural: &'static str,
    /// `resourceNames` of the rule.
    pub name: &'static str,
}

impl Grant {
    /// Of a Deployment.
    #[must_use]
    pub const fn scale(verb: &'static str, name: &'static str) -> Self {
        Self { verb, plural: "deployments", name }
    }
}

/// An object with a scale. What is `apps/v1` is a Deployment, everything else a custom resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// `apps/v1`
    pub api: &'static str,
    /// `deployments`
    pub plural: &'static str,
    /// `spec.replicas`
    pub wanted: i64,
    /// `status.replicas`
    pub existing: i64,
    /// Pods that a quota allows.
    pub quota: i64,
    /// Whether a controller makes pods at once, as far as the quota allows. Else tests set `existing`.
    pub controlled: bool,
    /// `metadata.generation`: moves with the wish.
    pub generation: u64,
    /// `metadata.resourceVersion`: moves with everything.
    pub version: u64,
    /// Who has changed the wish.
    pub managers: BTreeSet<String>,
}

impl Default for Deployment {
    fn default() -> Self {
        Self {
            api: "apps/v1",
            plural: "deployments",
            wanted: 0,
            existing: 0,
            quota: i64::MAX,
            controlled: true,
            generation: 1,
            version: 100,
            managers: BTreeSet::new(),
        }
    }
}

/// How the stand-in misbehaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Not at all.
    None,
    /// Reads a request and does nothing with it, and says nothing, ever.
    Hang,
    /// Answers a Status with this code, reason and message.
    Status(u16, &'static str, String),
    /// Answers this code and text, of this media type.
    Text(u16, &'static str, String),
    /// Begins to answer well and stops in the middle, without an end.
    SlowBody,
    /// Closes the connection in the middle of an answer.
    CutBody,
    /// Answers with more bytes than anybody should read.
    Huge,
}
