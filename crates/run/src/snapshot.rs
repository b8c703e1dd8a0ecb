//! The state of a run at one moment.

use crate::ThresholdRow;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Users by class name.
pub type ClassCounts = BTreeMap<String, u64>;

/// The quantiles that every [`Row`] carries, as Locust's CSV lists them.
pub const PERCENTILES: [f64; 11] = [0.5, 0.66, 0.75, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999, 0.9999, 1.0];

/// Where a run is in its life; the words are Locust's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunState {
    /// Nothing was started yet.
    #[default]
    Ready,
    /// Users are on the way to their target.
    Spawning,
    /// All users run.
    Running,
    /// Users are being stopped.
    Stopping,
    /// All users are stopped; the figures stand.
    Stopped,
}

/// Everything there is to show, computed once for all readers.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Snapshot {
    /// When it was made, unix seconds.
    pub at: f64,
    /// When counting began (start or reset), unix seconds; 0 before the first start.
    pub start: f64,
    /// When the run ended, unix seconds; `None` while it goes on.
    pub end: Option<f64>,
    /// Where the run is in its life.
    pub state: RunState,
    /// Users that run now.
    pub user_count: u64,
    /// Users that are wanted now; during a ramp this is where it leads.
    pub target_user_count: u64,
    /// Users started or stopped per second on the way there.
    pub spawn_rate: f64,
    /// Users that run now, by class, every class of the test included.
    pub user_classes: ClassCounts,
    /// Those of [`user_count`](Self::user_count) whose workers chose classes for them and do not tell which: workers of
    /// the time before Locust 2.0.
    pub unclassed_user_count: u64,
    /// Base address that users load; `None` where each class has its own.
    pub host: Option<String>,
    /// Seconds until the run time or the last stage is over; `None` where nothing limits the run.
    pub time_left: Option<f64>,
    /// The stage that runs.
    pub stage: Option<StageNow>,
    /// One row for each (name, method), sorted.
    pub rows: Vec<Row>,
    /// The sum over everything; its name is `Aggregated`, its method empty.
    pub total: Row,
    /// Rows by tag, where tags are in use: (tag, row of all requests with it).
    pub tags: Vec<CutRow>,
    /// Rows by stage, where stages are in use.
    pub stages: Vec<CutRow>,
    /// What open load has started and dropped, by user class; one row for each class that has open load.
    pub arrivals: Vec<ArrivalsRow>,
    /// Failures by (method, name, error).
    pub errors: Vec<ErrorRow>,
    /// Exceptions in users.
    pub exceptions: Vec<ExceptionRow>,
    /// The last seconds.
    pub now: Now,
    /// Every worker that is known, also missing ones.
    pub workers: Vec<WorkerRow>,
    /// The master's own process; with a worker in the same one, both.
    pub master: MasterRow,
    /// Whether the load generator itself was the limit.
    pub generator: Generator,
    /// How the run stands to the thresholds of the test, in their order.
    pub thresholds: Vec<ThresholdRow>,
    /// What a reader should know about the figures, in whole sentences.
    pub notices: Vec<String>,
    /// The course of the run.
    pub history: Arc<Vec<HistoryPoint>>,
}

/// The stage that runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StageNow {
    /// Its index, from 0.
    pub index: usize,
    /// How many there are.
    pub of: usize,
    /// What it is called.
    pub name: String,
}

/// What was measured under one (method, name). Times are milliseconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Row {
    /// HTTP method or another request type.
    pub method: String,
    /// The request's name.
    pub name: String,
    /// Requests, failed ones included.
    pub num_requests: u64,
    /// Failures.
    pub num_failures: u64,
    /// Failures per request, 0 to 1; 1 if there are failures without a request.
    pub fail_ratio: f64,
    /// Shortest response time; `None` if nothing was timed.
    pub min_response_time: Option<f64>,
    /// Longest response time; 0 if nothing was timed.
    pub max_response_time: f64,
    /// Mean response time; 0 if nothing was timed.
    pub avg_response_time: f64,
    /// Median response time within [min, max]; 0 if nothing was timed.
    pub median_response_time: f64,
    /// Mean size of the responses' bodies, bytes.
    pub avg_content_length: f64,
    /// Requests per second over the last ten seconds.
    pub current_rps: f64,
    /// Failures per second over the last ten seconds.
    pub current_fail_per_sec: f64,
    /// Requests per second since counting began.
    pub total_rps: f64,
    /// Failures per second since counting began.
    pub total_fail_per_sec: f64,
    /// Response times at [`PERCENTILES`]; `None` if nothing was timed.
    pub percentiles: Option<[f64; 11]>,
    /// The same over the last ten seconds.
    pub current_percentiles: Option<[f64; 11]>,
    /// Times from the intended start; `None` where the load is neither open nor paced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_intended: Option<FromIntended>,
}

/// Response times from the intended start, milliseconds: what a user would have waited who came on time.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct FromIntended {
    /// Requests that have an intended start.
    pub count: u64,
    /// Shortest.
    pub min: f64,
    /// Longest.
    pub max: f64,
    /// Mean.
    pub avg: f64,
    /// At [`PERCENTILES`].
    pub percentiles: [f64; 11],
    /// The same over the last ten seconds; `None` if nothing was timed.
    pub current_percentiles: Option<[f64; 11]>,
}

/// What open load of one user class has started and dropped since counting began.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ArrivalsRow {
    /// The class.
    pub user_class: String,
    /// Starts per second that are wanted now; `None` when no run goes on.
    pub rate: Option<f64>,
    /// Iterations that were started.
    pub started: u64,
    /// Iterations that found no free user.
    pub dropped: u64,
}

/// A row of all requests with one tag, or started in one stage.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CutRow {
    /// The tag, or the stage's name.
    pub label: String,
    /// What was measured.
    pub row: Row,
}

/// One failure, grouped.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ErrorRow {
    /// HTTP method or another request type.
    pub method: String,
    /// The request's name.
    pub name: String,
    /// What went wrong.
    pub error: String,
    /// How often.
    pub occurrences: u64,
    /// First time, unix seconds.
    pub first_seen: Option<f64>,
    /// Newest time, unix seconds.
    pub last_seen: Option<f64>,
}

/// One exception in users, grouped by its traceback.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ExceptionRow {
    /// How often.
    pub count: u64,
    /// What was raised.
    pub msg: String,
    /// Where.
    pub traceback: String,
    /// Ids of the workers on which it occurred, sorted.
    pub nodes: Vec<String>,
}

/// Values of the last ten seconds. Times are milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Now {
    /// Requests per second.
    pub rps: f64,
    /// Failures per second.
    pub fail_per_sec: f64,
    /// Median; `None` if nothing was timed.
    pub median: Option<f64>,
    /// 95th percentile; `None` if nothing was timed.
    pub p95: Option<f64>,
    /// Mean; `None` if nothing was timed.
    pub avg: Option<f64>,
}

/// Where a worker is, as the master sees it; the words are Locust's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WorkerState {
    /// Connected, without users.
    #[default]
    Ready,
    /// Starting or stopping users.
    Spawning,
    /// At its number of users.
    Running,
    /// Silent for longer than the liveness time.
    Missing,
}

impl WorkerState {
    /// Locust's word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Spawning => "spawning",
            Self::Running => "running",
            Self::Missing => "missing",
        }
    }
}

/// One worker.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct WorkerRow {
    /// Its node id.
    pub id: String,
    /// Its number since the master began, from 0.
    pub index: u64,
    /// The version of Locust whose protocol it says it speaks; `None` if it does not say.
    pub version: Option<String>,
    /// Which versions of Locust speak as it does, as far as is known, such as `0.14 to 1.4.3`.
    pub generation: String,
    /// Whether it is one of Akrida's, as far as is known.
    pub akrida: bool,
    /// Where it is.
    pub state: WorkerState,
    /// Why it gets no users, if it can run none of this test.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle: Option<String>,
    /// Its users.
    pub user_count: u64,
    /// CPU use of its process in percent of one core.
    pub cpu_usage: f64,
    /// Resident memory of its process, bytes.
    pub memory_usage: u64,
    /// 95th percentile of how late it started what it should start, over the last second, milliseconds; `None`
    /// from workers that do not measure it.
    pub lag_ms: Option<f64>,
    /// Whether it is so late, or so busy, that its figures are marked.
    pub saturated: bool,
    /// How far its clock is ahead of the master's, milliseconds, below 0 if it is behind; `None` if that is not known.
    /// Figures of Akrida's workers are corrected by it.
    pub clock_ahead_ms: Option<f64>,
}

/// The master's process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MasterRow {
    /// CPU use in percent of one core.
    pub cpu_usage: f64,
    /// Resident memory, bytes.
    pub memory_usage: u64,
    /// How late it did what was due when it last looked, milliseconds.
    pub lag_ms: f64,
}

/// Whether the load generator itself was the limit, over the whole run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Generator {
    /// Whether any worker is late now.
    pub saturated_now: bool,
    /// Seconds of the run, summed over workers, in which a worker was later than the bound.
    pub saturated_seconds: u64,
    /// The bound, milliseconds.
    pub lag_bound_ms: f64,
    /// The worst [`WorkerRow::lag_ms`] of the run, milliseconds.
    pub worst_lag_ms: f64,
    /// How late the master itself did what was due at worst in the run, milliseconds.
    pub master_lag_ms: f64,
}

impl Generator {
    /// Whether the figures are marked as limited by the generator.
    #[must_use]
    pub fn saturated(&self) -> bool {
        self.saturated_seconds > 0
    }
}

/// One point of the course of a run. Times are milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HistoryPoint {
    /// Unix seconds.
    pub at: f64,
    /// Users.
    pub user_count: u64,
    /// Workers that are not missing.
    pub worker_count: u64,
    /// Values of the last ten seconds at that time.
    pub now: Now,
    /// Response times of the last ten seconds at [`PERCENTILES`]; `None` if nothing was timed.
    pub percentiles: Option<[f64; 11]>,
    /// Worst lag of any worker, milliseconds.
    pub lag_ms: f64,
    /// Starts of open load dropped since counting began.
    pub dropped: u64,
}
