//! From the files of a plan to one checked scenario.

use crate::environment;
use crate::exit::Failure;
use crate::files;
use crate::parts::{Disk, HandedOut, Parts};
use crate::plan::Test;
use akrida_report::text::visible;
use akrida_scenario::select::Selection;
use akrida_scenario::{Scenario, Source, limits, python, yaml};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

/// What is looked for where no file is named, in this order.
pub(crate) const DEFAULT_FILES: [&str; 2] = ["locustfile.py", "akrida.yaml"];

/// A test that was read.
pub(crate) struct Loaded {
    pub(crate) scenario: Scenario,
    /// What it was read from.
    pub(crate) parts: Parts,
    /// What a person should know about it.
    pub(crate) warnings: Vec<String>,
}

/// Reads the test and selects what takes part.
///
/// # Errors
/// When a file is missing or has problems, when several define one name, or when nothing is left.
pub(crate) fn load(test: &Test, selection: &Selection) -> Result<Loaded, Failure> {
    let mut parts = Parts::default();
    let scenario = match test {
        Test::Address(address) => address.scenario(),
        Test::DefaultFile => load_file(&default_file(Path::new("."))?, &mut parts)?,
        Test::Files(paths) => {
            let scenarios =
                paths.iter().map(|path| load_file(path, &mut parts)).collect::<Result<Vec<_>, _>>()?;
            merge(scenarios)?
        }
        Test::OfMaster => {
            return Err(Failure::usage(
                "-f -: only a worker has its test from a master",
                "say --worker too, or name a file",
            ));
        }
    };
    let (scenario, warnings) = select(scenario, selection)?;
    Ok(Loaded { scenario, parts, warnings })
}

/// The same for a test that a master has handed out.
///
/// # Errors
/// As [`load`].
pub(crate) fn load_parts(parts: &Parts, selection: &Selection) -> Result<(Scenario, Vec<String>), Failure> {
    let scenarios = parts.tests.iter().map(|(name, text)| {
        let source =
            HandedOut { scenario: name, data: &parts.data, variables: environment::of_this_process() };
        translate(&visible(name), language(name)?, text, &source)
    });
    select(merge(scenarios.collect::<Result<Vec<_>, _>>()?)?, selection)
}

fn select(scenario: Scenario, selection: &Selection) -> Result<(Scenario, Vec<String>), Failure> {
    let selected = scenario.select(selection).map_err(|error| Failure::usage(error.to_string(), ""))?;
    Ok((selected.scenario, selected.warnings))
}

/// The default file in `folder`.
pub(crate) fn default_file(folder: &Path) -> Result<PathBuf, Failure> {
    DEFAULT_FILES.into_iter().map(PathBuf::from).find(|file| folder.join(file).is_file()).ok_or_else(|| {
        Failure::usage(
            format!("there is no {} here", DEFAULT_FILES.join(" and no ")),
            "name the test with -f FILE, load one address with akrida http://..., or try akrida demo",
        )
    })
}

/// Reads one file in the language that its ending tells; `parts` take down what was read.
fn load_file(path: &Path, parts: &mut Parts) -> Result<Scenario, Failure> {
    let name = path.display().to_string();
    if name.contains("://") {
        return Err(Failure::usage(
            format!("{name}: tests are not fetched by address in this version"),
            "fetch it first and name the file",
        ));
    }
    let language = language(&name)?;
    let text = files::read_text(path, limits::FILE_BYTES as u64)?;
    let disk = Disk::of(&name, path, environment::of_this_process(), parts);
    let scenario = translate(&name, language, &text, &disk)?;
    parts.tests.push((name, text));
    Ok(scenario)
}

/// What a test is written in.
#[derive(Clone, Copy)]
enum Language {
    Yaml,
    Python,
}

/// By the ending of its name.
fn language(name: &str) -> Result<Language, Failure> {
    match Path::new(name).extension().and_then(|ending| ending.to_str()).unwrap_or_default() {
        "py" => Ok(Language::Python),
        "yaml" | "yml" | "json" => Ok(Language::Yaml),
        _ => Err(Failure::usage(
            format!("{} is neither a scenario nor a locustfile", visible(name)),
            "name a file that ends in .yaml, .yml, .json or .py",
        )),
    }
}

fn translate(name: &str, language: Language, text: &str, source: &dyn Source) -> Result<Scenario, Failure> {
    let loaded = match language {
        Language::Python => python::load_with(name, text, source),
        Language::Yaml => yaml::load_with(name, text, source),
    };
    loaded.map_err(|problems| Failure::scenario(problems.render(std::io::stderr().is_terminal())))
}

/// One scenario from several files, as if they were one. The first seed and the longest warm-up count.
fn merge(scenarios: Vec<Scenario>) -> Result<Scenario, Failure> {
    let mut merged = Scenario::default();
    let mut files = Vec::new();
    for scenario in scenarios {
        for class in scenario.classes {
            if merged.classes.iter().any(|known| known.name == class.name) {
                return Err(Failure::usage(
                    format!(
                        "user class {} is defined in {} and in a file before it",
                        class.name, scenario.file
                    ),
                    "rename one of the two",
                ));
            }
            merged.classes.push(class);
        }
        if !merged.stages.is_empty() && !scenario.stages.is_empty() {
            return Err(Failure::usage(
                format!("{} has stages, and so has a file before it", scenario.file),
                "keep the stages of one file, or say --stages",
            ));
        }
        if !merged.worker_variables.is_empty() && !scenario.worker_variables.is_empty() {
            return Err(Failure::usage(
                format!("users change variables of {}, and those of a file before it", scenario.file),
                "put the user classes of both into one file, or run one at a time",
            ));
        }
        merged.worker_variables.extend(scenario.worker_variables);
        merged.stages.extend(scenario.stages);
        merged.seed = merged.seed.or(scenario.seed);
        merged.thresholds.extend(scenario.thresholds);
        merged.warm_up = merged.warm_up.max(scenario.warm_up);
        files.push(scenario.file);
    }
    merged.file = files.join(",");
    Ok(merged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quick::one_request;
    use akrida_scenario::Stage;
    use akrida_scenario::expr::Value;

    fn scenario(file: &str, class: &str, staged: bool) -> Scenario {
        let stage = Stage {
            name: "1".into(),
            duration: std::time::Duration::from_secs(1),
            users: 1,
            spawn_rate: 1.0,
        };
        Scenario {
            file: file.to_owned(),
            classes: vec![one_request(class, "load", "http://localhost", "/")],
            stages: staged.then_some(stage).into_iter().collect(),
            ..Scenario::default()
        }
    }

    #[test]
    fn files_are_merged() {
        let merged = merge(vec![scenario("a.yaml", "A", true), scenario("b.py", "B", false)]).unwrap();
        let names: Vec<_> = merged.classes.iter().map(|class| class.name.as_str()).collect();
        assert_eq!(
            (merged.file.as_str(), names.as_slice(), merged.stages.len()),
            ("a.yaml,b.py", &["A", "B"][..], 1)
        );
    }

    #[test]
    fn what_would_be_ambiguous_is_refused() {
        let check = |scenarios, expected: &str| assert_eq!(merge(scenarios).unwrap_err().message, expected);
        check(
            vec![scenario("a.yaml", "A", false), scenario("b.yaml", "A", false)],
            "user class A is defined in b.yaml and in a file before it",
        );
        check(
            vec![scenario("a.yaml", "A", true), scenario("b.yaml", "B", true)],
            "b.yaml has stages, and so has a file before it",
        );
        let shared =
            |file, class| Scenario { worker_variables: vec![Value::Int(1)], ..scenario(file, class, false) };
        check(
            vec![shared("a.py", "A"), shared("b.py", "B")],
            "users change variables of b.py, and those of a file before it",
        );
        assert_eq!(
            merge(vec![scenario("a.yaml", "A", false), shared("b.py", "B")]).unwrap().worker_variables.len(),
            1
        );
    }
}
