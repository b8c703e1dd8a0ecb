//! What one object says of another is true.

use super::check;
use super::render::{Rendered, has, list, name, text_of};
use serde_json::Value;

/// Secrets that the walk-through makes by hand, with their keys.
const MADE_BY_HAND: &[(&str, &[&str])] =
    &[("akrida-tls", &["tls.crt", "tls.key"]), ("akrida-web-users", &["users"])];

#[test]
fn containers_find_what_they_name() {
    check(|set, wrong| {
        for (who, template) in set.pods() {
            let pod = &template["spec"];
            for container in list(&pod["containers"]) {
                let mut complain = |what: String| wrong.push(format!("{who}: {what}"));
                for probe in ["livenessProbe", "readinessProbe"] {
                    let port = text_of(&container[probe]["httpGet"]["port"]);
                    if !container[probe].is_null() && port_of(container, port).is_none() {
                        complain(format!("{probe} asks at port {port}, which there is not"));
                    }
                }
                for source in list(&container["envFrom"]) {
                    let map = text_of(&source["configMapRef"]["name"]);
                    if set.get("ConfigMap", map).is_none() {
                        complain(format!("variables come from ConfigMap {map}, which there is not"));
                    }
                }
                for variable in list(&container["env"]) {
                    if let Err(problem) = variable_is_known(set, pod, variable) {
                        complain(format!("{}: {problem}", name(variable)));
                    }
                }
                for mount in list(&container["volumeMounts"]) {
                    if !list(&pod["volumes"]).any(|volume| volume["name"] == mount["name"]) {
                        complain(format!("{} is mounted, but no volume", name(mount)));
                    }
                }
            }
        }
    });
}

/// The number of a container's port.
fn port_of(container: &Value, wanted: &str) -> Option<u64> {
    let port = list(&container["ports"]).find(|port| port["name"] == wanted)?;
    port["containerPort"].as_u64()
}

fn variable_is_known(set: &Rendered, pod: &Value, variable: &Value) -> Result<(), String> {
    if variable["value"].is_string() {
        return Ok(());
    }
    let from = &variable["valueFrom"];
    if let Some(key) = from.get("configMapKeyRef") {
        let (map, key) = (text_of(&key["name"]), text_of(&key["key"]));
        let found = set.get("ConfigMap", map).is_some_and(|map| map["data"][key].is_string());
        return if found { Ok(()) } else { Err(format!("there is no {key} in ConfigMap {map}")) };
    }
    if let Some(field) = from.get("resourceFieldRef") {
        let container =
            list(&pod["containers"]).find(|container| container["name"] == field["containerName"]);
        let path = format!("/{}", text_of(&field["resource"]).replace('.', "/"));
        let found = container.is_some_and(|container| container["resources"].pointer(&path).is_some());
        return if found { Ok(()) } else { Err(format!("no container has {path}")) };
    }
    Err("it has no value".to_owned())
}

#[test]
fn volumes_are_there_and_used() {
    check(|set, wrong| {
        for (who, template) in set.pods() {
            for volume in list(&template["spec"]["volumes"]) {
                let there = if let Some(map) = volume.get("configMap") {
                    set.get("ConfigMap", text_of(&map["name"])).is_some()
                } else if let Some(claim) = volume.get("persistentVolumeClaim") {
                    set.get("PersistentVolumeClaim", text_of(&claim["claimName"])).is_some()
                } else {
                    MADE_BY_HAND.iter().any(|(secret, _)| volume["secret"]["secretName"] == *secret)
                };
                let mut containers = list(&template["spec"]["containers"]);
                let used = containers.any(|container| {
                    list(&container["volumeMounts"]).any(|mount| mount["name"] == volume["name"])
                });
                if !there || !used {
                    wrong.push(format!("{who}: volume {} is there: {there}, is used: {used}", name(volume)));
                }
            }
        }
    });
}

#[test]
fn files_that_settings_name_are_mounted() {
    check(|set, wrong| {
        for (who, template) in set.pods() {
            for container in list(&template["spec"]["containers"]) {
                let variables = set.environment(container);
                for (variable, value) in variables.iter().filter(|(_, value)| value.starts_with('/')) {
                    // A prefix of the page is no file.
                    if variable != "LOCUST_WEB_BASE_PATH"
                        && !is_mounted(set, &template["spec"], container, value)
                    {
                        wrong.push(format!("{who}: {variable} is {value}, which is nowhere"));
                    }
                }
            }
        }
    });
}

/// Whether a volume is mounted at this path, or has this file.
fn is_mounted(set: &Rendered, pod: &Value, container: &Value, path: &str) -> bool {
    list(&container["volumeMounts"]).any(|mount| {
        let Some(rest) = path.strip_prefix(text_of(&mount["mountPath"])) else { return false };
        let Some(volume) = list(&pod["volumes"]).find(|volume| volume["name"] == mount["name"]) else {
            return false;
        };
        let file = rest.trim_start_matches('/');
        let map = set.get("ConfigMap", text_of(&volume["configMap"]["name"]));
        let secret = MADE_BY_HAND.iter().find(|(secret, _)| volume["secret"]["secretName"] == *secret);
        file.is_empty()
            || map.is_some_and(|map| map["data"][file].is_string())
            || secret.is_some_and(|(_, keys)| keys.contains(&file))
    })
}

#[test]
fn selectors_select() {
    check(|set, wrong| {
        for deployment in set.all("Deployment") {
            let (spec, template) = (&deployment["spec"], &deployment["spec"]["template"]);
            let own = &template["metadata"]["labels"];
            let spreads = list(&template["spec"]["topologySpreadConstraints"]);
            let spreads = spreads.map(|spread| &spread["labelSelector"]["matchLabels"]);
            for labels in [&spec["selector"]["matchLabels"]].into_iter().chain(spreads) {
                if !has(own, labels) || set.selected(labels).len() != 1 {
                    wrong.push(format!("Deployment {} selects other pods than its own", name(deployment)));
                }
            }
        }
        let budgets = set.all("PodDisruptionBudget").chain(set.all("NetworkPolicy"));
        for object in budgets {
            let spec = &object["spec"];
            let selector = spec.get("selector").or(spec.get("podSelector")).unwrap_or(&Value::Null);
            if set.selected(&selector["matchLabels"]).len() != 1 {
                wrong.push(format!(
                    "{} {} selects no pods, or too many",
                    text_of(&object["kind"]),
                    name(object)
                ));
            }
        }
    });
}

#[test]
fn services_and_policies_name_ports_that_are_open() {
    check(|set, wrong| {
        for service in set.all("Service") {
            for port in list(&service["spec"]["ports"]) {
                let target = text_of(&port["targetPort"]);
                let numbers = ports(set, &service["spec"]["selector"], target);
                if numbers != [port["port"].as_u64().unwrap_or(0)] {
                    wrong.push(format!("Service {}: port {target} leads to {numbers:?}", name(service)));
                }
            }
        }
        for policy in set.all("NetworkPolicy") {
            for rule in list(&policy["spec"]["ingress"]) {
                for port in list(&rule["ports"]) {
                    let port = text_of(&port["port"]);
                    if ports(set, &policy["spec"]["podSelector"]["matchLabels"], port).is_empty() {
                        wrong
                            .push(format!("NetworkPolicy {} opens {port}, which there is not", name(policy)));
                    }
                }
                for from in list(&rule["from"]) {
                    if set.selected(&from["podSelector"]["matchLabels"]).is_empty() {
                        wrong.push(format!("NetworkPolicy {} lets nobody in", name(policy)));
                    }
                }
            }
        }
        for ingress in set.all("Ingress") {
            for path in list(&ingress["spec"]["rules"]).flat_map(|rule| list(&rule["http"]["paths"])) {
                let backend = &path["backend"]["service"];
                let service = set.get("Service", text_of(&backend["name"]));
                let mut ports = service.into_iter().flat_map(|service| list(&service["spec"]["ports"]));
                if !ports.any(|port| port["name"] == backend["port"]["name"]) {
                    wrong.push(format!("Ingress {} leads nowhere", name(ingress)));
                }
            }
        }
    });
}

/// Numbers of the ports of this name of the selected pods.
fn ports(set: &Rendered, labels: &Value, wanted: &str) -> Vec<u64> {
    let pods = set.selected(labels);
    let containers = pods.iter().flat_map(|(_, template)| list(&template["spec"]["containers"]));
    containers.filter_map(|container| port_of(container, wanted)).collect()
}

#[test]
fn workers_find_their_master_and_probes_their_port() {
    check(|set, wrong| {
        for (who, template) in set.pods() {
            for container in list(&template["spec"]["containers"]) {
                let variables = set.environment(container);
                let value = |wanted: &[&str]| {
                    variables
                        .iter()
                        .find(|(name, _)| wanted.contains(&name.as_str()))
                        .map(|(_, value)| value.as_str())
                };
                if let Some(host) = value(&["LOCUST_MASTER_NODE_HOST", "LOCUST_MASTER"]) {
                    let port = value(&["LOCUST_MASTER_NODE_PORT", "LOCUST_MASTER_BIND_PORT"]);
                    let service = set.get("Service", host);
                    let mut ports = service.into_iter().flat_map(|service| list(&service["spec"]["ports"]));
                    if !ports
                        .any(|other| other["port"].as_u64().map(|port| port.to_string()).as_deref() == port)
                    {
                        wrong.push(format!("{who}: there is no master at {host}:{port:?}"));
                    }
                }
                let told = value(&["AKRIDA_HEALTH_PORT"]).map(str::to_owned);
                if port_of(container, "health").map(|port| port.to_string()) != told {
                    wrong.push(format!("{who}: port health is not {told:?}"));
                }
            }
        }
    });
}

#[test]
fn everything_is_used() {
    check(|set, wrong| {
        let pods: String = set.pods().map(|(_, template)| template.to_string()).collect();
        for kind in ["ConfigMap", "ServiceAccount", "PersistentVolumeClaim"] {
            // Grafana finds its dashboards by a label.
            let ours =
                set.all(kind).filter(|object| object["metadata"]["labels"]["grafana_dashboard"].is_null());
            for object in ours.filter(|object| !pods.contains(&format!("\"{}\"", name(object)))) {
                wrong.push(format!("{kind} {} is of no use", name(object)));
            }
        }
    });
}
