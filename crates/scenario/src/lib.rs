//! What users do: a scenario file, in YAML or as a Python locustfile, becomes one typed, checked [`Scenario`].
//!
//! Both front ends, [`yaml`] and [`python`], make the same model, and neither executes anything: a locustfile is
//! parsed, translated, or refused. Every problem of a file is found in one pass and told with a place and a
//! remedy ([`Problems`]). Values that are known only while users run are [`expr`]essions in a subset of Python.
//!
//! May not know: how a request is sent; that workers exist. Knows no clock, no files and no environment.

pub mod convert;
mod csv;
pub mod duration;
pub mod expr;
pub mod json;
pub mod limits;
pub mod model;
mod problem;
pub mod python;
mod requested;
pub mod select;
mod source;
pub mod stages;
pub mod threshold;
pub mod yaml;

pub use model::{Scenario, Stage, Task, UserClass};
pub use problem::{Problem, Problems};
pub use requested::Requested;
pub use source::{Nothing, Source};
pub use threshold::Threshold;
