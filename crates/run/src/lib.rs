//! What a run is, as plain data: what the master publishes and what all outputs are made from.
//!
//! A [`Snapshot`] carries computed rows, never histograms, and is cheap to share. [`FleetEvent`]s tell what
//! happened to the fleet and the run, in order. A [`Record`] is a slice of a run with everything that was measured in
//! it; [`file`] is its form in files. A [`Piece`] is what a file of a
//! run gets each second. [`Results`] adds up what was measured and makes the rows of a snapshot of it.
//!
//! May not know: how a run was produced.

mod event;
mod exceptions;
pub mod file;
pub mod limits;
pub mod metrics;
mod piece;
pub mod record;
mod results;
mod rows;
mod snapshot;
pub mod threshold;

pub use event::{FleetEvent, FleetEventKind, StopReason};
pub use exceptions::Exceptions;
pub use piece::{Piece, Statement, Sum};
pub use record::Record;
pub use results::{Results, STAGES_BY_ARRIVAL};
pub use rows::Span;
pub use snapshot::{
    ArrivalsRow, ClassCounts, CutRow, ErrorRow, ExceptionRow, FromIntended, Generator, HistoryPoint,
    MasterRow, Now, PERCENTILES, Row, RunState, Snapshot, StageNow, WorkerRow, WorkerState,
};
pub use threshold::{ThresholdRow, ThresholdState};
