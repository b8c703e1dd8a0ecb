//! Frames between a master and workers in one process.

use crate::hub::Lanes;
use crate::newest::Newest;
use crate::{Hub, Incoming, Link, PeerId, SendError, limits};
use bytes::Bytes;
use std::sync::{Arc, PoisonError, RwLock, RwLockWriteGuard};
use tokio::sync::mpsc;

/// Makes a hub and the network on which workers connect to it. Must the network be dropped, the hub still
/// serves the links that there are.
#[must_use]
pub fn network() -> (Hub, Network) {
    let (inlet, incoming) = Lanes::new(1, limits::QUEUE_TO_MASTER);
    let peers = Arc::new(Peers::default());
    // One queue: within a process nothing has to overtake anything.
    (Hub::in_memory(incoming, Arc::clone(&peers)), Network { to_master: inlet.other, peers })
}

/// Where workers connect.
#[derive(Clone, Debug)]
pub struct Network {
    to_master: mpsc::Sender<Incoming>,
    peers: Arc<Peers>,
}

impl Network {
    /// Connects under `identity`. A connection that has the identity already ends, which the hub is told: the newest
    /// wins.
    #[must_use]
    pub fn connect(&self, identity: &str) -> Link {
        let (to_worker, incoming) = mpsc::channel(limits::QUEUE_TO_WORKER);
        let peer = PeerId::from(identity);
        let mut peers = self.peers.write();
        let connection = peers.number();
        let replaces = peers.open(peer.clone(), connection, to_worker).is_some();
        drop(peers);
        let (peers, to_master) = (Arc::clone(&self.peers), self.to_master.clone());
        let registration = Registration { peer, connection, peers, to_master };
        if replaces {
            registration.tell_of_end();
        }
        Link::in_memory(incoming, self.to_master.clone(), registration)
    }
}

/// The queues to all workers.
#[derive(Debug, Default)]
pub(crate) struct Peers(RwLock<Newest<mpsc::Sender<Bytes>>>);

impl Peers {
    pub(crate) fn send(&self, peer: &PeerId, body: Bytes) -> Result<(), SendError> {
        let connections = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let queue = connections.get(peer).ok_or(SendError::Gone)?;
        queue.try_send(body).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => SendError::Full,
            mpsc::error::TrySendError::Closed(_) => SendError::Gone,
        })
    }

    fn write(&self) -> RwLockWriteGuard<'_, Newest<mpsc::Sender<Bytes>>> {
        // Nothing panics while it holds the lock, and the table would be whole if it did.
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends a connection when it is dropped.
#[derive(Debug)]
pub(crate) struct Registration {
    peer: PeerId,
    connection: u32,
    peers: Arc<Peers>,
    to_master: mpsc::Sender<Incoming>,
}

impl Registration {
    pub(crate) fn peer(&self) -> &PeerId {
        &self.peer
    }

    /// A connection of this identity has ended.
    fn tell_of_end(&self) {
        // Only a hint: when the queue is full, the master learns it from silence.
        let _ = self.to_master.try_send(Incoming::Disconnected { peer: self.peer.clone() });
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        if self.peers.write().close(&self.peer, self.connection) {
            self.tell_of_end();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(text: &'static str) -> Bytes {
        Bytes::from_static(text.as_bytes())
    }

    fn from(peer: &str, text: &'static str) -> Option<Incoming> {
        Some(Incoming::Frame { peer: PeerId::from(peer), body: frame(text) })
    }

    #[tokio::test]
    async fn frames_go_both_ways_and_keep_their_order() {
        let (mut hub, network) = network();
        let mut link = network.connect("w1");
        link.send(frame("one")).unwrap();
        link.send(frame("two")).unwrap();
        assert_eq!(hub.recv().await, from("w1", "one"));
        assert_eq!(hub.recv().await, from("w1", "two"));
        hub.send(link.identity(), frame("three")).unwrap();
        assert_eq!(link.recv().await, Some(frame("three")));
    }

    #[tokio::test]
    async fn the_last_words_of_a_worker_come_before_its_end() {
        let (mut hub, network) = network();
        let link = network.connect("w1");
        link.send(frame("bye")).unwrap();
        drop(link);
        assert_eq!(hub.recv().await, from("w1", "bye"));
        assert_eq!(hub.recv().await, Some(Incoming::Disconnected { peer: PeerId::from("w1") }));
        assert_eq!(hub.send(&PeerId::from("w1"), frame("?")), Err(SendError::Gone));
        drop(network);
        assert_eq!(hub.recv().await, None);
    }

    #[tokio::test]
    async fn the_newest_connection_of_an_identity_wins() {
        let (mut hub, network) = network();
        let mut old = network.connect("w1");
        let mut new = network.connect("w1");
        let ended = Some(Incoming::Disconnected { peer: PeerId::from("w1") });
        assert_eq!(hub.try_recv(), ended, "what was said to the old one may be lost");
        hub.send(&PeerId::from("w1"), frame("hello")).unwrap();
        assert_eq!(new.recv().await, Some(frame("hello")));
        assert_eq!(old.recv().await, None);
        drop(old);
        assert_eq!(hub.try_recv(), None, "the end of the old connection is not the end of the new one");
        hub.send(&PeerId::from("w1"), frame("still there")).unwrap();
    }

    #[tokio::test]
    async fn a_peer_that_does_not_read_fills_only_its_own_queue() {
        let (hub, network) = network();
        let (stuck, mut good) = (network.connect("stuck"), network.connect("good"));
        for _ in 0..limits::QUEUE_TO_WORKER {
            hub.send(stuck.identity(), frame("x")).unwrap();
        }
        assert_eq!(hub.send(stuck.identity(), frame("x")), Err(SendError::Full));
        hub.send(good.identity(), frame("y")).unwrap();
        assert_eq!(good.recv().await, Some(frame("y")));
    }

    #[tokio::test]
    async fn a_worker_waits_for_room() {
        let (mut hub, network) = network();
        let link = network.connect("w1");
        while link.send(frame("x")).is_ok() {}
        assert_eq!(link.send(frame("x")), Err(SendError::Full));
        let room = tokio::spawn(async move {
            link.writable().await;
            link.send(frame("last")).unwrap();
        });
        tokio::task::yield_now().await;
        assert!(hub.recv().await.is_some());
        room.await.unwrap();
    }

    #[test]
    fn frames_have_a_longest_length() {
        let (hub, network) = network();
        let link = network.connect("w1");
        let long = Bytes::from(vec![0; limits::FRAME + 1]);
        let wanted = Err(SendError::TooLong(limits::FRAME + 1));
        assert_eq!(link.send(long.clone()), wanted);
        assert_eq!(hub.send(link.identity(), long), wanted);
    }
}
