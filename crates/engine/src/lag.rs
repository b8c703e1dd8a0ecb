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

    /// A steady tick that was due at `due` came at `began`. The ticks that a standstill swallowed were late too:
    /// without them half a second of standstill would be one late tick among fifty punctual ones.
    pub(crate) fn tick(&mut self, due: u64, began: u64, interval: u64) {
        let mut due = due;
        self.record(due, began);
        while due + interval < began {
            due += interval;
            self.record(due, began);
        }
    }

    /// What was recorded since the last call.
    pub(crate) fn drain(&mut self) -> Sparse {
        let sparse = self.late_us.to_sparse();
        self.late_us.clear();
        sparse
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standstill_weighs_as_long_as_it_took() {
        let mut lag = Lag::default();
        (0..50).for_each(|tick| lag.tick(tick * 10_000, tick * 10_000 + 900, 10_000));
        assert_eq!(lag.drain().quantiles([1.0]), [0], "a timer's rounding is no lateness");
        (0..50).for_each(|tick| lag.tick(tick * 10_000, tick * 10_000 + 900, 10_000));
        lag.tick(500_000, 1_000_000, 10_000);
        let [median, p95] = lag.drain().quantiles([0.5, 0.95]);
        assert!(median < 20_000 && (400_000..500_000).contains(&p95), "{median} {p95}");
    }
}
