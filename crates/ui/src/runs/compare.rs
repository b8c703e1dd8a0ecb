//! Two or more runs side by side.

use super::{Refused, back, page_of, with_folder};
use crate::asked::Asked;
use crate::limits;
use crate::pages::{Assets, rendered};
use crate::routes::Shared;
use akrida_report::compare::{Side, compare as judge, text};
use akrida_report::numbers::{NOTHING, count, ms_of, percent, rate, span};
use akrida_report::run_file::Run;
use akrida_run::Row;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use std::collections::BTreeMap;

#[derive(Template)]
#[template(path = "compare.html")]
struct Compare {
    base: String,
    assets: Assets,
    runs: Vec<Column>,
    /// What the newest run is, held against those before it, and how much of that is noise.
    judged: String,
    rows: Vec<Line>,
    version: String,
}

/// A run that is compared.
struct Column {
    id: String,
    title: String,
    began: String,
    took: String,
    users: String,
}

/// A name in all runs.
struct Line {
    method: String,
    name: String,
    cells: Vec<Cell>,
}

/// A name in one run.
struct Cell {
    requests: String,
    failed: String,
    rps: String,
    /// Median, p95, p99.
    times: [Of; 3],
}

/// A number, and how it differs from that of the first run.
struct Of {
    text: String,
    change: String,
    worse: bool,
}

impl Of {
    fn new(first: Option<f64>, here: Option<f64>) -> Self {
        let change = match (first, here) {
            (Some(first), Some(here)) if first > 0.0 => Some((here - first) / first),
            _ => None,
        };
        Self {
            text: ms_of(here),
            change: change.map_or_else(String::new, |change| format!("{:+.1} %", change * 100.0)),
            worse: change.is_some_and(|change| change > 0.0),
        }
    }
}

fn line(method: &str, name: &str, rows: &[Option<&Row>]) -> Line {
    let at = |row: Option<&Row>, index: usize| Some(row?.percentiles?[index]);
    let first = rows.first().copied().flatten();
    let cells = rows.iter().enumerate().map(|(number, row)| {
        let of = |index| Of::new(at(first, index).filter(|_| number > 0), at(*row, index));
        let nothing = || NOTHING.to_owned();
        Cell {
            requests: row.map_or_else(nothing, |row| count(row.num_requests)),
            failed: row.map_or_else(nothing, |row| percent(row.fail_ratio)),
            rps: row.map_or_else(nothing, |row| rate(row.total_rps)),
            times: [0, 5, 7].map(of),
        }
    });
    Line { method: method.to_owned(), name: name.to_owned(), cells: cells.collect() }
}

/// The names of all runs, and what is known of each.
fn lines(runs: &[Run]) -> Vec<Line> {
    let mut by_name: BTreeMap<(&str, &str), Vec<Option<&Row>>> = BTreeMap::new();
    for (number, run) in runs.iter().enumerate() {
        for row in &run.snapshot.rows {
            let cells = by_name.entry((&row.name, &row.method)).or_insert_with(|| vec![None; runs.len()]);
            cells[number] = Some(row);
        }
    }
    let mut lines: Vec<_> = by_name.iter().map(|((name, method), rows)| line(method, name, rows)).collect();
    let totals: Vec<_> = runs.iter().map(|run| Some(&run.snapshot.total)).collect();
    lines.push(line("", "Aggregated", &totals));
    lines
}

/// What a run is called in words about several: its name, or when it began.
fn label(name: &str, run: &Run) -> String {
    if name.is_empty() { crate::clock::for_pages(run.began()) } else { name.to_owned() }
}

pub(super) async fn compare(State(app): State<Shared>, asked: Asked) -> Response {
    let ids: Vec<String> =
        asked.query.iter().filter(|(name, _)| name == "run").map(|(_, id)| id.clone()).collect();
    if !(2..=limits::COMPARED).contains(&ids.len()) {
        let message = format!("Choose two to {} runs to lay side by side.", limits::COMPARED);
        return back(&asked, &Err(Refused { status: StatusCode::BAD_REQUEST, message }));
    }
    let read = with_folder(&app, move |folder| {
        let mut runs: Vec<(String, String, Run, Side)> = Vec::new();
        for id in ids {
            let name = folder.name(&id);
            let (run, side) = folder.read_side(&id, |run| label(&name, run))?;
            runs.push((id, name, run, side));
        }
        // The oldest is what the others are compared with.
        runs.sort_by_key(|(_, _, run, _)| run.about.started_us);
        let mut sides = Vec::new();
        let runs: Vec<_> = runs
            .into_iter()
            .map(|(id, name, run, side)| {
                sides.push(side);
                (id, name, run)
            })
            .collect();
        let judged = match sides.split_last() {
            Some((after, before)) => text(&judge(before, after), &[]),
            None => String::new(),
        };
        Ok((runs, judged))
    });
    let (named, judged) = match read.await {
        Ok(read) => read,
        Err(refused) => return page_of(&refused),
    };
    let column = |(id, name, run): &(String, String, Run)| Column {
        id: id.clone(),
        title: if name.is_empty() { run.about.files.clone() } else { name.clone() },
        began: crate::clock::for_pages(run.began()),
        took: span(run.duration()),
        users: count(run.series.iter().map(|second| second.user_count).max().unwrap_or(0)),
    };
    let columns = named.iter().map(column).collect();
    let runs: Vec<Run> = named.into_iter().map(|(_, _, run)| run).collect();
    let page = Compare {
        base: asked.place.base(),
        assets: Assets::new(),
        runs: columns,
        judged,
        rows: lines(&runs),
        version: app.about.version.clone(),
    };
    rendered(&asked, &page)
}
