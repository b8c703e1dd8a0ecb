//! Good locustfiles beside their translation. `UPDATE_EXPECT=1` rewrites the texts.

use super::describe::describe;
use super::{expect_file, files, here, root};
use akrida_scenario::model::{Step, Wait};
use akrida_scenario::python::load_with;
use akrida_scenario::{Scenario, Source};
use std::sync::Arc;
use std::time::Duration;

/// The files beside the locustfiles, and no environment.
struct Beside;

impl Source for Beside {
    fn file(&self, path: &str) -> Result<Arc<[u8]>, String> {
        let read = std::fs::read(here().join("good_python").join(path));
        read.map(Into::into).map_err(|error| error.to_string())
    }

    fn secret_file(&self, path: &str) -> Result<Arc<[u8]>, String> {
        Err(format!("{path} is not wanted"))
    }

    fn environment(&self, name: &str) -> Option<String> {
        (name == "AKRIDA_SET").then(|| "set".to_owned())
    }
}

fn scenario(name: &str, text: &str) -> Scenario {
    load_with(name, text, &Beside).unwrap_or_else(|problems| panic!("{}", problems.render(false)))
}

#[test]
fn locustfiles_become_the_scenarios_beside_them() {
    for (path, text) in files(&here().join("good_python")) {
        let name = path.file_name().unwrap().to_string_lossy();
        expect_file(&path.with_extension("txt"), &describe(&scenario(&name, &text)));
    }
}

fn example(name: &str) -> Scenario {
    let path = root().join("scenarios/locustfiles").join(name);
    scenario(name, &std::fs::read_to_string(path).unwrap())
}

/// Names of the tasks with their weights and tags.
fn tasks(scenario: &Scenario) -> Vec<(&str, u32, Vec<&str>)> {
    let tasks = scenario.classes[0].tasks.iter();
    tasks
        .map(|task| (task.name.as_str(), task.weight, task.tags.iter().map(String::as_str).collect()))
        .collect()
}

#[test]
fn the_oldest_example_waits_as_its_generation_did() {
    let scenario = example("index.py");
    assert_eq!(scenario.classes.len(), 1);
    assert_eq!(scenario.classes[0].name, "WebsiteUser");
    assert_eq!(scenario.classes[0].wait, Wait::Constant(Duration::from_secs(1)));
    assert_eq!(tasks(&scenario), [("index", 1, vec![]), ("stats", 1, vec![])]);
}

#[test]
fn the_fibonacci_example_waits_between_five_and_nine_seconds() {
    let scenario = example("fibonacci.py");
    assert_eq!(scenario.classes[0].wait, Wait::Between(Duration::from_secs(5), Duration::from_secs(9)));
    assert_eq!(tasks(&scenario), [("profile", 1, vec![])]);
}

#[test]
fn the_shop_example_is_understood_in_full() {
    let scenario = example("shopper.py");
    let class = &scenario.classes[0];
    assert_eq!((class.name.as_str(), class.weight), ("Shopper", 3));
    assert_eq!(class.wait, Wait::Between(Duration::from_secs(1), Duration::from_millis(2500)));
    assert_eq!(tasks(&scenario), [("browse", 3, vec!["read"]), ("buy", 1, vec![])]);
    assert_eq!(class.user_variables, ["token"]);
    assert!(matches!(class.on_start.as_slice(), [Step::Request(_), Step::Set { .. }]));
    expect_file(&here().join("good_python/shopper-example.txt"), &describe(&scenario));
}
