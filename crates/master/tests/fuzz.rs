//! Whatever arrives, in whatever order, nothing panics, hangs, grows without bound or changes what is another's.

use akrida_testkit::fuzz::{Cases, decode, for_each_seed, master, worker};
use std::time::Duration;

/// A number that whoever runs the tests may give.
#[expect(
    clippy::disallowed_methods,
    reason = "how long to search, and where, is said by whoever runs the tests"
)]
fn given(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    text.parse().ok()
}

/// The first `few` cases, or what was asked for.
fn cases(few: u64) -> Cases {
    if let Some(seed) = given("AKRIDA_SEED") {
        return Cases::Only(seed);
    }
    given("AKRIDA_FUZZ_MINUTES")
        .map_or(Cases::First(few), |minutes| Cases::For(Duration::from_secs(60 * minutes)))
}

#[test]
fn decoding() {
    for_each_seed("decoding", cases(5), decode);
}

#[test]
fn the_master() {
    for_each_seed("the_master", cases(5), master);
}

#[test]
fn the_worker() {
    for_each_seed("the_worker", cases(5), worker);
}
