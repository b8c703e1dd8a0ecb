//! The engine against live servers.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on says so by a panic")]

mod answers;
mod cookies;
mod failures;
mod flow;
mod pace;
mod requests;
mod steps;
mod stopping;
mod support;
mod tls;
