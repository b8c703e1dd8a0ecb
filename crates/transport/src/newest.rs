//! Who is connected: of two connections with one identity the newer one.

use crate::PeerId;
use std::collections::HashMap;

/// Connections by the identities of their peers.
#[derive(Debug)]
pub(crate) struct Newest<R> {
    made: u32,
    open: HashMap<PeerId, (u32, R)>,
}

impl<R> Default for Newest<R> {
    fn default() -> Self {
        Self { made: 0, open: HashMap::new() }
    }
}

impl<R> Newest<R> {
    /// A number that no connection of these has had lately.
    pub(crate) fn number(&mut self) -> u32 {
        self.made = self.made.wrapping_add(1);
        self.made
    }

    /// Files the way to a peer under the `number` of its connection. Returns the way that the peer had before, which
    /// is at its end.
    pub(crate) fn open(&mut self, peer: PeerId, number: u32, route: R) -> Option<R> {
        self.open.insert(peer, (number, route)).map(|(_, route)| route)
    }

    /// Forgets a connection that has ended, unless a newer one has its identity; whether it was there.
    pub(crate) fn close(&mut self, peer: &PeerId, number: u32) -> bool {
        let newest = self.open.get(peer).is_some_and(|(newest, _)| *newest == number);
        if newest {
            self.open.remove(peer);
        }
        newest
    }

    /// The way to a peer.
    pub(crate) fn get(&self, peer: &PeerId) -> Option<&R> {
        self.open.get(peer).map(|(_, route)| route)
    }

    /// The ways to all, in the order in which their connections were made.
    pub(crate) fn in_order(&self) -> Vec<&R> {
        let mut all: Vec<&(u32, R)> = self.open.values().collect();
        all.sort_by_key(|(number, _)| *number);
        all.into_iter().map(|(_, route)| route).collect()
    }

    /// Forgets all.
    pub(crate) fn drain(&mut self) -> impl Iterator<Item = R> {
        self.open.drain().map(|(_, (_, route))| route)
    }
}
