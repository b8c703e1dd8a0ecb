//! What is scaled.

use crate::limits;
use std::fmt;

/// An object with a Scale subresource, by where the API server has it. All parts are checked, so that none can mean
/// another place in an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    group: String,
    version: String,
    kind: String,
    plural: String,
    namespace: Option<String>,
    name: String,
}

/// Why something names no object.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{value}` is not a {part}: Kubernetes' names have lower-case letters, digits, `-` and in some places `.`"
)]
pub struct TargetError {
    /// Such as `namespace`.
    pub part: &'static str,
    /// What was said.
    pub value: String,
}

impl Target {
    /// A Deployment. Without a namespace, that of the pod or of the kubeconfig's context.
    ///
    /// # Errors
    /// When a name is none.
    pub fn deployment(namespace: Option<&str>, name: &str) -> Result<Self, TargetError> {
        Self::new("apps/v1", "Deployment", "deployments", namespace, name)
    }

    /// Any object that has a Scale subresource, such as `argoproj.io/v1alpha1`, `Rollout`, `rollouts`.
    ///
    /// # Errors
    /// When a part cannot be what it is to be.
    pub fn new(
        api_version: &str,
        kind: &str,
        plural: &str,
        namespace: Option<&str>,
        name: &str,
    ) -> Result<Self, TargetError> {
        let wrong = |part, value: &str| TargetError { part, value: value.to_owned() };
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        if !(is_name(group) || group.is_empty() && !api_version.contains('/')) || !is_label(version) {
            return Err(wrong("group and version such as apps/v1", api_version));
        }
        if kind.is_empty()
            || kind.len() > limits::LABEL
            || !kind.bytes().all(|byte| byte.is_ascii_alphanumeric())
        {
            return Err(wrong("kind such as Deployment", kind));
        }
        if !is_label(plural) {
            return Err(wrong("plural such as deployments", plural));
        }
        if let Some(namespace) = namespace.filter(|namespace| !is_label(namespace)) {
            return Err(wrong("namespace", namespace));
        }
        if !is_name(name) {
            return Err(wrong("name of an object", name));
        }
        Ok(Self {
            group: group.to_owned(),
            version: version.to_owned(),
            kind: kind.to_owned(),
            plural: plural.to_owned(),
            namespace: namespace.map(str::to_owned),
            name: name.to_owned(),
        })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Such as `Deployment`.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Its namespace, if one was said.
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// Its API group; empty for the core.
    #[must_use]
    pub fn group(&self) -> &str {
        &self.group
    }

    /// As in a Role's rules: `deployments`.
    #[must_use]
    pub fn plural(&self) -> &str {
        &self.plural
    }

    /// Whether a merge patch of its Scale does what it says. On custom resources it silently does nothing
    /// (kubernetes#116311), so these get a JSON patch.
    pub(crate) fn takes_merge_patches(&self) -> bool {
        self.group == "apps"
    }

    /// Where its Scale is, in `namespace`.
    pub(crate) fn path(&self, namespace: &str) -> String {
        let Self { group, version, plural, name, .. } = self;
        let api =
            if group.is_empty() { format!("/api/{version}") } else { format!("/apis/{group}/{version}") };
        format!("{api}/namespaces/{namespace}/{plural}/{name}/scale")
    }
}

/// `Deployment akrida-worker in namespace load`.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.name)?;
        self.namespace.as_ref().map_or(Ok(()), |namespace| write!(f, " in namespace {namespace}"))
    }
}

/// A DNS label (RFC 1123).
pub(crate) fn is_label(text: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=limits::LABEL).contains(&text.len())
        && text.bytes().all(is_inner)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// A DNS subdomain (RFC 1123).
fn is_name(text: &str) -> bool {
    text.len() <= limits::NAME && text.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let check = |target: Result<Target, TargetError>, expected: &str| {
            assert_eq!(target.unwrap().path("load"), expected);
        };
        check(
            Target::deployment(None, "akrida-worker"),
            "/apis/apps/v1/namespaces/load/deployments/akrida-worker/scale",
        );
        check(
            Target::new("argoproj.io/v1alpha1", "Rollout", "rollouts", Some("x"), "a.b"),
            "/apis/argoproj.io/v1alpha1/namespaces/load/rollouts/a.b/scale",
        );
        check(
            Target::new("v1", "ReplicationController", "replicationcontrollers", None, "a"),
            "/api/v1/namespaces/load/replicationcontrollers/a/scale",
        );
    }

    #[test]
    fn nothing_can_mean_another_place() {
        let long = "a".repeat(64);
        for name in ["", "..", "a/b", "a?b", "a%2fb", "A", "-a", "a-", "a b", "a\n", "é", "a..b", "a#"] {
            assert!(Target::deployment(None, name).is_err(), "{name}");
            assert!(Target::deployment(Some(name), "a").is_err(), "{name}");
            assert!(Target::new("apps/v1", "Deployment", name, None, "a").is_err(), "{name}");
            assert!(Target::new(&format!("{name}/v1"), "Deployment", "deployments", None, "a").is_err());
        }
        assert!(Target::deployment(Some(&long), "a").is_err());
        assert!(Target::deployment(Some("a.b"), "a").is_err());
        assert_eq!(
            Target::deployment(Some("load"), "akrida worker").unwrap_err().to_string(),
            "`akrida worker` is not a name of an object: Kubernetes' names have lower-case letters, digits, `-` and \
             in some places `.`"
        );
    }

    #[test]
    fn words() {
        let target = Target::deployment(Some("load"), "akrida-worker").unwrap();
        assert_eq!(target.to_string(), "Deployment akrida-worker in namespace load");
        assert_eq!(Target::deployment(None, "w").unwrap().to_string(), "Deployment w");
    }
}
