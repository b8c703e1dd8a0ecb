//! Tests that only Python can run: our master reads which user classes they have, and Locust's workers run them.

use crate::environment;
use crate::exit::{Failure, Kind};
use crate::files;
use crate::parts::{Disk, Parts};
use crate::plan::{OnlySeen, Role, Test};
use crate::source::{self, Loaded};
use akrida_scenario::limits;
use akrida_scenario::python::{self, Outline};
use akrida_scenario::select::Selection;
use std::path::{Path, PathBuf};

/// What a master knows of a test that it cannot run.
pub(crate) struct PythonOnly {
    /// Its classes, with tasks that have no steps.
    pub(crate) loaded: Loaded,
    pub(crate) seen: OnlySeen,
    /// The first thing that is not translated, with its place.
    pub(crate) reason: String,
    /// How to run it.
    commands: Commands,
}

/// The commands that run a test on Python workers.
struct Commands {
    files: String,
}

impl PythonOnly {
    /// The test, if it is one: all of its files are Python, and at least one of them does more than is translated.
    ///
    /// # Errors
    /// When a file cannot be read, several define one name, nothing is left of what was selected, or there are files
    /// beside it that Python cannot run.
    pub(crate) fn read(test: &Test, selection: &Selection) -> Result<Option<Self>, Failure> {
        let paths = match test {
            Test::Address(_) | Test::OfMaster => return Ok(None),
            Test::DefaultFile => vec![source::default_file(Path::new("."))?],
            Test::Files(paths) => paths.clone(),
        };
        let mut parts = Parts::default();
        let Some((outline, reason)) = outline(&paths, &mut parts)? else { return Ok(None) };
        if outline.classes.is_empty() && selection.classes.is_empty() {
            return Ok(None);
        }
        let partly_seen = outline.classes.iter().filter(|class| !class.all_tasks);
        let partly_seen = partly_seen.map(|class| class.name.clone()).collect();
        let all: Vec<String> = outline.classes.iter().map(|class| class.name.clone()).collect();
        let commands = Commands { files: outline.file.clone() };
        let selected = outline.select(selection).map_err(|error| Failure::usage(error.to_string(), ""))?;
        let is_run = |name: &String| selected.scenario.classes.iter().any(|class| class.name == *name);
        let left_out = all.into_iter().filter(|name| !is_run(name)).collect();
        Ok(Some(Self {
            loaded: Loaded { scenario: selected.scenario, parts, warnings: selected.warnings },
            seen: OnlySeen { left_out, partly_seen },
            reason,
            commands,
        }))
    }

    /// What the log says of it.
    pub(crate) fn line(&self) -> String {
        format!(
            "This test runs on Python workers only, since Akrida does not translate all of it (akrida check lists \
             what): {}. Start them with {}",
            self.reason,
            self.commands.worker("MASTER", None)
        )
    }

    /// What a person should know about its tasks.
    pub(crate) fn unseen_tasks(&self) -> Option<String> {
        let classes = self.seen.partly_seen.join(", ");
        (!classes.is_empty())
            .then(|| format!("There may be more tasks than reading the file shows: {classes}"))
    }

    /// Why a process of this role does not run it, as `failure` says, and how it is run.
    pub(crate) fn refusal(&self, failure: &Failure, role: &Role) -> Failure {
        let commands = match role {
            Role::Worker(worker) => vec![self.commands.worker(&worker.host, Some(worker.port))],
            Role::Alone | Role::Master(_) => {
                vec![self.commands.master(), self.commands.worker("MASTER", None)]
            }
        };
        let message = format!(
            "{}\n\nPython workers run it as it stands, under a master of Akrida:\n    {}",
            failure.message.trim_end(),
            commands.join("\n    ")
        );
        Failure { message, ..failure.clone() }
    }
}

impl Commands {
    fn master(&self) -> String {
        format!("akrida -f {} --master --headless --expect-workers 1", self.files)
    }

    fn worker(&self, host: &str, port: Option<u16>) -> String {
        let port = port.map(|port| format!(" --master-port {port}")).unwrap_or_default();
        format!("locust -f {} --worker --master-host {host}{port}", self.files)
    }
}

/// The outline of all files as one, and why they are not translated; `None` if they are, or if something is wrong with
/// one that would be wrong in Python too.
fn outline(paths: &[PathBuf], parts: &mut Parts) -> Result<Option<(Outline, String)>, Failure> {
    let (mut whole, mut names, mut reason, mut other) = (Outline::default(), Vec::new(), None, None);
    for path in paths {
        let name = path.display().to_string();
        if path.extension().is_none_or(|ending| ending != "py") {
            other.get_or_insert(name);
            continue;
        }
        let text = files::read_text(path, limits::FILE_BYTES as u64)?;
        let mut read = Parts::default();
        let disk = Disk::of(&name, path, environment::of_this_process(), &mut read);
        let untranslated = match python::load_with(&name, &text, &disk) {
            Ok(_) => None,
            Err(problems) => match problems.untranslated() {
                Some(problem) => {
                    let (line, column) = problems.place(problem);
                    Some(format!("{name}:{line}:{column}: {}", problem.message))
                }
                None => return Ok(None),
            },
        };
        reason = reason.or(untranslated);
        let Ok(outline) = python::outline(&name, &text) else { return Ok(None) };
        for class in outline.classes {
            if whole.classes.iter().any(|known| known.name == class.name) {
                let message =
                    format!("user class {} is defined in {name} and in a file before it", class.name);
                return Err(Failure::usage(message, "rename one of the two"));
            }
            whole.classes.push(class);
        }
        whole.remarks.extend(outline.remarks);
        parts.tests.push((name.clone(), text));
        names.push(name);
    }
    whole.file = names.join(",");
    match (reason, other) {
        (Some(reason), Some(other)) => Err(Failure {
            kind: Kind::Scenario,
            message: format!(
                "error: {other} is not for Python workers, and only they can run the test: {reason}"
            ),
            hint: String::new(),
        }),
        (reason, _) => Ok(reason.map(|reason| (whole, reason))),
    }
}
