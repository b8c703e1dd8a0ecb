//! The report of a run as one page that needs nothing else: no server, no network.
//!
//! Names, errors and texts come from scenario files and from servers, and are never trusted: the template escapes them,
//! what the script reads is data that cannot end its element, and the page says by its policy that no other script than
//! its own is to be run.

mod data;
mod events;
mod view;

use crate::run_file::{About, Run, Second};
use akrida_run::{FleetEvent, Snapshot};
use askama::Template;
use base64::Engine as _;
use sha2::{Digest as _, Sha256};
use view::{Cut, ErrorView, Line, TileList, Verdict, WorkerView};

/// What the page's build makes for it.
#[derive(Clone, Copy, Debug)]
pub struct Parts {
    /// Draws charts and sorts tables.
    pub script: &'static str,
    /// Styles.
    pub style: &'static str,
}

impl Parts {
    /// The policy of a page with this script: for its head, and for whoever serves it.
    #[must_use]
    pub fn policy(&self) -> String {
        let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(self.script.as_bytes()));
        format!(
            "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{hash}'; base-uri 'none'; \
             form-action 'none'"
        )
    }
}

/// A run, for its report.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// What somebody called it; may be empty.
    pub name: &'a str,
    /// What it is of.
    pub about: &'a About,
    /// Where it stands.
    pub snapshot: &'a Snapshot,
    /// Its course, if that was kept.
    pub series: &'a [Second],
    /// What happened.
    pub events: &'a [FleetEvent],
    /// Whether its end was written, or it goes on; else it was lost.
    pub ended: bool,
}

/// The report of a run that was read, and that somebody called `name`.
///
/// # Errors
/// When the template cannot be filled.
pub fn of_run(run: &Run, name: &str, parts: &Parts) -> Result<String, askama::Error> {
    let subject = Subject {
        name,
        about: &run.about,
        snapshot: &run.snapshot,
        series: &run.series,
        events: &run.events,
        ended: run.ended,
    };
    render(&subject, parts)
}

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    policy: String,
    version: &'a str,
    title: &'a str,
    style: &'a str,
    script: &'a str,
    verdict: Verdict<'a>,
    facts: TileList,
    notices: &'a [String],
    tiles: TileList,
    has_course: bool,
    has_heat: bool,
    rows: Vec<Line<'a>>,
    total: Line<'a>,
    headings: [&'static str; 11],
    cuts: Vec<Cut<'a>>,
    arrivals: &'a [akrida_run::ArrivalsRow],
    errors: Vec<ErrorView<'a>>,
    exceptions: Vec<view::ExceptionView<'a>>,
    fleet: Vec<String>,
    workers: Vec<WorkerView<'a>>,
    events: Vec<events::EventView>,
    parameters: TileList,
    texts: &'a [(String, String)],
    data: String,
}

/// The page.
///
/// # Errors
/// When the template cannot be filled.
pub fn render(subject: &Subject<'_>, parts: &Parts) -> Result<String, askama::Error> {
    let Subject { name, about, snapshot, series, events, .. } = subject;
    let title = match (name.is_empty(), about.files.is_empty()) {
        (false, _) => name,
        (true, false) => about.files.as_str(),
        (true, true) => "Run",
    };
    let course = data::Course::of(snapshot, series);
    Page {
        policy: parts.policy(),
        version: if about.version.is_empty() { env!("CARGO_PKG_VERSION") } else { &about.version },
        title,
        style: parts.style,
        script: parts.script,
        verdict: Verdict::of(subject),
        facts: view::facts(subject),
        notices: &snapshot.notices,
        tiles: view::tiles(snapshot, series),
        has_course: !course.is_empty(),
        has_heat: course.has_heat(),
        rows: snapshot.rows.iter().map(Line::of).collect(),
        total: Line::of(&snapshot.total),
        headings: crate::console::PERCENTILE_HEADINGS,
        cuts: view::cuts(snapshot),
        arrivals: &snapshot.arrivals,
        errors: snapshot.errors.iter().map(ErrorView::of).collect(),
        exceptions: snapshot.exceptions.iter().map(view::ExceptionView::of).collect(),
        fleet: view::fleet(snapshot, series),
        workers: snapshot.workers.iter().map(WorkerView::of).collect(),
        events: events.iter().map(events::EventView::of).collect(),
        parameters: view::parameters(subject),
        texts: &about.texts,
        data: course.json(),
    }
    .render()
    // The last line end of a template is left out.
    .map(|page| page + "\n")
}

#[cfg(test)]
mod tests;
