//! The master role: who is there, what they should do, what they measured.
//!
//! [`MasterCore`] decides and touches nothing: no socket, no clock, no thread. [`Master`] is the shell around it
//! that owns the hub and the time, and [`Handle`] is how everybody else speaks with it. What there is to show is
//! published as a [`Snapshot`](akrida_run::Snapshot), what happened as
//! [`FleetEvent`](akrida_run::FleetEvent)s; nothing is logged here.
//!
//! What it promises: a worker's word counts only for itself, since the connection says who speaks. No frame stops
//! it from serving others. Nothing that was measured for one run is counted in another. Each wish is carried out
//! or refused with a reason.
//!
//! May not know: HTTP serving, Kubernetes, terminals; whether a worker is in this process.

mod arrivals;
mod class_edit;
mod clock;
mod config;
mod core;
mod event;
mod fitness;
mod fleet;
mod handle;
mod handout;
mod health;
mod journal;
mod leases;
mod life;
pub mod limits;
mod logs;
mod old;
mod options;
mod plan;
mod registry;
mod roster;
mod shares;
mod shell;
mod stock;
mod tape;
#[cfg(test)]
mod tests;
mod unaddressed;
mod verdict;

pub use crate::class_edit::ClassEdit;
pub use crate::config::Config;
pub use crate::core::MasterCore;
pub use crate::event::{Amend, Command, Edit, Effects, Event, Load, Now, Refusal, Start};
pub use crate::handle::{Handle, HandleError};
pub use crate::handout::Handout;
pub use crate::leases::Source;
pub use crate::shell::Master;
// What a start is made of, as people write it: whoever has a handle needs nothing else.
pub use akrida_scenario::Stage;
pub use akrida_scenario::duration::parse_run_time;
pub use akrida_scenario::model::{CustomOption, OptionValue};
pub use akrida_scenario::stages::parse_stages;
