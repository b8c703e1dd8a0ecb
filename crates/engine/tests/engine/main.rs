//! The engine against live servers.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on says so by a panic")]

mod addresses;
mod answers;
mod arrivals;
mod cookies;
mod data;
mod decoding;
mod edits;
mod failures;
mod flow;
mod frames;
mod http2;
mod http2_faults;
mod locustfiles;
mod pace;
mod proxies;
mod python;
mod redirects;
mod requests;
mod secrets;
mod steps;
mod stopping;
mod support;
mod tls;
mod uploads;
