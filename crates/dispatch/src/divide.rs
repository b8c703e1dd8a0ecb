//! How many users are for workers that are told users by class, and how many for those that are told only a number and
//! choose classes by themselves: Locust's before 2.0.

/// Users of the two kinds of workers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Division {
    /// Users of all workers that are told classes.
    pub by_class: u64,
    /// Users of each worker that is told a number.
    pub by_number: Vec<u64>,
}

/// Divides `users` among `by_class` and `by_number` workers of the two kinds, as evenly as it goes; the first ones
/// have what is left over, and those that are told classes come first.
///
/// The `fixed` first users are of classes with a fixed number of users, which nobody can have but who is told classes:
/// if there is such a worker, they are among its users, and others have less for it.
#[must_use]
pub fn divide(users: u64, by_class: usize, by_number: usize, fixed: u64) -> Division {
    let (named, numbered) = (by_class as u64, by_number as u64);
    if named == 0 {
        return Division { by_class: 0, by_number: evenly(users, numbered) };
    }
    let (each, left_over) = (users / (named + numbered), users % (named + numbered));
    let even = each * named + left_over.min(named);
    let by_class = if numbered == 0 { users } else { even.max(fixed.min(users)) };
    Division { by_class, by_number: evenly(users - by_class, numbered) }
}

/// As even as it goes; the first ones have one more.
fn evenly(users: u64, workers: u64) -> Vec<u64> {
    let more = |worker| u64::from(worker < users % workers);
    (0..workers).map(|worker| users / workers + more(worker)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_divided_evenly_and_fixed_ones_are_for_those_that_are_told_classes() {
        let check = |users, workers: (usize, usize), fixed, by_class, by_number: &[u64]| {
            let divided = divide(users, workers.0, workers.1, fixed);
            assert_eq!(divided, Division { by_class, by_number: by_number.to_vec() });
            assert!(workers.0 + workers.1 == 0 || by_class + by_number.iter().sum::<u64>() == users);
        };
        check(10, (0, 2), 0, 0, &[5, 5]);
        check(10, (0, 3), 4, 0, &[4, 3, 3]);
        check(11, (2, 2), 0, 6, &[3, 2]);
        check(8, (1, 3), 0, 2, &[2, 2, 2]);
        check(7, (1, 3), 5, 5, &[1, 1, 0]);
        check(3, (1, 3), 5, 3, &[0, 0, 0]);
        check(9, (3, 0), 0, 9, &[]);
        check(9, (0, 0), 0, 0, &[]);
    }
}
