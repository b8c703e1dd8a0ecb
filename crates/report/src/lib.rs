//! What a run or a scenario looks like on paper: console tables, CSV, JSON, listings; and a run as a file, of which all
//! that can be made again ([`run_file`]).
//!
//! Everything here is a function from plain data to text: a [`akrida_run::Snapshot`] or a
//! [`akrida_scenario::Scenario`] in, a `String` out. Layouts, headers and rounding are Locust's, so that what
//! reads Locust's output reads this; where Locust's words would be untrue of exact figures, the words are ours.
//! Names and errors come from scenario files and from servers and are never trusted ([`text`]).
//!
//! May not know: live processes, terminals, files, the time of day.

mod activities;
pub mod compare;
pub mod console;
pub mod csv;
pub mod github;
pub mod html;
pub mod json;
pub mod junit;
pub mod limits;
pub mod listing;
pub mod markdown;
pub mod numbers;
pub mod openmetrics;
pub mod otlp;
pub mod ratio;
pub mod run_file;
#[cfg(test)]
mod samples;
pub mod text;
pub mod verdict;
