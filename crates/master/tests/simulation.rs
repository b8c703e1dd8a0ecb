//! Whole histories of a cluster under faults, each from a seed. `cargo xtask prove simulate` plays many more, and shows
//! all of one.

use akrida_testkit::simulation::{run, show};

/// Seeds on every run of the tests.
const SEEDS: u64 = 200;

/// A number that whoever runs the tests may give.
#[expect(
    clippy::disallowed_methods,
    reason = "how long to search, and where, is said by whoever runs the tests"
)]
fn given(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    text.parse().ok()
}

#[test]
fn users_and_figures_survive_whatever_happens() {
    match given("AKRIDA_SEED") {
        Some(seed) => show(seed),
        None => (0..given("AKRIDA_SEEDS").unwrap_or(SEEDS)).for_each(run),
    }
}
