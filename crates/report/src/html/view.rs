//! What stands in the tables of a report.

use super::Subject;
use crate::numbers::{NOTHING, count, fraction, ms, ms_of, percent, plural, rate, span};
use crate::run_file::Second;
use crate::verdict;
use akrida_run::{
    ErrorRow, ExceptionRow, FleetEvent, FleetEventKind, Row, RunState, STAGES_BY_ARRIVAL, Snapshot,
    StopReason, ThresholdRow, ThresholdState, WorkerRow, WorkerState,
};
use jiff::Timestamp;

/// The class of what makes a run fail.
const FAIL: &str = "fail";

/// Names and values.
pub(super) type TileList = Vec<(String, String)>;

/// `2026-11-22 18:00:00`; nothing for a time that no calendar holds.
pub(super) fn utc(unix_seconds: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "whole seconds; what is out of range saturates")]
    let seconds = unix_seconds.floor() as i64;
    Timestamp::from_second(seconds)
        .map_or_else(|_| NOTHING.to_owned(), |time| time.strftime("%Y-%m-%d %H:%M:%S").to_string())
}

/// How it ended, in a word and in sentences.
pub(super) struct Verdict<'a> {
    pub(super) class: &'static str,
    pub(super) word: &'static str,
    pub(super) lines: Vec<String>,
    pub(super) thresholds: Vec<Threshold<'a>>,
}

pub(super) struct Threshold<'a> {
    pub(super) text: &'a str,
    pub(super) measured: String,
    pub(super) class: &'static str,
    pub(super) result: &'static str,
}

impl<'a> Verdict<'a> {
    pub(super) fn of(subject: &Subject<'a>) -> Self {
        let snapshot = subject.snapshot;
        let failures = snapshot.total.num_failures;
        let exceptions: u64 = snapshot.exceptions.iter().map(|row| row.count).sum();
        let goes_on = !matches!(snapshot.state, RunState::Ready | RunState::Stopped);
        let mut lines = Vec::new();
        let thresholds: Vec<_> = snapshot.thresholds.iter().map(|row| Threshold::of(row, goes_on)).collect();
        let broken = thresholds.iter().any(|threshold| threshold.class == FAIL);
        if !goes_on && !thresholds.is_empty() && snapshot.start > 0.0 {
            lines.push(format!("{}.", verdict::summary(&snapshot.thresholds)));
        }
        if failures > 0 {
            let ratio = percent(snapshot.total.fail_ratio);
            let requests = count(snapshot.total.num_requests);
            lines.push(format!("{} of {requests} requests failed ({ratio}).", count(failures)));
        } else if snapshot.total.num_requests > 0 {
            lines.push(format!("None of {} requests failed.", count(snapshot.total.num_requests)));
        }
        if exceptions > 0 {
            lines.push(format!("{} in users.", plural(exceptions, "exception")));
        }
        if snapshot.generator.saturated() {
            lines.push(
                "Limited by the generator: these figures tell about the machines that made the load, and not only about \
                 the one that was tested."
                    .to_owned(),
            );
        }
        let lost = |event: &FleetEvent| {
            matches!(event.kind, FleetEventKind::Stopping { reason: StopReason::NoWorkers })
        };
        let lost = subject.events.iter().any(lost);
        if lost {
            lines.push("The run ended early, because no worker was left.".to_owned());
        }
        let failed = !subject.about.failures_pass && (failures > 0 || exceptions > 0);
        let (class, word) = match () {
            () if broken || failed || lost => (FAIL, "Failed"),
            () if goes_on && !subject.ended && subject.about.started_us > 0 => ("warn", "Not at its end"),
            () if goes_on => ("warn", "Goes on"),
            () if snapshot.total.num_requests == 0 => ("warn", "Nothing measured"),
            () => ("pass", "Passed"),
        };
        if lines.is_empty() {
            lines.push("Nothing was measured.".to_owned());
        }
        Self { class, word, lines, thresholds }
    }
}

impl<'a> Threshold<'a> {
    fn of(row: &'a ThresholdRow, goes_on: bool) -> Self {
        let (class, result) = match row.state {
            ThresholdState::Passed => ("pass", "passed"),
            ThresholdState::Broken if row.aborted => (FAIL, "broken, stopped the run"),
            ThresholdState::Broken => (FAIL, "broken"),
            // Only at the end it is clear that nothing comes any more.
            ThresholdState::Unmeasured if goes_on => ("warn", "nothing measured yet"),
            ThresholdState::Unmeasured => (FAIL, "broken: nothing was measured for it"),
        };
        Self { text: &row.text, measured: verdict::measured(row), class, result }
    }
}

/// When, how long, and against what.
pub(super) fn facts(subject: &Subject<'_>) -> TileList {
    let snapshot = subject.snapshot;
    let mut facts = Vec::new();
    if snapshot.start > 0.0 {
        let began = match subject.about.started_us {
            0 => snapshot.start,
            us => us as f64 / 1e6,
        };
        let until = snapshot.end.unwrap_or(snapshot.at);
        facts.push(("Began".to_owned(), format!("{} UTC", utc(began))));
        facts.push(("Took".to_owned(), span(until - began)));
    }
    if let Some(host) = snapshot.host.as_ref().filter(|host| !host.is_empty()) {
        facts.push(("Host".to_owned(), host.clone()));
    }
    if !subject.about.files.is_empty() {
        facts.push(("Test".to_owned(), subject.about.files.clone()));
    }
    if let Some(profile) = &subject.about.profile {
        facts.push(("Profile".to_owned(), profile.clone()));
    }
    facts
}

/// The figures that are looked for first.
pub(super) fn tiles(snapshot: &Snapshot, series: &[Second]) -> TileList {
    let total = &snapshot.total;
    let at = |index: usize| ms_of(total.percentiles.map(|values| values[index]));
    let most = series.iter().map(|second| second.user_count).max().unwrap_or(0);
    let most = snapshot.history.iter().map(|point| point.user_count).max().unwrap_or(0).max(most);
    let tile = |name: &str, value: String| (name.to_owned(), value);
    vec![
        tile("requests", count(total.num_requests)),
        tile("failures", count(total.num_failures)),
        tile("requests/s", rate(total.total_rps)),
        tile("median ms", at(0)),
        tile("p95 ms", at(5)),
        tile("p99 ms", at(7)),
        tile(
            "longest ms",
            if total.num_requests > 0 { ms(total.max_response_time) } else { NOTHING.to_owned() },
        ),
        tile("users at most", count(most)),
    ]
}

/// A row of requests.
pub(super) struct Line<'a> {
    pub(super) method: &'a str,
    pub(super) name: &'a str,
    pub(super) bad: bool,
    pub(super) cells: [String; 12],
    pub(super) percentiles: Option<[String; 11]>,
    pub(super) intended: Option<[String; 11]>,
}

impl<'a> Line<'a> {
    pub(super) fn of(row: &'a Row) -> Self {
        let at = |index: usize| ms_of(row.percentiles.map(|values| values[index]));
        let timed = row.percentiles.is_some();
        let ms_if = |value: f64| if timed { ms(value) } else { NOTHING.to_owned() };
        Self {
            method: &row.method,
            name: if row.name.is_empty() && row.method.is_empty() { "Aggregated" } else { &row.name },
            bad: row.num_failures > 0,
            cells: [
                count(row.num_requests),
                count(row.num_failures),
                percent(row.fail_ratio),
                rate(row.total_rps),
                rate(row.total_fail_per_sec),
                ms_if(row.avg_response_time),
                ms_of(row.min_response_time),
                ms_if(row.median_response_time),
                at(5),
                at(7),
                ms_if(row.max_response_time),
                fraction(row.avg_content_length, 0),
            ],
            percentiles: row.percentiles.map(|values| values.map(ms)),
            intended: row.from_intended.as_ref().map(|from| from.percentiles.map(ms)),
        }
    }
}

/// A table of rows by something.
pub(super) struct Cut<'a> {
    pub(super) title: &'static str,
    pub(super) heading: &'static str,
    pub(super) rows: Vec<Line<'a>>,
}

pub(super) fn cuts(snapshot: &Snapshot) -> Vec<Cut<'_>> {
    let stages = if snapshot.notices.iter().any(|notice| notice == STAGES_BY_ARRIVAL) {
        "Stages (of Locust's workers those in which figures arrived)"
    } else {
        "Stages, in which requests were started"
    };
    let of = |title, heading, cuts: &'static str| (title, heading, cuts);
    [of(stages, "Stage", "stages"), of("Tags", "Tag", "tags")]
        .into_iter()
        .map(|(title, heading, which)| {
            let rows = if which == "stages" { &snapshot.stages } else { &snapshot.tags };
            let rows = rows.iter().map(|cut| Line { name: &cut.label, ..Line::of(&cut.row) });
            Cut { title, heading, rows: rows.collect() }
        })
        .filter(|cut| !cut.rows.is_empty())
        .collect()
}

pub(super) struct ErrorView<'a> {
    pub(super) method: &'a str,
    pub(super) name: &'a str,
    pub(super) error: &'a str,
    pub(super) occurrences: String,
    pub(super) first: String,
    pub(super) last: String,
}

impl<'a> ErrorView<'a> {
    pub(super) fn of(row: &'a ErrorRow) -> Self {
        let when = |at: Option<f64>| at.map_or_else(|| NOTHING.to_owned(), utc);
        Self {
            method: &row.method,
            name: &row.name,
            error: &row.error,
            occurrences: count(row.occurrences),
            first: when(row.first_seen),
            last: when(row.last_seen),
        }
    }
}

pub(super) struct ExceptionView<'a> {
    pub(super) count: String,
    pub(super) msg: &'a str,
    pub(super) traceback: &'a str,
    pub(super) nodes: String,
}

impl<'a> ExceptionView<'a> {
    pub(super) fn of(row: &'a ExceptionRow) -> Self {
        let nodes = row.nodes.join(", ");
        Self { count: count(row.count), msg: &row.msg, traceback: &row.traceback, nodes }
    }
}

/// What is to be said of those who made the load.
pub(super) fn fleet(snapshot: &Snapshot, series: &[Second]) -> Vec<String> {
    let generator = &snapshot.generator;
    let missing = snapshot.workers.iter().filter(|worker| worker.state == WorkerState::Missing).count();
    let most = series.iter().filter_map(|second| second.point).map(|point| point.worker_count).max();
    let mut lines = Vec::new();
    match snapshot.workers.len() {
        0 => lines.push("No worker was connected at the end.".to_owned()),
        workers => lines.push(format!("{} at the end.", plural(workers as u64, "worker"))),
    }
    if let Some(most) = most.filter(|most| *most as usize != snapshot.workers.len()) {
        lines.push(format!("{} at most.", plural(most, "worker")));
    }
    if missing > 0 {
        lines.push(format!("{} missing at the end.", plural(missing as u64, "worker")));
    }
    lines.push(if generator.saturated() {
        format!(
            "The generator was the limit for {} s: it started requests up to {} ms late.",
            count(generator.saturated_seconds),
            ms(generator.worst_lag_ms)
        )
    } else {
        format!(
            "The generator was never the limit: it started requests at most {} ms late.",
            ms(generator.worst_lag_ms)
        )
    });
    lines
}

pub(super) struct WorkerView<'a> {
    pub(super) id: &'a str,
    pub(super) state: &'static str,
    pub(super) users: String,
    pub(super) cpu: String,
    pub(super) memory: String,
    pub(super) lag: String,
    pub(super) bad: bool,
}

impl<'a> WorkerView<'a> {
    pub(super) fn of(row: &'a WorkerRow) -> Self {
        Self {
            id: &row.id,
            state: row.state.as_str(),
            users: count(row.user_count),
            cpu: fraction(row.cpu_usage, 1),
            memory: fraction(row.memory_usage as f64 / f64::from(1 << 20), 1),
            lag: ms_of(row.lag_ms),
            bad: row.saturated || row.state == WorkerState::Missing,
        }
    }
}

/// What was asked for.
pub(super) fn parameters(subject: &Subject<'_>) -> TileList {
    let about = subject.about;
    let mut parameters = about.parameters.clone();
    for (name, value) in [("Akrida", &about.version), ("Machine of the master", &about.machine)] {
        if !value.is_empty() {
            parameters.push((name.to_owned(), value.clone()));
        }
    }
    parameters
}
