//! How much is done, and when.

use super::Scenario;
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

impl Arrivals {
    /// The highest rate, starts per second.
    #[must_use]
    pub fn peak(&self) -> f64 {
        self.spans.iter().map(|(_, rate)| *rate).fold(self.initial_rate, f64::max)
    }

    /// How long the rate changes; `None` where it never does.
    #[must_use]
    pub fn duration(&self) -> Option<Duration> {
        (!self.spans.is_empty()).then(|| self.spans.iter().map(|(duration, _)| *duration).sum())
    }
}

impl Scenario {
    /// As many users as all classes want, where each has `arrivals`; `None` where one has not.
    #[must_use]
    pub fn default_users(&self) -> Option<u64> {
        let open = self.classes.iter().all(|class| class.arrivals.is_some());
        (open && !self.classes.is_empty()).then(|| self.classes.iter().map(|class| class.fixed_count).sum())
    }

    /// How long the stages of `arrivals` last, the longest of all classes; `None` where a class has none.
    #[must_use]
    pub fn open_duration(&self) -> Option<Duration> {
        let durations = self.classes.iter().map(|class| class.arrivals.as_ref().and_then(Arrivals::duration));
        durations.collect::<Option<Vec<_>>>()?.into_iter().max()
    }
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
