//! What a run or a scenario looks like on paper: console tables, CSV, JSON, listings.
//!
//! Everything here is a function from plain data to text: a [`akrida_run::Snapshot`] or a
//! [`akrida_scenario::Scenario`] in, a `String` out. Layouts, headers and rounding are Locust's, so that what
//! reads Locust's output reads this; where Locust's words would be untrue of exact figures, the words are ours.
//! Names and errors come from scenario files and from servers and are never trusted ([`text`]).
//!
//! May not know: live processes, terminals, files, the time of day.

pub mod console;
pub mod csv;
pub mod json;
pub mod listing;
pub mod ratio;
#[cfg(test)]
mod samples;
pub mod text;
