//! Every example of the guide, and every scenario that is made to be run, is run against a server, and passes.

use crate::binary::{Akrida, folder};
use crate::repository::{files, root, text};
use akrida_testkit::Target;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// Examples that run at the same time: they mostly wait.
const SIDE_BY_SIDE: usize = 4;

/// How long each runs.
const WHILE: Duration = Duration::from_secs(2);

/// Scenarios for a server of another kind, or with failures on purpose: they have tests of their own.
const OTHERS: &[&str] = &["fibonacci.yaml", "login-shop.yaml"];

/// A file to run.
struct Example {
    name: String,
    extension: &'static str,
    text: String,
}

/// The examples of all pages of the guide.
fn examples() -> Vec<Example> {
    let mut examples = Vec::new();
    for file in with_extension("docs", "md") {
        let page = text(&file).unwrap();
        for (fence, extension) in [("```yaml\n", "yaml"), ("```python\n", "py")] {
            for (number, block) in page.split(fence).skip(1).enumerate() {
                let text = complete(block.split("```").next().unwrap(), extension);
                let name = format!("{}, {extension} example {}", file.display(), number + 1);
                examples.push(Example { name, extension, text });
            }
        }
    }
    examples
}

fn with_extension(folder: &str, extension: &str) -> impl Iterator<Item = std::path::PathBuf> {
    let wanted =
        |file: &Path| file.starts_with(folder) && file.extension().is_some_and(|end| end == extension);
    files().into_iter().filter(|file| wanted(file)).collect::<Vec<_>>().into_iter()
}

/// A fragment as a whole scenario: steps get a task, what concerns the whole file gets users.
fn complete(text: &str, extension: &str) -> String {
    if extension == "py" || text.lines().any(|line| line.starts_with("users:")) {
        text.to_owned()
    } else if text.starts_with("- ") {
        let steps: String = text.lines().map(|line| format!("        {line}\n")).collect();
        format!("users:\n  Visitor:\n    tasks:\n      example:\n{steps}")
    } else {
        format!("{text}users:\n  Visitor:\n    tasks:\n      - get: /\n")
    }
}

/// Runs it for a while; says what went wrong.
fn run(example: &Example) -> Result<(), String> {
    // Examples find the files that the scenarios beside them find.
    let folder = folder();
    for entry in fs::read_dir(root().join("scenarios")).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_file() {
            fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
        }
    }
    let file = folder.join(format!("example.{}", example.extension));
    fs::write(&file, &example.text).unwrap();

    let target = Target::pages();
    let (url, file) = (target.url(), file.display().to_string());
    let mut arguments = vec!["-f", &file, "-H", &url, "--headless"];
    if !["stages:", "arrivals:"].iter().any(|load| example.text.contains(load)) {
        arguments.extend(["-u", "10", "-r", "10"]);
    }
    let akrida = Akrida::start_with(&[("API_KEY", "key of the examples")], &arguments);
    std::thread::sleep(WHILE);
    akrida.interrupt();
    let ended = akrida.end(Duration::ZERO);
    match ended.status.code() {
        Some(0) if target.total() > 0 => Ok(()),
        code => {
            let requests = target.total();
            Err(format!("{}: {code:?} after {requests} requests\n{}", example.name, ended.stderr))
        }
    }
}

#[track_caller]
fn check(examples: &[Example]) {
    let mut wrong = Vec::new();
    for group in examples.chunks(SIDE_BY_SIDE) {
        std::thread::scope(|scope| {
            let runs: Vec<_> = group.iter().map(|example| scope.spawn(|| run(example))).collect();
            wrong.extend(runs.into_iter().filter_map(|run| run.join().unwrap().err()));
        });
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_example_of_the_guide_runs() {
    let examples = examples();
    assert!(examples.len() >= 12, "only {} examples", examples.len());
    check(&examples);
}

#[test]
fn every_scenario_runs() {
    let scenarios = with_extension("scenarios", "yaml")
        .filter(|file| !OTHERS.iter().any(|other| file.ends_with(other)))
        .map(|file| Example {
            name: file.display().to_string(),
            extension: "yaml",
            text: text(&file).unwrap(),
        });
    let scenarios: Vec<Example> = scenarios.collect();
    assert!(scenarios.len() >= 2, "only {} scenarios", scenarios.len());
    check(&scenarios);
}
