//! Decides a wanted replica count: of the workers from the load that they carry ([`workers`]), and of an application
//! from the latency that a load test measures ([`evaluation`], [`policy`]).
//!
//! Every decision is a pure function of what is measured, of what is remembered and of the time that is given. What
//! is remembered is plain data ([`memory`]) that survives the process. One [`round`] of the controller is a state
//! machine; the [`site`] is where it has its effects, and speaks with the API server by crate scaler's means.
//!
//! May not know: how a load test is run (whoever has the means hands over its [`Snapshot`](akrida_run::Snapshot)),
//! terminals, the environment, the time of day.

pub mod evaluation;
pub mod limits;
pub mod measured;
pub mod memory;
pub mod policy;
pub mod rivals;
pub mod round;
pub mod site;
pub mod steps;
pub mod workers;
