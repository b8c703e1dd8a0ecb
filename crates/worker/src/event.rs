//! What goes into a [`WorkerCore`](crate::WorkerCore) and what comes out.

use crate::growth::Mix;
use crate::limits;
use crate::meter::Meter;
use akrida_engine::{ClassEdit, Rows, Share, Used};
use akrida_scenario::Scenario;
use akrida_scenario::model::{CustomOption, OptionValue};
use akrida_stats::Delta;
use bytes::Bytes;
use std::time::Duration;

/// The time at which something happens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// Since some fixed moment; never goes back.
    pub monotonic: Duration,
    /// Unix microseconds.
    pub wall_us: u64,
}

/// What a worker is.
#[derive(Clone, Debug)]
pub struct Config {
    /// Its name in messages; the identity of its link.
    pub node_id: String,
    /// The names of the scenario's classes, by index.
    pub classes: Vec<String>,
    /// The names of their tasks, by index.
    pub tasks: Vec<Vec<String>>,
    /// The options of the scenario, with the values that they have where a master says nothing.
    pub options: Vec<CustomOption>,
    /// Cores on which users run.
    pub cores: u16,
    /// How often it tells that it lives.
    pub heartbeat_interval: Duration,
    /// Which users so many are, for masters that only say how many.
    pub mix: Mix,
    /// Where it keeps what it has measured, for whoever asks; `None` where nobody does.
    pub meter: Option<Meter>,
}

impl Config {
    /// The usual settings of a worker that runs `scenario`.
    #[must_use]
    pub fn new(node_id: String, scenario: &Scenario, cores: u16) -> Self {
        let tasks = scenario.classes.iter().map(|class| &class.tasks);
        Self {
            node_id,
            classes: scenario.classes.iter().map(|class| class.name.clone()).collect(),
            tasks: tasks.map(|tasks| tasks.iter().map(|task| task.name.clone()).collect()).collect(),
            options: scenario.options().into_iter().cloned().collect(),
            cores,
            heartbeat_interval: limits::HEARTBEAT_INTERVAL,
            mix: Mix::evenly(scenario.classes.len()),
            meter: None,
        }
    }
}

/// Something that happens to a worker.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "one is handled at a time, and none is kept")]
pub enum Event {
    /// A frame came from the master.
    Frame(Bytes),
    /// Time has passed; due when [`WorkerCore::deadline`](crate::WorkerCore::deadline) says so, harmless at any
    /// other time.
    Tick {
        /// What the process uses.
        usage: Usage,
        /// Whether frames wait for room on the link. What can wait is not added to them.
        congested: bool,
    },
    /// The engine carried out the newest [`Work::Run`]; users that run now, by class index.
    Adjusted(Vec<u64>),
    /// The engine answers [`Work::Report`].
    Reported(Measured),
    /// The engine carried out [`Work::Stop`]: no user is left.
    Idle,
    /// Users have to wait for rows that are given only once.
    Starved,
    /// The answer to [`Effects::log`].
    Logged(LogLines),
    /// A user raised something.
    Exception {
        /// What.
        msg: String,
        /// Where.
        traceback: String,
    },
    /// The process is asked to end.
    Terminate,
    /// The link is gone for good.
    Disconnected,
}

/// What the engine measured since the last report.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// Requests and errors.
    pub delta: Delta,
    /// Users that run now, by class index.
    pub users: Vec<u64>,
    /// How late the engine started what it should start: 95th percentile, microseconds.
    pub lag_p95_us: u64,
    /// The same: the worst, microseconds.
    pub lag_max_us: u64,
    /// Users that ended by themselves since the run began, by class index.
    pub ended: Vec<u64>,
    /// Why a user wants the whole run to end, if one does; told once.
    pub stop_run: Option<String>,
    /// What was given in this run of each feeder whose rows are given only once.
    pub used: Vec<Used>,
}

/// The newest lines of this worker's log, without secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogLines {
    /// Oldest first.
    pub lines: Vec<String>,
    /// How many were added since they were asked for the last time.
    pub added: usize,
}

/// What the process uses.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    /// CPU, percent of one core.
    pub cpu_percent: f64,
    /// Resident memory, bytes.
    pub memory: u64,
}

/// What a worker does in answer to an [`Event`], in this order.
#[derive(Debug, Default)]
pub struct Effects {
    /// Frames for the master.
    pub frames: Vec<Bytes>,
    /// Work for the engine.
    pub work: Vec<Work>,
    /// What happened, for whoever keeps a log.
    pub notices: Vec<Notice>,
    /// The link is to be made anew under the same identity, as a master asks that could not read a frame.
    pub reconnect: bool,
    /// The newest lines of the log are wanted; answered by [`Event::Logged`].
    pub log: bool,
    /// The worker is at its end, for this reason.
    pub end: Option<End>,
}

/// Work for the engine.
#[derive(Clone, Debug, PartialEq)]
pub enum Work {
    /// Bring users to these numbers, and forget any such job before; answered by [`Event::Adjusted`].
    Run(Job),
    /// Give options of the scenario these values with the next job; the others have their own.
    SetOptions(Vec<(String, OptionValue)>),
    /// Take over what is leased of rows that are given only once.
    Supply(Rows),
    /// Change a class for the users that run and for all that follow.
    EditClass(ClassEdit),
    /// Tell times by the master's clock, that this machine's is so many microseconds ahead of.
    SetClockAhead(i64),
    /// Hand over what was measured; answered by [`Event::Reported`]. At most one is under way.
    Report,
    /// Stop all users and forget any job; answered by [`Event::Idle`].
    Stop,
}

/// The users that a worker should have.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// By class index.
    pub users: Vec<u64>,
    /// Base address that wins over those of the classes.
    pub host: Option<String>,
    /// How long users that stop may finish their task.
    pub stop_timeout: Option<Duration>,
    /// The stage that runs, from 0.
    pub stage: Option<u16>,
    /// This worker's part of what the fleet divides.
    pub share: Share,
}

/// What happened to a worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The master knows this worker.
    Connected,
    /// The master wants these users, by class index.
    Spawning(Vec<u64>),
    /// The master stops the run.
    Stopping,
    /// The master wants a selection of tasks. A worker chooses its own when it begins; Locust's take over this one.
    Tags {
        /// Only tasks with one of these; empty for all.
        tags: Vec<String>,
        /// No task with one of these.
        exclude_tags: Vec<String>,
    },
    /// The master changed a class, as the sentence says.
    ClassChanged(String),
    /// Something is wrong or ignored, in a whole sentence.
    Warning(String),
}

/// Why a worker ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The master said so.
    Quit,
    /// The process was asked to.
    Terminated,
    /// No master answered.
    NoMaster,
    /// The master fell silent, or the link to it is gone.
    MasterGone,
}
