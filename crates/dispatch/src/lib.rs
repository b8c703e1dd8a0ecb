//! Who runs where: how many users there are at a time, of which classes, on which workers.
//!
//! Four pure functions, each answerable on its own: [`Ramp`] says how many users are wanted some time after a
//! start or an edit; [`divide`] says how many of them are for workers that choose classes by themselves;
//! [`ClassSequence`] says of which classes the others are; [`place`] says who runs them, moving as few as possible.
//! Locust's words and order where Locust has them; where it leaves users on the wrong worker or moves them all, this
//! crate does not.
//!
//! May not know: messages, sockets, or any clock but the durations that it is given.

mod divide;
mod flow;
pub mod limits;
mod order;
mod place;
mod ramp;
mod sequence;
mod share;
mod spread;

pub use divide::{Division, divide};
pub use order::worker_order;
pub use place::{Assignment, Worker, place};
pub use ramp::Ramp;
pub use sequence::{Class, ClassSequence};
