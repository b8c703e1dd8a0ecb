//! Workers that follow load: how many a run needs.
//!
//! Two things ask for workers: the users that are wanted, by a number of users per worker that was given; and workers
//! that say that they are saturated, late or out of CPU. Saturation is learned from: when so many workers were too
//! few for so many users, the users per worker are lowered to what one worker more would have carried, until the run
//! is over. Since that number only falls, a run cannot swing between two counts because of what it measures.
//!
//! More workers are wanted at once. Fewer are wanted only if they had room for [`limits::SLACK_PERCENT`] more users
//! during a whole cool-down. Nothing is changed within a cool-down of a change, nor while workers that were asked for
//! are not there yet: pods that are slow or die must not bring others.

use crate::limits;
use akrida_run::{RunState, Snapshot, WorkerState};
use std::fmt;
use std::time::Duration;

/// What was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Users that one worker carries, at least 1.
    pub users_per_worker: u64,
    /// Fewest workers. At least one is kept, since a run cannot start without.
    pub min: u32,
    /// Most workers.
    pub max: u32,
    /// Least time between two changes.
    pub cooldown: Duration,
}

impl fmt::Display for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { users_per_worker, min, max, cooldown } = self;
        let (min, seconds) = ((*min).max(1), cooldown.as_secs_f64());
        write!(
            f,
            "one worker for {users_per_worker} users, more when they are saturated, from {min} to {max}, \
             at most one change in {seconds} s"
        )
    }
}

/// What is seen at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Users that are wanted; 0 where no run goes on.
    pub users: u64,
    /// Workers that are connected.
    pub workers: u32,
    /// Those of them that are saturated.
    pub saturated: u32,
}

impl Seen {
    /// What a snapshot shows.
    #[must_use]
    pub fn of(snapshot: &Snapshot) -> Self {
        let goes_on = matches!(snapshot.state, RunState::Spawning | RunState::Running);
        let there = || snapshot.workers.iter().filter(|worker| worker.state != WorkerState::Missing);
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Self {
            users: if goes_on { snapshot.target_user_count.max(snapshot.user_count) } else { 0 },
            workers: count(there().count()),
            saturated: count(there().filter(|worker| worker.saturated).count()),
        }
    }
}

/// A change that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Workers that are wanted so far.
    pub from: u32,
    /// Workers that are wanted from now on.
    pub to: u32,
    /// Why, in a whole sentence.
    pub why: String,
}

/// Follows one fleet.
#[derive(Clone, Debug)]
pub struct Follower {
    rules: Rules,
    /// Users per worker as they were learned in this run.
    learned: u64,
    /// Looks in a row with too many saturated workers.
    pressed: u32,
    /// Since when fewer workers would do.
    roomy: Option<Duration>,
    /// When the number was changed, here or by somebody else.
    changed: Option<Duration>,
    /// What was wanted at the last look.
    wanted: Option<u32>,
}

impl Follower {
    /// Begins without having seen anything.
    #[must_use]
    pub fn new(rules: Rules) -> Self {
        let learned = rules.users_per_worker.max(1);
        Self { rules, learned, pressed: 0, roomy: None, changed: None, wanted: None }
    }

    /// Looks, once a second. `now` is the time since any fixed moment; `wanted` is what the Scale says is wanted now.
    /// A change counts as made when a later look sees it in `wanted`.
    pub fn look(&mut self, now: Duration, seen: Seen, wanted: u32) -> Option<Change> {
        if self.wanted.replace(wanted).is_some_and(|before| before != wanted) {
            self.changed = Some(now);
            (self.pressed, self.roomy) = (0, None);
        }
        if seen.users == 0 {
            self.learned = self.rules.users_per_worker.max(1);
        }
        self.learn(seen, wanted);
        let cooling = self.changed.is_some_and(|at| now.saturating_sub(at) < self.rules.cooldown);
        let (low, high) =
            (self.bound(self.needed(seen.users)), self.bound(self.needed(with_slack(seen.users))));
        if low > wanted {
            self.roomy = None;
            return (!cooling).then(|| self.change(wanted, low, seen));
        }
        if high >= wanted {
            self.roomy = None;
            return None;
        }
        let since = *self.roomy.get_or_insert(now);
        let long = now.saturating_sub(since) >= self.rules.cooldown;
        (long && !cooling).then(|| self.change(wanted, high, seen))
    }

    /// The change that was wanted could not be made: it is wanted again after a cool-down.
    pub fn refused(&mut self, now: Duration) {
        self.changed = Some(now);
    }

    /// Lowers the users per worker when those that are there have been too few for long enough.
    fn learn(&mut self, seen: Seen, wanted: u32) {
        let all_there = seen.workers >= wanted && seen.workers > 0;
        let pressed = seen.users > 0 && all_there && seen.saturated.saturating_mul(2) >= seen.workers;
        self.pressed = if pressed { self.pressed.saturating_add(1) } else { 0 };
        if self.pressed < limits::SATURATED_LOOKS {
            return;
        }
        let carried = seen.users.div_ceil(u64::from(wanted.max(1)) + 1);
        self.learned = self.learned.min(carried).max(1);
    }

    fn needed(&self, users: u64) -> u64 {
        users.div_ceil(self.learned)
    }

    fn bound(&self, workers: u64) -> u32 {
        let most = self.rules.max.max(1);
        u32::try_from(workers).unwrap_or(u32::MAX).clamp(self.rules.min.clamp(1, most), most)
    }

    fn change(&self, from: u32, to: u32, seen: Seen) -> Change {
        let Seen { users, workers, saturated } = seen;
        let given = self.rules.users_per_worker.max(1);
        let why = if users == 0 {
            "No run goes on".to_owned()
        } else if to > from && self.pressed >= limits::SATURATED_LOOKS {
            format!("{saturated} of {workers} workers are saturated with {users} users")
        } else if self.learned < given {
            let learned = self.learned;
            format!("{users} users at {learned} per worker, which is what workers carried in this run")
        } else {
            format!("{users} users at {given} per worker")
        };
        Change { from, to, why }
    }
}

fn with_slack(users: u64) -> u64 {
    users.saturating_add(users.saturating_mul(limits::SLACK_PERCENT).div_ceil(100))
}

#[cfg(test)]
mod simulation;

#[cfg(test)]
mod tests {
    use super::*;
    use akrida_run::WorkerRow;

    fn rules() -> Rules {
        Rules { users_per_worker: 100, min: 0, max: 5, cooldown: Duration::from_secs(60) }
    }

    /// What is wanted at each of these seconds, as (users, workers, saturated, wanted so far).
    fn changes(rules: Rules, looks: impl IntoIterator<Item = (u64, Seen, u32)>) -> Vec<String> {
        let mut follower = Follower::new(rules);
        let looks = looks.into_iter().filter_map(|(at, seen, wanted)| {
            let change = follower.look(Duration::from_secs(at), seen, wanted)?;
            Some(format!("{at} s: {} -> {}, {}", change.from, change.to, change.why))
        });
        looks.collect()
    }

    fn seen(users: u64, workers: u32, saturated: u32) -> Seen {
        Seen { users, workers, saturated }
    }

    #[test]
    fn rules_can_be_read() {
        assert_eq!(
            rules().to_string(),
            "one worker for 100 users, more when they are saturated, from 1 to 5, at most one change in 60 s"
        );
    }

    #[test]
    fn users_bring_workers_at_once_within_the_bounds() {
        let check = |users, wanted, expected: &[&str]| {
            assert_eq!(changes(rules(), [(0, seen(users, wanted, 0), wanted)]), expected);
        };
        check(100, 1, &[]);
        check(101, 1, &["0 s: 1 -> 2, 101 users at 100 per worker"]);
        check(250, 1, &["0 s: 1 -> 3, 250 users at 100 per worker"]);
        check(10_000, 1, &["0 s: 1 -> 5, 10000 users at 100 per worker"]);
        check(u64::MAX, 5, &[]);
        check(0, 0, &["0 s: 0 -> 1, No run goes on"]);
        check(10_000, 9, &[]);
    }

    #[test]
    fn fewer_are_wanted_after_a_cool_down_with_slack() {
        let at_last = |users| changes(rules(), (0..=60).map(|at| (at, seen(users, 3, 0), 3)));
        assert_eq!(at_last(190), Vec::<String>::new(), "two workers would have no slack");
        assert_eq!(at_last(180), ["60 s: 3 -> 2, 180 users at 100 per worker"]);
        assert_eq!(at_last(0), ["60 s: 3 -> 1, No run goes on"]);
    }

    #[test]
    fn saturation_brings_one_more_and_is_remembered_until_the_run_is_over() {
        let mut looks: Vec<_> = (0..5).map(|at| (at, seen(90, 1, 1), 1)).collect();
        looks.extend((5..200).map(|at| (at, seen(90, 2, 0), 2)));
        looks.extend((200..262).map(|at| (at, seen(0, 2, 0), 2)));
        assert_eq!(
            changes(rules(), looks),
            [
                "4 s: 1 -> 2, 1 of 1 workers are saturated with 90 users",
                "260 s: 2 -> 1, No run goes on",
                "261 s: 2 -> 1, No run goes on"
            ]
        );
    }

    #[test]
    fn what_was_learned_in_a_run_never_grows_again() {
        let rules = Rules { max: 9, ..rules() };
        let mut looks: Vec<_> = (0..5).map(|at| (at, seen(90, 1, 1), 1)).collect();
        // Nine were too few as well, with more users for each than one had been able to carry.
        looks.extend((5..70).map(|at| (at, seen(500, 9, 9), 9)));
        looks.extend((70..300).map(|at| (at, seen(360, 9, 0), 9)));
        assert_eq!(changes(rules, looks), ["4 s: 1 -> 2, 1 of 1 workers are saturated with 90 users"]);
    }

    #[test]
    fn nothing_is_changed_within_a_cool_down_whoever_changed_it() {
        let looks = (0..=70).map(|at| (at, seen(300, 2, 0), if at < 5 { 3 } else { 2 }));
        assert_eq!(changes(rules(), looks)[0], "65 s: 2 -> 3, 300 users at 100 per worker");
    }

    #[test]
    fn a_change_that_was_refused_is_wanted_again_after_a_cool_down() {
        let mut follower = Follower::new(rules());
        let look = |follower: &mut Follower, at| {
            follower.look(Duration::from_secs(at), seen(300, 1, 0), 1).map(|change| change.to)
        };
        assert_eq!(look(&mut follower, 0), Some(3));
        follower.refused(Duration::from_secs(1));
        assert_eq!(look(&mut follower, 60), None);
        assert_eq!(look(&mut follower, 61), Some(3));
    }

    #[test]
    fn a_snapshot_is_seen() {
        let worker = |state, saturated| WorkerRow { state, saturated, ..WorkerRow::default() };
        let mut snapshot = Snapshot {
            state: RunState::Spawning,
            user_count: 30,
            target_user_count: 70,
            workers: vec![
                worker(WorkerState::Running, true),
                worker(WorkerState::Spawning, false),
                worker(WorkerState::Missing, true),
            ],
            ..Snapshot::default()
        };
        assert_eq!(Seen::of(&snapshot), seen(70, 2, 1));
        snapshot.state = RunState::Stopped;
        assert_eq!(Seen::of(&snapshot), seen(0, 2, 1));
    }
}
