//! Who is known, by the identities of their connections: found at once, and listed in order.

use akrida_transport::PeerId;
use std::collections::{BTreeMap, HashMap};

/// What is known of each peer. With thousands of them to find one in a sorted map costs as much as all else that its
/// frames need.
#[derive(Debug)]
pub(crate) struct Roster<T> {
    places: Vec<Option<(PeerId, T)>>,
    free: Vec<usize>,
    found: HashMap<PeerId, usize>,
    sorted: BTreeMap<PeerId, usize>,
}

/// The place where what was looked for was found the last time.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Witness(usize);

impl<T> Default for Roster<T> {
    fn default() -> Self {
        Self { places: Vec::new(), free: Vec::new(), found: HashMap::new(), sorted: BTreeMap::new() }
    }
}

impl<T> Roster<T> {
    pub(crate) fn len(&self) -> usize {
        self.found.len()
    }

    pub(crate) fn contains(&self, peer: &PeerId) -> bool {
        self.found.contains_key(peer)
    }

    pub(crate) fn get(&self, peer: &PeerId) -> Option<&T> {
        let (_, known) = self.places.get(*self.found.get(peer)?)?.as_ref()?;
        Some(known)
    }

    pub(crate) fn get_mut(&mut self, peer: &PeerId) -> Option<&mut T> {
        let (_, known) = self.places.get_mut(*self.found.get(peer)?)?.as_mut()?;
        Some(known)
    }

    /// Adds a peer, or replaces what was known of it.
    pub(crate) fn insert(&mut self, peer: &PeerId, known: T) {
        self.remove(peer);
        let place = self.free.pop().unwrap_or(self.places.len());
        if place == self.places.len() {
            self.places.push(None);
        }
        self.places[place] = Some((peer.clone(), known));
        self.found.insert(peer.clone(), place);
        self.sorted.insert(peer.clone(), place);
    }

    pub(crate) fn remove(&mut self, peer: &PeerId) -> Option<T> {
        let place = self.found.remove(peer)?;
        self.sorted.remove(peer);
        self.free.push(place);
        self.places.get_mut(place)?.take().map(|(_, known)| known)
    }

    /// All, sorted by identity.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&PeerId, &T)> {
        let known = self.sorted.values().filter_map(|place| self.places.get(*place)?.as_ref());
        known.map(|(peer, known)| (peer, known))
    }

    /// All, in the order in which they came, more or less.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (&PeerId, &mut T)> {
        self.places.iter_mut().flatten().map(|(peer, known)| (&*peer, known))
    }

    /// Forgets those of whom `keep` says so.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&PeerId, &mut T) -> bool) {
        let gone: Vec<PeerId> =
            self.iter_mut().filter_map(|(peer, known)| (!keep(peer, known)).then(|| peer.clone())).collect();
        for peer in gone {
            self.remove(&peer);
        }
    }

    /// Whether any of them `is` so, beginning with the one that was so the last time. Where that is asked for each
    /// frame, it is looked at that one, as a rule, and not at thousands.
    pub(crate) fn any(&self, witness: &mut Witness, is: impl Fn(&T) -> bool) -> bool {
        let begin = witness.0.min(self.places.len());
        let (before, from) = self.places.split_at(begin);
        let is = |place: &Option<(PeerId, T)>| place.as_ref().is_some_and(|(_, known)| is(known));
        let found =
            from.iter().position(is).map(|steps| begin + steps).or_else(|| before.iter().position(is));
        if let Some(place) = found {
            witness.0 = place;
        }
        found.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    fn roster(names: &[&str]) -> Roster<u32> {
        let mut roster = Roster::default();
        for (number, name) in (0..).zip(names) {
            roster.insert(&PeerId::from(*name), number);
        }
        roster
    }

    #[test]
    fn peers_are_listed_in_order_whenever_they_came_and_found_until_they_are_gone() {
        let mut roster = roster(&["c", "a", "b"]);
        let listed = |roster: &Roster<u32>| roster.iter().map(|(_, number)| *number).collect::<Vec<_>>();
        assert_eq!(listed(&roster), [1, 2, 0]);
        assert_eq!(roster.remove(&PeerId::from("a")), Some(1));
        assert_eq!((roster.get(&PeerId::from("a")), roster.len()), (None, 2));
        roster.insert(&PeerId::from("aa"), 7);
        roster.insert(&PeerId::from("c"), 8);
        assert_eq!(listed(&roster), [7, 2, 8]);
        assert_eq!(roster.places.len(), 3, "places are used again");
        *roster.get_mut(&PeerId::from("b")).unwrap() += 1;
        roster.retain(|_, number| *number != 8);
        assert_eq!((listed(&roster), roster.contains(&PeerId::from("c"))), (vec![7, 3], false));
    }

    #[test]
    fn a_witness_spares_a_look_at_all_and_none_is_missed() {
        let mut roster = roster(&["a", "b", "c", "d", "e"]);
        let (mut witness, looks) = (Witness::default(), Cell::new(0));
        let mut odd = |roster: &Roster<u32>| {
            looks.set(0);
            let any = roster.any(&mut witness, |number| {
                looks.set(looks.get() + 1);
                number % 2 == 1
            });
            (any, looks.get())
        };
        assert_eq!(odd(&roster), (true, 2), "b");
        assert_eq!(odd(&roster), (true, 1), "still b");
        *roster.get_mut(&PeerId::from("b")).unwrap() = 2;
        assert_eq!(odd(&roster), (true, 3), "d");
        *roster.get_mut(&PeerId::from("a")).unwrap() = 1;
        roster.remove(&PeerId::from("d"));
        assert_eq!(odd(&roster), (true, 2), "e, and a again");
        *roster.get_mut(&PeerId::from("a")).unwrap() = 0;
        assert_eq!(odd(&roster), (false, 4));
        assert!(!Roster::<u32>::default().any(&mut Witness(9), |_| true));
    }
}
