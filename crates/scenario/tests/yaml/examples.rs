//! The runnable examples of the repository, and every example of the guide, are good scenarios.

use super::{Folder, files, root};
use akrida_scenario::yaml::load_with;

#[track_caller]
fn check(name: &str, text: &str) {
    let problems =
        load_with(name, text, &Folder(root().join("scenarios"))).err().map(|problems| problems.render(false));
    assert!(problems.is_none(), "{}", problems.unwrap_or_default());
}

#[test]
fn the_runnable_examples_load() {
    let files = files(&root().join("scenarios"), "yaml");
    assert!(files.len() >= 8);
    for (path, text) in files {
        check(&path.to_string_lossy(), &text);
    }
}

#[test]
fn every_example_of_the_guide_loads() {
    for (page, least) in [("scenarios", 9), ("requests", 5), ("data", 3), ("open-load", 3)] {
        let text = std::fs::read_to_string(root().join(format!("docs/{page}.md"))).unwrap();
        let mut blocks = 0;
        for block in text.split("```yaml\n").skip(1) {
            blocks += 1;
            check(&format!("docs/{page}.md, example {blocks}"), block.split("```").next().unwrap());
        }
        assert!(blocks >= least, "only {blocks} examples were found in {page}.md");
    }
}
