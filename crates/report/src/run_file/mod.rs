//! A run as a file: written while it goes on, read whenever somebody asks.
//!
//! A file is a head and then frames. The head is the words `akrida results`, a line's end, and the version of the
//! format in two bytes. A frame is its length and its checksum (CRC-32), four bytes each, and its content, which is
//! compressed with deflate by itself. So a file may end anywhere, and is read up to its last whole frame; and whoever
//! writes it may add to it after another one did. All numbers have their lowest byte first. What a frame holds are
//! records as the journal of a master has them ([`akrida_run::Record`]), and what the master said besides
//! ([`akrida_run::Statement`]).
//!
//! What was measured in total is written each second, by name each ten seconds: that is what an hour of five hundred
//! names fits into twenty megabytes with.

mod about;
mod fold;
mod frame;
mod glance;
mod reader;
mod series;
mod writer;

pub use about::About;
pub use fold::{Fold, Run};
pub use frame::{Frame, FrameError, HeadError, VERSION, head, read_head};
pub use glance::Glance;
pub use reader::Frames;
pub use series::{HEAT, Heat, Second, heat_bounds_us};
pub use writer::Writer;

/// Ends of the names of files with runs.
pub const EXTENSION: &str = "akrida";

#[cfg(test)]
mod tests;
