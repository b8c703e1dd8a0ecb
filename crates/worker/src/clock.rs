//! The time of the shell.

use crate::event::Now;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::Instant;

/// Tells the time. The wall clock is read once: it may be set while we run, and a second must not happen twice.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    began: Instant,
    began_wall: Duration,
}

impl Clock {
    pub(crate) fn start() -> Self {
        #[expect(clippy::disallowed_methods, reason = "this module owns the clock")]
        let wall = SystemTime::now();
        Self { began: Instant::now(), began_wall: wall.duration_since(UNIX_EPOCH).unwrap_or_default() }
    }

    pub(crate) fn now(&self) -> Now {
        let monotonic = self.began.elapsed();
        let wall_us = (self.began_wall + monotonic).as_micros();
        Now { monotonic, wall_us: u64::try_from(wall_us).unwrap_or(u64::MAX) }
    }

    /// Waits until `deadline` on the monotonic scale.
    pub(crate) async fn sleep_until(&self, deadline: Duration) {
        match self.began.checked_add(deadline) {
            Some(at) => tokio::time::sleep_until(at).await,
            None => std::future::pending().await,
        }
    }
}
