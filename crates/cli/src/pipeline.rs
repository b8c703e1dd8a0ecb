//! What continuous integration reads of a run that is over: JUnit XML, a summary in Markdown, GitHub's annotations.

use crate::environment::Variables;
use crate::exit::Failure;
use crate::files;
use crate::screen::Screen;
use akrida_report::{github, junit, markdown};
use akrida_run::Snapshot;
use std::path::PathBuf;

/// What is wanted, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pipeline {
    pub(crate) junit: Option<PathBuf>,
    pub(crate) summary: Option<PathBuf>,
    /// Whether GitHub Actions reads the log.
    pub(crate) annotations: bool,
    /// Where GitHub Actions collects summaries.
    pub(crate) step_summary: Option<PathBuf>,
}

/// A run that is over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Over<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) profile: Option<&'a str>,
    /// The machine of its master.
    pub(crate) machine: &'a str,
    /// Whether a failed request makes the run fail.
    pub(crate) failures_count: bool,
}

impl Pipeline {
    /// The same where the environment is that of a pipeline.
    pub(crate) fn within(mut self, variables: &Variables) -> Self {
        self.annotations = variables.get("GITHUB_ACTIONS").is_some_and(|value| value == "true");
        let summary =
            variables.get("GITHUB_STEP_SUMMARY").filter(|path| self.annotations && !path.is_empty());
        self.step_summary = summary.map(PathBuf::from);
        self
    }

    /// Empties files of ours: what stands there is of an earlier run.
    ///
    /// # Errors
    /// When one cannot be written: better before the run than after it.
    pub(crate) fn clear(&self) -> Result<(), Failure> {
        [&self.junit, &self.summary].into_iter().flatten().try_for_each(|path| files::write(path, ""))
    }

    /// Writes all that is wanted. What the pipeline itself asked for and cannot be written is only told to `warn`: a
    /// run is not worth less without it.
    ///
    /// # Errors
    /// When a file of ours cannot be written.
    pub(crate) fn tell(
        &self,
        over: Over<'_>,
        screen: &Screen,
        warn: impl FnOnce(&str),
    ) -> Result<(), Failure> {
        let Over { snapshot, profile, machine, failures_count } = over;
        if let Some(path) = &self.junit {
            files::write(path, &junit::render(snapshot, junit::Settings { host: machine, failures_count }))?;
        }
        if let Some(path) = &self.summary {
            files::write(path, &markdown::render(snapshot, profile))?;
        }
        if self.annotations {
            screen.print(&github::annotations(snapshot));
        }
        if let Some(path) = &self.step_summary {
            // Steps before may have written to it.
            if let Err(failure) = files::append(path, &markdown::render(snapshot, profile)) {
                warn(&failure.message);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn github_is_known_by_its_variables() {
        let check = |variables: &[(&str, &str)], expected: (bool, Option<&str>)| {
            let pairs = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            let found = Pipeline::default().within(&pairs.collect());
            assert_eq!((found.annotations, found.step_summary), (expected.0, expected.1.map(PathBuf::from)));
        };
        let summary = ("GITHUB_STEP_SUMMARY", "/tmp/summary.md");
        check(&[summary], (false, None));
        check(&[("GITHUB_ACTIONS", "false"), summary], (false, None));
        check(&[("GITHUB_ACTIONS", "true")], (true, None));
        check(&[("GITHUB_ACTIONS", "true"), ("GITHUB_STEP_SUMMARY", "")], (true, None));
        check(&[("GITHUB_ACTIONS", "true"), summary], (true, Some("/tmp/summary.md")));
    }
}
