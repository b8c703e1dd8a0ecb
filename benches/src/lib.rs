//! Made-up measurements that the benchmarks share.
//!
//! May not know: anything but the public interfaces of the crates it measures.

use akrida_stats::{Delta, EntryKey, Outcome, Recorder, RequestId, Sample};

/// Unix microseconds at which the made-up runs begin.
pub const EPOCH_US: u64 = 1_700_000_000_000_000;

/// A recorder with `names` labels.
#[must_use]
pub fn recorder(names: usize) -> (Recorder, Vec<RequestId>) {
    let mut recorder = Recorder::new(EPOCH_US);
    let requests = (0..names)
        .map(|number| RequestId {
            label: recorder.label(EntryKey::plain("GET", &format!("/items/{number}"))),
            stage: 0,
        })
        .collect();
    (recorder, requests)
}

/// A passed request that took `time_us` and ended `done_us` after the beginning.
#[must_use]
pub fn sample(request: RequestId, done_us: u64, time_us: u64) -> Sample {
    let sent = done_us.saturating_sub(time_us);
    Sample { request, intended: None, sent, done: done_us, bytes: 1_000, outcome: Outcome::Passed }
}

/// What a worker measures in a second: `requests` spread over `names`, with times as a service has them.
#[must_use]
pub fn delta(names: usize, requests: u64) -> Delta {
    let (mut recorder, ids) = recorder(names);
    let mut rng = fastrand::Rng::with_seed(1);
    for number in 0..requests {
        let spread = 1 + rng.u64(0..8) * rng.u64(0..8);
        let done = number * 1_000_000 / requests.max(1) + 100_000;
        recorder.record(&sample(ids[rng.usize(0..ids.len())], done, 1_000 * spread + rng.u64(0..1_000)));
    }
    recorder.drain(1_200_000)
}
