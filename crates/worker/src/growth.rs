//! What a master of before Locust 2.0 wants: a number of users, started at a rate, of classes that the worker chooses.
//!
//! Masters since then lead their workers there step by step; here the worker does it by itself.

use crate::limits;
use akrida_protocol::UsersJob;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Which users of the classes, by index, so many users are: given by whoever knows the classes' weights.
#[derive(Clone)]
pub struct Mix(Arc<dyn Fn(u64) -> Vec<u64> + Send + Sync>);

impl Mix {
    /// One that `of` works out.
    #[must_use]
    pub fn new(of: impl Fn(u64) -> Vec<u64> + Send + Sync + 'static) -> Self {
        Self(Arc::new(of))
    }

    /// As many users of each class; the first ones have one more.
    pub(crate) fn evenly(classes: usize) -> Self {
        let (of, classes) = (classes as u64, 0..classes as u64);
        let class = move |users: u64, class| users / of + u64::from(class < users % of);
        Self::new(move |users| classes.clone().map(|at| class(users, at)).collect())
    }

    /// Users by class index.
    pub(crate) fn of(&self, users: u64) -> Vec<u64> {
        (self.0)(users)
    }
}

impl fmt::Debug for Mix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mix")
    }
}

/// The way from one number of users to another.
#[derive(Clone, Debug)]
pub(crate) struct Growth {
    pub(crate) job: UsersJob,
    /// Users when it began.
    from: u64,
    /// When it began, monotonic.
    began: Duration,
    /// Users that were told to the engine last.
    told: u64,
}

impl Growth {
    /// From `from` users, at the time `now`.
    pub(crate) fn new(job: UsersJob, from: u64, now: Duration) -> Self {
        Self { job, from, began: now, told: from }
    }

    /// Takes the step that is due; the users who should be there by then. As old workers do, it begins with one user,
    /// and stops those who are too many at once.
    pub(crate) fn step(&mut self, now: Duration) -> u64 {
        let elapsed = now.saturating_sub(self.began).as_secs_f64();
        let due = (elapsed * self.job.spawn_rate) as u64;
        self.told = if self.job.spawn_rate > 0.0 {
            self.from.saturating_add(due).saturating_add(1).min(self.job.users)
        } else {
            self.job.users
        };
        self.told
    }

    /// Users that were told last.
    pub(crate) fn told(&self) -> u64 {
        self.told
    }

    /// Whether that was the last step.
    pub(crate) fn is_done(&self) -> bool {
        self.told == self.job.users
    }

    /// When the next step is due, monotonic: not sooner than [`limits::STEP`] after `now`.
    pub(crate) fn next_step(&self, now: Duration) -> Duration {
        if self.is_done() {
            return Duration::MAX;
        }
        let user = (self.told - self.from) as f64 / self.job.spawn_rate;
        let next =
            Duration::try_from_secs_f64(user).map_or(Duration::MAX, |user| self.began.saturating_add(user));
        next.max(now + limits::STEP)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn growth(from: u64, users: u64, spawn_rate: f64) -> Growth {
        let job = UsersJob { users, spawn_rate, host: None, stop_timeout: None };
        Growth::new(job, from, Duration::from_secs(100))
    }

    #[test]
    fn users_come_at_the_rate_and_go_at_once() {
        let steps = |mut growth: Growth| {
            let mut now = Duration::from_secs(100);
            let mut steps = Vec::new();
            for _ in 0..100 {
                steps.push(((now.as_millis() - 100_000) as u64, growth.step(now)));
                now = growth.next_step(now);
                if now == Duration::MAX {
                    return steps;
                }
            }
            panic!("no end: {steps:?}");
        };
        assert_eq!(steps(growth(0, 3, 2.0)), [(0, 1), (500, 2), (1_000, 3)]);
        assert_eq!(steps(growth(3, 5, 0.5)), [(0, 4), (2_000, 5)]);
        assert_eq!(steps(growth(0, 20, 100.0)), [(0, 1), (100, 11), (200, 20)]);
        assert_eq!(steps(growth(9, 4, 1.0)), [(0, 4)]);
        assert_eq!(steps(growth(4, 4, 1.0)), [(0, 4)]);
        assert_eq!(steps(growth(0, 7, 0.0)), [(0, 7)]);
        assert_eq!(steps(growth(0, 0, 1.0)), [(0, 0)]);
        assert_eq!(steps(growth(0, 2, 1e-300)), [(0, 1)], "a rate at which nobody ever comes");
    }
}
