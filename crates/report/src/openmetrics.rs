//! What Prometheus scrapes: a run, or a worker, in OpenMetrics or in the text format before it.
//!
//! Names are by Prometheus' rules: base units, `_total` for what only grows. Labels are bounded: a series for each of
//! the first names ([`akrida_run::metrics::Names`]) and classes, none for each worker. Percentiles are exact where they
//! are given ready-made, and as fine as the buckets where a query makes them.

use akrida_run::metrics::{BOUNDS_US, Series};
use akrida_run::{Row, RunState, Snapshot, WorkerState};
use std::fmt::Write as _;

/// User classes that have series of their own.
const CLASSES: usize = 200;

/// How a scrape is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// OpenMetrics 1.0.
    OpenMetrics,
    /// Prometheus' text format 0.0.4.
    Text,
}

impl Format {
    /// The one that an `Accept` header asks for.
    #[must_use]
    pub fn asked(accept: Option<&str>) -> Self {
        let open = accept.is_some_and(|accept| accept.contains("application/openmetrics-text"));
        if open { Self::OpenMetrics } else { Self::Text }
    }

    /// Its media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
        }
    }
}

/// What a worker has done since its process began.
#[derive(Clone, Debug, Default)]
pub struct WorkerFigures {
    /// Users that run now.
    pub users: u64,
    /// 95th percentile of how late it last started what it should start, microseconds.
    pub lag_us: u64,
    /// What it counted.
    pub series: Vec<Series>,
}

/// The run that a master leads. `version` is that of the program.
#[must_use]
pub fn master(snapshot: &Snapshot, series: &[Series], version: &str, format: Format) -> String {
    let mut page = Page::new(format);
    page.info("akrida_build", "The version of Akrida", version);
    requests(&mut page, "akrida", series);
    recent(&mut page, snapshot);
    load(&mut page, snapshot);
    fleet(&mut page, snapshot);
    page.family(
        "akrida_threshold_broken",
        Kind::Gauge,
        "",
        "Whether the condition under which the run has failed holds",
    );
    for row in &snapshot.thresholds {
        let broken = row.state == akrida_run::ThresholdState::Broken;
        page.sample("", &[("threshold", &row.text)], u8::from(broken));
    }
    page.end()
}

/// A worker by itself. Its names are its own, so that a sum over a fleet counts nothing twice.
#[must_use]
pub fn worker(figures: &WorkerFigures, version: &str, format: Format) -> String {
    let mut page = Page::new(format);
    page.info("akrida_build", "The version of Akrida", version);
    requests(&mut page, "akrida_worker", &figures.series);
    page.gauge("akrida_worker_users", "", "Users that run on this worker", figures.users);
    page.gauge(
        "akrida_worker_lag_seconds",
        "seconds",
        "How late this worker started what it should start, 95th percentile of the last report",
        seconds(figures.lag_us),
    );
    page.end()
}

/// What is counted of a series.
type Count = fn(&Series) -> u64;

fn requests(page: &mut Page, prefix: &str, series: &[Series]) {
    let labels = |series: &Series| [("method", series.method.clone()), ("name", series.name.clone())];
    let counters: [(&str, &str, &str, Count); 3] = [
        ("requests", "", "Requests that ended, failed ones included", |series| series.requests),
        ("request_failures", "", "Failed requests", |series| series.failures),
        ("response_bytes", "bytes", "Bytes of the responses' bodies", |series| series.bytes),
    ];
    for (name, unit, help, value) in counters {
        page.family(&format!("{prefix}_{name}"), Kind::Counter, unit, help);
        for series in series {
            page.sample("_total", &texts(&labels(series)), value(series));
        }
    }
    page.family(&format!("{prefix}_request_duration_seconds"), Kind::Histogram, "seconds", "Response times");
    for series in series {
        let labels = labels(series);
        let [method, name] = texts(&labels);
        for (bound, count) in BOUNDS_US.iter().zip(series.buckets) {
            page.sample("_bucket", &[method, name, ("le", &float(seconds(*bound)))], count);
        }
        page.sample("_bucket", &[method, name, ("le", "+Inf")], series.timed);
        page.sample("_count", &[method, name], series.timed);
        page.sample("_sum", &[method, name], float(seconds(series.total_us)));
    }
}

/// What the page shows as current: the last ten seconds.
fn recent(page: &mut Page, snapshot: &Snapshot) {
    let Snapshot { now, total, .. } = snapshot;
    page.gauge(
        "akrida_recent_requests_per_second",
        "",
        "Requests per second, over the last ten seconds",
        now.rps,
    );
    page.gauge(
        "akrida_recent_failures_per_second",
        "",
        "Failures per second, over the last ten seconds",
        now.fail_per_sec,
    );
    let help = "Response times of all requests: exact percentiles of the last ten seconds; count and sum since the start";
    page.family("akrida_recent_request_duration_seconds", Kind::Summary, "seconds", help);
    let Row { current_percentiles, num_requests, avg_response_time, .. } = total;
    if let Some(values) = current_percentiles {
        for (quantile, value) in akrida_run::PERCENTILES.iter().zip(values) {
            page.sample("", &[("quantile", &float(*quantile))], float(value / 1e3));
        }
    }
    page.sample("_count", &[], *num_requests);
    #[expect(clippy::cast_precision_loss, reason = "a sum for display")]
    page.sample("_sum", &[], float(avg_response_time * *num_requests as f64 / 1e3));
}

fn load(page: &mut Page, snapshot: &Snapshot) {
    page.family("akrida_run_state", Kind::Gauge, "", "1 for the state that the run is in");
    let states = [
        ("ready", RunState::Ready),
        ("spawning", RunState::Spawning),
        ("running", RunState::Running),
        ("stopping", RunState::Stopping),
        ("stopped", RunState::Stopped),
    ];
    for (name, state) in states {
        page.sample("", &[("state", name)], u8::from(snapshot.state == state));
    }
    let start = "When counting began, by a start or a reset; 0 before the first";
    page.gauge("akrida_run_start_time_seconds", "seconds", start, float(snapshot.start));
    page.gauge("akrida_users", "", "Users that run now", snapshot.user_count);
    page.gauge("akrida_users_wanted", "", "Users that are wanted now", snapshot.target_user_count);
    page.family("akrida_user_class_users", Kind::Gauge, "", "Users that run now, by class");
    for (class, users) in snapshot.user_classes.iter().take(CLASSES) {
        page.sample("", &[("user_class", class)], *users);
    }
    let arrivals = || snapshot.arrivals.iter().take(CLASSES);
    page.family("akrida_iterations_started", Kind::Counter, "", "Iterations that open load has started");
    arrivals().for_each(|row| page.sample("_total", &[("user_class", &row.user_class)], row.started));
    page.family(
        "akrida_iterations_dropped",
        Kind::Counter,
        "",
        "Starts of open load that found no free user",
    );
    arrivals().for_each(|row| page.sample("_total", &[("user_class", &row.user_class)], row.dropped));
}

fn fleet(page: &mut Page, snapshot: &Snapshot) {
    page.family("akrida_workers", Kind::Gauge, "", "Workers, by state");
    for state in [WorkerState::Ready, WorkerState::Spawning, WorkerState::Running, WorkerState::Missing] {
        let workers = snapshot.workers.iter().filter(|worker| worker.state == state).count();
        page.sample("", &[("state", state.as_str())], workers);
    }
    let saturated = snapshot.workers.iter().filter(|worker| worker.saturated).count();
    page.gauge(
        "akrida_workers_saturated",
        "",
        "Workers whose figures are marked: they are late, or too busy",
        saturated,
    );
    let lag_ms = snapshot.workers.iter().filter_map(|worker| worker.lag_ms).fold(0.0, f64::max);
    let lag = "How late the latest worker started what it should start";
    page.gauge("akrida_fleet_lag_seconds", "seconds", lag, float(lag_ms / 1e3));
    let master = &snapshot.master;
    let lag = "How late the master did what was due";
    page.gauge("akrida_master_lag_seconds", "seconds", lag, float(master.lag_ms / 1e3));
    let cpu = "What the master's process uses of one core";
    page.gauge("akrida_master_cpu_ratio", "ratio", cpu, float(master.cpu_usage / 100.0));
    page.gauge(
        "akrida_master_memory_bytes",
        "bytes",
        "Resident memory of the master's process",
        master.memory_usage,
    );
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Counter,
    Gauge,
    Histogram,
    Summary,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::Summary => "summary",
        }
    }
}

/// What is written, family by family.
struct Page {
    out: String,
    format: Format,
    family: String,
}

impl Page {
    fn new(format: Format) -> Self {
        Self { out: String::new(), format, family: String::new() }
    }

    /// Begins a family; `name` without `_total`.
    fn family(&mut self, name: &str, kind: Kind, unit: &str, help: &str) {
        name.clone_into(&mut self.family);
        let end = if kind == Kind::Counter && self.format == Format::Text { "_total" } else { "" };
        _ = writeln!(self.out, "# TYPE {name}{end} {}", kind.word());
        if !unit.is_empty() && self.format == Format::OpenMetrics {
            _ = writeln!(self.out, "# UNIT {name} {unit}");
        }
        _ = writeln!(self.out, "# HELP {name}{end} {help}.");
    }

    fn sample(&mut self, end: &str, labels: &[(&str, &str)], value: impl std::fmt::Display) {
        _ = write!(self.out, "{}{end}", self.family);
        for (number, (label, value)) in labels.iter().enumerate() {
            _ = write!(self.out, "{}{label}=\"{}\"", if number == 0 { '{' } else { ',' }, escaped(value));
        }
        let close = if labels.is_empty() { "" } else { "}" };
        _ = writeln!(self.out, "{close} {value}");
    }

    fn gauge(&mut self, name: &str, unit: &str, help: &str, value: impl std::fmt::Display) {
        self.family(name, Kind::Gauge, unit, help);
        self.sample("", &[], value);
    }

    fn info(&mut self, name: &str, help: &str, version: &str) {
        name.clone_into(&mut self.family);
        match self.format {
            Format::OpenMetrics => _ = writeln!(self.out, "# TYPE {name} info\n# HELP {name} {help}."),
            Format::Text => _ = writeln!(self.out, "# TYPE {name}_info gauge\n# HELP {name}_info {help}."),
        }
        self.sample("_info", &[("version", version)], 1);
    }

    fn end(mut self) -> String {
        if self.format == Format::OpenMetrics {
            self.out.push_str("# EOF\n");
        }
        self.out
    }
}

fn texts<'a>(labels: &'a [(&'a str, String); 2]) -> [(&'a str, &'a str); 2] {
    labels.each_ref().map(|(label, value)| (*label, value.as_str()))
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[expect(clippy::cast_precision_loss, reason = "sums for display")]
fn seconds(us: u64) -> f64 {
    us as f64 / 1e6
}

/// As OpenMetrics writes floating point numbers: never like a whole one.
fn float(value: f64) -> String {
    format!("{value:?}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;
    use akrida_run::{ArrivalsRow, WorkerRow};
    use std::collections::BTreeSet;

    fn run() -> (Snapshot, Vec<Series>) {
        let series = |method: &str, name: &str, requests| Series {
            method: method.to_owned(),
            name: name.to_owned(),
            requests,
            failures: 1,
            bytes: 700,
            timed: requests,
            total_us: requests * 2_000,
            buckets: std::array::from_fn(|at| requests.min(at as u64)),
        };
        let worker =
            |state, lag_ms| WorkerRow { state, lag_ms, saturated: lag_ms.is_some(), ..WorkerRow::default() };
        let arrivals = ArrivalsRow { user_class: "Buyer".to_owned(), started: 9, dropped: 2, rate: None };
        let snapshot = Snapshot {
            state: RunState::Running,
            user_classes: [("Buyer".to_owned(), 5)].into(),
            workers: vec![worker(WorkerState::Running, Some(2.5)), worker(WorkerState::Missing, None)],
            arrivals: vec![arrivals],
            ..samples::judged()
        };
        (snapshot, vec![series("GET", "/a\"b\\c\n", 10), series("", "(other)", 7)])
    }

    #[test]
    fn a_master_in_openmetrics() {
        let (snapshot, series) = run();
        let page = master(&snapshot, &series, "0.1.0", Format::OpenMetrics);
        let has = |line: &str| assert!(page.lines().any(|found| found == line), "{line}\n{page}");
        has("# TYPE akrida_build info");
        has("akrida_build_info{version=\"0.1.0\"} 1");
        has("# TYPE akrida_requests counter");
        has("akrida_requests_total{method=\"GET\",name=\"/a\\\"b\\\\c\\n\"} 10");
        has("# UNIT akrida_request_duration_seconds seconds");
        has("akrida_request_duration_seconds_bucket{method=\"\",name=\"(other)\",le=\"0.0005\"} 0");
        has("akrida_request_duration_seconds_bucket{method=\"\",name=\"(other)\",le=\"60.0\"} 7");
        has("akrida_request_duration_seconds_bucket{method=\"\",name=\"(other)\",le=\"+Inf\"} 7");
        has("akrida_request_duration_seconds_sum{method=\"\",name=\"(other)\"} 0.014");
        has("akrida_run_state{state=\"running\"} 1");
        has("akrida_workers{state=\"missing\"} 1");
        has("akrida_fleet_lag_seconds 0.0025");
        has("akrida_iterations_dropped_total{user_class=\"Buyer\"} 2");
        has("akrida_threshold_broken{threshold=\"p95 > 300ms\"} 1");
        assert!(page.ends_with("# EOF\n"));
    }

    #[test]
    fn a_worker_in_text() {
        let figures = WorkerFigures { users: 5, lag_us: 2_500, series: run().1 };
        let page = worker(&figures, "0.1.0", Format::Text);
        let has = |line: &str| assert!(page.lines().any(|found| found == line), "{line}\n{page}");
        has("# TYPE akrida_build_info gauge");
        has("# TYPE akrida_worker_requests_total counter");
        has("akrida_worker_requests_total{method=\"\",name=\"(other)\"} 7");
        has("akrida_worker_users 5");
        has("akrida_worker_lag_seconds 0.0025");
        assert!(!page.contains("# UNIT") && !page.contains("# EOF"));
    }

    /// The rules of `promtool check metrics`, and of the text formats.
    #[test]
    fn names_keep_prometheus_rules() {
        let (snapshot, series) = run();
        let figures = WorkerFigures { series: series.clone(), ..WorkerFigures::default() };
        let text =
            master(&snapshot, &series, "0.1.0", Format::Text) + &worker(&figures, "0.1.0", Format::Text);
        let abbreviated =
            ["ms", "us", "s", "sec", "secs", "min", "b", "kb", "mb", "pct", "percent", "milliseconds"];
        let mut names = BTreeSet::new();
        for line in text.lines().filter(|line| line.starts_with("# TYPE ")) {
            let [name, kind] = line["# TYPE ".len()..].split(' ').collect::<Vec<_>>()[..] else {
                panic!("{line}")
            };
            assert!(text.contains(&format!("# HELP {name} ")), "{name} has no help");
            assert_eq!(name.ends_with("_total"), kind == "counter", "{name}");
            assert!(!["_count", "_sum", "_bucket"].iter().any(|end| name.ends_with(end)), "{name}");
            assert!(name.split('_').all(|word| !abbreviated.contains(&word)), "{name}");
            assert!(name.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{name}");
            let counted_twice = name != "akrida_build_info" && !names.insert(name);
            assert!(!counted_twice, "{name} is there for master and worker");
        }
        let samples: Vec<_> = text
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| line.rsplit_once(' ').unwrap().0)
            .collect();
        let info = |line: &&&str| line.starts_with("akrida_build_info");
        let others: BTreeSet<_> = samples.iter().filter(|line| !info(line)).collect();
        assert_eq!(others.len(), samples.len() - 2, "a series is there twice");
    }

    #[test]
    fn whoever_asks_for_openmetrics_gets_it() {
        let prometheus = "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,\
                          text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
        assert_eq!(Format::asked(Some(prometheus)), Format::OpenMetrics);
        assert_eq!((Format::asked(Some("text/html")), Format::asked(None)), (Format::Text, Format::Text));
    }
}
