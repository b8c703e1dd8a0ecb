//! What happened to the fleet and to the run.

use crate::ClassCounts;
use serde::{Deserialize, Serialize};

/// Something that happened, in order of time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FleetEvent {
    /// When, unix seconds.
    pub at: f64,
    /// What.
    pub kind: FleetEventKind,
}

/// What happened. Whoever shows it words it; Locust's words where Locust has some.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FleetEventKind {
    /// A worker is ready and may be given users; `workers` are connected now.
    WorkerReady {
        /// Its node id.
        id: String,
        /// Its number since the master began, from 0.
        index: u64,
        /// The version of Locust that it says it speaks as, or those that it may be of.
        generation: String,
        /// Connected workers, it included.
        workers: u64,
    },
    /// It shows more exactly which versions of Locust a worker of before 2.0 may be of.
    WorkerRecognised {
        /// Its node id.
        id: String,
        /// Its number since the master began, from 0.
        index: u64,
        /// Those versions.
        generation: String,
    },
    /// A worker left by itself; `workers` are connected now.
    WorkerLeft {
        /// Its node id.
        id: String,
        /// Its number since the master began, from 0.
        index: u64,
        /// Connected workers, without it.
        workers: u64,
    },
    /// A worker fell silent.
    WorkerMissing {
        /// Its node id.
        id: String,
    },
    /// A silent worker is heard again.
    WorkerBack {
        /// Its node id.
        id: String,
    },
    /// A worker starts later than it should, by `lag_ms` at the 95th percentile.
    WorkerSaturated {
        /// Its node id.
        id: String,
        /// Milliseconds.
        lag_ms: f64,
    },
    /// A worker uses more of its processor than leaves room for exact times; told once of each.
    WorkerBusy {
        /// Its node id.
        id: String,
        /// Its number since the master began, from 0.
        index: u64,
    },
    /// The clock of a worker whose figures cannot be corrected is wrong; told once of each.
    WorkerSkewed {
        /// Its node id.
        id: String,
        /// How far it is ahead of the master's, seconds; below 0 if it is behind.
        ahead: f64,
    },
    /// The master itself does things later than it should.
    MasterLate {
        /// Milliseconds.
        lag_ms: f64,
    },
    /// A master goes on with the run of the one before it.
    Resumed {
        /// Since that one last wrote its journal, seconds.
        away: f64,
        /// Users that are wanted.
        users: u64,
        /// Workers that it had.
        workers: u64,
        /// Requests that were counted.
        requests: u64,
    },
    /// Users are on the way to `target`.
    Ramping {
        /// Users wanted.
        target: u64,
        /// Users per second.
        spawn_rate: f64,
        /// Workers that take part.
        workers: u64,
    },
    /// All users run.
    Spawned {
        /// Users by class.
        users: ClassCounts,
        /// Users whose workers chose classes for them, and do not tell which.
        unclassed: u64,
    },
    /// A stage begins.
    StageBegan {
        /// Index from 0.
        index: usize,
        /// Its name.
        name: String,
    },
    /// The run stops.
    Stopping {
        /// Why.
        reason: StopReason,
    },
    /// All users are stopped and the figures stand.
    Stopped,
    /// Something that is refused or ignored, in a whole sentence.
    Warning(String),
    /// Another number of workers was asked for, because of the load that they carry.
    Rescaled {
        /// Workers that were wanted before.
        from: u64,
        /// Workers that are wanted from now on.
        to: u64,
        /// Why, in a whole sentence without its full stop.
        why: String,
    },
}

/// Why a run stops.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StopReason {
    /// Somebody asked.
    Asked,
    /// The run time is over.
    RunTime,
    /// The last stage is over.
    Stages,
    /// All users have ended by themselves.
    UsersEnded,
    /// A user wants the whole run to end, for this reason.
    User(String),
    /// No worker is left.
    NoWorkers,
    /// A threshold that says so is broken: its text.
    Threshold(String),
}
