//! What Locust 2.47's own dispatcher was seen to do, and where Akrida does otherwise on purpose.

#![expect(clippy::panic, reason = "tests stop at what they did not expect")]

use akrida_dispatch::{Assignment, Class, ClassSequence, Ramp, Worker, place, worker_order};
use std::time::Duration;

/// The classes of examples 1 and their order in a row: Admin (fixed 2), Api (1), Web (3).
const MIXED: &[(&str, u64, u64)] = &[("Admin", 1, 2), ("Api", 1, 0), ("Web", 3, 0)];
const WEB: &[(&str, u64, u64)] = &[("Web", 1, 0)];

fn sequence(classes: &[(&str, u64, u64)]) -> ClassSequence {
    let class = |&(name, weight, fixed_count): &(&str, u64, u64)| Class {
        name: name.to_owned(),
        weight,
        fixed_count,
    };
    ClassSequence::new(&classes.iter().map(class).collect::<Vec<_>>())
}

/// A run: its present assignment, on workers that the test changes.
struct Run {
    sequence: ClassSequence,
    workers: Vec<&'static str>,
    present: Assignment<&'static str>,
}

impl Run {
    fn new(classes: &[(&str, u64, u64)], workers: &[&'static str]) -> Self {
        Self { sequence: sequence(classes), workers: workers.to_vec(), present: Assignment::default() }
    }

    fn place(&mut self, users: u64) -> Vec<Vec<u64>> {
        let order = worker_order(&self.workers);
        let workers: Vec<_> =
            order.iter().map(|&at| Worker { id: self.workers[at], capacity: None }).collect();
        self.present = place(&self.present, &workers, &self.sequence.totals(users));
        workers.iter().map(|worker| self.present.of(&worker.id).to_vec()).collect()
    }

    /// Goes to `target` at `rate` and holds each iteration against (seconds, users of each worker in order).
    fn check(&mut self, target: u64, rate: f64, expected: &[(f64, &[&[u64]])]) {
        let target = self.sequence.most().unwrap_or(target).min(target);
        let ramp = Ramp::new(self.present.users(), target, rate);
        let mut next = Some(Duration::ZERO);
        for (at, rows) in expected {
            let now = next.unwrap_or_else(|| panic!("no iteration at {at} s"));
            assert_eq!(now.as_secs_f64(), *at);
            assert_eq!(self.place(ramp.users_at(now)), *rows, "at {at} s of the ramp to {target}");
            next = ramp.next_change(now);
        }
        assert_eq!(next, None, "more iterations than expected");
    }
}

#[test]
fn example_1_a_ramp_up_and_down_with_a_fixed_class() {
    // The classes of all users are Locust's at each step of the way up. Which worker has them differs: Locust's
    // round robin would end at (1, 0, 9) and (1, 5, 4), with every Api user on the second worker.
    let mut run = Run::new(MIXED, &["h1_a", "h1_b"]);
    run.check(
        20,
        5.0,
        &[
            (0.0, &[&[1, 1, 1], &[1, 0, 1]]),
            (1.0, &[&[1, 1, 3], &[1, 1, 3]]),
            (2.0, &[&[1, 2, 5], &[1, 1, 5]]),
            (3.0, &[&[1, 3, 6], &[1, 2, 7]]),
        ],
    );
    // On the way down Locust has the same totals, because it takes the newest first, as Akrida does: 2, 3, 10
    // and 2, 2, 6 and 2, 2, 4; then 2, 1, 2 and 2, 0, 0.
    let totals = |run: &Run, users| run.sequence.totals(users);
    assert_eq!(
        [15, 10, 8, 5, 2, 0].map(|users| totals(&run, users)),
        [[2, 3, 10], [2, 2, 6], [2, 2, 4], [2, 1, 2], [2, 0, 0], [0, 0, 0]]
    );
}

#[test]
fn example_2_hosts_take_turns_and_workers_join_and_leave() {
    let mut run = Run::new(WEB, &["hostA_1", "hostA_2", "hostB_1"]);
    // In order: hostA_1, hostB_1, hostA_2.
    run.check(
        7,
        2.5,
        &[
            (0.0, &[&[1], &[1], &[0]]),
            (0.8, &[&[2], &[1], &[1]]),
            (1.6, &[&[2], &[2], &[2]]),
            (2.4, &[&[3], &[2], &[2]]),
        ],
    );
    run.workers.push("hostB_2");
    run.check(7, 2.5, &[(0.0, &[&[2], &[2], &[2], &[1]])]);
    run.check(7, 2.5, &[(0.0, &[&[2], &[2], &[2], &[1]])]);
    run.workers.retain(|worker| *worker != "hostA_1");
    run.check(7, 2.5, &[(0.0, &[&[3], &[2], &[2]])]);
}

#[test]
fn example_3_a_rate_below_one() {
    let ramp = Ramp::new(0, 9, 0.5);
    assert_eq!((ramp.per_iteration(), ramp.pause()), (1, Duration::from_secs(2)));
}

#[test]
fn example_4_a_worker_joins_or_leaves_in_the_middle_of_a_ramp() {
    // Locust sends the new division as an iteration of its own; here it is the ramp's present number of users
    // placed on other workers.
    let mut joined = Run::new(WEB, &["h_1"]);
    assert_eq!([2, 4].map(|users| joined.place(users)), [[[2]], [[4]]]);
    joined.workers.push("h_2");
    assert_eq!([4, 6, 8].map(|users| joined.place(users)), [[[2], [2]], [[3], [3]], [[4], [4]]]);

    let mut left = Run::new(WEB, &["h_1", "h_2"]);
    assert_eq!([2, 4].map(|users| left.place(users)), [[[1], [1]], [[2], [2]]]);
    left.workers.remove(0);
    assert_eq!([4, 6, 8].map(|users| left.place(users)), [[[4]], [[6]], [[8]]]);
}

#[test]
fn example_5_fixed_users_alone_bound_the_target() {
    // Locust pauses once more before it finds that nobody is left to spawn.
    let mut run = Run::new(&[("Admin", 1, 3)], &["h_1"]);
    run.check(5, 2.0, &[(0.0, &[&[2]]), (1.0, &[&[3]])]);
}

#[test]
fn example_6_no_users_is_an_iteration_too() {
    Run::new(WEB, &["h_1", "h_2"]).check(0, 1.0, &[(0.0, &[&[0], &[0]])]);
}

#[test]
fn example_7_a_class_is_added() {
    // Locust keeps the four and adds by its generator on the same workers: (4, 0), (2, 2). Here the mix is right
    // at once, on both workers; nobody who may stay moves.
    let mut run = Run::new(&[("Aweb", 1, 0), ("Bweb", 0, 0)], &["h_1", "h_2"]);
    run.check(4, 4.0, &[(0.0, &[&[2, 0], &[2, 0]])]);
    run.sequence = sequence(&[("Aweb", 1, 0), ("Bweb", 1, 0)]);
    run.check(8, 4.0, &[(0.0, &[&[2, 2], &[2, 2]])]);
}

#[test]
fn examples_8_and_9_edits_down_and_up_again() {
    // Locust ends its edits at (3, 2, 1) and (3, 1, 2); here every worker has its share at every time.
    let mut run = Run::new(WEB, &["h_1", "h_2", "h_3"]);
    run.check(7, 100.0, &[(0.0, &[&[3], &[2], &[2]])]);
    for _ in 0..3 {
        run.check(4, 100.0, &[(0.0, &[&[2], &[1], &[1]])]);
        run.check(6, 100.0, &[(0.0, &[&[2], &[2], &[2]])]);
    }
}

#[test]
fn example_10_a_mix_does_not_drift() {
    // Locust's generator goes on where it was, so that after a few edits ten users are eight and two.
    let mut run = Run::new(&[("Api", 1, 0), ("Web", 9, 0)], &["h_1"]);
    run.check(10, 100.0, &[(0.0, &[&[1, 9]])]);
    for _ in 0..20 {
        run.check(9, 100.0, &[(0.0, &[&[1, 8]])]);
        run.check(10, 100.0, &[(0.0, &[&[1, 9]])]);
    }
}
