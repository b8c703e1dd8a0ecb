//! The master's HTTP face: Locust's HTTP API, `/api/v1`, live events, login, and the routes of the page.
//!
//! A [`Face`] is bound to an address, then serves what the [`Handle`](akrida_master::Handle) of a master tells and
//! does what it is asked: every body is read once into one typed wish, within bounds, and either carried out or refused
//! with the field that is to blame. It runs on a thread of its own, so that however many pages are open, and however
//! long a password takes, the master is not kept waiting.
//!
//! What it promises: nothing that a worker or a request says becomes markup, a header or a formula. A page of another
//! site cannot change anything. It works under any prefix, whether a proxy strips that or not.
//!
//! May not know: transport, protocol, engine; how a worker finds its master, and how a count of workers becomes pods.

mod about;
mod app;
mod asked;
mod board;
mod body;
mod clock;
mod face;
mod guard;
mod hosts;
mod limits;
mod locust;
pub mod login;
mod metrics;
mod numbers;
mod pages;
mod place;
mod probes;
mod rescale;
mod routes;
mod runs;
mod slow;
mod swarm;
mod tail;
mod tls;
mod v1;

pub use crate::about::{About, Class, Task};
pub use crate::app::Config;
pub use crate::face::{Face, FaceError, Running};
pub use crate::guard::Origins;
pub use crate::hosts::Hosts;
pub use crate::pages::report_parts;
pub use crate::place::{BasePath, BasePathError};
pub use crate::rescale::Rescale;
pub use crate::tail::Tail;
pub use crate::tls::Tls;
