//! From the files of a plan to one checked scenario.

use crate::environment::{self, Variables};
use crate::exit::Failure;
use crate::files;
use crate::plan::Test;
use akrida_scenario::select::Selection;
use akrida_scenario::{Scenario, Source, limits, python, yaml};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What is looked for where no file is named, in this order.
pub(crate) const DEFAULT_FILES: [&str; 2] = ["locustfile.py", "akrida.yaml"];

/// Reads the test and selects what takes part. The second value is what a person should know about it.
///
/// # Errors
/// When a file is missing or has problems, when several define one name, or when nothing is left.
pub(crate) fn load(test: &Test, selection: &Selection) -> Result<(Scenario, Vec<String>), Failure> {
    let scenario = match test {
        Test::Address(address) => address.scenario(),
        Test::DefaultFile => load_file(&default_file(Path::new("."))?)?,
        Test::Files(paths) => {
            let scenarios = paths.iter().map(|path| load_file(path)).collect::<Result<Vec<_>, _>>()?;
            merge(scenarios)?
        }
    };
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

/// Reads one file in the language that its ending tells.
pub(crate) fn load_file(path: &Path) -> Result<Scenario, Failure> {
    let name = path.display().to_string();
    if name.contains("://") {
        return Err(Failure::usage(
            format!("{name}: tests are not fetched by address in this version"),
            "fetch it first and name the file",
        ));
    }
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    if !["yaml", "yml", "json", "py"].contains(&ending) {
        return Err(Failure::usage(
            format!("{name} is neither a scenario nor a locustfile"),
            "name a file that ends in .yaml, .yml, .json or .py",
        ));
    }
    let text = files::read_text(path, limits::FILE_BYTES as u64)?;
    let loaded = if ending == "py" {
        python::load(&name, &text)
    } else {
        yaml::load_with(&name, &text, &Surroundings::of(path))
    };
    loaded.map_err(|problems| Failure::scenario(problems.render(std::io::stderr().is_terminal())))
}

/// What a scenario may name besides itself: files, by their way from its own folder, and environment variables.
struct Surroundings {
    folder: PathBuf,
    variables: Variables,
}

impl Surroundings {
    fn of(scenario: &Path) -> Self {
        let folder = scenario.parent().map(Path::to_owned).unwrap_or_default();
        Self { folder, variables: environment::of_this_process() }
    }
}

impl Source for Surroundings {
    fn file(&self, path: &str) -> Result<Arc<[u8]>, String> {
        let path = self.folder.join(path);
        if path.is_dir() {
            return Err("it is a folder".to_owned());
        }
        let bytes =
            files::read_within(&path, limits::DATA_BYTES as u64).map_err(|error| error.to_string())?;
        let bytes = bytes.ok_or_else(|| format!("it is larger than {} bytes", limits::DATA_BYTES))?;
        Ok(bytes.into())
    }

    fn environment(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }
}

/// One scenario from several files, as if they were one. The first seed counts.
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
        merged.stages.extend(scenario.stages);
        merged.seed = merged.seed.or(scenario.seed);
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
            seed: None,
        }
    }

    #[test]
    fn what_a_scenario_names_lies_beside_it() {
        let source = Surroundings::of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("scenario.yaml"));
        assert!(source.file("src/main.rs").is_ok_and(|bytes| bytes.starts_with(b"//!")));
        assert_eq!(source.file("src"), Err("it is a folder".to_owned()));
        assert!(source.file("no-such-file").is_err_and(|why| why.contains("No such file")));
        assert_eq!(source.file("/dev/zero"), Err(format!("it is larger than {} bytes", limits::DATA_BYTES)));
        assert_eq!(source.environment("NO_SUCH_VARIABLE"), None);
        assert_eq!(source.environment("CARGO_PKG_NAME").as_deref(), Some("akrida"));
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
    }
}
