//! The tables that a person reads while a run goes on and when it is over.
//!
//! Columns, widths and rounding are Locust's: its tables cut fractions of milliseconds off, with the median first
//! rounded and then kept between shortest and longest. The percentiles are not Locust's estimates, so they are
//! not called "approximated".

use crate::text::visible;
use crate::verdict;
use akrida_run::{ArrivalsRow, CutRow, ErrorRow, ExceptionRow, Row, Snapshot};
use std::fmt::Write as _;

/// Width of the column for the method.
const METHOD: usize = 8;

/// What the request table spends outside the name and saves on its other columns, as Locust does.
const SAVED: usize = 4;

/// Widest column for names, and the one used where no terminal tells its width.
const WIDEST_NAME: usize = 80;

/// Workers that are shown; the sum of all is in the tables of requests.
const WORKERS: usize = 20;

/// Headings of the percentile columns, by [`akrida_run::PERCENTILES`].
pub(crate) const PERCENTILE_HEADINGS: [&str; 11] =
    ["50%", "66%", "75%", "80%", "90%", "95%", "98%", "99%", "99.9%", "99.99%", "100%"];

/// How wide tables are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    name: usize,
}

impl Layout {
    /// For a terminal of `columns`, or for a file or pipe (`None`).
    #[must_use]
    pub fn for_columns(columns: Option<usize>) -> Self {
        let name = columns.map_or(WIDEST_NAME, |columns| columns.saturating_sub(80).min(WIDEST_NAME));
        Self { name }
    }

    /// Width of the name in the request table.
    fn request_name(self) -> usize {
        (self.name + SAVED).saturating_sub(METHOD)
    }
}

/// Which rates a table shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rates {
    /// Those of the last ten seconds.
    Current,
    /// Those since counting began.
    Whole,
}

/// What is printed every two seconds: the stage, the request table, open load, and whether the generator is the limit.
#[must_use]
pub fn periodic(snapshot: &Snapshot, layout: Layout) -> String {
    let mut out = String::new();
    if let Some(stage) = &snapshot.stage {
        _ = writeln!(
            out,
            "Stage {} of {}: {} ({} users wanted)",
            stage.index + 1,
            stage.of,
            visible(&stage.name),
            snapshot.target_user_count
        );
    }
    requests(&mut out, snapshot, Rates::Current, layout);
    arrivals(&mut out, &snapshot.arrivals);
    if snapshot.generator.saturated_now {
        _ = writeln!(
            out,
            "!! Limited by the generator: it starts requests more than {:.0} ms late at the moment.",
            snapshot.generator.lag_bound_ms
        );
    }
    out.push('\n');
    out
}

/// What is printed when the run is over: requests, percentiles, and where in use times from the intended start,
/// stages and tags; errors and exceptions, notices, thresholds, and last and loudest whether the generator was the
/// limit.
#[must_use]
pub fn summary(snapshot: &Snapshot, layout: Layout) -> String {
    let mut out = String::new();
    requests(&mut out, snapshot, Rates::Whole, layout);
    arrivals(&mut out, &snapshot.arrivals);
    out.push('\n');
    percentiles(&mut out, "Response time percentiles (exact to 1 ms or 0.1%)", snapshot, layout, |row| {
        Some((row.percentiles.as_ref()?, row.num_requests))
    });
    out.push('\n');
    if snapshot.total.from_intended.is_some() {
        percentiles(&mut out, "Response time percentiles from the intended start", snapshot, layout, |row| {
            row.from_intended.as_ref().map(|from| (&from.percentiles, from.count))
        });
        out.push('\n');
    }
    cuts(&mut out, "By stage (in which the request was started)", &snapshot.stages, layout);
    cuts(&mut out, "By tag", &snapshot.tags, layout);
    errors(&mut out, &snapshot.errors, layout);
    exceptions(&mut out, &snapshot.exceptions, layout);
    for notice in &snapshot.notices {
        _ = writeln!(out, "Note: {}", visible(notice));
    }
    if !snapshot.notices.is_empty() {
        out.push('\n');
    }
    out.push_str(&verdict::table(snapshot));
    saturation(&mut out, snapshot);
    out
}

fn requests(out: &mut String, snapshot: &Snapshot, rates: Rates, layout: Layout) {
    heading(out, layout);
    separator(out, layout);
    for row in &snapshot.rows {
        request(out, &row.method, &row.name, row, rates, layout);
    }
    separator(out, layout);
    request(out, &snapshot.total.method, total_name(snapshot), &snapshot.total, rates, layout);
}

/// The total's name, also in a snapshot that nobody filled yet.
fn total_name(snapshot: &Snapshot) -> &str {
    if snapshot.total.name.is_empty() { "Aggregated" } else { &snapshot.total.name }
}

/// Workers in a table; above it nothing but a line where there is none. The first ones are shown, of a large fleet.
#[must_use]
pub fn workers(snapshot: &Snapshot, layout: Layout) -> String {
    let mut out = String::new();
    let longest =
        snapshot.workers.iter().take(WORKERS).map(|worker| visible(&worker.id).chars().count()).max();
    let name = longest.unwrap_or(0).clamp(METHOD, layout.request_name().max(METHOD));
    _ = writeln!(
        out,
        "{:<name$} {:>9} {:>7} {:>7} {:>10} {:>9} {:>10}",
        "Worker", "State", "Users", "CPU %", "Memory MiB", "Late ms", "Clock ms"
    );
    let told = |value: Option<f64>| match value {
        None => "-".to_owned(),
        // Else it might have the sign of a number that is not shown.
        Some(value) if value.abs() < 0.05 => "0.0".to_owned(),
        Some(value) => format!("{value:.1}"),
    };
    for worker in snapshot.workers.iter().take(WORKERS) {
        _ = writeln!(
            out,
            "{:<name$} {:>9} {:>7} {:>7.1} {:>10.1} {:>9} {:>10}{}",
            visible(&worker.id),
            worker.state.as_str(),
            worker.user_count,
            worker.cpu_usage,
            worker.memory_usage as f64 / f64::from(1 << 20),
            told(worker.lag_ms),
            told(worker.clock_ahead_ms),
            if worker.saturated { " !!" } else { "" },
        );
    }
    match snapshot.workers.len() {
        0 => out.push_str("(no worker is connected)\n"),
        workers if workers > WORKERS => _ = writeln!(out, "(and {} more)", workers - WORKERS),
        _ => {}
    }
    out.push('\n');
    out
}

fn cuts(out: &mut String, title: &str, cuts: &[CutRow], layout: Layout) {
    if cuts.is_empty() {
        return;
    }
    _ = writeln!(out, "{title}");
    heading(out, layout);
    separator(out, layout);
    for cut in cuts {
        request(out, "", &cut.label, &cut.row, Rates::Whole, layout);
    }
    out.push('\n');
}

fn heading(out: &mut String, layout: Layout) {
    _ = writeln!(
        out,
        "{:<METHOD$} {:<name$} {:>7} {:>12} |{:>7} {:>7} {:>7}{:>7} | {:>7} {:>11}",
        "Type",
        "Name",
        "# reqs",
        "# fails",
        "Avg",
        "Min",
        "Max",
        "Med",
        "req/s",
        "failures/s",
        name = layout.request_name(),
    );
}

fn separator(out: &mut String, layout: Layout) {
    let widths = [METHOD, layout.request_name(), 7, 13, 7, 7, 7, 7, 8, 11];
    let dashes: Vec<_> = widths.iter().map(|width| "-".repeat(*width)).collect();
    _ = writeln!(out, "{}", dashes.join("|"));
}

fn request(out: &mut String, method: &str, name: &str, row: &Row, rates: Rates, layout: Layout) {
    let (rps, fails) = match rates {
        Rates::Current => (row.current_rps, row.current_fail_per_sec),
        Rates::Whole => (row.total_rps, row.total_fail_per_sec),
    };
    _ = writeln!(
        out,
        "{:<METHOD$} {:<width$} {:>7} {:>12} |{:>7.0} {:>7.0} {:>7.0}{:>7.0} | {rps:>7.2} {fails:>11.2}",
        visible(method),
        visible(name),
        row.num_requests,
        format!("{}({:.2}%)", row.num_failures, row.fail_ratio * 100.0),
        row.avg_response_time.trunc(),
        row.min_response_time.unwrap_or(0.0).trunc(),
        row.max_response_time.trunc(),
        median(row).trunc(),
        width = layout.request_name(),
    );
}

/// The median as Locust shows it: in whole milliseconds, but never outside of what was measured.
pub(crate) fn median(row: &Row) -> f64 {
    let whole = row.median_response_time.round();
    whole.min(row.max_response_time).max(row.min_response_time.unwrap_or(0.0))
}

/// A line for each class with open load.
fn arrivals(out: &mut String, rows: &[ArrivalsRow]) {
    for ArrivalsRow { user_class, rate, started, dropped } in rows {
        let rate = rate.map(|rate| format!("{rate:.2}/s wanted, ")).unwrap_or_default();
        _ = writeln!(out, "Arrivals of {}: {rate}{started} started, {dropped} dropped", visible(user_class));
    }
}

/// A table of what `of` finds in each row: percentiles, and of how many requests.
fn percentiles(
    out: &mut String,
    title: &str,
    snapshot: &Snapshot,
    layout: Layout,
    of: impl Fn(&Row) -> Option<(&[f64; 11], u64)>,
) {
    _ = writeln!(out, "{title}");
    let mut heading = format!("{:<METHOD$} {:<name$}", "Type", "Name", name = layout.name);
    for (index, percent) in PERCENTILE_HEADINGS.iter().enumerate() {
        let width = if index == 0 { 8 } else { 6 };
        _ = write!(heading, " {percent:>width$}");
    }
    _ = writeln!(out, "{heading} {:>6}", "# reqs");
    let line = format!(
        "{}|{}|{}|{}",
        "-".repeat(METHOD),
        "-".repeat(layout.name),
        "-".repeat(8),
        ["------"; 11].join("|")
    );
    _ = writeln!(out, "{line}");
    for row in &snapshot.rows {
        percentile(out, &row.name, row, of(row), layout);
    }
    _ = writeln!(out, "{line}");
    percentile(out, total_name(snapshot), &snapshot.total, of(&snapshot.total), layout);
}

/// A line of a percentile table; none where nothing was timed.
fn percentile(out: &mut String, name: &str, row: &Row, timed: Option<(&[f64; 11], u64)>, layout: Layout) {
    let Some((percentiles, requests)) = timed else { return };
    _ = write!(out, "{:<METHOD$} {:<width$}", visible(&row.method), visible(name), width = layout.name);
    for (index, value) in percentiles.iter().enumerate() {
        let width = if index == 0 { 8 } else { 6 };
        _ = write!(out, " {:>width$.0}", value.round());
    }
    _ = writeln!(out, " {requests:>6}");
}

fn errors(out: &mut String, errors: &[ErrorRow], layout: Layout) {
    if errors.is_empty() {
        return;
    }
    let rows = errors.iter().map(|row| {
        let (method, name) = (visible(&row.method), visible(&row.name));
        (row.occurrences, format!("{method} {name}: {}", visible(reason(&row.error))))
    });
    occurrences(out, "Error", rows, layout);
}

/// What users raised, which Locust only logs; each counts for the exit code as a failure does.
fn exceptions(out: &mut String, exceptions: &[ExceptionRow], layout: Layout) {
    if exceptions.is_empty() {
        return;
    }
    let rows = exceptions.iter().map(|row| (row.count, visible(&row.msg).into_owned()));
    occurrences(out, "Exception", rows, layout);
}

fn occurrences(out: &mut String, what: &str, rows: impl Iterator<Item = (u64, String)>, layout: Layout) {
    let line = format!("{}|{}", "-".repeat(18), "-".repeat(80 + layout.name - 19));
    _ = writeln!(out, "{what} report\n{:<18} {what}\n{line}", "# occurrences");
    for (count, text) in rows {
        _ = writeln!(out, "{count:<18} {text}");
    }
    _ = writeln!(out, "{line}\n");
}

/// The error without the class that Locust wraps around `response.failure(...)`.
fn reason(error: &str) -> &str {
    error.strip_prefix("CatchResponseError(").and_then(|rest| rest.strip_suffix(')')).unwrap_or(error)
}

/// The loudest line. How late it was stands among the notices.
fn saturation(out: &mut String, snapshot: &Snapshot) {
    if !snapshot.generator.saturated() {
        return;
    }
    let line = "!".repeat(80);
    _ = writeln!(out, "{line}");
    _ = writeln!(
        out,
        "!! LIMITED BY THE GENERATOR: these figures tell about the machine that made the load,"
    );
    _ = writeln!(out, "!! and not only about the one that was tested.");
    _ = writeln!(out, "{line}\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;
    use akrida_run::{WorkerRow, WorkerState};

    fn wide(snapshot: &Snapshot) -> String {
        summary(snapshot, Layout::for_columns(None))
    }

    #[test]
    fn an_empty_run() {
        insta::assert_snapshot!(wide(&Snapshot::default()));
    }

    #[test]
    fn one_row() {
        insta::assert_snapshot!(wide(&samples::one_row()));
    }

    #[test]
    fn a_table_of_workers() {
        let ours = WorkerRow {
            id: "host_1".to_owned(),
            state: WorkerState::Running,
            user_count: 25,
            cpu_usage: 12.34,
            memory_usage: 20 << 20,
            lag_ms: Some(31.0),
            saturated: true,
            clock_ahead_ms: Some(-2.04),
            ..WorkerRow::default()
        };
        let locusts =
            WorkerRow { id: "host\u{7}2".to_owned(), state: WorkerState::Missing, ..WorkerRow::default() };
        let narrow = Layout::for_columns(Some(100));
        let of = |workers| workers_of(workers, narrow);
        insta::assert_snapshot!(of(vec![ours, locusts]), @r"
        Worker        State   Users   CPU % Memory MiB   Late ms   Clock ms
        host_1      running      25    12.3       20.0      31.0       -2.0 !!
        host\x072   missing       0     0.0        0.0         -          -
        ");
        assert!(of(vec![WorkerRow::default(); WORKERS + 3]).ends_with("(and 3 more)\n\n"));
        assert!(of(Vec::new()).ends_with("(no worker is connected)\n\n"));
    }

    fn workers_of(rows: Vec<WorkerRow>, layout: Layout) -> String {
        workers(&Snapshot { workers: rows, ..Snapshot::default() }, layout)
    }

    #[test]
    fn open_load() {
        let narrow = Layout::for_columns(Some(100));
        let run = samples::open_load();
        insta::assert_snapshot!(summary(&run, narrow));
        let shown = periodic(&run, narrow);
        let shown = shown.lines().filter(|line| line.starts_with("Arrivals")).collect::<Vec<_>>().join("\n");
        insta::assert_snapshot!(shown, @r"
        Arrivals of Shopper: 50.00/s wanted, 995 started, 5 dropped
        Arrivals of Visitor: 12 started, 0 dropped
        ");
    }

    #[test]
    fn failures() {
        insta::assert_snapshot!(wide(&samples::failures()));
    }

    #[test]
    fn thirty_long_names() {
        insta::assert_snapshot!(wide(&samples::thirty_long_names()));
    }

    #[test]
    fn stages_and_tags() {
        insta::assert_snapshot!(wide(&samples::stages_and_tags()));
    }

    #[test]
    fn saturated() {
        insta::assert_snapshot!(wide(&samples::saturated()));
    }

    #[test]
    fn while_it_runs() {
        let snapshots = [samples::one_row(), samples::stages_and_tags(), samples::saturated()];
        let layout = Layout::for_columns(None);
        let shown: Vec<_> = snapshots.iter().map(|snapshot| periodic(snapshot, layout)).collect();
        insta::assert_snapshot!(shown.concat());
    }

    #[test]
    fn terminals_of_all_widths() {
        for (columns, width) in [(0, 88), (80, 88), (120, 120), (160, 160), (400, 160)] {
            let table = periodic(&Snapshot::default(), Layout::for_columns(Some(columns)));
            assert_eq!(table.lines().next().map(str::len), Some(width), "{columns}: {table}");
        }
        insta::assert_snapshot!(periodic(&samples::failures(), Layout::for_columns(Some(110))));
    }

    #[test]
    fn medians_are_whole_but_within_what_was_measured() {
        for (median_response_time, shown) in [(0.62, 0.9), (10.4, 10.0), (0.2, 0.5)] {
            let row = Row {
                min_response_time: Some(0.5),
                max_response_time: if median_response_time < 1.0 { 0.9 } else { 20.0 },
                median_response_time,
                ..Row::default()
            };
            assert_eq!(median(&row), shown);
        }
    }
}
