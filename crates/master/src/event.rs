//! What goes into a [`MasterCore`](crate::MasterCore) and what comes out.

use crate::class_edit::ClassEdit;
use akrida_run::{FleetEvent, Piece, Record, Snapshot};
use akrida_scenario::Stage;
use akrida_scenario::model::OptionValue;
use akrida_transport::{Deal, PeerId, SendError};
use bytes::Bytes;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// The time at which something happens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// Since some fixed moment; never goes back.
    pub monotonic: Duration,
    /// Unix microseconds.
    pub wall_us: u64,
}

impl Now {
    /// Unix seconds.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "microseconds since 1970 stay below 2^53 until 2255")]
    pub fn wall_s(&self) -> f64 {
        self.wall_us as f64 / 1e6
    }
}

/// Something that happens to the master.
#[derive(Debug)]
pub enum Event {
    /// A frame came.
    Frame {
        /// From whom; the connection's word, not the message's.
        peer: PeerId,
        /// What.
        body: Bytes,
    },
    /// A frame came from a worker that has no address.
    Pushed {
        /// By which connection.
        by: PeerId,
        /// What.
        body: Bytes,
    },
    /// A connection ended.
    Disconnected(PeerId),
    /// A frame of [`Effects::frames`] was not taken.
    Unsent(PeerId, SendError),
    /// Time has passed; due when [`MasterCore::deadline`](crate::MasterCore::deadline) says so, harmless at any
    /// other time.
    Tick,
    /// What the master's process uses.
    Usage {
        /// CPU in percent of one core.
        cpu_usage: f64,
        /// Resident memory, bytes.
        memory_usage: u64,
    },
    /// Somebody wants something.
    Command(Command),
    /// [`Effects::record`] is written.
    Recorded(Box<Record>),
    /// [`Effects::record`] could not be written, for this reason.
    Unrecorded(Box<Record>, String),
}

/// What somebody may want.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Start a run.
    Start(Start),
    /// Change the numbers of the run.
    Edit(Edit),
    /// Change what is said of the run, and leave the rest.
    Amend(Amend),
    /// Change a user class.
    EditClass(ClassEdit),
    /// Give users to the classes of these names only, from now on and in runs to come.
    Choose(Vec<String>),
    /// Give options of the scenario these values, from now on and in runs to come.
    SetOptions(Vec<(String, OptionValue)>),
    /// Mark the run: another number of workers was asked for.
    Rescaled {
        /// Workers that were wanted before.
        from: u64,
        /// Workers that are wanted from now on.
        to: u64,
        /// Why, in a whole sentence without its full stop.
        why: String,
    },
    /// Stop the run.
    Stop,
    /// Zero the figures and go on.
    Reset,
    /// Stop the run, send the workers home, end.
    Quit,
    /// Write the journal and end; the run goes on, and is for the master that begins with it.
    HandOver,
}

/// A run to start.
#[derive(Clone, Debug, PartialEq)]
pub struct Start {
    /// How many users, and when.
    pub load: Load,
    /// Base address that wins over those of the classes.
    pub host: Option<String>,
    /// After this the run stops.
    pub run_time: Option<Duration>,
}

/// How many users, and when.
#[derive(Clone, Debug, PartialEq)]
pub enum Load {
    /// This many until somebody changes it.
    Constant {
        /// Users.
        users: u64,
        /// Users started or stopped per second, above 0.
        spawn_rate: f64,
    },
    /// One stage after the other, then the run stops.
    Stages(Vec<Stage>),
}

/// New numbers for the run.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// Users.
    pub users: u64,
    /// Users started or stopped per second, above 0.
    pub spawn_rate: f64,
    /// Base address; `None` keeps the present one.
    pub host: Option<String>,
    /// Time from now after which the run stops; `None` keeps the present end.
    pub run_time: Option<Duration>,
}

/// What is to change of a run. What is `None` stays: stages go on where nobody says how many users there are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Amend {
    /// Users, and users started or stopped per second, above 0. Stages end here: this holds until somebody changes it.
    pub users: Option<(u64, f64)>,
    /// Base address.
    pub host: Option<String>,
    /// Time from now after which the run stops.
    pub run_time: Option<Duration>,
}

/// Why a command is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A start without anybody to carry it out.
    #[error("no worker is connected: start one and try again")]
    NoWorkers,
    /// A start while a run goes on.
    #[error("a run is going on: edit it, or stop it first")]
    Running,
    /// Something for a run, and there is none.
    #[error("no run is going on")]
    NotRunning,
    /// A start or an edit while the run is being stopped.
    #[error("the run is being stopped: try again when it is")]
    Stopping,
    /// An edit while stages decide.
    #[error("the stages of this run decide how many users there are")]
    Staged,
    /// A spawn rate that is not a number above 0.
    #[error("the spawn rate must be a number above 0")]
    SpawnRate,
    /// Too many users.
    #[error("at most {max} users can be asked for", max = crate::limits::USERS)]
    Users,
    /// Too few or too many stages.
    #[error("a run has between 1 and {max} stages", max = crate::limits::STAGES)]
    Stages,
    /// An edit of a class that the test does not have.
    #[error("the test has no user class of this name")]
    UnknownClass,
    /// A choice of no class.
    #[error("at least one user class has to be chosen")]
    NoClass,
    /// A value that an option of the test cannot have, or an option that there is not.
    #[error("the test has no such option, or it cannot have this value")]
    Options,
    /// A weight or fixed count that is none.
    #[error("a weight is a whole number from 1, a fixed count one from 0, up to {max}", max = crate::limits::USERS)]
    ClassNumbers,
    /// A host that is no address.
    #[error("a host begins with http:// or https://")]
    ClassHost,
    /// Tasks that the class does not have, or none.
    #[error("the tasks to keep are at least one, all of the class")]
    ClassTasks,
    /// A run that another master could not go on with.
    #[error("no journal is kept that another master could go on with")]
    NoJournal,
    /// The master is at its end.
    #[error("the master is shutting down")]
    Quitting,
}

/// What the master does in answer to an [`Event`].
#[derive(Debug, Default)]
pub struct Effects {
    /// What is to be written to the journal before anything else is done; answered by [`Event::Recorded`] or
    /// [`Event::Unrecorded`].
    pub record: Option<Box<Record>>,
    /// What a file of the run gets, in this order; nobody waits for it.
    pub pieces: Vec<Piece>,
    /// Places of those `frames` that tell of rows that are given once and are not in the journal yet. They must not be
    /// sent if no record comes with them, or if it cannot be written: such frames are [`Event::Unsent`].
    pub leases: BTreeSet<usize>,
    /// Frames to send, in this order.
    pub frames: Vec<(PeerId, Bytes)>,
    /// What is given to workers that have no address.
    pub deal: Option<Deal>,
    /// The answer to a command.
    pub answer: Option<Result<(), Refusal>>,
    /// What happened, in this order.
    pub events: Vec<FleetEvent>,
    /// The newest state of everything.
    pub snapshot: Option<Arc<Snapshot>>,
    /// The master is at its end.
    pub end: bool,
}
