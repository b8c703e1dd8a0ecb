//! A piece of a run as a file of it is given it: what was measured since the piece before, and where the run stands.
//!
//! Pieces in order are the run, as records are. What can be computed from what was measured is not said twice: a
//! [`Statement`] is what a snapshot has besides. So a reader of pieces shows what the master showed, with the same
//! code.

use crate::{
    ArrivalsRow, ClassCounts, Generator, MasterRow, Now, Record, Results, RunState, Snapshot, Span, StageNow,
    ThresholdRow, WorkerRow,
};
use serde::{Deserialize, Serialize};

/// A piece of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Piece {
    /// What was measured and happened. [`Record::begins`] stands where a run or its counting begins.
    pub record: Record,
    /// Where the run stands at its end; `None` where nobody knows better than the piece before.
    pub statement: Option<Box<Statement>>,
    /// Whether the record tells all that was so far, because another master began the run.
    pub resumes: bool,
    /// Whether the run has come to its end. Figures that come late may follow.
    pub closes: bool,
}

/// What a master says of a run that is no sum of what was measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Statement {
    /// As of when rates are computed, unix microseconds: it stands still when the run has ended.
    pub now_us: u64,
    /// [`Snapshot::at`].
    pub at: f64,
    /// [`Snapshot::end`].
    pub end: Option<f64>,
    /// [`Snapshot::state`].
    pub state: RunState,
    /// [`Snapshot::user_count`].
    pub user_count: u64,
    /// [`Snapshot::target_user_count`].
    pub target_user_count: u64,
    /// [`Snapshot::spawn_rate`].
    pub spawn_rate: f64,
    /// [`Snapshot::user_classes`].
    pub user_classes: ClassCounts,
    /// [`Snapshot::unclassed_user_count`].
    pub unclassed_user_count: u64,
    /// [`Snapshot::host`].
    pub host: Option<String>,
    /// [`Snapshot::time_left`].
    pub time_left: Option<f64>,
    /// [`Snapshot::stage`].
    pub stage: Option<StageNow>,
    /// Stages that have begun.
    pub spans: Vec<Span>,
    /// [`Snapshot::arrivals`].
    pub arrivals: Vec<ArrivalsRow>,
    /// [`Snapshot::now`].
    pub now: Now,
    /// [`Row::current_percentiles`](crate::Row::current_percentiles) of the total.
    pub current_percentiles: Option<[f64; 11]>,
    /// The same, from the intended start.
    pub current_intended: Option<[f64; 11]>,
    /// [`Snapshot::workers`].
    pub workers: Vec<WorkerRow>,
    /// [`Snapshot::master`].
    pub master: MasterRow,
    /// [`Snapshot::generator`].
    pub generator: Generator,
    /// [`Snapshot::thresholds`]: a warm-up that they leave out is in no sum here.
    pub thresholds: Vec<ThresholdRow>,
    /// [`Snapshot::notices`].
    pub notices: Vec<String>,
    /// The total's counts, rate and 95th percentile, for whoever only looks at the end of a file.
    pub sum: Sum,
}

/// What a run came to so far, in short.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sum {
    /// Requests.
    pub requests: u64,
    /// Failures.
    pub failures: u64,
    /// Requests per second since counting began.
    pub rps: f64,
    /// 95th percentile of the response times, milliseconds; `None` if nothing was timed.
    pub p95: Option<f64>,
    /// The most users that ran at once.
    pub users: u64,
}

impl Statement {
    /// What `snapshot` says, which was computed as of `now_us` with stages that ran in `spans`.
    #[must_use]
    pub fn of(snapshot: &Snapshot, spans: Vec<Span>, now_us: u64) -> Self {
        const P95: usize = 5;
        let total = &snapshot.total;
        let sum = Sum {
            requests: total.num_requests,
            failures: total.num_failures,
            rps: total.total_rps,
            p95: total.percentiles.map(|values| values[P95]),
            users: snapshot.history.iter().map(|point| point.user_count).max().unwrap_or(snapshot.user_count),
        };
        let snapshot = snapshot.clone();
        Self {
            now_us,
            at: snapshot.at,
            end: snapshot.end,
            state: snapshot.state,
            user_count: snapshot.user_count,
            target_user_count: snapshot.target_user_count,
            spawn_rate: snapshot.spawn_rate,
            user_classes: snapshot.user_classes,
            unclassed_user_count: snapshot.unclassed_user_count,
            host: snapshot.host,
            time_left: snapshot.time_left,
            stage: snapshot.stage,
            spans,
            arrivals: snapshot.arrivals,
            now: snapshot.now,
            current_percentiles: snapshot.total.current_percentiles,
            current_intended: snapshot.total.from_intended.and_then(|from| from.current_percentiles),
            workers: snapshot.workers,
            master: snapshot.master,
            generator: snapshot.generator,
            thresholds: snapshot.thresholds,
            notices: snapshot.notices,
            sum,
        }
    }

    /// The snapshot that it was made of, with `results` as they were then. Only the last ten seconds of single rows
    /// are not known any more.
    #[must_use]
    pub fn snapshot(&self, results: &mut Results) -> Snapshot {
        let this = self.clone();
        let mut snapshot = Snapshot {
            at: this.at,
            end: this.end,
            state: this.state,
            user_count: this.user_count,
            target_user_count: this.target_user_count,
            spawn_rate: this.spawn_rate,
            user_classes: this.user_classes,
            unclassed_user_count: this.unclassed_user_count,
            host: this.host,
            time_left: this.time_left,
            stage: this.stage,
            arrivals: this.arrivals,
            workers: this.workers,
            master: this.master,
            ..Snapshot::default()
        };
        results.show(&mut snapshot, &this.spans, this.now_us);
        let cuts = snapshot.tags.iter_mut().chain(&mut snapshot.stages).map(|cut| &mut cut.row);
        for row in snapshot.rows.iter_mut().chain(cuts) {
            row.current_percentiles = None;
            if let Some(from) = &mut row.from_intended {
                from.current_percentiles = None;
            }
        }
        snapshot.now = this.now;
        snapshot.total.current_percentiles = this.current_percentiles;
        if let Some(from) = &mut snapshot.total.from_intended {
            from.current_percentiles = this.current_intended;
        }
        snapshot.generator = this.generator;
        snapshot.thresholds = this.thresholds;
        snapshot.notices = this.notices;
        snapshot
    }
}
