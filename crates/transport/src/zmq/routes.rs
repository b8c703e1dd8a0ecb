//! The connections of a hub, by the identities of their peers.

use super::zmtp::Role;
use crate::newest::Newest;
use crate::{Deal, PeerId, SendError, limits};
use bytes::Bytes;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{mpsc, oneshot};

/// All connections whose peers have introduced themselves.
#[derive(Debug, Default)]
pub(super) struct Routes {
    role: Role,
    table: Mutex<Table>,
    /// Bytes that wait for all peers, besides what each of them has for itself.
    waiting: Arc<AtomicUsize>,
}

#[derive(Debug, Default)]
struct Table {
    open: Newest<Route>,
    /// Whether the hub is at its end.
    closed: bool,
    /// Which connection is the next one in turn, where there are more of them than something is dealt to.
    turn: usize,
}

/// The way to a peer.
#[derive(Debug)]
struct Route {
    frames: mpsc::Sender<Queued>,
    waiting: Arc<Waiting>,
    /// Dropped, it ends the connection.
    cut: oneshot::Sender<()>,
}

impl Route {
    /// Queues a frame.
    fn queue(&self, body: Bytes) -> Result<(), SendError> {
        let cost = Queued::cost(&body);
        if !self.waiting.has_room(cost) {
            return Err(SendError::Full);
        }
        // Before it can be written, so that it is never less than nothing.
        self.waiting.more(cost);
        // One that is not taken is dropped, and counts no more.
        self.frames.try_send(Queued { body, waiting: self.waiting.clone() }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => SendError::Full,
            mpsc::error::TrySendError::Closed(_) => SendError::Gone,
        })
    }
}

/// Bytes that wait for a peer to read them.
#[derive(Debug)]
struct Waiting {
    here: AtomicUsize,
    /// Of all peers, as in [`Routes`].
    everywhere: Arc<AtomicUsize>,
}

impl Waiting {
    /// Counts a frame. Whatever is counted at the same time, what is counted everywhere is the sum of what is counted
    /// here and elsewhere.
    fn more(&self, cost: usize) {
        let before = self.here.fetch_add(cost, Ordering::Relaxed);
        self.everywhere.fetch_add(common(before + cost) - common(before), Ordering::Relaxed);
    }

    fn less(&self, cost: usize) {
        let before = self.here.fetch_sub(cost, Ordering::Relaxed);
        self.everywhere.fetch_sub(common(before) - common(before - cost), Ordering::Relaxed);
    }

    /// Whether there is room for a frame.
    fn has_room(&self, cost: usize) -> bool {
        let here = self.here.load(Ordering::Relaxed);
        // A single frame of any size is taken, many only if they are small.
        let room_here = here == 0 || here.saturating_add(cost) <= limits::BYTES_TO_WORKER;
        let more = common(here.saturating_add(cost)) - common(here);
        room_here && (more == 0 || self.everywhere.load(Ordering::Relaxed) + more <= limits::BYTES_TO_WORKERS)
    }
}

/// How much of so many bytes is more than a peer has for itself.
fn common(bytes: usize) -> usize {
    bytes.saturating_sub(limits::OWN_TO_WORKER)
}

/// A frame that waits for its peer. It counts until it is dropped, which is when it has been written or when its
/// connection is at an end.
#[derive(Debug)]
pub(super) struct Queued {
    body: Bytes,
    waiting: Arc<Waiting>,
}

impl Queued {
    pub(super) fn body(&self) -> &[u8] {
        &self.body
    }

    /// What it takes, bytes.
    fn cost(body: &Bytes) -> usize {
        body.len() + limits::OVERHEAD
    }
}

impl Drop for Queued {
    fn drop(&mut self) {
        self.waiting.less(Self::cost(&self.body));
    }
}

/// A connection's own end of its route.
pub(super) struct Connected {
    pub(super) peer: PeerId,
    pub(super) number: u32,
    /// What to send; `None` comes at the end of the hub.
    pub(super) frames: mpsc::Receiver<Queued>,
    /// Resolves when a newer connection has the identity.
    pub(super) cut: oneshot::Receiver<()>,
    /// Whether an older one had it, which is at its end now.
    pub(super) replaces: bool,
}

impl Routes {
    /// Without connections, to peers that talk to this role.
    pub(super) fn of(role: Role) -> Self {
        Self { role, ..Self::default() }
    }

    /// Files a new connection. One that has the identity already ends: the newest wins. `None` at the end of the hub.
    pub(super) fn open(&self, identity: &[u8]) -> Option<Connected> {
        let mut table = self.table();
        if table.closed {
            return None;
        }
        let number = table.open.number();
        let peer =
            if identity.is_empty() { nameless(self.role, number) } else { Bytes::copy_from_slice(identity) };
        let peer = PeerId::from(peer);
        let (to_peer, frames) = mpsc::channel(limits::QUEUE_TO_WORKER);
        let (cutting, cut) = oneshot::channel();
        let waiting = Waiting { here: AtomicUsize::new(0), everywhere: self.waiting.clone() };
        let route = Route { frames: to_peer, waiting: Arc::new(waiting), cut: cutting };
        let replaces = table.open.open(peer.clone(), number, route).is_some();
        Some(Connected { peer, number, frames, cut, replaces })
    }

    /// Forgets a connection that has ended; whether it was the newest of its identity.
    pub(super) fn close(&self, peer: &PeerId, number: u32) -> bool {
        self.table().open.close(peer, number)
    }

    /// Queues a frame for a peer.
    pub(super) fn send(&self, peer: &PeerId, body: Bytes) -> Result<(), SendError> {
        let table = self.table();
        table.open.get(peer).ok_or(SendError::Gone)?.queue(body)
    }

    /// Gives frames to peers that have no address. What finds no room, or nobody, is lost.
    pub(super) fn deal(&self, deal: Deal) {
        let mut table = self.table();
        let routes = table.open.in_order();
        let (peers, mut turn) = (routes.len(), table.turn);
        match deal {
            Deal::All(body) => routes.into_iter().for_each(|route| {
                let _ = route.queue(body.clone());
            }),
            Deal::Each(bodies) => {
                // Who is the first one stays the first one, unless that one may be gone without a word.
                turn = if bodies.len() < peers { turn } else { 0 };
                let dealt = bodies.len().min(peers);
                for (body, route) in bodies.into_iter().zip(routes.iter().cycle().skip(turn)).take(peers) {
                    let _ = route.queue(body);
                }
                turn = (turn + dealt) % peers.max(1);
            }
        }
        table.turn = turn;
    }

    /// Takes no more frames. Connections end when they have sent what they had, or when what this returns is dropped.
    pub(super) fn end(&self) -> Vec<oneshot::Sender<()>> {
        let mut table = self.table();
        table.closed = true;
        table.open.drain().map(|route| route.cut).collect()
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        // Nothing panics while it holds the lock, and the table would be whole if it did.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The identity of a peer that has none: a zero in front, as ZeroMQ has it, and never text, so that it is nobody's
/// name. No other role has one with it.
fn nameless(role: Role, number: u32) -> Bytes {
    let [a, b, c, d] = (number | 1 << 31).to_be_bytes();
    Bytes::copy_from_slice(&[0, a, b, c, d, role as u8])
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
        assert_eq!((old.replaces, new.replaces), (false, true));
        assert_eq!(old.cut.try_recv(), Err(oneshot::error::TryRecvError::Closed));
        assert!(!routes.close(&old.peer, old.number));
        routes.send(&new.peer, frame(1)).unwrap();
        assert!(new.frames.try_recv().is_ok() && old.frames.try_recv().is_err());
        assert!(routes.close(&new.peer, new.number));
        assert_eq!(routes.send(&new.peer, frame(1)), Err(SendError::Gone));
        assert!(!routes.open(b"w").unwrap().replaces);
    }

    #[test]
    fn who_has_no_name_has_a_place_and_nobody_can_take_it() {
        let routes = Routes::default();
        let (one, two) = (routes.open(b"").unwrap(), routes.open(b"").unwrap());
        assert!(one.peer != two.peer && one.peer.as_str().is_none() && two.peer.as_bytes()[0] == 0);
    }

    /// What each of these peers was given.
    fn given(peers: &mut [Connected]) -> Vec<Vec<u8>> {
        let all = |peer: &mut Connected| {
            let frames = std::iter::from_fn(|| peer.frames.try_recv().ok());
            frames.map(|frame| frame.body()[0]).collect()
        };
        peers.iter_mut().map(all).collect()
    }

    #[test]
    fn each_is_dealt_one_in_the_order_in_which_they_came() {
        let routes = Routes::of(Role::Push);
        let mut peers: Vec<_> = (0..3).map(|_| routes.open(b"").unwrap()).collect();
        let each = |bodies: &[u8]| {
            routes.deal(Deal::Each(bodies.iter().map(|body| Bytes::copy_from_slice(&[*body])).collect()));
        };
        each(&[1, 2, 3]);
        each(&[4, 5, 6, 7]);
        routes.deal(Deal::All(Bytes::from_static(b"x")));
        assert_eq!(given(&mut peers), [[1, 4, b'x'], [2, 5, b'x'], [3, 6, b'x']]);
        // One of them may be dead and does not say so: each has its turn.
        for _ in 0..3 {
            each(&[1, 2]);
        }
        assert_eq!(given(&mut peers), [[1, 2], [2, 1], [1, 2]]);
        assert!(routes.close(&peers[0].peer, peers[0].number));
        each(&[8, 9]);
        assert_eq!(given(&mut peers[1..]), [[8], [9]]);
    }

    #[test]
    fn bytes_that_wait_for_a_peer_are_bounded_and_one_large_frame_is_not_too_much() {
        let routes = Routes::default();
        let mut peer = routes.open(b"w").unwrap();
        routes.send(&peer.peer, frame(2 * limits::BYTES_TO_WORKER)).unwrap();
        assert_eq!(routes.send(&peer.peer, frame(1)), Err(SendError::Full));
        peer.frames.try_recv().unwrap();
        for _ in 0..limits::QUEUE_TO_WORKER {
            routes.send(&peer.peer, frame(1)).unwrap();
        }
        assert_eq!(routes.send(&peer.peer, frame(1)), Err(SendError::Full));
        while peer.frames.try_recv().is_ok() {}
        routes.send(&peer.peer, frame(1)).unwrap();
        assert_eq!(routes.waiting.load(Ordering::Relaxed), 0, "what was refused does not count");
    }

    #[test]
    fn bytes_that_wait_for_all_peers_are_bounded_and_who_reads_has_room_beside_those_who_do_not() {
        let routes = Routes::default();
        let body = frame(limits::BYTES_TO_WORKER / 2);
        let stuck: Vec<_> =
            (0..1_000).map(|number| routes.open(format!("w{number}").as_bytes()).unwrap()).collect();
        for peer in &stuck {
            let _ = routes.send(&peer.peer, body.clone());
            while routes.send(&peer.peer, frame(1_000)).is_ok() {}
        }
        let waiting = routes.waiting.load(Ordering::Relaxed);
        assert!((limits::BYTES_TO_WORKERS / 2..=limits::BYTES_TO_WORKERS).contains(&waiting), "{waiting}");
        let mut good = routes.open(b"good").unwrap();
        assert_eq!(routes.send(&good.peer, body.clone()), Err(SendError::Full));
        routes.send(&good.peer, frame(limits::SMALL)).unwrap();
        assert!(good.frames.try_recv().is_ok());
        drop(stuck);
        assert_eq!(
            routes.waiting.load(Ordering::Relaxed),
            0,
            "what was for those that are gone does not count"
        );
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
        assert!(matches!(peer.frames.try_recv(), Err(mpsc::error::TryRecvError::Disconnected)));
        assert!(routes.open(b"late").is_none());
    }
}
