//! The engine's clock: the only place of this crate that reads the time.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Monotonic microseconds since the engine started, and what they are in unix time. All cores share one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    start: Instant,
    epoch_us: u64,
}

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "this module owns the engine's clock")]
    pub(crate) fn start() -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { start: Instant::now(), epoch_us: micros(since_epoch) }
    }

    /// Unix microseconds at 0.
    pub(crate) fn epoch_us(&self) -> u64 {
        self.epoch_us
    }

    /// Microseconds since the start.
    #[expect(clippy::disallowed_methods, reason = "this module owns the engine's clock")]
    pub(crate) fn now(&self) -> u64 {
        micros(Instant::now().duration_since(self.start))
    }

    /// The instant of `us` microseconds since the start, for timers.
    pub(crate) fn instant(&self, us: u64) -> tokio::time::Instant {
        // A wait that no clock can hold is as good as one of thirty years.
        let far = Duration::from_secs(30 * 365 * 24 * 3600);
        (self.start + Duration::from_micros(us).min(far)).into()
    }
}

/// Whole microseconds; half a million years saturate.
pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
