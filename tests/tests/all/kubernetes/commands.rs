//! What containers are told is what the binary understands.

use super::check;
use super::render::{Rendered, list, name, text_of};
use crate::binary::{folder, run_tool};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Variables of the first container image that stand for several flags, and so in no flag's help.
const OF_THE_FIRST_IMAGE: [&str; 2] = ["LOCUST_MODE", "LOCUST_OPTS"];

#[test]
fn every_variable_is_one_that_the_binary_reads() {
    let (of_runs, of_autoscalers) = (words(&["--help"]), words(&["autoscale", "--help"]));
    check(|set, wrong| {
        for (who, template) in set.pods() {
            for container in list(&template["spec"]["containers"]) {
                let known = if container["args"][0] == "autoscale" { &of_autoscalers } else { &of_runs };
                for (variable, _) in set.environment(container) {
                    if !known.contains(&variable) && !OF_THE_FIRST_IMAGE.contains(&variable.as_str()) {
                        wrong.push(format!("{who}: {variable} means nothing"));
                    }
                }
            }
        }
    });
}

/// The words of a help text, names of variables among them.
fn words(arguments: &[&str]) -> BTreeSet<String> {
    let help = String::from_utf8(run_tool(&[], arguments).stdout).unwrap();
    let letters = |letter: char| !letter.is_ascii_alphanumeric() && letter != '_';
    help.split(letters).map(str::to_owned).collect()
}

#[test]
fn every_container_has_a_command_that_can_be_carried_out() {
    check(|set, wrong| {
        for (who, template) in set.pods() {
            for container in list(&template["spec"]["containers"]) {
                if let Err(problem) = try_out(set, &template["spec"], container) {
                    wrong.push(format!("{who}: {problem}"));
                }
            }
        }
    });
}

/// Lets the binary read what the container is told and mounts, and list what is in the test.
fn try_out(set: &Rendered, pod: &Value, container: &Value) -> Result<(), String> {
    let root = folder();
    for mount in list(&container["volumeMounts"]) {
        let path = root.join(text_of(&mount["mountPath"]).trim_start_matches('/'));
        fs::create_dir_all(&path).unwrap();
        let volume = list(&pod["volumes"]).find(|volume| volume["name"] == mount["name"]);
        let map = volume.and_then(|volume| set.get("ConfigMap", text_of(&volume["configMap"]["name"])));
        for (file, content) in map.and_then(|map| map["data"].as_object()).into_iter().flatten() {
            fs::write(path.join(file), text_of(content)).unwrap();
        }
    }
    let mut arguments: Vec<&str> = list(&container["args"]).map(text_of).collect();
    let is_target = arguments.first() == Some(&"demo-target");
    arguments.push(if is_target { "--help" } else { "--list" });
    let variables: Vec<(String, String)> = set
        .environment(container)
        .into_iter()
        .map(|(name, value)| {
            let there = root.join(value.trim_start_matches('/'));
            let is_file = value.starts_with('/') && there.exists();
            (name, if is_file { there.display().to_string() } else { value })
        })
        .collect();
    let mut variables: Vec<(&str, &str)> =
        variables.iter().map(|(name, value)| (&**name, &**value)).collect();
    // The image begins there; a test that is not named is found there.
    let beginning = root.join("locust").display().to_string();
    let named = variables.iter().any(|(name, _)| ["LOCUST_LOCUSTFILE", "LOCUST_FILE"].contains(name));
    let found = format!("{beginning}/locustfile.py");
    if !named && Path::new(&found).exists() {
        variables.push(("LOCUST_LOCUSTFILE", &found));
    }
    let output = run_tool(&variables, &arguments);
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.code() != Some(0) || shown.is_empty() {
        return Err(format!("{arguments:?} {variables:?}: {}", String::from_utf8_lossy(&output.stderr)));
    }
    println!("{} {}: {}", set.folder, name(container), shown.lines().next().unwrap_or_default());
    Ok(())
}
