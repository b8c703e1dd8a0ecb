//! The real binary, as a person meets it: help, errors, listings, sources of values, short runs.

#![cfg(test)]

mod binary;
mod help;
mod runs;
mod scenarios;
mod sources;
