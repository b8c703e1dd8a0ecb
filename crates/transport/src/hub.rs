//! The master's end.

use crate::memory::Peers;
use crate::{PeerId, SendError, limits, zmq};
use bytes::Bytes;
use std::sync::Arc;
use tokio::sync::mpsc;

/// What a [`Hub`] receives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// A frame.
    Frame {
        /// From whom.
        peer: PeerId,
        /// What.
        body: Bytes,
    },
    /// A frame of a peer that has no address and cannot be answered.
    Pushed {
        /// By which connection, which is named by nobody else.
        by: PeerId,
        /// What.
        body: Bytes,
    },
    /// A connection ended; what was sent on it last may be lost. The peer may have a newer one by then. A hint that
    /// may be missing: only silence proves that a peer is gone.
    Disconnected {
        /// Whose.
        peer: PeerId,
    },
}

/// What is given to peers that have no address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deal {
    /// To each of them.
    All(Bytes),
    /// One to each, in the order in which they came. Where there are more peers than these, the next ones have the next
    /// turn.
    Each(Vec<Bytes>),
}

/// The master's end: one for all workers.
#[derive(Debug)]
pub struct Hub {
    incoming: Lanes,
    outgoing: Outgoing,
}

#[derive(Debug)]
enum Outgoing {
    Memory(Arc<Peers>),
    Zmq(zmq::Outbox),
}

impl Hub {
    pub(crate) fn in_memory(incoming: Lanes, peers: Arc<Peers>) -> Self {
        Self { incoming, outgoing: Outgoing::Memory(peers) }
    }

    pub(crate) fn over(incoming: Lanes, outbox: zmq::Outbox) -> Self {
        Self { incoming, outgoing: Outgoing::Zmq(outbox) }
    }

    /// The next thing that arrives, what is urgent first; `None` when nothing can ever arrive again. Cancel safe.
    pub async fn recv(&mut self) -> Option<Incoming> {
        self.incoming.recv().await
    }

    /// What has arrived already.
    pub fn try_recv(&mut self) -> Option<Incoming> {
        self.incoming.try_recv()
    }

    /// Queues a frame for `peer` and never waits.
    ///
    /// # Errors
    /// When the frame was not taken; it is lost then. One that was taken is lost with its connection.
    pub fn send(&self, peer: &PeerId, body: Bytes) -> Result<(), SendError> {
        if body.len() > limits::FRAME {
            return Err(SendError::TooLong(body.len()));
        }
        match &self.outgoing {
            Outgoing::Memory(peers) => peers.send(peer, body),
            Outgoing::Zmq(outbox) => outbox.send(peer, body),
        }
    }
}

impl Hub {
    /// Gives frames to peers that have no address, and never waits. What finds no room, or nobody, is lost.
    pub fn deal(&self, deal: Deal) {
        match &self.outgoing {
            // In memory everybody has an address.
            Outgoing::Memory(_) => {}
            Outgoing::Zmq(outbox) => outbox.deal(deal),
        }
    }
}

/// The queues to the master: what is urgent overtakes what is not.
#[derive(Debug)]
pub(crate) struct Lanes {
    urgent: mpsc::Receiver<Incoming>,
    other: mpsc::Receiver<Incoming>,
    /// Urgent ones since the last that was not.
    overtaken: usize,
}

/// The other end of [`Lanes`].
#[derive(Clone, Debug)]
pub(crate) struct Inlet {
    urgent: mpsc::Sender<Incoming>,
    pub(crate) other: mpsc::Sender<Incoming>,
}

impl Lanes {
    /// Queues for so many frames.
    pub(crate) fn new(urgent: usize, other: usize) -> (Inlet, Self) {
        let (to_urgent, urgent) = mpsc::channel(urgent);
        let (to_other, other) = mpsc::channel(other);
        (Inlet { urgent: to_urgent, other: to_other }, Self { urgent, other, overtaken: 0 })
    }

    async fn recv(&mut self) -> Option<Incoming> {
        if let Some(incoming) = self.in_turn() {
            return Some(incoming);
        }
        tokio::select! {
            biased;
            Some(incoming) = self.urgent.recv() => Some(incoming),
            Some(incoming) = self.other.recv() => Some(incoming),
            else => None,
        }
    }

    pub(crate) fn try_recv(&mut self) -> Option<Incoming> {
        self.in_turn().or_else(|| self.urgent.try_recv().or_else(|_| self.other.try_recv()).ok())
    }

    /// One that is not urgent, after so many that are: whoever sends these faster than they are read must not keep all
    /// others out.
    fn in_turn(&mut self) -> Option<Incoming> {
        self.overtaken += 1;
        if self.overtaken <= limits::OVERTAKEN {
            return None;
        }
        self.overtaken = 0;
        self.other.try_recv().ok()
    }
}

impl Inlet {
    /// Hands on something urgent, and waits for room. News of a master that is gone are dropped.
    pub(crate) async fn wait_urgent(&self, incoming: Incoming) {
        let _ = self.urgent.send(incoming).await;
    }

    /// As [`Inlet::wait_urgent`], for all else.
    pub(crate) async fn wait_other(&self, incoming: Incoming) {
        let _ = self.other.send(incoming).await;
    }
}
