//! Whose an arrival is: each goes to one of the class's user numbers in turn, in strides that leave no part out.

use std::ops::Range;

/// Which arrivals are those of a block of users.
///
/// Arrival `j` is that of the user number `j * step mod users`. The step has no factor in common with the number of
/// users, so that `users` arrivals one after the other meet each number once and any block gets its exact part; and
/// it is near the golden section, so that a block gets its part evenly over time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Deal {
    /// Users of the class in the whole fleet, at least 1.
    users: u64,
    step: u64,
    block: Range<u64>,
}

impl Deal {
    /// The arrivals of the numbers in `block`, of `users` in the whole fleet.
    pub(crate) fn new(users: u64, block: Range<u64>) -> Self {
        let users = users.max(block.end).max(1);
        Self { users, step: step(users), block }
    }

    /// No arrivals.
    pub(crate) fn nothing() -> Self {
        Self::new(1, 0..0)
    }

    /// The first of its arrivals from `least` on.
    pub(crate) fn next(&self, least: u64) -> Option<u64> {
        if self.block.is_empty() {
            return None;
        }
        self.numbers(least)
            .position(|number| self.block.contains(&number))
            .map(|gap| least.saturating_add(gap as u64))
    }

    /// How many of its arrivals are in `range`.
    pub(crate) fn count(&self, range: Range<u64>) -> u64 {
        let length = range.end.saturating_sub(range.start);
        let whole = (length / self.users).saturating_mul(self.block.end - self.block.start);
        let rest = usize::try_from(length % self.users).unwrap_or(usize::MAX);
        let rest = self.numbers(range.start).take(rest).filter(|number| self.block.contains(number)).count();
        whole.saturating_add(rest as u64)
    }

    /// The user numbers of as many arrivals as there are users, from arrival `first` on.
    fn numbers(&self, first: u64) -> impl Iterator<Item = u64> + '_ {
        let start = u128::from(first) * u128::from(self.step) % u128::from(self.users);
        #[expect(clippy::cast_possible_truncation, reason = "a remainder of a u64")]
        let mut number = start as u64;
        (0..self.users).map(move |_| {
            let this = number;
            number = if number >= self.users - self.step {
                number - (self.users - self.step)
            } else {
                number + self.step
            };
            this
        })
    }
}

/// A number coprime to `users`, as near as can be to its golden section.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of a u64")]
fn step(users: u64) -> u64 {
    let section = (users as f64 * 0.618_033_988_749_895) as u64;
    let near = (0..=users).flat_map(|away| [section.checked_sub(away), section.checked_add(away)]);
    let fits = |&step: &u64| (1..=users).contains(&step) && coprime(step, users);
    near.flatten().find(fits).unwrap_or(1)
}

fn coprime(mut a: u64, mut b: u64) -> bool {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a == 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn numbers(deal: &Deal, range: Range<u64>) -> Vec<u64> {
        range.map(|arrival| deal.numbers(arrival).next().unwrap()).collect()
    }

    #[test]
    fn few_users_take_turns() {
        assert_eq!(numbers(&Deal::new(1, 0..1), 0..3), [0, 0, 0]);
        assert_eq!(numbers(&Deal::new(2, 0..1), 0..4), [0, 1, 0, 1]);
        assert_eq!(numbers(&Deal::new(5, 0..1), 0..5), [0, 3, 1, 4, 2]);
    }

    #[test]
    fn nothing_is_dealt_to_nobody() {
        let nothing = Deal::nothing();
        assert_eq!((nothing.next(5), nothing.count(0..u64::MAX)), (None, 0));
        assert_eq!(Deal::new(0, 3..5), Deal::new(5, 3..5), "a fleet is at least as large as its parts");
    }

    #[test]
    fn blocks_are_served_evenly() {
        // A tenth of the users: no gap is three times the mean.
        let deal = Deal::new(1_000, 300..400);
        let mut last = deal.next(0).unwrap();
        for _ in 0..1_000 {
            let next = deal.next(last + 1).unwrap();
            assert!(next - last < 30, "{last} {next}");
            last = next;
        }
    }

    proptest! {
        #[test]
        fn as_many_arrivals_as_users_meet_each_number_once(users in 1..400_u64, first in 0..u64::MAX / 2) {
            let mut numbers = numbers(&Deal::new(users, 0..1), first..first + users);
            numbers.sort_unstable();
            prop_assert_eq!(numbers, (0..users).collect::<Vec<_>>());
        }

        #[test]
        fn blocks_divide_all_arrivals(
            users in 1..100_u64,
            cuts in prop::collection::vec(0..100_u64, 0..4),
            start in 0..1_000_u64,
            length in 0..1_000_u64,
        ) {
            let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.min(users)).chain([0, users]).collect();
            cuts.sort_unstable();
            let mut sum = 0;
            for block in cuts.windows(2) {
                let deal = Deal::new(users, block[0]..block[1]);
                let count = deal.count(start..start + length);
                let mut found = 0;
                let mut at = start;
                while let Some(next) = deal.next(at).filter(|next| *next < start + length) {
                    (found, at) = (found + 1, next + 1);
                }
                prop_assert_eq!(found, count);
                prop_assert_eq!(deal.count(start..start + users), block[1] - block[0]);
                sum += count;
            }
            prop_assert_eq!(sum, length);
        }
    }
}
