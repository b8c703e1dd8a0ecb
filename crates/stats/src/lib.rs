//! What was measured: samples become entries, entries become deltas, deltas become totals.
//!
//! A [`Recorder`] belongs to one core and is never shared. At each report interval it is drained into a
//! [`Delta`]; deltas merge exactly, whoever sends them and in whatever order, into a [`Totals`].
//! Times are microseconds throughout and are never rounded here: rounding is a matter of display and of
//! Locust's wire.
//!
//! May not know: the time of day (every function that needs it is given it), HTTP, msgpack, that Locust exists.

mod delta;
mod entry;
mod errors;
mod gather;
mod histogram;
mod history;
mod intended;
mod key;
pub mod limits;
mod packed;
mod recorder;
mod row_key;
mod totals;
mod window;

pub use delta::{Arrivals, Delta};
pub use entry::{Measured, PerSecond, SecondCounts};
pub use errors::{ErrorKey, ErrorRow, Errors};
pub use histogram::{Histogram, Sparse};
pub use history::History;
pub use intended::FromIntended;
pub use key::{EntryKey, LabelId, RequestId};
pub use recorder::{Outcome, Recorder, Sample};
pub use totals::{Cut, Totals};
pub use window::Recent;
