//! The master's end.

use crate::memory::Peers;
use crate::{PeerId, SendError, limits};
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
    /// A connection ended. A hint that may be missing: only silence proves that a peer is gone.
    Disconnected {
        /// Whose.
        peer: PeerId,
    },
}

/// The master's end: one for all workers.
#[derive(Debug)]
pub struct Hub {
    pub(crate) incoming: mpsc::Receiver<Incoming>,
    pub(crate) peers: Arc<Peers>,
}

impl Hub {
    /// The next thing that arrives; `None` when nothing can ever arrive again. Cancel safe.
    pub async fn recv(&mut self) -> Option<Incoming> {
        self.incoming.recv().await
    }

    /// What has arrived already.
    pub fn try_recv(&mut self) -> Option<Incoming> {
        self.incoming.try_recv().ok()
    }

    /// Queues a frame for `peer` and never waits.
    ///
    /// # Errors
    /// When the frame was not taken; it is lost then.
    pub fn send(&self, peer: &PeerId, body: Bytes) -> Result<(), SendError> {
        if body.len() > limits::FRAME {
            return Err(SendError::TooLong(body.len()));
        }
        self.peers.send(peer, body)
    }
}
