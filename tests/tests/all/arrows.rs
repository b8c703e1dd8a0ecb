//! Who may know whom. An arrow that is missing here is a change of the design: change that first.

use crate::repository::{cargo, files, root, text};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Crate, and the crates of ours that it may depend on.
const ARROWS: &[(&str, &[&str])] = &[
    ("ui", &["master", "run", "report", "scaler"]),
    ("autoscaler", &["run", "scaler", "stats", "scenario"]),
    ("master", &["protocol", "transport", "dispatch", "stats", "scenario", "run"]),
    ("worker", &["protocol", "transport", "engine", "stats", "scenario"]),
    ("engine", &["scenario", "stats"]),
    ("report", &["run", "stats", "scenario"]),
    ("run", &["stats", "scenario"]),
    ("protocol", &["stats"]),
    ("stats", &[]),
    ("scenario", &[]),
    ("dispatch", &[]),
    ("transport", &[]),
    ("scaler", &[]),
    ("xtask", &[]),
];

/// Crates that put the others together, or try them out.
const ASSEMBLIES: &[&str] = &["cli", "testkit", "tests", "benches"];

/// Crates without tokio, clock, files and environment.
const PURE: &[&str] = &["stats", "scenario", "dispatch", "protocol", "run"];

/// What no pure crate may have below it.
const RUNTIMES: &[&str] =
    &["tokio", "mio", "socket2", "hyper", "reqwest", "zmq", "zeromq", "axum", "kube", "polling", "async-io"];

/// What no pure crate may say outside its tests. Addresses are data; sockets are not.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::env",
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "ToSocketAddrs",
    "std::process",
    "std::thread",
    "Instant::now",
    "SystemTime",
    "println!",
];

#[test]
fn crates_know_only_whom_they_may() {
    let mut wrong = Vec::new();
    for (krate, dependencies) in our_dependencies() {
        if ASSEMBLIES.contains(&krate.as_str()) {
            continue;
        }
        let Some((_, allowed)) = ARROWS.iter().find(|(known, _)| *known == krate) else {
            wrong.push(format!("{krate} is not in the table of arrows"));
            continue;
        };
        for (other, kind) in dependencies {
            let testing = kind == Kind::Test && other == "testkit";
            if !testing && !allowed.contains(&other.as_str()) {
                wrong.push(format!("{krate} -> {other} is not drawn"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_testkit_is_for_tests() {
    let users = our_dependencies().into_iter().filter(|(_, dependencies)| {
        dependencies.iter().any(|(other, kind)| other == "testkit" && *kind == Kind::Normal)
    });
    assert_eq!(users.map(|(krate, _)| krate).collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn the_pure_core_has_no_runtime_below_it() {
    for krate in PURE {
        let package = format!("akrida-{krate}");
        let tree = cargo(&["tree", "-p", &package, "-e", "normal", "--prefix", "none", "--format", "{p}"]);
        let names: BTreeSet<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
        assert!(names.contains(package.as_str()), "{tree}");
        let runtimes: Vec<_> = RUNTIMES.iter().filter(|name| names.contains(*name)).collect();
        assert!(runtimes.is_empty(), "{krate} depends on {runtimes:?}");
    }
}

#[test]
fn the_pure_core_has_no_clock_files_or_environment() {
    let mut wrong = Vec::new();
    for file in files() {
        let path = file.to_string_lossy();
        let pure = PURE.iter().any(|krate| path.starts_with(&format!("crates/{krate}/src/")));
        if !pure || is_for_tests(&file) {
            continue;
        }
        let text = text(&file).unwrap_or_default();
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
        for word in lines.flat_map(|line| IMPURE.iter().filter(|word| line.contains(**word))) {
            wrong.push(format!("{path} says {word}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Whether the module above this file takes it in for tests only.
fn is_for_tests(file: &Path) -> bool {
    let (folder, name) = (file.parent().unwrap(), file.file_stem().unwrap().to_string_lossy());
    let above = [folder.join("mod.rs"), folder.join("lib.rs"), folder.with_extension("rs")];
    above
        .iter()
        .filter(|above| root().join(above).is_file())
        .any(|above| text(above).unwrap_or_default().contains(&format!("#[cfg(test)]\nmod {name};")))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Normal,
    Test,
}

/// Each crate of ours with those of ours that it depends on, by the names of their folders.
fn our_dependencies() -> BTreeMap<String, BTreeSet<(String, Kind)>> {
    let metadata = cargo(&["metadata", "--no-deps", "--format-version", "1"]);
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let ours: BTreeMap<&str, &str> =
        packages.iter().map(|package| (name(package), folder(package))).collect();
    assert!(ours.len() > 10, "{ours:?}");

    let dependencies = |package: &Value| {
        let all = package["dependencies"].as_array().unwrap().iter();
        all.filter_map(|dependency| {
            let kind = if dependency["kind"] == "dev" { Kind::Test } else { Kind::Normal };
            ours.get(name(dependency)).map(|folder| ((*folder).to_owned(), kind))
        })
        .collect()
    };
    packages.iter().map(|package| (folder(package).to_owned(), dependencies(package))).collect()
}

fn name(value: &Value) -> &str {
    value["name"].as_str().unwrap()
}

fn folder(package: &Value) -> &str {
    package["manifest_path"].as_str().unwrap().rsplit('/').nth(1).unwrap()
}
