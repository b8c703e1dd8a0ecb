//! The protocol against Locust's recorded traffic, against itself, and against hostile peers.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests stop at what they did not expect")]

mod hostile;
mod old;
mod recorded;
mod recordings;
mod round_trips;
mod tree;
