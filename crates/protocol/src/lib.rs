//! What goes over the wire: Locust's messages to and from msgpack.
//!
//! A message is a [`ToMaster`] or a [`ToWorker`]; a frame is its encoded form, Locust's array of type, data and
//! node id. What Akrida adds stands under one key, `akrida`, in maps whose unknown keys Locust skips: the exact
//! histogram, tags and stage of a statistics entry, a report's number, a worker's cores and lag, a job's stage, the
//! data files of a test.
//! Two messages are Akrida's alone and go from its master to its workers only: `akrida_rows`, with [`Rows`], and
//! `akrida_ack`, with [`Acknowledged`].
//! So every frame serves Locust's side too, and there is no second dialect. Those of the time before 2.0 are
//! understood and spoken as well; see [`Generations`].
//!
//! Frames come from strangers: whatever arrives is either understood or refused with a [`DecodeError`] that names
//! message and field. Nothing panics, nothing is allocated because a length claims it, and what a frame becomes is
//! within [`limits`] and at most some twenty times the frame's own size.
//!
//! May not know: sockets, peers, clocks. It does not know who sent a frame: the node id in it is a claim.

mod error;
mod error_key;
mod frame;
mod generation;
mod heartbeat;
mod histogram;
mod lane;
pub mod limits;
mod reader;
mod receipt;
mod rows;
mod share;
mod stats;
mod to_master;
mod to_worker;
mod users_job;
mod value;
mod writer;

pub use error::{DecodeError, Problem};
pub use error_key::error_key;
pub use frame::{Envelope, Shared};
pub use generation::{Generation, Generations};
pub use heartbeat::{AkridaHeartbeat, Echo, WorkerState};
pub use lane::is_urgent;
pub use receipt::{Acknowledged, Receipt};
pub use rows::{Lease, Rows, RowsUsed, Used};
pub use share::{ClassShare, Share};
pub use stats::StatsReport;
pub use to_master::{ToMaster, Version};
pub use to_worker::{LocustfileReply, LocustfileSource, SpawnJob, ToWorker};
pub use users_job::UsersJob;
pub use value::{ParsedOptions, Value};

/// The key under which Akrida's own additions stand.
const AKRIDA: &str = "akrida";
