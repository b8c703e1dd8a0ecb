//! The connections of a hub, by the identities of their peers.

use crate::{PeerId, SendError, limits};
use bytes::Bytes;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{mpsc, oneshot};

/// All connections whose peers have introduced themselves.
#[derive(Debug, Default)]
pub(super) struct Routes(Mutex<Table>);

#[derive(Debug, Default)]
struct Table {
    made: u32,
    open: HashMap<PeerId, Route>,
    /// Whether the hub is at its end.
    closed: bool,
}

/// The way to a peer.
#[derive(Debug)]
struct Route {
    /// Which of the connections that its identity had.
    number: u32,
    frames: mpsc::Sender<Bytes>,
    waiting: Waiting,
    /// Dropped, it ends the connection.
    cut: oneshot::Sender<()>,
}

/// Bytes that wait for a peer to read them.
#[derive(Clone, Debug, Default)]
pub(super) struct Waiting(Arc<AtomicUsize>);

impl Waiting {
    /// Notes that a frame has been written.
    pub(super) fn less(&self, bytes: usize) {
        self.0.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// A connection's own end of its route.
pub(super) struct Connected {
    pub(super) peer: PeerId,
    pub(super) number: u32,
    /// What to send; `None` comes at the end of the hub.
    pub(super) frames: mpsc::Receiver<Bytes>,
    pub(super) waiting: Waiting,
    /// Resolves when a newer connection has the identity.
    pub(super) cut: oneshot::Receiver<()>,
}

impl Routes {
    /// Files a new connection. One that has the identity already ends: the newest wins. `None` at the end of the hub.
    pub(super) fn open(&self, identity: &[u8]) -> Option<Connected> {
        let mut table = self.table();
        if table.closed {
            return None;
        }
        table.made = table.made.wrapping_add(1);
        let number = table.made;
        let peer = if identity.is_empty() { nameless(number) } else { Bytes::copy_from_slice(identity) };
        let peer = PeerId::from(peer);
        let (to_peer, frames) = mpsc::channel(limits::QUEUE_TO_WORKER);
        let (cutting, cut) = oneshot::channel();
        let waiting = Waiting::default();
        let route = Route { number, frames: to_peer, waiting: waiting.clone(), cut: cutting };
        table.open.insert(peer.clone(), route);
        Some(Connected { peer, number, frames, waiting, cut })
    }

    /// Forgets a connection that has ended; whether it was the newest of its identity.
    pub(super) fn close(&self, peer: &PeerId, number: u32) -> bool {
        let mut table = self.table();
        let newest = table.open.get(peer).is_some_and(|route| route.number == number);
        if newest {
            table.open.remove(peer);
        }
        newest
    }

    /// Queues a frame for a peer.
    pub(super) fn send(&self, peer: &PeerId, body: Bytes) -> Result<(), SendError> {
        let table = self.table();
        let route = table.open.get(peer).ok_or(SendError::Gone)?;
        let (bytes, waiting) = (body.len(), &route.waiting.0);
        // A single frame of any size is taken, many only if they are small.
        let before = waiting.load(Ordering::Relaxed);
        if before > 0 && before.saturating_add(bytes) > limits::BYTES_TO_WORKER {
            return Err(SendError::Full);
        }
        // Before it can be written, so that it is never less than nothing.
        waiting.fetch_add(bytes, Ordering::Relaxed);
        route.frames.try_send(body).map_err(|error| {
            waiting.fetch_sub(bytes, Ordering::Relaxed);
            match error {
                mpsc::error::TrySendError::Full(_) => SendError::Full,
                mpsc::error::TrySendError::Closed(_) => SendError::Gone,
            }
        })
    }

    /// Takes no more frames. Connections end when they have sent what they had, or when what this returns is dropped.
    pub(super) fn end(&self) -> Vec<oneshot::Sender<()>> {
        let mut table = self.table();
        table.closed = true;
        table.open.drain().map(|(_, route)| route.cut).collect()
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        // Nothing panics while it holds the lock, and the table would be whole if it did.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The identity of a peer that has none: a zero in front, as ZeroMQ has it, and never text, so that it is nobody's
/// name.
fn nameless(number: u32) -> Bytes {
    let [a, b, c, d] = (number | 1 << 31).to_be_bytes();
    Bytes::copy_from_slice(&[0, a, b, c, d])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(bytes: usize) -> Bytes {
        Bytes::from(vec![0; bytes])
    }

    #[test]
    fn the_newest_connection_wins_and_the_end_of_the_old_one_is_not_its_end() {
        let routes = Routes::default();
        let mut old = routes.open(b"w").unwrap();
        let mut new = routes.open(b"w").unwrap();
        assert_eq!(old.cut.try_recv(), Err(oneshot::error::TryRecvError::Closed));
        assert!(!routes.close(&old.peer, old.number));
        routes.send(&new.peer, frame(1)).unwrap();
        assert!(new.frames.try_recv().is_ok() && old.frames.try_recv().is_err());
        assert!(routes.close(&new.peer, new.number));
        assert_eq!(routes.send(&new.peer, frame(1)), Err(SendError::Gone));
    }

    #[test]
    fn who_has_no_name_has_a_place_and_nobody_can_take_it() {
        let routes = Routes::default();
        let (one, two) = (routes.open(b"").unwrap(), routes.open(b"").unwrap());
        assert!(one.peer != two.peer && one.peer.as_str().is_none() && two.peer.as_bytes()[0] == 0);
    }

    #[test]
    fn bytes_that_wait_for_a_peer_are_bounded_and_one_large_frame_is_not_too_much() {
        let routes = Routes::default();
        let mut peer = routes.open(b"w").unwrap();
        routes.send(&peer.peer, frame(2 * limits::BYTES_TO_WORKER)).unwrap();
        assert_eq!(routes.send(&peer.peer, frame(1)), Err(SendError::Full));
        peer.waiting.less(peer.frames.try_recv().unwrap().len());
        for _ in 0..limits::QUEUE_TO_WORKER {
            routes.send(&peer.peer, frame(1)).unwrap();
        }
        assert_eq!(routes.send(&peer.peer, frame(1)), Err(SendError::Full));
        for _ in 0..limits::QUEUE_TO_WORKER {
            peer.waiting.less(peer.frames.try_recv().unwrap().len());
        }
        assert_eq!(peer.waiting.0.load(Ordering::Relaxed), 0, "what was refused does not count");
    }

    #[test]
    fn at_the_end_what_is_queued_can_still_be_sent() {
        let routes = Routes::default();
        let mut peer = routes.open(b"w").unwrap();
        routes.send(&peer.peer, frame(1)).unwrap();
        let cuts = routes.end();
        assert_eq!((cuts.len(), routes.send(&peer.peer, frame(1))), (1, Err(SendError::Gone)));
        assert_eq!(peer.cut.try_recv(), Err(oneshot::error::TryRecvError::Empty));
        assert!(peer.frames.try_recv().is_ok());
        assert_eq!(peer.frames.try_recv(), Err(mpsc::error::TryRecvError::Disconnected));
        assert!(routes.open(b"late").is_none());
    }
}
