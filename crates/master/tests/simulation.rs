//! Whole histories of a cluster under faults, each from a seed. `cargo xtask prove simulate` plays many more, and shows
//! all of one.

use akrida_testkit::simulation::{run, show};
use std::panic::{catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

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
        None => side_by_side(given("AKRIDA_SEEDS").unwrap_or(SEEDS)),
    }
}

/// Plays so many histories, on all cores. Each is one thread's alone.
fn side_by_side(seeds: u64) {
    let next = AtomicU64::new(0);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                let seeds = std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed))
                    .take_while(|seed| *seed < seeds);
                for seed in seeds {
                    if let Err(failed) = catch_unwind(|| run(seed)) {
                        // The others need not go on.
                        next.store(u64::MAX / 2, Ordering::Relaxed);
                        resume_unwind(failed);
                    }
                    if (seed + 1) % 1_000 == 0 {
                        println!("seed {seed} held");
                    }
                }
            });
        }
    });
}
