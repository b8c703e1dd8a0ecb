//! The files of `--csv PREFIX`, kept up to date while a run goes on.

use crate::exit::Failure;
use crate::files;
use crate::plan::Csv;
use akrida_report::csv;
use akrida_report::run_file::Run;
use akrida_run::Snapshot;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// Files that Locust does not have: they are there only where load is open or paced.
const OPEN_LOAD: [&str; 2] = ["intended_stats", "arrivals"];

/// Open CSV files of one run.
#[derive(Debug)]
pub(crate) struct CsvFiles {
    prefix: String,
    full_history: bool,
    history: File,
}

impl CsvFiles {
    /// Begins all files anew, with headers and no rows, or without the file. Folders are made as needed.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub(crate) fn create(plan: &Csv) -> Result<Self, Failure> {
        let path = PathBuf::from(format!("{}_stats_history.csv", plan.prefix));
        let create = || {
            files::make_folders(&path)?;
            let mut history = File::create(&path)?;
            history.write_all(csv::history_header().as_bytes())?;
            let files = Self { prefix: plan.prefix.clone(), full_history: plan.full_history, history };
            for name in OPEN_LOAD {
                // Of a run before this one.
                match fs::remove_file(files.path(name)) {
                    Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
            }
            files.rewrite(&Snapshot::default())?;
            Ok(files)
        };
        create().map_err(|error: io::Error| files::cannot("write", Path::new(&path), &error))
    }

    /// Writes all files of a run that was read with its course.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub(crate) fn again(prefix: &str, run: &Run) -> Result<(), Failure> {
        let mut files = Self::create(&Csv { prefix: prefix.to_owned(), full_history: false })?;
        let lines: String = csv::history_again(&run.series);
        let written = files.history.write_all(lines.as_bytes()).and_then(|()| files.rewrite(&run.snapshot));
        written.map_err(|error| files::cannot("write", Path::new(&files.path("stats")), &error))
    }

    /// Writes how the run stands now.
    ///
    /// # Errors
    /// When a file cannot be written, for instance because the disk is full.
    pub(crate) fn update(&mut self, snapshot: &Snapshot) -> io::Result<()> {
        self.history.write_all(csv::history_lines(snapshot, self.full_history).as_bytes())?;
        self.rewrite(snapshot)
    }

    fn rewrite(&self, snapshot: &Snapshot) -> io::Result<()> {
        let tables = [
            ("stats", csv::stats(snapshot)),
            ("failures", csv::failures(snapshot)),
            ("exceptions", csv::exceptions(snapshot)),
        ];
        let open_load = OPEN_LOAD.into_iter().zip([csv::intended_stats(snapshot), csv::arrivals(snapshot)]);
        let open_load = open_load.filter_map(|(name, table)| Some((name, table?)));
        for (name, table) in tables.into_iter().chain(open_load) {
            fs::write(self.path(name), table)?;
        }
        Ok(())
    }

    fn path(&self, name: &str) -> String {
        format!("{}_{name}.csv", self.prefix)
    }
}
