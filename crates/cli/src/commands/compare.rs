//! `akrida compare`: what changed between runs, from their files.

use super::print;
use crate::exit::{FAILED, Failure, PASSED};
use crate::files;
use akrida_report::compare::{self, Side};
use akrida_scenario::{Threshold, limits, threshold};
use std::path::{Path, PathBuf};

/// Largest file of a run that is read, bytes.
const LARGEST: u64 = 4 << 30;

/// What is compared.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Compared {
    /// Files of runs, the later one last; at least two.
    pub(crate) runs: Vec<PathBuf>,
    /// Conditions on what changed.
    pub(crate) fail_if: Vec<String>,
    /// Where a summary in Markdown goes.
    pub(crate) summary: Option<PathBuf>,
}

/// Prints what changed; the exit code says whether a condition is broken.
///
/// # Errors
/// When a file cannot be read or written, or a condition cannot be held against a comparison.
pub(crate) fn compare(wanted: &Compared) -> Result<u8, Failure> {
    let conditions = conditions(&wanted.fail_if)?;
    let sides = wanted.runs.iter().map(|path| side(path)).collect::<Result<Vec<_>, _>>()?;
    let Some((after, before)) = sides.split_last().filter(|(_, before)| !before.is_empty()) else {
        return Err(Failure::usage("two runs are needed for a comparison", "akrida compare BEFORE AFTER"));
    };
    let comparison = compare::compare(before, after);
    let held = compare::hold(&conditions, &comparison);
    print(&compare::text(&comparison, &held));
    if let Some(path) = &wanted.summary {
        files::write(path, &compare::markdown(&comparison, &held))?;
    }
    Ok(if held.iter().any(|held| held.broken) { FAILED } else { PASSED })
}

fn side(path: &Path) -> Result<Side, Failure> {
    let bytes = files::read(path, LARGEST)?;
    let label = path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy();
    Side::read(&label, &bytes).map_err(|error| {
        Failure::usage(format!("{}: {error}", path.display()), "name a file that --runs-dir has written")
    })
}

fn conditions(texts: &[String]) -> Result<Vec<Threshold>, Failure> {
    if texts.len() > limits::THRESHOLDS {
        let message = format!("--fail-if has more than {} conditions", limits::THRESHOLDS);
        return Err(Failure::usage(message, "leave some out"));
    }
    let condition = |text: &String| {
        let condition = threshold::parse_change(text).map_err(|error| {
            let column = text[..error.at.start].chars().count() + 1;
            Failure::usage(format!("--fail-if `{text}`, character {column}: {}", error.message), error.remedy)
        })?;
        match compare::objection(&condition) {
            None => Ok(condition),
            Some((message, remedy)) => Err(Failure::usage(format!("--fail-if `{text}`: {message}"), remedy)),
        }
    };
    texts.iter().map(condition).collect()
}
