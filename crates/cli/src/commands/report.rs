//! `akrida report`: makes the outputs of a run again, from its file.

use super::print;
use crate::csv_files::CsvFiles;
use crate::exit::{Failure, PASSED};
use crate::pipeline::{Over, Pipeline};
use crate::screen::Screen;
use crate::{environment, files};
use akrida_report::console::{self, Layout};
use akrida_report::json;
use akrida_report::run_file::Run;
use std::path::PathBuf;

/// Largest file of a run that is read, bytes.
const LARGEST: u64 = 4 << 30;

/// What is wanted.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Files of runs; several are added up.
    pub(crate) runs: Vec<PathBuf>,
    pub(crate) html: Option<PathBuf>,
    pub(crate) json: Option<PathBuf>,
    /// The beginning of the names of CSV files.
    pub(crate) csv: Option<String>,
    pub(crate) pipeline: Pipeline,
}

/// Reads the runs, prints what was printed when they were over, and writes what is wanted.
///
/// # Errors
/// When a file cannot be read or written, or is no run's.
pub(crate) fn report(wanted: &Wanted) -> Result<u8, Failure> {
    let run = read(&wanted.runs, wanted.csv.is_some())?;
    if run.unread > 0 {
        let text =
            format!("Note: The last {} bytes of the file are no whole frame, and are left out\n", run.unread);
        Screen::stderr().print(&text);
    }
    print(&shown(&run, Layout::for_columns(Screen::stderr().columns())));
    if let Some(path) = &wanted.json {
        files::write(path, &json::render(&run.snapshot, &run.totals, run.about.profile.as_deref()))?;
    }
    if let Some(prefix) = &wanted.csv {
        CsvFiles::again(prefix, &run)?;
    }
    let over = Over {
        snapshot: &run.snapshot,
        profile: run.about.profile.as_deref(),
        machine: &run.about.machine,
        failures_count: !run.about.failures_pass,
    };
    let screen = Screen::stderr();
    let pipeline = wanted.pipeline.clone().within(&environment::of_this_process());
    pipeline.tell(over, &screen, |text| screen.print(&format!("Warning: {text}\n")))?;
    if let Some(path) = &wanted.html {
        files::write(path, &html(&run)?)?;
    }
    Ok(PASSED)
}

/// What is printed of a run that is over.
fn shown(run: &Run, layout: Layout) -> String {
    let workers = if run.about.distributed { console::workers(&run.snapshot, layout) } else { String::new() };
    workers + &console::summary(&run.snapshot, layout)
}

/// The report of a run as a page of its own.
///
/// # Errors
/// When it cannot be made.
pub(crate) fn html(run: &Run) -> Result<String, Failure> {
    akrida_report::html::of_run(run, "", &akrida_ui::report_parts())
        .map_err(|error| Failure::generator(format!("the report cannot be made: {error}"), ""))
}

/// The run of these files, or the sum of them.
fn read(paths: &[PathBuf], with_course: bool) -> Result<Run, Failure> {
    let read = |path: &PathBuf| {
        let bytes = files::read(path, LARGEST)?;
        let run = if with_course { Run::read_with_course(&bytes) } else { Run::read(&bytes) };
        run.map_err(|error| {
            Failure::usage(format!("{}: {error}", path.display()), "name a file that --runs-dir has written")
        })
    };
    let mut runs = paths.iter().map(read);
    let none = || Failure::usage("no file of a run is named", "akrida report FILE");
    let mut sum = runs.next().ok_or_else(none)??;
    for run in runs {
        sum.absorb(&run?);
    }
    Ok(sum)
}
