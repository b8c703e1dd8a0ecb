//! What was asked for, before anything was measured.

use serde::{Deserialize, Serialize};

/// What a run is of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    /// When it began, unix microseconds.
    pub started_us: u64,
    /// The version of Akrida.
    pub version: String,
    /// The machine of the master.
    pub machine: String,
    /// What `--profile` named it.
    pub profile: Option<String>,
    /// Whether its workers were other processes.
    pub distributed: bool,
    /// Names of the scenarios or locustfiles, as people know them.
    pub files: String,
    /// Their texts by name, without secrets.
    pub texts: Vec<(String, String)>,
    /// Whether failed requests did not make it fail.
    pub failures_pass: bool,
    /// What it was told to do: names and values, in the order in which they are shown.
    pub parameters: Vec<(String, String)>,
    /// Tells tests apart: that of the master's journal.
    pub test: u64,
}
