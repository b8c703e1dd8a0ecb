//! Makes a wanted replica count true: the Scale subresource of one named object in Kubernetes.
//!
//! A [`Scaler`] reads and patches the count of its [`Target`]; a [`Cluster`] is how the API server is reached, made
//! from an [`Access`] when it is first needed and made again after a failure. Nothing waits for ever, and a
//! [`ScaleError`] says in a person's words what went wrong, never with what the API server dumped.
//!
//! May not know: why a count is wanted, or which counts are sensible; the environment of the process, which is told.

mod access;
mod cluster;
mod error;
mod limits;
mod scale;
mod scaler;
mod target;

pub use crate::access::{Access, InCluster};
pub use crate::cluster::{Cluster, Request};
pub use crate::error::ScaleError;
pub use crate::scale::Scale;
pub use crate::scaler::Scaler;
pub use crate::target::{Target, TargetError};

/// The API server's name for whoever changed a count.
pub const FIELD_MANAGER: &str = "akrida";
