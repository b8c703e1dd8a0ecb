//! Users at work: a [`Scenario`](akrida_scenario::Scenario) becomes HTTP requests, and requests become samples.
//!
//! One thread with a current-thread runtime per core; users are light tasks that never move between cores, each
//! with connections of its own, and cores share nothing on the way of a request. The engine is a library of its
//! own: it can be driven without a cluster.
//!
//! May not know: master, worker, protocol, UI.

mod arrivals;
mod clock;
mod control;
mod core;
mod edits;
mod engine;
mod failure;
mod feeders;
mod http;
mod lag;
pub mod limits;
mod program;
mod redact;
mod run;
mod seed;
mod shares;
mod timer;
mod user;

pub use edits::ClassEdit;
pub use engine::{Engine, Exception, Job, Options, Report, Share, StartError};
pub use feeders::{Lease, Rows, Used};
pub use http::tls::{TlsError, TlsRoots};
pub use redact::Redactor;
