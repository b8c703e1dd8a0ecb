//! How late a core does what it should do: the generator's own health.
//!
//! Two things are measured: how late each wait of a user ends, and how late a steady tick is. The second also tells
//! when no user waits for anything but answers. Timers count whole milliseconds and round up, so up to one
//! millisecond is no lateness.

use akrida_stats::{Histogram, Sparse};

const TIMER_ROUNDING_US: u64 = 1_000;

#[derive(Debug, Default)]
pub(crate) struct Lag {
    late_us: Histogram<u32>,
}

impl Lag {
    /// Something that was due at `due` began at `began`, microseconds on one scale.
    pub(crate) fn record(&mut self, due: u64, began: u64) {
        self.late_us.record(began.saturating_sub(due).saturating_sub(TIMER_ROUNDING_US));
    }

    /// What was recorded since the last call.
    pub(crate) fn drain(&mut self) -> Sparse {
        let sparse = self.late_us.to_sparse();
        self.late_us.clear();
        sparse
    }
}
