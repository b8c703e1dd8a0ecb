//! Whole histories of a cluster under faults, each from a seed.

use akrida_testkit::simulation::{Faults, run};

/// Seeds of each kind on every run of the tests.
const SEEDS: u64 = 25;

#[test]
fn users_and_figures_survive_crashes_freezes_and_cuts() {
    (0..SEEDS).for_each(|seed| run(seed, Faults::Held));
}

#[test]
fn users_and_figures_survive_lost_frames() {
    (0..SEEDS).for_each(|seed| run(seed, Faults::Dropped));
}
