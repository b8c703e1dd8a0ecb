//! A worker's end.

use crate::memory::Registration;
use crate::{Incoming, PeerId, SendError, limits, zmq};
use bytes::Bytes;
use std::pin::Pin;
use tokio::sync::mpsc;

/// A worker's end: its connection to the master.
#[derive(Debug)]
pub struct Link {
    incoming: mpsc::Receiver<Bytes>,
    outgoing: Outgoing,
}

#[derive(Debug)]
enum Outgoing {
    Memory { queue: mpsc::Sender<Incoming>, registration: Registration },
    Zmq(zmq::Connection),
}

impl Link {
    pub(crate) fn in_memory(
        incoming: mpsc::Receiver<Bytes>,
        queue: mpsc::Sender<Incoming>,
        registration: Registration,
    ) -> Self {
        Self { incoming, outgoing: Outgoing::Memory { queue, registration } }
    }

    pub(crate) fn over(incoming: mpsc::Receiver<Bytes>, connection: zmq::Connection) -> Self {
        Self { incoming, outgoing: Outgoing::Zmq(connection) }
    }

    /// The identity under which the master knows this end.
    #[must_use]
    pub fn identity(&self) -> &PeerId {
        match &self.outgoing {
            Outgoing::Memory { registration, .. } => registration.peer(),
            Outgoing::Zmq(connection) => connection.identity(),
        }
    }

    /// The next frame; `None` when the master is gone, or when a newer connection took this identity. Over a
    /// network neither is ever known for sure: there it waits. Cancel safe.
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
        match &self.outgoing {
            Outgoing::Memory { queue, registration } => {
                taken(queue.try_send(Incoming::Frame { peer: registration.peer().clone(), body }))
            }
            Outgoing::Zmq(connection) => {
                let sent =
                    connection.outgoing().map_or(Err(SendError::Gone), |queue| taken(queue.try_send(body)));
                connection.ring();
                sent
            }
        }
    }

    /// Waits until [`Link::send`] would not answer [`SendError::Full`]. Cancel safe, and independent of a
    /// [`Link::recv`] that waits meanwhile.
    pub fn writable(&self) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        // An error means that the master is gone, which `send` tells.
        match &self.outgoing {
            Outgoing::Memory { queue, .. } => Box::pin(room(queue.clone())),
            Outgoing::Zmq(connection) => match connection.outgoing() {
                Some(queue) => Box::pin(room(queue.clone())),
                None => Box::pin(std::future::ready(())),
            },
        }
    }

    /// Whether no frame waits in the queue of this end: for whoever would only repeat what waits there already. True
    /// in memory, where frames do not wait for a connection.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        match &self.outgoing {
            Outgoing::Memory { .. } => true,
            Outgoing::Zmq(connection) => {
                connection.outgoing().is_none_or(|queue| queue.capacity() == queue.max_capacity())
            }
        }
    }

    /// Whether a frame waits because nobody takes it: the master is not there, or does not read.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        match &self.outgoing {
            Outgoing::Memory { .. } => false,
            Outgoing::Zmq(connection) => connection.is_waiting(),
        }
    }

    /// Connects anew under the same identity, as a master asks that could not read a frame. Frames that are under
    /// way may be lost.
    pub fn reconnect(&self) {
        // In memory there is nothing to renew: no frame is ever broken.
        if let Outgoing::Zmq(connection) = &self.outgoing {
            connection.renew();
        }
    }
}

async fn room<T>(queue: mpsc::Sender<T>) {
    let _ = queue.reserve_owned().await;
}

fn taken<T>(sent: Result<(), mpsc::error::TrySendError<T>>) -> Result<(), SendError> {
    sent.map_err(|error| match error {
        mpsc::error::TrySendError::Full(_) => SendError::Full,
        mpsc::error::TrySendError::Closed(_) => SendError::Gone,
    })
}
