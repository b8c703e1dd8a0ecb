//! Whatever arrives, in whatever order: hostile frames from a seed, and what must hold after each.
//!
//! A case is a seed and a history of its own; a failure names it. [`for_each_seed`] plays some of them on each run of
//! the tests, and as many as fit into a given time when asked for it.

mod decode;
mod frames;
mod tree;
mod worker;

use std::ops::AddAssign;
use std::time::{Duration, Instant};

pub use crate::simulation::siege as master;
pub use decode::decode;
pub(crate) use frames::Frames;
pub use worker::worker;

/// What was tried.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tried {
    /// Frames that something was fed with.
    pub frames: u64,
    /// Those of them that were understood.
    pub understood: u64,
    /// The longest computing time that one of them took.
    pub slowest: Duration,
}

impl AddAssign for Tried {
    fn add_assign(&mut self, other: Self) {
        self.frames += other.frames;
        self.understood += other.understood;
        self.slowest = self.slowest.max(other.slowest);
    }
}

/// Which cases to play.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cases {
    /// The first ones.
    First(u64),
    /// One, to look at it.
    Only(u64),
    /// As many as begin within this time, and what was tried is told.
    For(Duration),
}

/// Plays cases of a fuzz target.
pub fn for_each_seed(name: &str, cases: Cases, target: impl Fn(u64) -> Tried) {
    let began = now();
    let going = |played: u64| match cases {
        Cases::First(cases) => played < cases,
        Cases::Only(_) => played < 1,
        Cases::For(time) => began.elapsed() < time,
    };
    let first = if let Cases::Only(seed) = cases { seed } else { 0 };
    let (mut tried, mut played) = (Tried::default(), 0);
    while going(played) {
        let seed = first + played;
        let _named = Named { name, seed };
        tried += target(seed);
        played += 1;
    }
    assert!(tried.frames > 0 && tried.understood > 0, "{name}: nothing was tried: {tried:?}");
    if let Cases::For(_) = cases {
        let Tried { frames, understood, slowest } = tried;
        println!(
            "fuzz {name}: {frames} frames ({understood} understood) in {played} cases and {:.0} s; the slowest took \
             {:.1} ms; {} MiB resident at the end",
            began.elapsed().as_secs_f64(),
            slowest.as_secs_f64() * 1e3,
            resident_mib(),
        );
    }
}

/// Tells which case failed.
struct Named<'a> {
    name: &'a str,
    seed: u64,
}

impl Drop for Named<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let Self { name, seed } = self;
            eprintln!(
                "fuzz {name} failed with seed {seed}; again: \
                 AKRIDA_SEED={seed} cargo test -p akrida-master --test fuzz {name}"
            );
        }
    }
}

/// Memory of this process, MiB; 0 where it is not told.
fn resident_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_ascii_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) / 1_024
}

#[expect(clippy::disallowed_methods, reason = "how long a search takes is told by a real clock")]
fn now() -> Instant {
    Instant::now()
}

/// Computing time that this thread has used so far. Real time says nothing of a thread that others keep waiting. Only
/// Linux tells, to some milliseconds; elsewhere it is none.
pub(crate) fn used() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = text.split_ascii_whitespace().next().and_then(|nanos| nanos.parse().ok());
    Duration::from_nanos(nanos.unwrap_or(0))
}
