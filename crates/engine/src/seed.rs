//! Where users' random values start from: the same for the same user, however many cores and engines the fleet has
//! as long as its users divide evenly.

/// Where an engine stands in its fleet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// Its number, which no other engine of the fleet has.
    pub(crate) offset: u64,
    /// How many engines shared the run at its beginning, at least 1.
    pub(crate) engines: u64,
}

impl Default for Place {
    /// That of an engine that is alone.
    fn default() -> Self {
        Self { offset: 0, engines: 1 }
    }
}

impl Place {
    /// The seed of a user: the one with this `number`, from 0, of its class on this engine.
    ///
    /// Users of the fleet are numbered across engines, as cards are dealt. Engines that came later than the others are
    /// numbered apart, so that no two users ever have one seed.
    pub(crate) fn seed(self, seed: u64, class: usize, number: u64) -> u64 {
        let Self { offset, engines } = self;
        let (late, seat) = (offset / engines, offset % engines);
        mix([seed, class as u64, late, number.saturating_mul(engines).saturating_add(seat)])
    }
}

/// One number of several.
fn mix(parts: [u64; 4]) -> u64 {
    // The finalizer of SplitMix64, which spreads each bit over all others.
    parts.into_iter().fold(0, |seed: u64, number| {
        let mut mixed = (seed ^ number).wrapping_add(0x9E37_79B9_7F4A_7C15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn how_many_engines_share_the_users_does_not_matter() {
        let seeds = |engines: u64| -> BTreeSet<u64> {
            let numbers = |offset| (0..24 / engines).map(move |number| (offset, number));
            let users = (0..engines).flat_map(numbers);
            users.map(|(offset, number)| Place { offset, engines }.seed(7, 2, number)).collect()
        };
        assert_eq!(seeds(1).len(), 24);
        for engines in [2, 3, 4, 12] {
            assert_eq!(seeds(engines), seeds(1), "{engines}");
        }
    }

    #[test]
    fn engines_that_come_later_have_seeds_of_their_own() {
        let mut all = BTreeSet::new();
        for (offset, class, number) in
            (0..10_u64).flat_map(|at| (0..60).map(move |rest| (at, rest % 3, rest / 3)))
        {
            let place = Place { offset, engines: 2 };
            assert!(all.insert(place.seed(1, usize::try_from(class).unwrap(), number)));
        }
    }
}
