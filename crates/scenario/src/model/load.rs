//! How much is done, and when.

use std::time::Duration;

/// What lies between two tasks of a user.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Wait {
    /// This long after each task (Locust: `constant`).
    Constant(Duration),
    /// Evenly distributed between the two (Locust: `between`).
    Between(Duration, Duration),
    /// Tasks start this far apart, however long they take (Locust: `constant_pacing`).
    Pacing(Duration),
    /// Tasks start this many times per second and user (Locust: `constant_throughput`).
    Throughput(f64),
}

impl Default for Wait {
    /// Nothing.
    fn default() -> Self {
        Self::Constant(Duration::ZERO)
    }
}

/// Open load: how many iterations of tasks the whole fleet starts per second, whatever the answers do.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrivals {
    /// Starts per second at the beginning of the run, 0 and above.
    pub initial_rate: f64,
    /// (how long, starts per second at its end); the rate changes evenly over each span, and jumps where a span
    /// has no length. After the last span the last rate stays until the run ends.
    pub spans: Vec<(Duration, f64)>,
}

/// A span of the run with its own number of users.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// What it is called; by default its number, from 1.
    pub name: String,
    /// How long it lasts, its ramp included.
    pub duration: Duration,
    /// How many users it wants.
    pub users: u64,
    /// Users started or stopped per second on the way there, above 0.
    pub spawn_rate: f64,
}
