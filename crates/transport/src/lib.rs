//! How frames get there: a [`Hub`] is the master's end, a [`Link`] a worker's.
//!
//! Both are ends of bounded queues, and sending never waits: a full queue or a peer that is gone is an answer,
//! not silence. Who moves the frames between the queues is the business of a module: [`memory`] joins them
//! within a process, [`mod@zmq`] between processes.
//!
//! Frames of one peer arrive in the order in which they were sent, and never twice. Nothing is promised about
//! two peers, nor about frames that are under way when a connection breaks.
//!
//! May not know: what a frame means.

mod hub;
pub mod limits;
mod link;
pub mod memory;
mod newest;
mod peer;
pub mod zmq;

pub use hub::{Deal, Hub, Incoming};
pub use link::Link;
pub use peer::PeerId;

/// Why a frame was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The queue to the peer is full, or all queues together are: it does not read, or not fast enough.
    #[error("the queue to the peer is full")]
    Full,
    /// The peer is not connected.
    #[error("the peer is not connected")]
    Gone,
    /// The frame is longer than [`limits::FRAME`].
    #[error("the frame has {0} bytes, more than {max}", max = limits::FRAME)]
    TooLong(usize),
}
