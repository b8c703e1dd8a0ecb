//! The real binary, as a person meets it: help, errors, listings, conversions, sources of values, short runs.

#![cfg(test)]

mod binary;
mod convert;
mod help;
mod python_only;
mod runs;
mod scenarios;
mod sources;
