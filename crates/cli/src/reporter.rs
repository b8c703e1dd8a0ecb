//! What a run shows and writes while it goes on and when it is over: log lines, tables, progress, CSV, JSON.

use crate::commands::print;
use crate::csv_files::CsvFiles;
use crate::exit::Failure;
use crate::files;
use crate::log::{Level, Log, Speaker};
use crate::narration::{self, Scene};
use crate::pipeline::Over;
use crate::plan::{Output, Tables};
use crate::progress;
use crate::screen::Screen;
use crate::system;
use akrida_report::console::{self, Layout};
use akrida_report::json;
use akrida_run::{FleetEvent, FleetEventKind, Snapshot, StopReason};
use akrida_stats::Totals;

/// Shows one run.
pub(crate) struct Reporter {
    pub(crate) log: Log,
    pub(crate) screen: Screen,
    output: Output,
    csv: Option<CsvFiles>,
    /// Where the ramp that goes on leads, users.
    ramping: Option<u64>,
    scene: Scene,
}

impl Reporter {
    /// Opens what `output` names.
    ///
    /// # Errors
    /// When a file cannot be written: better before the run than after it.
    pub(crate) fn new(log: Log, screen: Screen, output: Output, scene: Scene) -> Result<Self, Failure> {
        let csv = output.csv.as_ref().map(CsvFiles::create).transpose()?;
        if let Some(path) = &output.json_file {
            files::write(path, "[]")?;
        }
        if let Some(path) = &output.html {
            files::write(path, "")?;
        }
        output.pipeline.clear()?;
        Ok(Self { log, screen, output, csv, ramping: None, scene })
    }

    /// Something happened.
    pub(crate) fn event(&mut self, event: &FleetEvent) {
        let (level, speaker, text) = narration::line(&event.kind, self.scene);
        self.log.line(level, speaker, &text);
        match event.kind {
            FleetEventKind::Ramping { target, .. } => self.ramping = Some(target),
            FleetEventKind::Spawned { .. } => self.ramping = None,
            FleetEventKind::Stopping { reason: StopReason::RunTime } => self.unfinished_ramp(),
            _ => {}
        }
    }

    fn unfinished_ramp(&self) {
        if let Some(target) = self.ramping {
            let text = format!(
                "The run time was over before all {target} users ran; a higher --spawn-rate starts them sooner"
            );
            self.log.warning(Speaker::Main, &text);
        }
    }

    /// Says what to do about requests that the end of the run made fail.
    fn abandoned(&self, snapshot: &Snapshot) {
        let abandoned = snapshot.errors.iter().filter(|row| row.error.starts_with("Abandoned("));
        let requests: u64 = abandoned.map(|row| row.occurrences).sum();
        if requests > 0 {
            let text = format!(
                "Requests still in flight after the users were stopped, and counted as failed: {requests}. A longer \
                 --drain, or --stop-timeout for whole tasks, lets them finish"
            );
            self.log.warning(Speaker::Main, &text);
        }
    }

    /// It is time for a table.
    pub(crate) fn table(&self, snapshot: &Snapshot) {
        if self.output.tables == Tables::Periodically {
            let workers = self.workers(snapshot);
            self.screen.print(&(workers + &console::periodic(snapshot, self.layout())));
        }
    }

    /// There is a newer snapshot.
    pub(crate) fn progress(&self, snapshot: &Snapshot) {
        if let (true, Some(columns)) = (self.output.tables != Tables::Never, self.screen.columns()) {
            self.screen.progress(&progress::line(snapshot, columns));
        }
    }

    /// A second has passed.
    pub(crate) fn second(&mut self, snapshot: &Snapshot) {
        let Some(csv) = &mut self.csv else { return };
        if let Err(error) = csv.update(snapshot) {
            self.log.line(
                Level::Error,
                Speaker::Main,
                &format!("The CSV files cannot be written any more: {error}"),
            );
            self.csv = None;
        }
    }

    /// The run is over.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub(crate) fn finish(
        &mut self,
        snapshot: &Snapshot,
        totals: &Totals,
        code: u8,
        failures_count: bool,
    ) -> Result<(), Failure> {
        self.screen.progress("");
        self.second(snapshot);
        self.abandoned(snapshot);
        self.log.info(Speaker::Main, &format!("Shutting down (exit code {code})"));
        if self.output.tables != Tables::Never {
            let workers = self.workers(snapshot);
            self.screen.print(&(workers + &console::summary(snapshot, self.layout())));
        }
        let json = || json::render(snapshot, totals, self.output.profile.as_deref());
        if self.output.json {
            print(&format!("{}\n", json()));
        }
        if let Some(path) = &self.output.json_file {
            files::write(path, &json())?;
        }
        let over = Over {
            snapshot,
            profile: self.output.profile.as_deref(),
            machine: &system::host_name(),
            failures_count,
        };
        let warn = |text: &str| self.log.warning(Speaker::Main, text);
        self.output.pipeline.tell(over, &self.screen, warn)
    }

    /// The table of the workers, in a fleet.
    fn workers(&self, snapshot: &Snapshot) -> String {
        if self.scene.fleet { console::workers(snapshot, self.layout()) } else { String::new() }
    }

    fn layout(&self) -> Layout {
        Layout::for_columns(self.screen.columns())
    }
}

/// Makes the log of a run.
pub(crate) fn log(output: &Output, host: &str, screen: &Screen) -> Result<Log, Failure> {
    Log::new(output.log, host, screen.clone(), output.logfile.as_deref())
}
