//! The generations of Locust's protocol, and how a peer's is known by what it says.
//!
//! Before 2.0 a worker did not say its version, and was told a number of users instead of users by class. Which
//! generation it is of shows in the form of its messages, little by little: so a peer is known by a range.

use std::fmt;

/// Versions of Locust that speak alike; older ones are less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Generation {
    /// 0.5 to 0.9: by PUSH and PULL, without addresses and heartbeats. A failed request is no request.
    V0_5,
    /// 0.10 to 0.13: by ROUTER and DEALER. Heartbeats tell a state.
    V0_10,
    /// 0.14: heartbeats tell the use of the processor too.
    V0_14,
    /// 1.0 and 1.1: clients are called users.
    V1_0,
    /// 1.2 to 1.4.3: users are spawned, where they hatched before.
    V1_2,
    /// 1.4.4 to 1.6: heartbeats tell the number of users.
    V1_4,
    /// 2.0 and later: jobs name users by class, and workers their version.
    V2,
}

impl Generation {
    const ALL: [Self; 7] =
        [Self::V0_5, Self::V0_10, Self::V0_14, Self::V1_0, Self::V1_2, Self::V1_4, Self::V2];

    /// The versions of it, first and last; the newest has no last one.
    fn versions(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::V0_5 => ("0.5", Some("0.9")),
            Self::V0_10 => ("0.10", Some("0.13")),
            Self::V0_14 => ("0.14", Some("0.14")),
            Self::V1_0 => ("1.0", Some("1.1")),
            Self::V1_2 => ("1.2", Some("1.4.3")),
            Self::V1_4 => ("1.4.4", Some("1.6")),
            Self::V2 => ("2.0", None),
        }
    }
}

/// The generations that a peer may be of, from the oldest to the newest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Generations {
    oldest: Generation,
    newest: Generation,
}

impl Generations {
    /// Any.
    pub const ALL: Self = Self::between(Generation::V0_5, Generation::V2);

    /// Those before 2.0.
    pub const OLD: Self = Self::between(Generation::V0_5, Generation::V1_4);

    /// Those whose users hatch.
    pub const HATCHING: Self = Self::between(Generation::V0_5, Generation::V1_0);

    /// Those whose users are spawned.
    pub const SPAWNING: Self = Self::between(Generation::V1_2, Generation::V2);

    /// From `oldest` to `newest`.
    #[must_use]
    pub const fn between(oldest: Generation, newest: Generation) -> Self {
        Self { oldest, newest }
    }

    /// This one.
    #[must_use]
    pub const fn only(generation: Generation) -> Self {
        Self::between(generation, generation)
    }

    /// The range as numbers, for whoever keeps it: the oldest and the newest, from 0.
    #[must_use]
    pub const fn numbers(self) -> (u8, u8) {
        (self.oldest as u8, self.newest as u8)
    }

    /// What [`Generations::numbers`] gave; `None` if that is no range.
    #[must_use]
    pub fn from_numbers((oldest, newest): (u8, u8)) -> Option<Self> {
        let of = |number: u8| Generation::ALL.into_iter().find(|generation| *generation as u8 == number);
        let (oldest, newest) = (of(oldest)?, of(newest)?);
        (oldest <= newest).then_some(Self { oldest, newest })
    }

    /// What is left when the peer says something that only `others` say. A peer that contradicts itself stays what it
    /// was.
    #[must_use]
    pub fn narrowed(self, others: Self) -> Self {
        let (oldest, newest) = (self.oldest.max(others.oldest), self.newest.min(others.newest));
        if oldest <= newest { Self { oldest, newest } } else { self }
    }

    /// Whether the peer may be of one of these.
    #[must_use]
    pub fn may_be(self, others: Self) -> bool {
        self.oldest <= others.newest && others.oldest <= self.newest
    }

    /// Whether the peer is of one of these, whichever it is.
    #[must_use]
    pub fn are(self, others: Self) -> bool {
        others.oldest <= self.oldest && self.newest <= others.newest
    }
}

impl fmt::Display for Generations {
    /// Such as `0.14 to 1.4.3`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, last) = (self.oldest.versions().0, self.newest.versions().1);
        match last {
            Some(last) if last == first => f.write_str(first),
            Some(last) => write!(f, "{first} to {last}"),
            None => write!(f, "{first} or later"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Generation::{V0_5, V0_10, V0_14, V1_0, V1_4, V2};
    use super::Generations;

    #[test]
    fn ranges_become_narrower_and_never_empty() {
        let check = |range: Generations, by, left| assert_eq!(range.narrowed(by), left);
        let old = Generations::between(V0_10, V1_4);
        check(old, Generations::HATCHING, Generations::between(V0_10, V1_0));
        check(old, Generations::ALL, old);
        check(old, Generations::only(V0_14), Generations::only(V0_14));
        check(Generations::only(V0_14), Generations::SPAWNING, Generations::only(V0_14));
    }

    #[test]
    fn a_peer_may_be_of_what_it_overlaps_and_is_of_what_covers_it() {
        let range = Generations::between(V0_14, V1_4);
        assert!(range.may_be(Generations::HATCHING) && range.may_be(Generations::SPAWNING));
        assert!(!range.may_be(Generations::only(V2)) && !range.may_be(Generations::only(V0_10)));
        assert!(range.are(Generations::OLD) && !range.are(Generations::HATCHING));
        assert!(Generations::only(V0_5).are(Generations::HATCHING));
    }

    #[test]
    fn a_range_is_kept_as_numbers() {
        for range in [Generations::ALL, Generations::HATCHING, Generations::only(V2)] {
            assert_eq!(Generations::from_numbers(range.numbers()), Some(range));
        }
        assert_eq!([(1, 0), (0, 7)].map(Generations::from_numbers), [None, None]);
    }

    #[test]
    fn they_are_named_by_versions() {
        let check = |range: Generations, name: &str| assert_eq!(range.to_string(), name);
        check(Generations::only(V0_5), "0.5 to 0.9");
        check(Generations::only(V0_14), "0.14");
        check(Generations::between(V0_10, V1_4), "0.10 to 1.6");
        check(Generations::only(V2), "2.0 or later");
        check(Generations::ALL, "0.5 or later");
    }
}
