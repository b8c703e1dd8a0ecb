//! No file in k8s/ lies about: each is reached from a kustomization, and named in the walk-through.

use super::render::{folders, list, name, rendered, text_of};
use super::yaml::documents;
use crate::repository::{files, text};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

const WALK_THROUGH: &str = "docs/kubernetes.md";

/// `a/../b` is `b`.
fn straight(path: &Path) -> PathBuf {
    let mut straight = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                straight.pop();
            }
            Component::CurDir => {}
            part => straight.push(part),
        }
    }
    straight
}

/// What a kustomization or component names: files, and the kustomizations of folders.
fn named(folder: &Path) -> Vec<PathBuf> {
    let kustomization = &documents(&text(&folder.join("kustomization.yaml")).unwrap())[0];
    let direct =
        ["resources", "components"].into_iter().flat_map(|key| list(&kustomization[key])).map(text_of);
    let patches = list(&kustomization["patches"]).map(|patch| text_of(&patch["path"]));
    let generated = list(&kustomization["configMapGenerator"])
        .flat_map(|map: &Value| list(&map["files"]).chain(list(&map["envs"])))
        .map(|file| text_of(file).rsplit('=').next().unwrap_or_default());
    let paths = direct.chain(patches).chain(generated).map(|path| straight(&folder.join(path)));
    paths
        .map(|path| if path.extension().is_some() { path } else { path.join("kustomization.yaml") })
        .collect()
}

#[test]
fn every_file_is_reached_from_a_kustomization() {
    let kustomizations = folders("Kustomization");
    let mut reached: BTreeSet<PathBuf> =
        kustomizations.iter().map(|folder| folder.join("kustomization.yaml")).collect();
    let mut folders = kustomizations;
    while let Some(folder) = folders.pop() {
        for path in named(&folder) {
            if reached.insert(path.clone()) && path.ends_with("kustomization.yaml") {
                folders.push(path.parent().unwrap().to_owned());
            }
        }
    }
    let there: BTreeSet<PathBuf> = files().into_iter().filter(|file| file.starts_with("k8s")).collect();
    assert!(there.len() > 20, "{there:?}");
    assert_eq!(there, reached);
}

#[test]
fn every_file_is_named_in_the_walk_through() {
    let walk = text(Path::new(WALK_THROUGH)).unwrap();
    let missing: Vec<_> = files()
        .into_iter()
        .filter(|file| file.starts_with("k8s") && !walk.contains(&format!("`{}`", file.display())))
        .collect();
    assert!(missing.is_empty(), "{WALK_THROUGH} does not name {missing:#?}");
}

#[test]
fn the_walk_through_shows_what_apply_makes() {
    let demo = rendered().iter().find(|set| set.folder == "k8s/overlays/demo").unwrap();
    let made = demo.objects.iter().map(|object| {
        let (kind, version) = (text_of(&object["kind"]).to_lowercase(), text_of(&object["apiVersion"]));
        let group = version.split_once('/').map(|(group, _)| format!(".{group}")).unwrap_or_default();
        // What is in a ConfigMap stands at the end of its name.
        let name = if kind == "configmap" { name(object).rsplit_once('-').unwrap().0 } else { name(object) };
        let hash = if kind == "configmap" { "-HASH" } else { "" };
        format!("    {kind}{group}/{name}{hash} created\n")
    });
    let made: String = made.collect();
    let walk = text(Path::new(WALK_THROUGH)).unwrap();
    assert!(walk.contains(&made), "{WALK_THROUGH} does not show\n{made}");
}
