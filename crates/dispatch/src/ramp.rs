//! How many users are wanted when.

use crate::limits;
use std::time::Duration;

/// The way from one number of users to another at a spawn rate, up or down.
///
/// Users come and go in iterations, as Locust's do: the whole part of the spawn rate (at least 1) at a time, at
/// once and then after pauses that make the rate right. A ramp is a function of the time since it began, so a
/// late look at it misses nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ramp {
    from: u64,
    to: u64,
    per_iteration: u64,
    pause: Duration,
}

impl Ramp {
    /// The ramp from `from` to `to` users at `spawn_rate` users per second, which works in both directions. A
    /// rate that is infinite means all at once; one that is no positive number counts as
    /// [`limits::SPAWN_RATE`].
    #[must_use]
    pub fn new(from: u64, to: u64, spawn_rate: f64) -> Self {
        let (from, to) = (from.min(limits::USERS), to.min(limits::USERS));
        // `max` also takes the place of a NaN.
        let rate = spawn_rate.max(limits::SPAWN_RATE);
        let per_iteration = rate.floor().clamp(1.0, limits::USERS as f64);
        let pause = Duration::from_secs_f64(per_iteration / rate);
        Self { from, to, per_iteration: per_iteration as u64, pause }
    }

    /// Where the ramp leads.
    #[must_use]
    pub fn to(&self) -> u64 {
        self.to
    }

    /// Users that come or go in one iteration.
    #[must_use]
    pub fn per_iteration(&self) -> u64 {
        self.per_iteration
    }

    /// Time between two iterations.
    #[must_use]
    pub fn pause(&self) -> Duration {
        self.pause
    }

    /// How many iterations there are. At least one: a ramp to where it begins still says so once.
    #[must_use]
    pub fn iterations(&self) -> u64 {
        self.from.abs_diff(self.to).div_ceil(self.per_iteration).max(1)
    }

    /// Users wanted when `elapsed` has passed since the beginning.
    #[must_use]
    pub fn users_at(&self, elapsed: Duration) -> u64 {
        let change = self.iteration_at(elapsed).saturating_add(1).saturating_mul(self.per_iteration);
        if self.from <= self.to {
            self.from.saturating_add(change).min(self.to)
        } else {
            self.from.saturating_sub(change).max(self.to)
        }
    }

    /// When the number of users changes next after `elapsed`, counted from the beginning; `None` once the ramp
    /// is done.
    #[must_use]
    pub fn next_change(&self, elapsed: Duration) -> Option<Duration> {
        let next = self.iteration_at(elapsed).saturating_add(1);
        (next < self.iterations()).then(|| self.begin_of(next))
    }

    /// The iteration that is in force at `elapsed`, from 0. Goes on counting after the last.
    fn iteration_at(&self, elapsed: Duration) -> u64 {
        match self.pause.as_nanos() {
            0 => u64::MAX,
            pause => u64::try_from(elapsed.as_nanos() / pause).unwrap_or(u64::MAX),
        }
    }

    fn begin_of(&self, iteration: u64) -> Duration {
        let nanos = self.pause.as_nanos().saturating_mul(iteration.into());
        let second = 1_000_000_000;
        Duration::new(u64::try_from(nanos / second).unwrap_or(u64::MAX), (nanos % second) as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Walks the ramp from change to change: (seconds, users).
    fn walk(ramp: Ramp) -> Vec<(f64, u64)> {
        let mut now = Duration::ZERO;
        let mut steps = vec![(0.0, ramp.users_at(now))];
        while let Some(next) = ramp.next_change(now) {
            now = next;
            steps.push((now.as_secs_f64(), ramp.users_at(now)));
        }
        steps
    }

    fn check(from: u64, to: u64, spawn_rate: f64, expected: &[(f64, u64)]) {
        assert_eq!(walk(Ramp::new(from, to, spawn_rate)), expected, "{from} to {to} at {spawn_rate}/s");
    }

    /// The iterations and pauses that Locust's own dispatcher was seen to make.
    #[test]
    fn iterations_are_locusts() {
        check(0, 20, 5.0, &[(0.0, 5), (1.0, 10), (2.0, 15), (3.0, 20)]);
        check(20, 8, 5.0, &[(0.0, 15), (1.0, 10), (2.0, 8)]);
        check(8, 0, 3.0, &[(0.0, 5), (1.0, 2), (2.0, 0)]);
        check(0, 7, 2.5, &[(0.0, 2), (0.8, 4), (1.6, 6), (2.4, 7)]);
        check(0, 2, 0.5, &[(0.0, 1), (2.0, 2)]);
        check(7, 7, 2.5, &[(0.0, 7)]);
        check(0, 0, 1.0, &[(0.0, 0)]);
        check(0, 4, 4.0, &[(0.0, 4)]);
        check(0, 7, 100.0, &[(0.0, 7)]);
        check(7, 4, 100.0, &[(0.0, 4)]);
        check(4, 6, 100.0, &[(0.0, 6)]);
    }

    #[test]
    fn odd_rates_are_harmless() {
        check(0, 9, f64::INFINITY, &[(0.0, 9)]);
        for rate in [f64::NAN, -1.0, 0.0, f64::NEG_INFINITY, 1e-300] {
            let ramp = Ramp::new(0, 2, rate);
            assert_eq!(ramp.next_change(Duration::ZERO), Some(Duration::from_secs(1_000_000)));
        }
        assert_eq!(Ramp::new(0, u64::MAX, f64::MAX).users_at(Duration::ZERO), limits::USERS);
    }

    proptest! {
        #[test]
        fn a_ramp_goes_one_way_and_arrives(
            from in 0_u64..500, to in 0_u64..500, rate in 0.01..600.0_f64, looks in prop::collection::vec(0_u64..10_000, 1..20)
        ) {
            let ramp = Ramp::new(from, to, rate);
            let mut previous = from;
            let mut looks = looks;
            looks.sort_unstable();
            for elapsed in looks.into_iter().map(Duration::from_millis) {
                let users = ramp.users_at(elapsed);
                prop_assert!(users.abs_diff(to) <= previous.abs_diff(to) && users.abs_diff(from) <= from.abs_diff(to));
                match ramp.next_change(elapsed) {
                    None => prop_assert_eq!(users, to),
                    Some(next) => {
                        prop_assert!(next > elapsed);
                        prop_assert_ne!(ramp.users_at(next), users);
                        prop_assert_eq!(ramp.users_at(next - Duration::from_nanos(1)), users);
                    }
                }
                previous = users;
            }
        }

        #[test]
        fn the_rate_is_held(to in 100_u64..10_000, rate in 0.5..50.0_f64) {
            let steps = walk(Ramp::new(0, to, rate));
            let (end, _) = steps[steps.len() - 1];
            // The last user comes when the rate says, to within an iteration; pauses are whole nanoseconds.
            prop_assert!((end - to as f64 / rate).abs() <= rate.floor().max(1.0) / rate + 1e-5);
        }
    }
}
