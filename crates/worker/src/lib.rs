//! The worker role: messages become work for the engine, and what the engine measures becomes messages.
//!
//! [`WorkerCore`] decides and touches nothing: no socket, no clock, no thread. [`run`] is the shell around it
//! that owns the link, the engine and the time. A worker that has no test yet asks its master for it by [`fetch`].
//!
//! What it promises: its last statistics go out after its users are gone and before `client_stopped` or `quit`,
//! so nothing that it measured is lost; a report waits, and grows, while the link has no room. What an Akrida master
//! has not acknowledged is sent again.
//!
//! May not know: whether its link is TCP or memory; who the other workers are.

mod clock;
mod core;
mod edits;
mod event;
mod fetch;
mod growth;
mod kept;
pub mod limits;
mod logs;
mod meter;
mod old_master;
mod options;
mod parts;
mod process;
mod rows;
mod shell;
mod skew;
#[cfg(test)]
mod tests;

pub use crate::core::WorkerCore;
pub use crate::event::{Config, Effects, End, Event, Job, LogLines, Measured, Notice, Now, Usage, Work};
pub use crate::fetch::{Fetched, fetch};
pub use crate::growth::Mix;
pub use crate::meter::{Meter, Metered};
pub use crate::process::Process;
pub use crate::shell::run;
// Of these are its events and its work.
pub use akrida_engine::{ClassEdit, Rows, Share, Used};
