//! Tests of the whole: of the house and its rules, and of the real binary against real servers.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers here fail the test that calls them"
)]

mod arrows;
mod autoscale;
mod binary;
mod cluster;
mod codec;
mod compare;
mod container;
mod convert;
mod docs;
mod faults;
mod fleet;
mod health;
mod http2;
mod kubernetes;
mod load;
mod locust;
mod locustfiles;
mod metrics;
mod open;
mod otlp;
mod prove;
mod repository;
mod restart;
mod results;
mod same_seed;
mod secrets;
mod soak;
mod strangers;
mod tidy;
mod unique_rows;
mod upheaval;
mod verdict;
mod web;
