//! A worker's end.

use crate::memory::Registration;
use crate::{Incoming, PeerId, SendError, limits};
use bytes::Bytes;
use tokio::sync::mpsc;

/// A worker's end: its connection to the master.
#[derive(Debug)]
pub struct Link {
    pub(crate) incoming: mpsc::Receiver<Bytes>,
    pub(crate) outgoing: mpsc::Sender<Incoming>,
    pub(crate) registration: Registration,
}

impl Link {
    /// The identity under which the master knows this end.
    #[must_use]
    pub fn identity(&self) -> &PeerId {
        self.registration.peer()
    }

    /// The next frame; `None` when the master is gone, or when a newer connection took this identity. Cancel
    /// safe.
    pub async fn recv(&mut self) -> Option<Bytes> {
        self.incoming.recv().await
    }

    /// Queues a frame for the master and never waits.
    ///
    /// # Errors
    /// When the frame was not taken; it is lost then.
    pub fn send(&self, body: Bytes) -> Result<(), SendError> {
        if body.len() > limits::FRAME {
            return Err(SendError::TooLong(body.len()));
        }
        let frame = Incoming::Frame { peer: self.identity().clone(), body };
        self.outgoing.try_send(frame).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => SendError::Full,
            mpsc::error::TrySendError::Closed(_) => SendError::Gone,
        })
    }

    /// Waits until [`Link::send`] would not answer [`SendError::Full`]. Cancel safe, and independent of a
    /// [`Link::recv`] that waits meanwhile.
    pub fn writable(&self) -> impl Future<Output = ()> + use<> {
        let outgoing = self.outgoing.clone();
        async move {
            // An error means that the master is gone, which `send` tells.
            let _ = outgoing.reserve_owned().await;
        }
    }
}
