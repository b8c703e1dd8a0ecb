//! Runs that tests show.

use akrida_run::threshold::Unit;
use akrida_run::{
    ArrivalsRow, CutRow, ErrorRow, ExceptionRow, FromIntended, Generator, Now, Row, Snapshot, StageNow,
};
use akrida_run::{ThresholdRow, ThresholdState};
use akrida_scenario::model::Wait;
use akrida_scenario::{Scenario, Stage, Task, UserClass};
use std::time::Duration;

/// 2026-11-22T18:00:00Z.
const START: f64 = 1_795_370_400.0;

/// A row in which requests took `ms` and a little more.
#[expect(clippy::cast_precision_loss, reason = "small counts of samples")]
pub(crate) fn row(method: &str, name: &str, requests: u64, failures: u64, ms: f64) -> Row {
    let mut percentiles = [0.0; 11];
    for (index, value) in percentiles.iter_mut().enumerate() {
        *value = ms * (1.0 + index as f64 * 0.25);
    }
    Row {
        method: method.to_owned(),
        name: name.to_owned(),
        num_requests: requests,
        num_failures: failures,
        fail_ratio: failures as f64 / requests as f64,
        min_response_time: Some(ms * 0.5),
        max_response_time: ms * 3.5,
        avg_response_time: ms * 1.2,
        median_response_time: ms,
        avg_content_length: 2.0,
        current_rps: requests as f64 / 8.0,
        current_fail_per_sec: failures as f64 / 8.0,
        total_rps: requests as f64 / 10.0,
        total_fail_per_sec: failures as f64 / 10.0,
        percentiles: Some(percentiles),
        current_percentiles: Some(percentiles.map(|ms| ms * 2.0)),
        from_intended: None,
    }
}

fn run(rows: Vec<Row>, total: Row) -> Snapshot {
    Snapshot {
        at: START + 10.5,
        start: START,
        end: Some(START + 10.0),
        user_count: 50,
        target_user_count: 50,
        rows,
        total,
        now: Now { rps: 12.5, ..Now::default() },
        ..Snapshot::default()
    }
}

pub(crate) fn one_row() -> Snapshot {
    run(vec![row("GET", "/fibonacci", 12_345, 0, 4.21)], row("", "Aggregated", 12_345, 0, 4.21))
}

/// A run with thresholds of every fate.
pub(crate) fn judged() -> Snapshot {
    let row = |text: &str, value, bound, unit, state| ThresholdRow {
        text: text.to_owned(),
        value,
        bound,
        unit,
        state,
        aborted: text.starts_with("dropped"),
    };
    use ThresholdState::{Broken, Passed, Unmeasured};
    Snapshot {
        thresholds: vec![
            row("p95 > 300ms", Some(412.34), 300.0, Unit::Ms, Broken),
            row("failures > 1%", Some(0.0025), 0.01, Unit::Ratio, Passed),
            row("rps{name=\"/buy\"} < 50", None, 50.0, Unit::PerSecond, Unmeasured),
            row("dropped > 10", Some(12.0), 10.0, Unit::Count, Broken),
            row("p50{name=\"/\u{1b}[31m\"} > 1s", Some(4.21), 1_000.0, Unit::Ms, Passed),
        ],
        ..one_row()
    }
}

pub(crate) fn failures() -> Snapshot {
    let error = |name: &str, error: &str, occurrences| ErrorRow {
        method: "GET".to_owned(),
        name: name.to_owned(),
        error: error.to_owned(),
        occurrences,
        first_seen: Some(START + 1.25),
        last_seen: Some(START + 9.75),
    };
    Snapshot {
        errors: vec![
            error("/a", "HTTPError('500 Server Error: Internal Server Error for url: /a')", 3),
            error("/a", "CatchResponseError('Got an error, \"quoted\"')", 11),
            ErrorRow {
                first_seen: None,
                last_seen: None,
                ..error("=cmd|'/c calc'!A1", "two\nlines \u{1b}[31mand colour", 2)
            },
        ],
        exceptions: vec![ExceptionRow {
            count: 2,
            msg: "boom,\n\"q\"".to_owned(),
            traceback: "  File \"locustfile.py\", line 3\n".to_owned(),
            nodes: vec!["host_1".to_owned(), "host_2".to_owned()],
        }],
        ..run(
            vec![row("GET", "/a", 40, 14, 700.4), row("GET", "=cmd|'/c calc'!A1", 2, 2, 0.62)],
            row("", "Aggregated", 42, 16, 650.5),
        )
    }
}

pub(crate) fn thirty_long_names() -> Snapshot {
    let rows = (0..30)
        .map(|number| {
            let name = format!("/catalogue/{}/{number:02}", "a-rather-long-segment".repeat(number % 5));
            row("DELETE", &name, 1_000 + number as u64, 0, 12.0)
        })
        .collect();
    run(rows, row("", "Aggregated", 30_435, 0, 12.0))
}

pub(crate) fn stages_and_tags() -> Snapshot {
    let cut =
        |label: &str, requests| CutRow { label: label.to_owned(), row: row("", label, requests, 1, 20.0) };
    Snapshot {
        stage: Some(StageNow { index: 1, of: 2, name: "peak".to_owned() }),
        stages: vec![cut("warm up", 100), cut("peak", 900)],
        tags: vec![cut("read", 750), cut("write\u{7}", 250)],
        notices: vec!["Names above 5000 are counted under (other).".to_owned()],
        ..run(vec![row("GET", "/", 1_000, 2, 20.0)], row("", "Aggregated", 1_000, 2, 20.0))
    }
}

/// One name with open load, whose server stood still for a while, and one without.
pub(crate) fn open_load() -> Snapshot {
    let from = |count| FromIntended {
        count,
        min: 2.5,
        max: 900.0,
        avg: 120.5,
        percentiles: std::array::from_fn(|index| 80.0 * (1.0 + index as f64)),
        current_percentiles: None,
    };
    let arrivals = |class: &str, rate, started, dropped| ArrivalsRow {
        user_class: class.to_owned(),
        rate,
        started,
        dropped,
    };
    let open = Row { from_intended: Some(from(995)), ..row("GET", "/open", 1_000, 0, 20.0) };
    let total = Row { from_intended: Some(from(995)), ..row("", "Aggregated", 1_500, 0, 20.0) };
    Snapshot {
        arrivals: vec![arrivals("Shopper", Some(50.0), 995, 5), arrivals("Visitor", None, 12, 0)],
        ..run(vec![row("GET", "/closed", 500, 0, 20.0), open], total)
    }
}

pub(crate) fn saturated() -> Snapshot {
    Snapshot {
        generator: Generator {
            saturated_now: true,
            saturated_seconds: 7,
            lag_bound_ms: 10.0,
            worst_lag_ms: 45.6,
            ..Generator::default()
        },
        notices: vec!["The load generator itself was the limit for 7 s.".to_owned()],
        ..one_row()
    }
}

/// Two weighted classes and one with a fixed count, with tags and stages.
pub(crate) fn scenario() -> Scenario {
    let task = |name: &str, weight, tags: &[&str]| Task {
        name: name.to_owned(),
        weight,
        tags: tags.iter().map(|&tag| tag.to_owned()).collect(),
        ..Task::default()
    };
    let class = |name: &str, weight, fixed_count, wait, tasks| UserClass {
        name: name.to_owned(),
        weight,
        fixed_count,
        host: (weight == 3).then(|| "https://shop.example".to_owned()),
        cookies: true,
        wait,
        tasks,
        ..UserClass::default()
    };
    let seconds = Duration::from_secs;
    let (browse, buy) = (task("browse", 3, &["read"]), task("buy", 1, &["slow", "write"]));
    let between = Wait::Between(seconds(1), Duration::from_millis(2_500));
    Scenario {
        file: "shop.yaml".to_owned(),
        classes: vec![
            class("Shopper", 3, 0, between, vec![browse, buy]),
            class("Visitor", 1, 0, Wait::Constant(seconds(0)), vec![task("index", 1, &[])]),
            class("Auditor", 1, 2, Wait::Pacing(seconds(10)), vec![task("audit", 1, &[])]),
        ],
        stages: vec![
            Stage { name: "1".to_owned(), duration: seconds(60), users: 100, spawn_rate: 10.0 },
            Stage { name: "calm".to_owned(), duration: seconds(30), users: 1, spawn_rate: 0.5 },
        ],
        thresholds: vec![akrida_scenario::threshold::parse("p95 > 300ms abort after 1m").unwrap()],
        warm_up: seconds(30),
        ..Scenario::default()
    }
}
