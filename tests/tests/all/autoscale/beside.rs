//! What the controller does in a cluster beside scaling: what it remembers, whom it respects, what it tells.

use super::site::Site;
use crate::binary::{Akrida, Ended, folder, run_tool};
use crate::health::get;
use crate::repository::root;
use akrida_testkit::{Deployment, Grant};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

const CONFIG_MAP: &str = "/api/v1/namespaces/load/configmaps/akrida-autoscaler";
const HPAS: &str = "/apis/autoscaling/v1/namespaces/load/horizontalpodautoscalers";
const SCALED_OBJECTS: &str = "/apis/keda.sh/v1alpha1/namespaces/load/scaledobjects";

/// Plays one round against a service that is too slow, and returns what it said.
pub(super) fn round(site: &Site, here: &Path, more: &[&str]) -> Ended {
    let _load = site.load(2, 1);
    start(site, here, &[more, &["--rounds", "1"]].concat()).end(Duration::from_secs(10))
}

fn start(site: &Site, here: &Path, more: &[&str]) -> Akrida {
    let file = |path: &str| root().join(path).display().to_string();
    let (kubeconfig, host) = (site.kubernetes.kubeconfig(here), site.url());
    let test = file("scenarios/locustfiles/fibonacci.py");
    let evaluation = file("docs/custom-pod-autoscaler/evaluation_config.yaml");
    let mut arguments = vec!["autoscale", "--evaluation", &evaluation, "-f", &test, "-H", &host];
    arguments.extend(["-u", "10", "-r", "10", "-t", "2s", "--status-port", "0"]);
    if !more.contains(&"--target") {
        arguments.extend(["--target", "deployment/fibonacci"]);
    }
    arguments.extend(more);
    Akrida::start_bare_with(&[("KUBECONFIG", &kubeconfig)], &arguments)
}

/// The Events that it told.
fn events(site: &Site) -> Vec<Value> {
    let requests = site.kubernetes.requests().into_iter();
    requests
        .filter(|request| request.path.ends_with("/events"))
        .filter_map(|request| request.json())
        .collect()
}

#[test]
fn what_it_remembers_is_kept_in_a_config_map_and_what_it_did_is_told() {
    let (site, here) = (Site::start(1), folder());
    let missing = round(&site, &here, &[]);
    missing.exits(3);
    assert!(
        missing.stderr.contains("There is no ConfigMap akrida-autoscaler in namespace load"),
        "{}",
        missing.stderr
    );
    site.kubernetes
        .put(CONFIG_MAP, json!({ "kind": "ConfigMap", "metadata": { "name": "akrida-autoscaler" } }));
    round(&site, &here, &[]).exits(0);
    assert_eq!(site.wanted(), 2);
    let state = site.kubernetes.get(CONFIG_MAP).unwrap()["data"]["state"].as_str().unwrap().to_owned();
    let state: Value = serde_json::from_str(&state).unwrap();
    assert_eq!((&state["replicas"], &state["pending"]), (&json!(2), &Value::Null));
    let told = events(&site);
    let reasons: Vec<&str> = told.iter().map(|event| event["reason"].as_str().unwrap()).collect();
    assert_eq!(reasons, ["AutoscalingFailed", "Rescaled"]);
    assert!(
        told[1]["message"].as_str().unwrap().starts_with("scaled 1 to 2: mean of GET /fibonacci?n=10 is ")
    );
    std::fs::remove_dir_all(here).unwrap();
}

#[test]
fn whoever_scales_the_same_target_is_respected_unless_told_otherwise() {
    let (site, here) = (Site::start(1), folder());
    let of = json!({ "apiVersion": "apps/v1", "kind": "Deployment", "name": "fibonacci" });
    let hpa = json!({ "metadata": { "name": "web" }, "spec": { "scaleTargetRef": of } });
    site.kubernetes.put(HPAS, json!({ "items": [hpa] }));
    let of_keda =
        json!({ "metadata": { "name": "keda" }, "spec": { "scaleTargetRef": { "name": "fibonacci" } } });
    site.kubernetes.put(SCALED_OBJECTS, json!({ "items": [of_keda] }));
    let state = here.join("state.json").display().to_string();
    let refused = round(&site, &here, &["--state", &state]);
    assert!(
        refused
            .stderr
            .contains("Round 1: HorizontalPodAutoscaler web and ScaledObject keda scale the same target"),
        "{}",
        refused.stderr
    );
    assert_eq!((site.asked().len(), events(&site)[0]["reason"].as_str()), (0, Some("AutoscalingRefused")));
    round(&site, &here, &["--state", &state, "--ignore-rivals"]).exits(0);
    assert_eq!(site.wanted(), 2);
    std::fs::remove_dir_all(here).unwrap();
}

#[test]
fn probes_and_scrapers_are_answered() {
    let (site, here) = (Site::start(1), folder());
    let state = here.join("state.json").display().to_string();
    let _load = site.load(2, 1);
    let akrida = start(&site, &here, &["--state", &state, "--interval", "1s"]);
    let said = "Health and metrics at http://";
    akrida.logs(said);
    let log = akrida.stderr();
    let port = log.split_once(said).and_then(|(_, rest)| rest.lines().next()?.rsplit(':').next()).unwrap();
    assert_eq!(get(port, "/healthz"), Some((200, "ok\n".to_owned())));
    // The image has such a check.
    let check = run_tool(&[("AKRIDA_HEALTH_PORT", port)], &["healthcheck"]);
    assert!(check.status.success(), "{check:?}");
    let metrics = || get(port, "/metrics").unwrap().1;
    akrida.until(|| !metrics().contains("akrida_autoscaler_rounds_total{end=\"scaled\"} 0"));
    let told = metrics();
    for line in [
        "akrida_autoscaler_max_replicas 10",
        "akrida_autoscaler_target{method=\"GET\",endpoint=\"/fibonacci?n=10\",type=\"mean\"} 7",
        "akrida_autoscaler_value{method=\"GET\",endpoint=\"/fibonacci?n=10\",type=\"mean\"} ",
    ] {
        assert!(told.contains(line), "{line}: {told}");
    }
    std::fs::remove_dir_all(here).unwrap();
}

#[test]
fn a_custom_kind_is_found_scaled_by_json_patch_and_read_again() {
    let (site, here) = (Site::start(1), folder());
    let rollout =
        Deployment { api: "example.org/v1", plural: "rollouts", wanted: 1, ..Deployment::default() };
    site.kubernetes.change("web", |object| *object = rollout);
    let grant = |verb| Grant { verb, plural: "rollouts", name: "web" };
    site.kubernetes.grant(vec![grant("get"), grant("patch")]);
    let state = here.join("state.json").display().to_string();
    let target = ["--target", "example.org/v1/Rollout/web", "--state", &state];
    let resources = json!({ "resources": [{ "name": "rollouts", "kind": "Rollout" }] });
    site.kubernetes.put("/apis/example.org/v1", resources);
    round(&site, &here, &target).exits(0);
    assert_eq!(site.kubernetes.object("web").unwrap().wanted, 2);
    let last = site.kubernetes.patches().pop().unwrap();
    assert_eq!(last, json!([{ "op": "add", "path": "/spec/replicas", "value": 2 }]));
    std::fs::remove_dir_all(here).unwrap();
}

#[test]
fn an_annotation_of_the_target_remembers_too() {
    let (site, here) = (Site::start(1), folder());
    let path = "/apis/apps/v1/namespaces/load/deployments/fibonacci";
    site.kubernetes.put(path, json!({ "kind": "Deployment", "metadata": { "name": "fibonacci" } }));
    round(&site, &here, &["--state", "annotation"]).exits(0);
    let object = site.kubernetes.get(path).unwrap();
    let state = object["metadata"]["annotations"]["autoscaler.akrida.dev/state"].as_str().unwrap();
    assert!(state.contains("\"replicas\":2"), "{state}");
    std::fs::remove_dir_all(here).unwrap();
}
