//! The time of the shell.

use crate::event::Now;
use akrida_run::record::Moment;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::Instant;

/// Tells the time. The wall clock is read once: it may be set while we run, and a second must not happen twice.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    began: Instant,
    began_wall: Duration,
    /// What the monotonic scale began with.
    base: Duration,
}

impl Clock {
    pub(crate) fn start() -> Self {
        #[expect(clippy::disallowed_methods, reason = "this module owns the clock")]
        let wall = SystemTime::now();
        let began_wall = wall.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { began: Instant::now(), began_wall, base: Duration::ZERO }
    }

    /// On the monotonic scale of an earlier process, which was at `then`. Where the clock was set back meanwhile, no
    /// time has passed.
    pub(crate) fn since(then: Moment) -> Self {
        let clock = Self::start();
        let away = clock.began_wall.saturating_sub(Duration::from_micros(then.wall_us));
        Self { base: Duration::from_micros(then.monotonic_us).saturating_add(away), ..clock }
    }

    pub(crate) fn now(&self) -> Now {
        let elapsed = self.began.elapsed();
        let wall_us = (self.began_wall + elapsed).as_micros();
        let monotonic = self.base.saturating_add(elapsed);
        Now { monotonic, wall_us: u64::try_from(wall_us).unwrap_or(u64::MAX) }
    }

    /// Waits until `deadline` on the monotonic scale.
    pub(crate) async fn sleep_until(&self, deadline: Duration) {
        match self.began.checked_add(deadline.saturating_sub(self.base)) {
            Some(at) => tokio::time::sleep_until(at).await,
            None => std::future::pending().await,
        }
    }
}
