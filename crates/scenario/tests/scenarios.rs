//! The runnable examples of the repository, and every example of the guide, are good scenarios.

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn check(name: &str, text: &str) {
    if let Err(problems) = akrida_scenario::yaml::load(name, text) {
        panic!("{}", problems.render(false));
    }
}

#[test]
fn the_examples_load() {
    let mut names: Vec<_> = std::fs::read_dir(root().join("scenarios"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    names.sort();
    assert!(names.len() >= 4, "{names:?}");
    for path in names {
        check(&path.to_string_lossy(), &std::fs::read_to_string(&path).unwrap());
    }
}
