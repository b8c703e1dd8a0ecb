//! For tests only: servers to load, with exact counts of what arrived.
//!
//! A [`Target`] is a server on a loopback port of its own, with a thread and a runtime of its own, that stops
//! when it is dropped. Each request is written into its [`Ledger`] when its last byte was read, before it is
//! answered, so that a test compares what a client says with what a server saw.
//!
//! May not know: the crates that it tests, apart from the simulation's.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a server that cannot be set up fails the test that wants it"
)]

mod certificates;
mod coding;
mod faults;
mod fibonacci;
pub mod fuzz;
mod http1;
mod kubernetes;
mod ledger;
pub mod limits;
mod moody;
mod nginx;
mod paced;
mod pages;
mod peer;
mod proxy;
mod raw;
mod recordings;
mod relay;
mod server;
mod shop;
pub mod simulation;
mod target;
mod timed;

pub use certificates::{Authority, Identity};
pub use coding::Coding;
pub use faults::{Act, FAULTS, Fault};
pub use http1::{Answer, Request};
pub use kubernetes::{ACCOUNT, Deployment, Fault as ApiFault, Grant, Kubernetes};
pub use ledger::Ledger;
pub use moody::Moody;
pub use nginx::{Access, Nginx};
pub use paced::{Exchange, Paced};
pub use peer::Peer;
pub use recordings::{Recorded, session};
pub use relay::Relay;
pub use server::ClosedPort;
pub use shop::{PASSWORD, USERNAME};
pub use target::Target;
pub use timed::Timed;
