//! Which core runs how many users.

/// Brings `shares` (users by core, then by class) to `wanted` users by class with the fewest starts and stops:
/// a class that grows grows where fewest users are, one that shrinks shrinks where it has most.
pub(crate) fn adjust(shares: &mut [Vec<u64>], wanted: &[u64]) {
    for share in shares.iter_mut() {
        share.resize(wanted.len(), 0);
    }
    let mut totals: Vec<u64> = shares.iter().map(|share| share.iter().sum()).collect();
    for (class, &wanted) in wanted.iter().enumerate() {
        let mut present: u64 = shares.iter().map(|share| share[class]).sum();
        while present > wanted {
            let Some(core) = (0..shares.len()).max_by_key(|&core| (shares[core][class], totals[core])) else {
                return;
            };
            shares[core][class] -= 1;
            totals[core] -= 1;
            present -= 1;
        }
    }
    for (class, &wanted) in wanted.iter().enumerate() {
        let mut present: u64 = shares.iter().map(|share| share[class]).sum();
        while present < wanted {
            let Some(core) = (0..shares.len()).min_by_key(|&core| (totals[core], shares[core][class])) else {
                return;
            };
            shares[core][class] += 1;
            totals[core] += 1;
            present += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_and_cores_are_balanced() {
        let mut shares = vec![vec![]; 3];
        adjust(&mut shares, &[5, 4, 1]);
        let totals: Vec<u64> = shares.iter().map(|share| share.iter().sum()).collect();
        assert_eq!(totals.iter().sum::<u64>(), 10);
        assert!(totals.iter().max().unwrap() - totals.iter().min().unwrap() <= 1, "{shares:?}");
    }

    #[test]
    fn nobody_moves_when_nothing_changes_and_only_the_surplus_stops() {
        let mut shares = vec![vec![3, 1], vec![2, 2]];
        adjust(&mut shares, &[5, 3]);
        assert_eq!(shares, [vec![3, 1], vec![2, 2]]);
        adjust(&mut shares, &[3, 3]);
        assert_eq!(shares.iter().map(|share| share[0]).sum::<u64>(), 3);
        assert_eq!((shares[0][1], shares[1][1]), (1, 2));
    }
}
