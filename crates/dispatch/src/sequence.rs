//! In which order users of the classes come.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// A user class, as far as its users' number goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    /// Its name; breaks ties.
    pub name: String,
    /// Share among the weighted classes. A class of weight 0 without fixed count gets no users.
    pub weight: u64,
    /// Exactly this many users, which come before all weighted ones; 0 for a weighted class.
    pub fixed_count: u64,
}

/// The order in which users of the classes come, which is Locust's: first the fixed ones, interleaved by their
/// counts, then the weighted ones for ever, each next of the class that brings the mix closest to the weights.
///
/// Unlike Locust's it has no memory: what N users are is a function of N. So users who leave are those who came
/// last, and a run that went up and down has the mix that one that only went up has.
#[derive(Clone, Debug)]
pub struct ClassSequence {
    /// By the caller's order of classes.
    classes: usize,
    fixed: Vec<Turn>,
    fixed_users: u64,
    weighted: Vec<Turn>,
}

/// A class's place in the queue for the next user. Orders as Locust's generator does: by how little the mix
/// suffers, then by weight, then by name.
#[derive(Clone, Debug)]
struct Turn {
    /// w * ln(1 - 1/(w + n + 1)), for weight w after n users; below 0, and the lower, the more a user is due.
    due: f64,
    weight: u64,
    taken: u64,
    most: u64,
    /// Position among the names.
    rank: usize,
    class: usize,
}

impl Turn {
    fn new(weight: u64, most: u64, rank: usize, class: usize) -> Self {
        Self { due: 0.0, weight, taken: 0, most, rank, class }.after(0)
    }

    /// The same class after `taken` users.
    fn after(mut self, taken: u64) -> Self {
        self.taken = taken;
        let before = self.weight.saturating_add(taken) as f64;
        // log2(x / (x + 1)) up to a factor, without losing the digits of a ratio near 1.
        self.due = -(self.weight as f64) * (1.0 / before).ln_1p();
        self
    }
}

impl Ord for Turn {
    /// Greatest is whose turn it is, as a `BinaryHeap` wants it.
    fn cmp(&self, other: &Self) -> Ordering {
        let mine = (self.weight.saturating_add(self.taken), self.weight, self.rank);
        let others = (other.weight.saturating_add(other.taken), other.weight, other.rank);
        other.due.total_cmp(&self.due).then_with(|| others.cmp(&mine))
    }
}

impl PartialOrd for Turn {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Turn {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Turn {}

impl ClassSequence {
    /// The sequence of `classes`, which come in any order and are named by their index from here on.
    #[must_use]
    pub fn new(classes: &[Class]) -> Self {
        let mut by_name: Vec<usize> = (0..classes.len()).collect();
        by_name.sort_by_key(|&class| &classes[class].name);
        let (mut fixed, mut weighted) = (Vec::new(), Vec::new());
        for (rank, class) in by_name.into_iter().enumerate() {
            let Class { weight, fixed_count, .. } = classes[class];
            if fixed_count > 0 {
                let count = fixed_count.min(crate::limits::USERS);
                fixed.push(Turn::new(count, count, rank, class));
            } else if weight > 0 {
                weighted.push(Turn::new(weight, u64::MAX, rank, class));
            }
        }
        let fixed_users = fixed.iter().fold(0_u64, |sum, turn| sum.saturating_add(turn.most));
        Self { classes: classes.len(), fixed, fixed_users, weighted }
    }

    /// The most users that there can be; `None` for any number. Only fixed classes bound it.
    #[must_use]
    pub fn most(&self) -> Option<u64> {
        self.weighted.is_empty().then_some(self.fixed_users)
    }

    /// Users of the classes that have a fixed number of them; they are the first ones.
    #[must_use]
    pub fn fixed(&self) -> u64 {
        self.fixed_users
    }

    /// Users by class among the first `users`. Fewer in all only above [`Self::most`].
    #[must_use]
    pub fn totals(&self, users: u64) -> Vec<u64> {
        let users = users.min(crate::limits::USERS);
        let mut totals = vec![0; self.classes];
        let fixed = users.min(self.fixed_users);
        count_first(&self.fixed, fixed, &mut totals);
        count_first(&self.weighted, users - fixed, &mut totals);
        totals
    }
}

/// Adds the first `users` of one generator to `totals`.
fn count_first(turns: &[Turn], users: u64, totals: &mut [u64]) {
    // The order is by a key that only grows within a class, so the first N users are those with the N lowest keys,
    // and counting may begin at any point that is surely before N. Whatever the weights, nobody is further from
    // its share than the number of classes.
    let weights: u128 = turns.iter().map(|turn| u128::from(turn.weight)).sum();
    let slack = turns.len() as u64 + 3;
    let mut left = users;
    let mut queue = BinaryHeap::with_capacity(turns.len());
    for turn in turns {
        let share = u128::from(users) * u128::from(turn.weight) / weights;
        let surely = (share as u64).saturating_sub(slack).min(turn.most);
        left -= surely;
        queue.push(turn.clone().after(surely));
    }
    while left > 0 {
        let Some(turn) = queue.pop() else { break };
        if turn.taken < turn.most {
            left -= 1;
            let taken = turn.taken + 1;
            queue.push(turn.after(taken));
        } else {
            totals[turn.class] += turn.taken;
        }
    }
    for turn in queue {
        totals[turn.class] += turn.taken;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn classes(weights: &[u64], fixed: &[u64]) -> Vec<Class> {
        let name = |index: usize| char::from(b'A' + index as u8).to_string();
        let weighted = weights.iter().map(|&weight| (weight, 0));
        let all = weighted.chain(fixed.iter().map(|&count| (1, count)));
        all.enumerate()
            .map(|(index, (weight, fixed_count))| Class { name: name(index), weight, fixed_count })
            .collect()
    }

    /// The names of the first `users`, one after the other.
    fn spelt(classes: &[Class], users: u64) -> String {
        let sequence = ClassSequence::new(classes);
        let mut before = sequence.totals(0);
        let mut names = String::new();
        for count in 1..=users {
            let after = sequence.totals(count);
            for (class, (before, after)) in before.iter().zip(&after).enumerate() {
                assert!(before <= after, "user {count} takes one of class {class} away");
                names.push_str(&classes[class].name.repeat((after - before) as usize));
            }
            before = after;
        }
        names
    }

    /// What Locust 2.47's own generator yields.
    #[test]
    fn weighted_classes_come_in_locusts_order() {
        for (weights, expected) in [
            (&[3, 1][..], "ABAAABAAABAAABAA"),
            (&[5, 1], "AABAAAAABAAAAABA"),
            (&[1, 1], "ABABABABAB"),
            (&[3, 2, 1], "ABCABAABCABAABCABA"),
            (&[10, 1, 1], "AAAABCAAAAAAAAAAABCAAAAAAA"),
        ] {
            assert_eq!(spelt(&classes(weights, &[]), expected.len() as u64), expected, "{weights:?}");
        }
    }

    #[test]
    fn fixed_classes_come_first_and_alone_bound_the_users() {
        let mixed = classes(&[3, 1], &[2]);
        assert_eq!(spelt(&mixed, 10), "CCABAAABAA");
        assert_eq!(ClassSequence::new(&mixed).most(), None);
        let fixed = classes(&[], &[3, 1]);
        assert_eq!(spelt(&fixed, 9), "ABAA");
        assert_eq!(ClassSequence::new(&fixed).most(), Some(4));
        assert_eq!(ClassSequence::new(&[]).totals(5), [0; 0]);
    }

    #[test]
    fn names_and_not_places_break_ties() {
        let mut reversed = classes(&[1, 1, 1], &[]);
        reversed.reverse();
        assert_eq!(ClassSequence::new(&reversed).totals(1), [0, 0, 1]);
    }

    #[test]
    fn a_class_without_weight_gets_nobody() {
        assert_eq!(ClassSequence::new(&classes(&[0, 2], &[])).totals(5), [0, 5]);
        assert_eq!(ClassSequence::new(&classes(&[0], &[])).most(), Some(0));
    }

    #[test]
    fn huge_numbers_are_harmless() {
        let sequence = ClassSequence::new(&classes(&[u64::MAX, u64::MAX, 1], &[u64::MAX]));
        assert_eq!(sequence.totals(u64::MAX).iter().sum::<u64>(), crate::limits::USERS);
    }

    proptest! {
        #[test]
        fn counting_begins_anywhere_and_ends_alike(
            weights in prop::collection::vec(0_u64..1_000, 0..6),
            fixed in prop::collection::vec(1_u64..60, 0..4),
            users in 0_u64..300,
        ) {
            // `spelt` also holds that no user is ever taken away by one more.
            let classes = classes(&weights, &fixed);
            let sequence = ClassSequence::new(&classes);
            let reachable = sequence.most().unwrap_or(users).min(users);
            prop_assert_eq!(sequence.totals(users).iter().sum::<u64>(), reachable);
            prop_assert_eq!(spelt(&classes, users).len() as u64, reachable);
            prop_assert_eq!(sequence.totals(users), one_by_one(&classes, users));
        }

        #[test]
        fn the_mix_is_that_of_the_weights(
            weights in prop::collection::vec(1_u64..1_000_000, 1..20), users in 0_u64..1_000_000
        ) {
            let totals = ClassSequence::new(&classes(&weights, &[])).totals(users);
            let sum: u64 = weights.iter().sum();
            for (weight, total) in weights.iter().zip(&totals) {
                let share = users as f64 * *weight as f64 / sum as f64;
                prop_assert!((*total as f64 - share).abs() <= weights.len() as f64 + 1.0);
            }
            prop_assert_eq!(totals.iter().sum::<u64>(), users);
        }
    }

    /// The same without any short cut.
    fn one_by_one(classes: &[Class], users: u64) -> Vec<u64> {
        let sequence = ClassSequence::new(classes);
        let mut totals = vec![0_u64; classes.len()];
        for _ in 0..users {
            let next = |turns: &[Turn]| {
                let turns = turns.iter().map(|turn| turn.clone().after(totals[turn.class]));
                turns.filter(|turn| turn.taken < turn.most).max().map(|turn| turn.class)
            };
            let Some(class) = next(&sequence.fixed).or_else(|| next(&sequence.weighted)) else { break };
            totals[class] += 1;
        }
        totals
    }
}
