//! How far this machine's clock is ahead of the master's.
//!
//! Each heartbeat is echoed with the master's time. The master read its clock somewhere between the sending and the
//! coming back; the shorter that took, the better it is known when. So of the last echoes the quickest one counts.

use crate::event::Now;
use crate::limits;
use akrida_protocol::Echo;
use std::collections::VecDeque;

/// What the newest echoes say.
#[derive(Debug, Default)]
pub(crate) struct Skew {
    /// (time there and back, clock ahead of the master's), microseconds; the newest last.
    echoes: VecDeque<(u64, i64)>,
    /// What was told last.
    told: Option<i64>,
}

impl Skew {
    /// How far the clock is ahead, microseconds, if that is known.
    pub(crate) fn ahead_us(&self) -> Option<i64> {
        self.told
    }

    /// An echo came; what is known now, if that differs from what was told by more than clocks are read apart.
    pub(crate) fn hear(&mut self, now: Now, echo: Echo) -> Option<i64> {
        // One that comes from the future, or from long ago, is of a clock that was set.
        let took = now.wall_us.checked_sub(echo.sent_at_us)?;
        if took > limits::ECHO_US {
            return None;
        }
        let middle = i64::try_from(echo.sent_at_us + took / 2).ok()?;
        let ahead = middle.checked_sub(i64::try_from(echo.master_us).ok()?)?;
        if self.echoes.len() == limits::ECHOES {
            self.echoes.pop_front();
        }
        self.echoes.push_back((took, ahead));
        let (_, best) = self.echoes.iter().min().copied()?;
        let differs = self.told.is_none_or(|told| told.abs_diff(best) > limits::SKEW_US);
        differs.then(|| *self.told.insert(best))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is told of echoes: (sent, master's time, came back), microseconds.
    fn check(echoes: &[(u64, u64, u64)], expected: &[Option<i64>]) {
        let mut skew = Skew::default();
        let told = echoes.iter().map(|&(sent_at_us, master_us, wall_us)| {
            skew.hear(Now { wall_us, ..Now::default() }, Echo { sent_at_us, master_us, acknowledged: None })
        });
        assert_eq!(told.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn the_quickest_echo_counts() {
        let base = 1_700_000_000_000_000;
        // Three seconds ahead. The second echo was held up on its way back for a second.
        check(
            &[
                (base, base - 3_000_000 + 500, base + 1_000),
                (base, base - 3_000_000, base + 1_000_000),
                (base, base - 3_000_000 + 4_000, base + 8_000),
            ],
            &[Some(3_000_000), None, None],
        );
        // The first one was held up: the next one is better.
        check(&[(base, base, base + 900_000), (base, base, base + 10)], &[Some(450_000), Some(5)]);
        check(&[(base, base + 9_000_000, base + 10)], &[Some(-8_999_995)]);
    }

    #[test]
    fn a_clock_that_was_set_is_noticed_and_nonsense_is_not_believed() {
        check(&[(10, 10, 5), (0, 10, limits::ECHO_US + 1), (0, u64::MAX, 1)], &[None, None, None]);
        let mut skew = Skew::default();
        let mut hear = |ahead: u64| {
            let echo =
                Echo { sent_at_us: 1_000_000_000, master_us: 1_000_000_000 - ahead, acknowledged: None };
            skew.hear(Now { wall_us: 1_000_000_100, ..Now::default() }, echo)
        };
        assert_eq!(hear(0), Some(50));
        let late: Vec<_> = (0..limits::ECHOES).map(|_| hear(60_000_000)).collect();
        assert_eq!(late.last(), Some(&Some(60_000_050)), "{late:?}");
    }
}
