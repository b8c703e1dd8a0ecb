//! What a worker has measured since its process began, for whoever asks from another thread.

use crate::event::Measured;
use akrida_stats::Totals;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Where a worker keeps what it has measured, beside what it reports. Cheap to clone; all clones are one.
#[derive(Clone, Debug)]
pub struct Meter(Arc<Mutex<Metered>>);

/// What a worker has measured.
#[derive(Clone, Debug)]
pub struct Metered {
    /// Everything since its process began, all runs together.
    pub totals: Totals,
    /// Users that run now.
    pub users: u64,
    /// How late the engine started what it should start in the last report: 95th percentile, microseconds.
    pub lag_us: u64,
}

impl Default for Meter {
    /// Nothing yet.
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Metered { totals: Totals::since(0), users: 0, lag_us: 0 })))
    }
}

impl Meter {
    /// What was measured so far. Reports wait while it is held.
    #[must_use]
    pub fn read(&self) -> impl std::ops::Deref<Target = Metered> + '_ {
        self.lock()
    }

    pub(crate) fn add(&self, second: u64, measured: &Measured) {
        let mut metered = self.lock();
        metered.totals.merge(second, &measured.delta);
        metered.users = measured.users.iter().sum();
        metered.lag_us = measured.lag_p95_us;
    }

    fn lock(&self) -> MutexGuard<'_, Metered> {
        // Counters of somebody who panicked are counters.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use akrida_stats::{Delta, EntryKey};

    #[test]
    fn reports_add_up_and_users_are_the_newest() {
        let meter = Meter::default();
        for (requests, users) in [(5, 3), (7, 2)] {
            let entry = akrida_stats::Measured { requests, ..akrida_stats::Measured::since(1) };
            let delta = Delta { entries: [(EntryKey::plain("GET", "/"), entry)].into(), ..Delta::default() };
            let measured = Measured {
                delta,
                users: vec![users],
                lag_p95_us: users,
                lag_max_us: 0,
                ended: Vec::new(),
                stop_run: None,
                used: Vec::new(),
            };
            meter.clone().add(1, &measured);
        }
        let metered = meter.read();
        assert_eq!((metered.totals.total().counted.requests, metered.users, metered.lag_us), (12, 2, 2));
    }
}
