//! The runnable examples of the repository, and every example of the guide, are good scenarios.

use super::{files, root};
use akrida_scenario::yaml::load;

#[track_caller]
fn check(name: &str, text: &str) {
    let problems = load(name, text).err().map(|problems| problems.render(false));
    assert!(problems.is_none(), "{}", problems.unwrap_or_default());
}

#[test]
fn the_runnable_examples_load() {
    let files = files(&root().join("scenarios"), "yaml");
    assert!(files.len() >= 4);
    for (path, text) in files {
        check(&path.to_string_lossy(), &text);
    }
}

#[test]
fn every_example_of_the_guide_loads() {
    let guide = std::fs::read_to_string(root().join("docs/scenarios.md")).unwrap();
    let mut blocks = 0;
    for block in guide.split("```yaml\n").skip(1) {
        let text = block.split("```").next().unwrap();
        blocks += 1;
        check(&format!("docs/scenarios.md, example {blocks}"), text);
    }
    assert!(blocks >= 10, "only {blocks} examples were found");
}
