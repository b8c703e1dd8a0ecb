//! What the manifests promise: least rights, restricted pods, a number of workers that nobody else decides.

use super::check;
use super::render::{list, name, text_of};
use crate::container::image;
use serde_json::{Value, json};

/// The Deployment that a master scales unless it is told another one.
const BY_DEFAULT: &str = "akrida-worker";

/// The account and the Role of the autoscaler of applications.
const AUTOSCALER: &str = "akrida-autoscaler";

#[test]
fn pods_are_restricted() {
    let user: u64 = image("USER").split(':').next().and_then(|user| user.parse().ok()).expect("a number");
    check(|set, wrong| {
        for (who, template) in set.pods() {
            let pod = &template["spec"];
            let mut hold = |what: &str, holds: bool| {
                if !holds {
                    wrong.push(format!("{who}: {what}"));
                }
            };
            let context = &pod["securityContext"];
            hold("may be root", context["runAsNonRoot"] == true && context["runAsUser"] == user);
            hold("has no seccomp profile", context["seccompProfile"]["type"] == "RuntimeDefault");
            hold("gets variables of services", pod["enableServiceLinks"] == false);
            for container in list(&pod["containers"]) {
                let context = &container["securityContext"];
                hold("may gain rights", context["allowPrivilegeEscalation"] == false);
                hold("has capabilities", context["capabilities"] == json!({"drop": ["ALL"]}));
                hold("can write to its root", context["readOnlyRootFilesystem"] == true);
                let resources = &container["resources"];
                hold("has a CPU limit", resources["limits"].get("cpu").is_none());
                hold("asks for no CPU", resources["requests"]["cpu"].is_string());
                hold("may take all memory", resources["limits"]["memory"].is_string());
                hold("is not probed", container["readinessProbe"]["httpGet"].is_object());
                let version = env!("CARGO_PKG_VERSION");
                hold("is of another version", container["image"] == format!("akrida:{version}"));
            }
        }
    });
}

#[test]
fn the_master_may_scale_its_workers_and_nothing_else() {
    check(|set, wrong| {
        for role in set.all("Role").filter(|role| name(role) != AUTOSCALER) {
            let rules = &role["rules"];
            let named = list(&rules[0]["resourceNames"]).map(text_of).collect::<Vec<_>>();
            let [workers] = named[..] else {
                wrong.push(format!("Role {} is for {named:?}", name(role)));
                continue;
            };
            let least = json!([{
                "apiGroups": ["apps"],
                "resources": ["deployments/scale"],
                "resourceNames": [workers],
                "verbs": ["get", "patch"],
            }]);
            if *rules != least {
                wrong.push(format!("Role {} allows {rules}", name(role)));
            }
            match set.get("Deployment", workers) {
                // The page decides, and applying the manifests again changes nothing.
                Some(deployment) if deployment["spec"].get("replicas").is_none() => {}
                _ => wrong.push(format!("{workers} is not there, or says how many it is")),
            }
            let masters = set.pods().filter(|(_, pod)| pod["spec"]["automountServiceAccountToken"] == true);
            let masters = masters.filter(|(_, pod)| pod["spec"]["serviceAccountName"] != AUTOSCALER);
            for (who, template) in masters {
                for container in list(&template["spec"]["containers"]) {
                    let variables = set.environment(container);
                    let told = variables.iter().find(|(name, _)| name == "AKRIDA_WORKER_DEPLOYMENT");
                    let target = told.map_or(BY_DEFAULT, |(_, target)| target);
                    if target != workers {
                        wrong.push(format!("{who} scales {target}, but may scale {workers}"));
                    }
                }
            }
        }
        let kinds = ["ClusterRole", "ClusterRoleBinding", "Namespace", "CustomResourceDefinition"];
        for object in kinds.iter().flat_map(|kind| set.all(kind)) {
            wrong.push(format!("{} needs rights in the whole cluster", name(object)));
        }
    });
}

#[test]
fn the_autoscaler_may_do_what_it_needs_and_no_more() {
    let mut found = 0;
    check(|set, wrong| {
        let Some(role) = set.get("Role", AUTOSCALER) else { return };
        let (_, pod) = set.pods().find(|(_, pod)| pod["spec"]["serviceAccountName"] == AUTOSCALER).unwrap();
        let variables = set.environment(&pod["spec"]["containers"][0]);
        let told = |wanted: &str, kind: &str| {
            let (_, value) = variables.iter().find(|(name, _)| name == wanted).unwrap();
            value.strip_prefix(kind).unwrap_or_else(|| panic!("{wanted} is {value}")).to_owned()
        };
        let target = told("AKRIDA_AUTOSCALE_TARGET", "deployment/");
        let state = told("AKRIDA_AUTOSCALE_STATE", "configmap/");
        let rule = |group: &str, resource: &str, verbs: &[&str]| json!({ "apiGroups": [group], "resources": [resource], "verbs": verbs });
        let of = |mut rule: Value, name: &str| {
            rule["resourceNames"] = json!([name]);
            rule
        };
        let least = json!([
            of(rule("apps", "deployments/scale", &["get", "patch"]), &target),
            of(rule("", "configmaps", &["get", "patch"]), &state),
            rule("autoscaling", "horizontalpodautoscalers", &["list"]),
            rule("keda.sh", "scaledobjects", &["list"]),
            rule("", "events", &["create"]),
        ]);
        if role["rules"] != least {
            wrong.push(format!("Role {AUTOSCALER} allows {}, not {least}", role["rules"]));
        }
        if set.get("ConfigMap", &state).is_none_or(|map| map.get("data").is_some()) {
            wrong.push(format!("ConfigMap {state} is not there, or applying it again forgets"));
        }
        if set.get("Deployment", &target).is_none_or(|target| target["spec"].get("replicas").is_some()) {
            wrong.push(format!("{target} is not there, or says how many it is"));
        }
        found += 1;
    });
    assert_eq!(found, 1, "sets with an autoscaler");
}

#[test]
fn only_who_has_a_right_gets_a_token() {
    check(|set, wrong| {
        let mut entitled = Vec::new();
        for binding in set.all("RoleBinding") {
            if set.get("Role", text_of(&binding["roleRef"]["name"])).is_none() {
                wrong.push(format!("RoleBinding {} binds no Role", name(binding)));
            }
            for subject in list(&binding["subjects"]) {
                if subject.get("namespace").is_some() || set.get("ServiceAccount", name(subject)).is_none() {
                    wrong.push(format!("RoleBinding {} is for {subject}", name(binding)));
                }
                entitled.push(name(subject));
            }
        }
        for account in set.all("ServiceAccount") {
            if account["automountServiceAccountToken"] != false {
                wrong.push(format!("ServiceAccount {} gives its token to whoever runs as it", name(account)));
            }
        }
        for (who, template) in set.pods() {
            let pod = &template["spec"];
            let account = text_of(&pod["serviceAccountName"]);
            if !account.is_empty() && set.get("ServiceAccount", account).is_none() {
                wrong.push(format!("{who} runs as {account}, which there is not"));
            }
            if pod["automountServiceAccountToken"] != Value::Bool(entitled.contains(&account)) {
                wrong.push(format!("{who} has a token without a right, or a right without a token"));
            }
        }
    });
}

#[test]
fn sets_fit_into_any_namespace() {
    check(|set, wrong| {
        for object in &set.objects {
            if object["metadata"].get("namespace").is_some() {
                wrong.push(format!("{} {} names a namespace", text_of(&object["kind"]), name(object)));
            }
        }
        // Two masters, autoscalers, or owners of a volume, would be there while one is replaced by the other.
        for deployment in set.all("Deployment") {
            let spec = &deployment["spec"];
            let containers = list(&spec["template"]["spec"]["containers"]);
            let mut ports = containers.flat_map(|container| list(&container["ports"]));
            let is_master = ports.any(|port| port["containerPort"] == 5557);
            let is_alone = is_master || spec["template"]["spec"]["serviceAccountName"] == AUTOSCALER;
            if is_alone && (spec["strategy"]["type"] != "Recreate" || spec["replicas"] != 1) {
                wrong.push(format!("there may be two of {}", name(deployment)));
            }
        }
    });
}
