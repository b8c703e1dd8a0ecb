//! What is known of the test before it is started.

use akrida_master::{CustomOption, Stage};
use std::path::PathBuf;
use std::time::Duration;

/// The test and the command line, as far as pages and answers tell of them.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// Akrida's.
    pub version: String,
    /// Names of the files, as Locust shows them.
    pub locustfile: String,
    /// By order in the file.
    pub classes: Vec<Class>,
    /// The scenario's or the command line's; empty for a constant load.
    pub stages: Vec<Stage>,
    /// Users that the form proposes.
    pub users: u64,
    /// Spawn rate that the form proposes.
    pub spawn_rate: f64,
    /// Host that wins over those of the classes.
    pub host: Option<String>,
    /// Run time that the form proposes.
    pub run_time: Option<Duration>,
    /// How long users that stop may finish their task.
    pub stop_timeout: Duration,
    /// A class that has no host and needs one.
    pub needs_host: Option<String>,
    /// What else may be set for a run, with what the form proposes.
    pub options: Vec<CustomOption>,
    /// Whether workers are other processes.
    pub distributed: bool,
    /// The port by which workers come, where that is not the usual one.
    pub master_port: Option<u16>,
    /// Whether the form offers the choice of classes.
    pub class_picker: bool,
    /// What `--profile` named the runs.
    pub profile: Option<String>,
    /// The file of `--csv` and `--csv-full-history`.
    pub full_history: Option<PathBuf>,
}

/// A user class.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Class {
    /// Its name.
    pub name: String,
    /// Share of users among the weighted classes.
    pub weight: u64,
    /// Exactly this many users; 0 for a weighted class.
    pub fixed_count: u64,
    /// Its own host.
    pub host: Option<String>,
    /// Whether its load is open.
    pub open: bool,
    /// What its users do.
    pub tasks: Vec<Task>,
}

/// A task of a class.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Task {
    /// Its name.
    pub name: String,
    /// Share among the class's tasks.
    pub weight: u64,
}

impl About {
    /// All tasks that a class had before it was changed.
    pub(crate) fn tasks_of(&self, class: &str) -> &[Task] {
        self.classes.iter().find(|about| about.name == class).map(|about| &*about.tasks).unwrap_or_default()
    }
}

impl Class {
    /// The tasks, with their shares of all that a user of it does.
    pub(crate) fn ratios(&self) -> impl Iterator<Item = (&str, f64)> {
        let all: u64 = self.tasks.iter().map(|task| task.weight).sum();
        self.tasks.iter().map(move |task| (task.name.as_str(), task.weight as f64 / all.max(1) as f64))
    }
}

/// Stages as the form takes them: `30s:10@2,1m:50@5`.
pub(crate) fn stages_text(stages: &[Stage]) -> String {
    let stages: Vec<String> = stages
        .iter()
        .map(|stage| format!("{}:{}@{}", span_text(stage.duration), stage.users, stage.spawn_rate))
        .collect();
    stages.join(",")
}

/// A duration as the form takes it: `90s`, `250ms`.
pub(crate) fn span_text(span: Duration) -> String {
    if span.subsec_nanos() == 0 {
        format!("{}s", span.as_secs())
    } else {
        format!("{}ms", span.as_secs_f64() * 1e3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use akrida_master::{parse_run_time, parse_stages};

    #[test]
    fn texts_are_read_as_they_were_written() {
        let stages = parse_stages("30s:10,1500ms:50@0.5,1h:0").unwrap();
        assert_eq!(parse_stages(&stages_text(&stages)).unwrap(), stages);
        for span in [Duration::from_secs(90), Duration::from_millis(1_250)] {
            assert_eq!(parse_run_time(&span_text(span)).unwrap(), span);
        }
    }
}
