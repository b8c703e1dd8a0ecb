//! When a user's next task starts.

use super::User;
use crate::arrivals::Pool;
use crate::clock::micros;
use crate::control::Phase;
use akrida_scenario::model::Wait;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

/// When tasks should start, microseconds of the core's clock.
pub(super) struct Schedule {
    intended: u64,
    /// Where the even grid of paced tasks goes on from.
    grid: u64,
}

impl Schedule {
    pub(super) fn new(now: u64) -> Self {
        Self { intended: now, grid: now }
    }

    /// When the present task should have started.
    pub(super) fn intended(&self) -> u64 {
        self.intended
    }

    /// When the next task should start after one that ended at `now`; `None` for at once.
    pub(super) fn next(&mut self, wait: Wait, now: u64, rng: &mut fastrand::Rng) -> Option<u64> {
        match wait {
            Wait::Constant(_) | Wait::Between(..) => self.intended = now.saturating_add(pause(wait, rng)),
            Wait::Pacing(_) | Wait::Throughput(_) => {
                let interval = pause(wait, rng);
                self.intended = self.grid.saturating_add(interval);
                self.grid = paced(self.intended, interval, now);
            }
        }
        (self.intended > now).then_some(self.intended)
    }
}

/// Microseconds that a wait takes, or that lie between two starts.
pub(super) fn pause(wait: Wait, rng: &mut fastrand::Rng) -> u64 {
    match wait {
        Wait::Constant(pause) | Wait::Pacing(pause) => micros(pause),
        Wait::Between(least, most) => rng.u64(micros(least)..=micros(most).max(micros(least))),
        Wait::Throughput(per_second) => interval_us(per_second),
    }
}

/// Microseconds between two starts; the tiniest rates saturate.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates, as is wanted")]
fn interval_us(per_second: f64) -> u64 {
    (1e6 / per_second).round() as u64
}

/// From where an even grid goes on after a start that was due at `due`. One that is late by less than an interval
/// keeps the grid, so that timer rounding does not add up; a task that took longer than its interval moves the grid,
/// as Locust's does, rather than being followed by a burst. How late the start is, its times from the intended start
/// tell in any case.
fn paced(due: u64, interval: u64, now: u64) -> u64 {
    if now.saturating_sub(due) < interval { due } else { now }
}

impl User {
    /// Waits between two tasks; `false` if the user is asked to end meanwhile.
    pub(super) async fn wait_until(&mut self, due: u64) -> bool {
        self.slept(due, Phase::Finish).await
    }

    /// Pauses within a task for so many microseconds; `false` if the user reaches the phase `until` meanwhile, or
    /// must end.
    pub(super) async fn sleep(&mut self, pause: u64, until: Phase) -> bool {
        let slept = self.slept(self.core.clock.now().saturating_add(pause), until).await;
        self.answered = self.core.clock.now();
        slept
    }

    /// Waits for a task that arrives; when it was due, or `None` if the user is asked to end.
    pub(super) async fn arrival(&mut self, pool: &Pool) -> Option<u64> {
        pool.wait(&self.control);
        let due = poll_fn(|cx| {
            self.control.register(cx);
            match self.control.take_arrival() {
                None if self.control.phase() == Phase::Run => Poll::Pending,
                due => Poll::Ready(due),
            }
        })
        .await?;
        let begins = self.control.phase() < Phase::End;
        pool.count(begins);
        self.core.lag.borrow_mut().record(due, self.core.clock.now());
        begins.then_some(due)
    }

    async fn slept(&mut self, due: u64, until: Phase) -> bool {
        let core = self.core.clone();
        // Lateness is part of a timed response; the others need no timer that costs more.
        let mut alarm = pin!(self.timed.then(|| core.timer.at(due)));
        let mut sleep = pin!((!self.timed).then(|| tokio::time::sleep_until(core.clock.instant(due))));
        let slept = poll_fn(|cx| {
            self.control.register(cx);
            if self.must_end(until) {
                return Poll::Ready(false);
            }
            let over = match (alarm.as_mut().as_pin_mut(), sleep.as_mut().as_pin_mut()) {
                (Some(alarm), _) => alarm.poll(cx),
                (None, Some(sleep)) => sleep.poll(cx),
                (None, None) => Poll::Ready(()),
            };
            over.map(|()| true)
        })
        .await;
        if slept {
            self.core.lag.borrow_mut().record(due, self.core.clock.now());
        }
        slept
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn starts(wait: Wait, took: &[u64]) -> Vec<u64> {
        let mut rng = fastrand::Rng::with_seed(1);
        let mut schedule = Schedule::new(0);
        let mut now = 0;
        took.iter()
            .map(|took| {
                now += took;
                now = schedule.next(wait, now, &mut rng).unwrap_or(now).max(now);
                now
            })
            .collect()
    }

    #[test]
    fn constant_waits_count_from_the_end_and_paced_ones_from_the_start() {
        let second = Duration::from_secs(1);
        assert_eq!(starts(Wait::Constant(second), &[10, 20]), [1_000_010, 2_000_030]);
        assert_eq!(starts(Wait::Pacing(second), &[10, 20]), [1_000_000, 2_000_000]);
        assert_eq!(starts(Wait::Throughput(2.0), &[10, 20]), [500_000, 1_000_000]);
    }

    #[test]
    fn a_slow_task_moves_the_grid_and_a_little_lateness_does_not() {
        let interval = Wait::Pacing(Duration::from_micros(1_000));
        assert_eq!(starts(interval, &[1_200, 100, 100]), [1_200, 2_000, 3_000]);
        assert_eq!(starts(interval, &[5_000, 100]), [5_000, 6_000]);
    }

    #[test]
    fn a_start_that_comes_too_late_was_intended_when_it_was_due() {
        let mut rng = fastrand::Rng::with_seed(1);
        let mut schedule = Schedule::new(0);
        let interval = Wait::Pacing(Duration::from_micros(1_000));
        // The first task takes ten intervals, the second is quick: the grid goes on from the late start.
        assert_eq!((schedule.next(interval, 10_000, &mut rng), schedule.intended()), (None, 1_000));
        assert_eq!((schedule.next(interval, 10_100, &mut rng), schedule.intended()), (Some(11_000), 11_000));
    }

    #[test]
    fn the_tiniest_rate_is_a_wait_without_end() {
        assert_eq!(interval_us(f64::MIN_POSITIVE), u64::MAX);
        assert_eq!(starts(Wait::Throughput(1e-300), &[10]), [u64::MAX]);
    }

    #[test]
    fn waits_between_two_bounds_are_even() {
        let mut rng = fastrand::Rng::with_seed(3);
        let mut schedule = Schedule::new(0);
        let wait = Wait::Between(Duration::from_micros(100), Duration::from_micros(199));
        let mut counts = [0u32; 100];
        for _ in 0..100_000 {
            let due = schedule.next(wait, 0, &mut rng).unwrap();
            counts[usize::try_from(due).unwrap() - 100] += 1;
        }
        assert!(counts.iter().all(|count| (800..1_200).contains(count)), "{counts:?}");
    }
}
