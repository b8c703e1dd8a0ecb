//! Picks by weight.

/// Weights of things that are picked from.
pub(crate) struct Weights {
    /// Upper ends of the shares; the last is the sum of all weights.
    ends: Vec<u64>,
}

impl FromIterator<u32> for Weights {
    fn from_iter<T: IntoIterator<Item = u32>>(weights: T) -> Self {
        let mut sum = 0;
        let end = |weight| {
            sum += u64::from(weight);
            sum
        };
        Self { ends: weights.into_iter().map(end).collect() }
    }
}

impl Weights {
    /// The index of one; 0 if nothing has a weight. A single one costs no random number.
    pub(crate) fn pick(&self, rng: &mut fastrand::Rng) -> usize {
        match self.ends.as_slice() {
            [] | [_] | [.., 0] => 0,
            [.., sum] => {
                let point = rng.u64(0..*sum);
                self.ends.partition_point(|&end| end <= point)
            }
        }
    }

    /// The index of the one whose turn it is after so many turns, each being taken as often as it weighs.
    pub(crate) fn in_turn(&self, turns: usize) -> usize {
        match self.ends.as_slice() {
            [] | [.., 0] => 0,
            [.., sum] => self.ends.partition_point(|&end| end <= turns as u64 % *sum),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn picks_keep_the_weights_and_leave_out_what_has_none() {
        let weights: Weights = [0, 3, 0, 1].into_iter().collect();
        let mut rng = fastrand::Rng::with_seed(7);
        let mut counts = [0_u32; 4];
        (0..10_000).for_each(|_| counts[weights.pick(&mut rng)] += 1);
        assert_eq!((counts[0], counts[2]), (0, 0));
        assert!((7_300..7_700).contains(&counts[1]), "{counts:?}");
    }

    #[test]
    fn turns_go_round() {
        let weights: Weights = [2, 0, 1].into_iter().collect();
        let turns: Vec<usize> = (0..7).map(|turn| weights.in_turn(turn)).collect();
        assert_eq!(turns, [0, 0, 2, 0, 0, 2, 0]);
    }

    #[test]
    fn nothing_to_choose_is_the_first() {
        for weights in [&[][..], &[5], &[0, 0]] {
            let weights: Weights = weights.iter().copied().collect();
            assert_eq!(weights.pick(&mut fastrand::Rng::with_seed(1)), 0);
        }
    }
}
