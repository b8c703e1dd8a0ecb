//! Tables of the page, for whoever has no script to sort and search them.

use super::text::{NOTHING, bytes, count, moment, ms, ms_of, percent, rate, signed};
use crate::limits;
use akrida_report::verdict::measured;
use akrida_run::{CutRow, Row, Snapshot, ThresholdState, WorkerState};

/// A table as the template writes it.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(crate) label: String,
    pub(crate) heads: Vec<Head>,
    pub(crate) rows: Vec<Vec<Cell>>,
    /// A row that stands at the end.
    pub(crate) total: Option<Vec<Cell>>,
    /// What is said where there are no rows.
    pub(crate) empty: &'static str,
    /// Where there are more rows.
    pub(crate) pager: Option<Pager>,
}

/// Which of the pages of a table this is, and where its neighbours are.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Pager {
    pub(crate) here: usize,
    pub(crate) of: usize,
    pub(crate) previous: Option<String>,
    pub(crate) next: Option<String>,
}

impl Table {
    /// Keeps the rows of one page, the first of which is 1. `query` is what its address says besides.
    pub(crate) fn page(mut self, wanted: usize, query: &str) -> Self {
        let of = self.rows.len().div_ceil(limits::PAGE);
        if of > 1 {
            let here = wanted.clamp(1, of);
            self.rows = self.rows.into_iter().skip((here - 1) * limits::PAGE).take(limits::PAGE).collect();
            let address = |page: usize| format!("?{query}&page={page}");
            let previous = (here > 1).then(|| address(here - 1));
            self.pager = Some(Pager { here, of, previous, next: (here < of).then(|| address(here + 1)) });
        }
        self
    }
}

#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) label: &'static str,
    pub(crate) text: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Cell {
    pub(crate) text: String,
    /// Classes of the style sheet.
    pub(crate) kind: &'static str,
    /// What stands below the text, to be opened.
    pub(crate) more: Option<String>,
}

const fn text(label: &'static str) -> Head {
    Head { label, text: true }
}

const fn number(label: &'static str) -> Head {
    Head { label, text: false }
}

fn words(text: impl Into<String>) -> Cell {
    Cell { text: text.into(), kind: "text", more: None }
}

fn figure(text: impl Into<String>) -> Cell {
    Cell { text: text.into(), kind: "number", more: None }
}

fn bad_if(bad: bool, text: String) -> Cell {
    Cell { text, kind: if bad { "number bad" } else { "number" }, more: None }
}

/// Which of [`akrida_run::PERCENTILES`] are shown.
const SHOWN: [(usize, &str); 3] = [(0, "p50"), (5, "p95"), (7, "p99")];

/// What was measured by name; with `sought`, only names that hold it.
pub(crate) fn statistics(snapshot: &Snapshot, sought: &str) -> Table {
    let sought = sought.trim().to_lowercase();
    let found = |row: &&Row| format!("{} {}", row.method, row.name).to_lowercase().contains(&sought);
    let mut heads = vec![text("Type"), text("Name")];
    heads.extend(FIGURES.map(number));
    let with_method = |row: &Row, name: &str| {
        let mut cells = vec![words(&row.method), words(name)];
        cells.extend(figures(row));
        cells
    };
    Table {
        label: "Statistics".to_owned(),
        heads,
        rows: snapshot.rows.iter().filter(found).map(|row| with_method(row, &row.name)).collect(),
        total: (snapshot.start > 0.0).then(|| with_method(&snapshot.total, "Aggregated")),
        empty: if sought.is_empty() {
            "No request has been made yet."
        } else {
            "Nothing here matches the search."
        },
        pager: None,
    }
}

/// What was measured by tag, or by stage.
pub(crate) fn cuts(label: &str, by: &'static str, cuts: &[CutRow]) -> Table {
    let mut heads = vec![text(by)];
    heads.extend(FIGURES.map(number));
    let row = |cut: &CutRow| {
        let mut cells = vec![words(&cut.label)];
        cells.extend(figures(&cut.row));
        cells
    };
    Table { label: label.to_owned(), heads, rows: cuts.iter().map(row).collect(), ..Table::default() }
}

/// What open load has started and dropped.
pub(crate) fn arrivals(snapshot: &Snapshot) -> Table {
    let rows = snapshot.arrivals.iter().map(|row| {
        vec![
            words(&row.user_class),
            figure(row.rate.map_or_else(|| NOTHING.to_owned(), rate)),
            figure(count(row.started)),
            bad_if(row.dropped > 0, count(row.dropped)),
        ]
    });
    Table {
        label: "Open load".to_owned(),
        heads: vec![text("Open load"), number("Wanted/s"), number("Started"), number("Dropped")],
        rows: rows.collect(),
        ..Table::default()
    }
}

/// How the run stands to its thresholds.
pub(crate) fn thresholds(snapshot: &Snapshot) -> Table {
    let over = snapshot.end.is_some();
    let rows = snapshot.thresholds.iter().map(|row| {
        let word = match (row.state, over) {
            (ThresholdState::Passed, _) => "kept",
            (ThresholdState::Broken, _) if row.aborted => "broken, stopped the run",
            (ThresholdState::Broken, _) => "broken",
            (ThresholdState::Unmeasured, false) => "nothing measured yet",
            (ThresholdState::Unmeasured, true) => "broken: nothing was measured",
        };
        let bad = row.state == ThresholdState::Broken || over && row.is_broken();
        let kind = if bad { "text bad" } else { "text" };
        let measured = row.value.map_or_else(|| NOTHING.to_owned(), |_| measured(row));
        vec![words(&row.text), figure(measured), Cell { kind, ..words(word) }]
    });
    Table {
        label: "Thresholds".to_owned(),
        heads: vec![text("Fails if"), number("Measured"), text("State")],
        rows: rows.collect(),
        ..Table::default()
    }
}

const FIGURES: [&str; 12] = [
    "Requests", "Fails", "Fails %", "RPS", "Fails/s", "Avg ms", "Min ms", SHOWN[0].1, SHOWN[1].1, SHOWN[2].1,
    "Max ms", "Avg size",
];

fn figures(row: &Row) -> Vec<Cell> {
    let timed = row.min_response_time.is_some();
    let if_timed = |value: f64| figure(if timed { ms(value) } else { NOTHING.to_owned() });
    let failed = row.num_failures > 0;
    let mut cells = vec![
        figure(count(row.num_requests)),
        bad_if(failed, count(row.num_failures)),
        bad_if(failed, percent(row.fail_ratio)),
        figure(rate(row.current_rps)),
        figure(rate(row.current_fail_per_sec)),
        if_timed(row.avg_response_time),
        figure(ms_of(row.min_response_time)),
    ];
    cells
        .extend(SHOWN.map(|(index, _)| figure(ms_of(row.percentiles.map(|percentiles| percentiles[index])))));
    cells.extend([if_timed(row.max_response_time), figure(bytes(row.avg_content_length))]);
    cells
}

/// Failures of requests.
pub(crate) fn failures(snapshot: &Snapshot) -> Table {
    let rows = snapshot.errors.iter().map(|row| {
        vec![
            figure(count(row.occurrences)),
            words(&row.method),
            words(&row.name),
            words(&row.error),
            figure(moment(row.first_seen)),
            figure(moment(row.last_seen)),
        ]
    });
    Table {
        label: "Failures".to_owned(),
        heads: vec![
            number("Fails"),
            text("Type"),
            text("Name"),
            text("Error"),
            number("First"),
            number("Last"),
        ],
        rows: rows.collect(),
        total: None,
        empty: "No request has failed.",
        pager: None,
    }
}

/// Exceptions in users.
pub(crate) fn exceptions(snapshot: &Snapshot) -> Table {
    let rows = snapshot.exceptions.iter().map(|row| {
        let more = format!("{}\n\nOn {}", row.traceback, row.nodes.join(", "));
        let message = if row.msg.is_empty() { "(no message)" } else { &row.msg };
        vec![figure(count(row.count)), Cell { text: message.to_owned(), kind: "text", more: Some(more) }]
    });
    Table {
        label: "Exceptions".to_owned(),
        heads: vec![number("Count"), text("Exception")],
        rows: rows.collect(),
        total: None,
        empty: "No user has raised an exception.",
        pager: None,
    }
}

/// Who makes the load.
pub(crate) fn workers(snapshot: &Snapshot) -> Table {
    let rows = snapshot.workers.iter().map(|row| {
        let mut state = row.state.as_str().to_owned();
        if row.saturated {
            state.push_str(", saturated");
        }
        if let Some(idle) = &row.idle {
            state.push_str(&format!(", no users: {idle}"));
        }
        let lost = row.saturated || row.state == WorkerState::Missing;
        vec![
            Cell { text: state, kind: if lost { "text bad" } else { "text" }, more: None },
            words(&row.id),
            figure(count(row.user_count)),
            figure(format!("{:.0}", row.cpu_usage)),
            figure(bytes(row.memory_usage as f64)),
            bad_if(row.saturated, ms_of(row.lag_ms)),
            figure(row.clock_ahead_ms.map_or_else(|| NOTHING.to_owned(), signed)),
            words(if row.akrida { "Akrida" } else { "Locust" }),
            words(row.version.as_deref().unwrap_or(NOTHING)),
            figure(row.index.to_string()),
        ]
    });
    Table {
        label: "Workers".to_owned(),
        heads: vec![
            text("State"),
            text("Worker"),
            number("Users"),
            number("CPU %"),
            number("Memory"),
            number("Lag ms"),
            number("Clock ms"),
            text("Kind"),
            text("Version"),
            number("Number"),
        ],
        rows: rows.collect(),
        ..Table::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_a_table() {
        let row = |name: String| Row { name, method: "GET".to_owned(), ..Row::default() };
        let rows = (0..250).map(|number| row(format!("/{number}"))).collect();
        let snapshot = Snapshot { rows, ..Snapshot::default() };
        let page = |wanted: usize, sought: &str| {
            let table = statistics(&snapshot, sought).page(wanted, "view=statistics");
            let first = table.rows.first().map(|cells| cells[1].text.clone()).unwrap_or_default();
            (table.rows.len(), first, table.pager)
        };
        let address = |page: usize| Some(format!("?view=statistics&page={page}"));
        let pager = |here, previous, next| Some(Pager { here, of: 3, previous, next });
        assert_eq!(page(1, ""), (100, "/0".to_owned(), pager(1, None, address(2))));
        assert_eq!(page(2, ""), (100, "/100".to_owned(), pager(2, address(1), address(3))));
        assert_eq!(page(9, ""), (50, "/200".to_owned(), pager(3, address(2), None)));
        assert_eq!(page(1, " gEt /24 "), (11, "/24".to_owned(), None));
        assert_eq!(page(1, "none"), (0, String::new(), None));
    }
}
