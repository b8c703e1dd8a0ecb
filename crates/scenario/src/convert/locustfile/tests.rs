//! Locustfiles that are written as YAML say the same there.

use super::{Quiet, locustfile, plain, unsaid};
use crate::model::{Slot, Step, Task, UserClass};
use crate::{Scenario, Source, python, yaml};
use regex::Regex;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where locustfiles are, from this crate's folder.
const FOLDERS: [&str; 4] = [
    "tests/good_python",
    "../../scenarios/locustfiles",
    "../../tests/locustfiles",
    "../../tests/locustfiles/old",
];

/// The files beside a locustfile.
struct Beside(PathBuf);

impl Source for Beside {
    fn file(&self, path: &str) -> Result<Arc<[u8]>, String> {
        std::fs::read(self.0.join(path)).map(Into::into).map_err(|error| error.to_string())
    }

    fn secret_file(&self, path: &str) -> Result<Arc<[u8]>, String> {
        Err(format!("{path} is not wanted"))
    }

    fn environment(&self, _: &str) -> Option<String> {
        None
    }
}

/// All locustfiles: their names, their texts, and what lies beside them.
fn files() -> Vec<(String, String, Beside)> {
    let mut found = Vec::new();
    for folder in FOLDERS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let mut paths: Vec<PathBuf> =
            std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths.into_iter().filter(|path| path.extension().is_some_and(|end| end == "py")) {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            found.push((name, std::fs::read_to_string(&path).unwrap(), Beside(folder.clone())));
        }
    }
    found
}

/// The scenario without what YAML need not say.
fn plain(scenario: Scenario) -> Scenario {
    plain::scenario(scenario, &mut unsaid::Unsaid::default())
}

/// The steps of all functions of a class, and what else is known of them.
fn functions(class: &UserClass) -> Vec<(String, &[Step])> {
    let around = [("on_start", &class.on_start), ("on_stop", &class.on_stop), ("wait", &class.waiting)];
    let around = around.into_iter().map(|(name, steps)| (name.to_owned(), &**steps));
    let task = |task: &Task| format!("{} {} {:?}", task.name, task.weight, task.tags);
    around.chain(class.tasks.iter().map(|found| (task(found), &*found.steps))).collect()
}

/// Steps in full, with variables by their kind, and the variables in their order.
fn steps(steps: &[Step]) -> (String, Vec<String>) {
    let named = Regex::new(r#"Variable\((\w+\(\d+\)), "[^"]*"\)"#).unwrap();
    let bound = Regex::new(r#"Bound\((\d+), "[^"]*"\)"#).unwrap();
    let slot = Regex::new(r"(Local|User|Worker)\(\d+\)").unwrap();
    let text = format!("{steps:#?}");
    let text = Regex::new(r",?\s+").unwrap().replace_all(&text, "").into_owned();
    let text =
        Regex::new(r#"Variable\((\w+\(\d+\),?)"[^"]*"\)"#).unwrap().replace_all(&text, "$1").into_owned();
    let text = named.replace_all(&text, "$1").into_owned();
    let text = bound.replace_all(&text, "Bound($1)").into_owned();
    let text = Regex::new(r#"Bound\((\d+)"[^"]*"\)"#).unwrap().replace_all(&text, "Bound($1)").into_owned();
    let variables = slot.find_iter(&text).map(|found| found.as_str().to_owned()).collect();
    (slot.replace_all(&text, "$1").into_owned(), variables)
}

/// Notes that two variables are the same one; whether none of them is another one already.
fn same(known: &mut HashMap<String, String>, python: &str, yaml: &str) -> bool {
    let there = known.entry(format!("python {python}")).or_insert_with(|| yaml.to_owned()) == yaml;
    there && known.entry(format!("yaml {yaml}")).or_insert_with(|| python.to_owned()) == python
}

#[track_caller]
fn assert_same(name: &str, python: &Scenario, yaml: &Scenario) {
    assert_eq!(python.stages, yaml.stages, "{name}");
    assert_eq!(python.classes.len(), yaml.classes.len(), "{name}");
    for (python, yaml) in python.classes.iter().zip(&yaml.classes) {
        let known = |class: &UserClass| {
            let UserClass { name, weight, fixed_count, host, cookies, network, wait, .. } = class;
            format!("{name} {weight} {fixed_count} {host:?} {cookies} {network:?} {wait:?}")
        };
        assert_eq!(known(python), known(yaml), "{name}");
        let mut users = HashMap::new();
        for ((function, theirs), (also, ours)) in functions(python).into_iter().zip(functions(yaml)) {
            assert_eq!(function, also, "{name}");
            let ((theirs, read), (ours, also)) = (steps(theirs), steps(ours));
            assert_eq!(theirs, ours, "{name}: {function}");
            let mut locals = HashMap::new();
            for (theirs, ours) in read.iter().zip(&also) {
                let known = if theirs.starts_with("Local") { &mut locals } else { &mut users };
                assert!(same(known, theirs, ours), "{name}: {function}: {theirs} became {ours}");
            }
        }
    }
}

/// Whether a scenario has expressions for which YAML has other ones.
fn changes_things(scenario: &Scenario) -> bool {
    let text = format!("{scenario:?}");
    ["append", "extend", "insert", "remove", "update", "item", "without an item", "what pop leaves", "%d"]
        .iter()
        .any(|name| text.contains(&format!("Call({name}")) || text.contains(&format!("Call(\"{name}\"")))
        || text.contains("items to take apart")
        || text.contains("Value(Constant(")
}

#[test]
fn the_yaml_of_a_locustfile_says_the_same() {
    let (mut converted, mut exact, mut refused) = (0, 0, 0);
    for (name, text, source) in files() {
        let made = match locustfile(&name, &text, &source) {
            Ok(made) => made.yaml,
            Err(problems) => {
                refused += 1;
                assert!(problems.untranslated().is_some(), "{name}: {problems}");
                continue;
            }
        };
        converted += 1;
        let quiet = Quiet { source: &source, asked: Default::default() };
        let python = plain(python::load_with(&name, &text, &quiet).unwrap());
        let again = plain(yaml::load_with(&name, &made, &source).unwrap());
        if !changes_things(&python) {
            exact += 1;
            assert_same(&name, &python, &again);
        }
    }
    assert!(converted >= 30 && exact >= 20 && refused >= 5, "{converted} {exact} {refused}");
}

#[test]
fn slots_are_told_apart() {
    let mut known = HashMap::new();
    let slot = |slot: Slot| format!("{slot:?}");
    assert!(same(&mut known, &slot(Slot::Local(1)), &slot(Slot::Local(2))));
    assert!(!same(&mut known, &slot(Slot::Local(1)), &slot(Slot::Local(1))));
    assert!(!same(&mut known, &slot(Slot::Local(3)), &slot(Slot::Local(2))));
}
