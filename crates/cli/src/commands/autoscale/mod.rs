//! `akrida autoscale`: scales an application by the latency that short tests measure.

mod controller;
mod remote;
mod state_file;
mod status;
mod steps;
mod world;

pub(crate) use controller::autoscale;
pub(crate) use steps::{evaluate, metric};

use crate::exit::Failure;
use crate::files;
use akrida_autoscaler::evaluation::{self, Evaluation};
use akrida_scenario::{Problems, Requested, limits};
use std::io::IsTerminal as _;
use std::path::Path;

/// Reads an evaluation file.
///
/// # Errors
/// When it cannot be read, and all that is wrong with it, as `show` has it.
fn load(
    path: &Path,
    requested: Option<&Requested>,
    bounds: (Option<u32>, Option<u32>),
    show: impl Fn(&Problems) -> String,
) -> Result<Evaluation, Failure> {
    let text = files::read_text(path, limits::FILE_BYTES as u64)?;
    evaluation::load(&path.display().to_string(), &text, requested, bounds)
        .map_err(|problems| Failure::scenario(show(&problems)))
}

/// As a person at a terminal wants problems.
fn drawn(problems: &Problems) -> String {
    problems.render(std::io::stderr().is_terminal())
}
