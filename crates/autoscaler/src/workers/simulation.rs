//! A fleet of pods that take their time, die and are noisy, followed second by second.

use super::{Follower, Rules, Seen};
use proptest::prelude::*;
use std::time::Duration;

/// How the pods behave.
#[derive(Clone, Debug)]
struct Pods {
    /// Seconds from being wanted to being connected.
    start: u64,
    /// Users that one really carries.
    carries: u64,
    /// One dies every so many seconds; 0 for never.
    dies_every: u64,
    /// Percent of looks in which a pod says the opposite of what is true.
    noise: u32,
    /// Whether those that are missing are ever replaced.
    replaced: bool,
}

const STEADY: Pods = Pods { start: 3, carries: 1_000, dies_every: 0, noise: 0, replaced: true };

/// What was wanted after each change, with its second.
fn play(rules: &Rules, pods: &Pods, seconds: u64, seed: u64, users: impl Fn(u64) -> u64) -> Vec<(u64, u32)> {
    let mut follower = Follower::new(rules.clone());
    let mut rng = fastrand::Rng::with_seed(seed);
    let (mut wanted, mut changes) = (1_u32, Vec::new());
    // When each pod is connected.
    let mut fleet: Vec<u64> = vec![0];
    for at in 0..seconds {
        if pods.dies_every > 0 && at % pods.dies_every == 0 && !fleet.is_empty() {
            fleet.swap_remove(rng.usize(..fleet.len()));
        }
        fleet.truncate(wanted as usize);
        while fleet.len() < wanted as usize
            && (pods.replaced || changes.last().is_some_and(|c: &(u64, u32)| c.0 == at))
        {
            fleet.push(at + pods.start);
        }
        let there = fleet.iter().filter(|since| **since <= at).count() as u64;
        let users = users(at);
        let over = there > 0 && users > pods.carries * there;
        let says = (0..there).filter(|_| over != (rng.u32(0..100) < pods.noise)).count();
        let seen = Seen { users, workers: there as u32, saturated: says as u32 };
        if let Some(change) = follower.look(Duration::from_secs(at), seen, wanted) {
            assert_eq!(change.from, wanted);
            assert_ne!(change.to, wanted);
            wanted = change.to;
            changes.push((at, wanted));
        }
    }
    changes
}

fn rules() -> Rules {
    Rules { users_per_worker: 100, min: 1, max: 20, cooldown: Duration::from_secs(60) }
}

/// Bounds hold, no two changes fall into one cool-down, and none but the first comes sooner.
fn check_rules(rules: &Rules, changes: &[(u64, u32)]) {
    for (at, wanted) in changes {
        assert!((rules.min.max(1)..=rules.max).contains(wanted), "{wanted} at {at}");
    }
    for pair in changes.windows(2) {
        assert!(pair[1].0 - pair[0].0 >= rules.cooldown.as_secs(), "{changes:?}");
    }
}

/// How often the direction of change turns round.
fn turns(changes: &[(u64, u32)]) -> usize {
    let counts: Vec<u32> = std::iter::once(1).chain(changes.iter().map(|(_, wanted)| *wanted)).collect();
    let ups: Vec<bool> = counts.windows(2).map(|pair| pair[1] > pair[0]).collect();
    ups.windows(2).filter(|pair| pair[0] != pair[1]).count()
}

#[test]
fn a_step_is_followed_in_one_change() {
    let step = |at| if (100..1_000).contains(&at) { 750 } else { 50 };
    assert_eq!(play(&rules(), &STEADY, 2_000, 0, step), [(100, 8), (1_060, 1)]);
}

#[test]
fn a_ramp_is_followed_upwards_and_then_downwards() {
    let ramp = |at: u64| if at < 1_000 { at } else { 2_000 - at };
    let changes = play(&rules(), &STEADY, 2_000, 0, ramp);
    check_rules(&rules(), &changes);
    assert_eq!(turns(&changes), 1, "{changes:?}");
    assert_eq!(changes.iter().map(|(_, wanted)| *wanted).max(), Some(10));
}

#[test]
fn noise_around_a_boundary_does_not_swing_the_fleet() {
    let mut changed = 0;
    for seed in 0..50 {
        let noise = |at: u64| 300 + fastrand::Rng::with_seed(seed * 10_000 + at).u64(0..20) - 10;
        let changes = play(&rules(), &STEADY, 3_600, seed, noise);
        check_rules(&rules(), &changes);
        changed += changes.len();
        // From one worker to three or four, then perhaps to the fourth, and no further.
        assert!(changes.len() <= 2 && turns(&changes) == 0, "{changes:?}");
    }
    assert!(changed >= 50);
}

#[test]
fn false_words_of_single_workers_bring_nothing() {
    let noisy = Pods { noise: 10, ..STEADY };
    for seed in 0..50 {
        assert_eq!(play(&rules(), &noisy, 3_600, seed, |_| 780), [(0, 8)], "seed {seed}");
    }
}

#[test]
fn workers_that_carry_less_than_was_said_are_added_until_they_are_enough() {
    // 100 were said, 60 are true: 600 users need 10 workers, and not 6.
    let weak = Pods { carries: 60, ..STEADY };
    let changes = play(&rules(), &weak, 3_600, 0, |_| 600);
    check_rules(&rules(), &changes);
    let counts: Vec<u32> = changes.iter().map(|(_, wanted)| *wanted).collect();
    assert_eq!(counts, [6, 7, 8, 9, 10]);
}

#[test]
fn what_cannot_be_carried_ends_at_the_bound() {
    let hopeless = Pods { carries: 1, ..STEADY };
    let changes = play(&rules(), &hopeless, 7_200, 0, |_| 600);
    check_rules(&rules(), &changes);
    assert_eq!(changes.last().map(|(_, wanted)| *wanted), Some(20));
    assert_eq!(turns(&changes), 0);
}

#[test]
fn slow_pods_are_waited_for() {
    // They take longer than a cool-down, and those that are there are saturated meanwhile.
    let slow = Pods { start: 200, carries: 100, ..STEADY };
    assert_eq!(play(&rules(), &slow, 3_600, 0, |_| 600), [(0, 6)]);
}

#[test]
fn pods_that_die_bring_no_others_than_those_that_replace_them() {
    for replaced in [true, false] {
        let dying = Pods { dies_every: 20, carries: 120, replaced, ..STEADY };
        let changes = play(&rules(), &dying, 3_600, 1, |_| 500);
        assert_eq!(changes, [(0, 5)], "replaced: {replaced}");
    }
}

proptest! {
    #[test]
    fn whatever_happens_bounds_and_cool_down_hold(
        seed: u64,
        per_worker in 1_u64..500,
        min in 0_u32..5,
        more in 0_u32..30,
        cooldown in 1_u64..200,
        start in 0_u64..100,
        carries in 1_u64..500,
        dies_every in 0_u64..50,
        noise in 0_u32..60,
    ) {
        let max = min + more.max(1);
        let rules = Rules { users_per_worker: per_worker, min, max, cooldown: Duration::from_secs(cooldown) };
        let pods = Pods { start, carries, dies_every, noise, replaced: true };
        let load = |at: u64| fastrand::Rng::with_seed(seed ^ (at / 50)).u64(0..3_000);
        check_rules(&rules, &play(&rules, &pods, 1_000, seed, load));
    }

    #[test]
    fn constant_load_never_turns_round(
        users in 1_u64..3_000,
        per_worker in 1_u64..500,
        carries in 1_u64..500,
        start in 0_u64..100,
    ) {
        let rules = Rules { users_per_worker: per_worker, ..rules() };
        let pods = Pods { start, carries, ..STEADY };
        let changes = play(&rules, &pods, 2_000, 0, |_| users);
        prop_assert_eq!(turns(&changes), 0);
    }
}
