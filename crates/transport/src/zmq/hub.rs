//! The master's end: a ROUTER on a thread of its own.

use super::socket::{Received, open, receive};
use super::wake::Bell;
use super::{SocketError, endpoint, fits};
use crate::hub::Lanes;
use crate::{Hub, Incoming, PeerId, SendError, limits};
use ::zmq::{Context, Error, Message, Socket};
use bytes::Bytes;
use std::collections::VecDeque;
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::sync::mpsc;

/// Where a master listens.
#[derive(Clone, Debug)]
pub struct Binding {
    /// `*` for all interfaces.
    pub host: String,
    /// 0 for any free one.
    pub port: u16,
    /// Which frames go before others, such as heartbeats before statistics. Frames of a peer keep their order
    /// among those that do and among those that do not.
    pub urgent: fn(&[u8]) -> bool,
}

/// Listens for workers. The second value is the port.
///
/// # Errors
/// When the address cannot be had.
pub fn bind(binding: &Binding) -> Result<(Hub, u16), SocketError> {
    let context = Context::new();
    let socket = open(&context, ::zmq::ROUTER)?;
    let endpoint = endpoint(&binding.host, binding.port);
    let configure = || {
        // A peer that is gone or does not read is an answer, not silence; of two with one identity the newer wins.
        socket.set_router_mandatory(true)?;
        socket.set_router_handover(true)?;
        socket.set_sndhwm(limits::HIGH_WATER)?;
        socket.set_rcvhwm(limits::HIGH_WATER)?;
        socket.bind(&endpoint)
    };
    configure().map_err(|error| SocketError::Bind { endpoint: endpoint.clone(), reason: error.message() })?;
    let port = bound_port(&socket).unwrap_or(binding.port);
    let bell = Arc::new(Bell::new().map_err(|error| SocketError::Resources(error.to_string()))?);
    let (outgoing, to_send) = mpsc::channel(limits::QUEUE_TO_SOCKET);
    let (incoming, lanes) = Lanes::new();
    let router = Router {
        socket,
        bell: bell.clone(),
        to_send,
        incoming,
        urgent: binding.urgent,
        held: VecDeque::new(),
        held_bytes: 0,
    };
    let thread = std::thread::Builder::new()
        .name("akrida-hub".to_owned())
        .spawn(move || router.run())
        .map_err(|error| SocketError::Resources(error.to_string()))?;
    Ok((Hub::over(lanes, Outbox { outgoing: Some(outgoing), bell, thread: Some(thread) }), port))
}

fn bound_port(socket: &Socket) -> Option<u16> {
    let endpoint = socket.get_last_endpoint().ok()?.ok()?;
    endpoint.rsplit_once(':')?.1.parse().ok()
}

/// What a hub gives its frames to. Dropped, it sends what is left, for at most [`limits::LINGER_MS`].
#[derive(Debug)]
pub(crate) struct Outbox {
    /// `None` only while it is dropped.
    outgoing: Option<mpsc::Sender<(PeerId, Bytes)>>,
    bell: Arc<Bell>,
    thread: Option<JoinHandle<()>>,
}

impl Outbox {
    pub(crate) fn send(&self, peer: &PeerId, body: Bytes) -> Result<(), SendError> {
        let outgoing = self.outgoing.as_ref().ok_or(SendError::Gone)?;
        outgoing.try_send((peer.clone(), body)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => SendError::Full,
            mpsc::error::TrySendError::Closed(_) => SendError::Gone,
        })?;
        self.bell.ring();
        Ok(())
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        self.outgoing = None;
        self.bell.ring();
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has nothing left to send.
            let _ = thread.join();
        }
    }
}

/// The thread's own.
struct Router {
    socket: Socket,
    bell: Arc<Bell>,
    to_send: mpsc::Receiver<(PeerId, Bytes)>,
    incoming: crate::hub::Inlet,
    urgent: fn(&[u8]) -> bool,
    /// Frames that found no room in the master's queue, oldest first.
    held: VecDeque<Incoming>,
    held_bytes: usize,
}

impl Router {
    fn run(mut self) {
        loop {
            self.wait();
            self.bell.hear();
            let open = self.send_all();
            self.unload();
            if self.held_bytes < limits::HELD {
                self.receive_some();
            }
            if !open {
                // The master is at its end; dropping the socket lets it linger.
                return;
            }
        }
    }

    /// Until there is something to do.
    fn wait(&self) {
        let readable =
            if self.held_bytes < limits::HELD { ::zmq::POLLIN } else { ::zmq::PollEvents::empty() };
        let timeout = if self.held.is_empty() { -1 } else { limits::RETRY_MS };
        let mut items = [
            ::zmq::PollItem::from_fd(self.bell.descriptor(), ::zmq::POLLIN),
            self.socket.as_poll_item(readable),
        ];
        // An interrupted wait is a short one.
        let _ = ::zmq::poll(&mut items, timeout);
    }

    /// Sends what waits; whether there may be more to come.
    fn send_all(&mut self) -> bool {
        loop {
            match self.to_send.try_recv() {
                Ok((peer, body)) => {
                    if let Err(error) = self.send(&peer, &body) {
                        self.hand_on(Incoming::Unsent { peer, error });
                    }
                }
                Err(mpsc::error::TryRecvError::Empty) => return true,
                Err(mpsc::error::TryRecvError::Disconnected) => return false,
            }
        }
    }

    fn send(&self, peer: &PeerId, body: &[u8]) -> Result<(), SendError> {
        let parts = [Message::from(peer.as_bytes()), Message::from(body)];
        self.socket.send_multipart(parts, ::zmq::DONTWAIT).map_err(|error| match error {
            Error::EAGAIN => SendError::Full,
            _ => SendError::Gone,
        })
    }

    fn receive_some(&mut self) {
        for _ in 0..limits::AT_ONCE {
            let Received::Parts(parts) = receive(&self.socket) else { return };
            if let [identity, body, ..] = parts.as_slice()
                && fits(body)
            {
                let peer = PeerId::from(Bytes::copy_from_slice(identity));
                self.hand_on(Incoming::Frame { peer, body: Bytes::copy_from_slice(body) });
            }
        }
    }

    /// To the master, behind what is held already.
    fn hand_on(&mut self, incoming: Incoming) {
        let urgent = match &incoming {
            Incoming::Frame { body, .. } => (self.urgent)(body),
            _ => true,
        };
        let refused = if urgent {
            self.incoming.urgent(incoming)
        } else if self.held.is_empty() {
            self.incoming.other(incoming)
        } else {
            Some(incoming)
        };
        if let Some(incoming) = refused {
            self.held_bytes += weight(&incoming);
            self.held.push_back(incoming);
        }
    }

    /// Hands on what is held, as far as there is room.
    fn unload(&mut self) {
        while let Some(incoming) = self.held.pop_front() {
            self.held_bytes -= weight(&incoming);
            if let Some(refused) = self.incoming.other(incoming) {
                self.held_bytes += weight(&refused);
                self.held.push_front(refused);
                return;
            }
        }
    }
}

/// Bytes that a held frame costs, about.
fn weight(incoming: &Incoming) -> usize {
    match incoming {
        Incoming::Frame { body, .. } => body.len() + 256,
        _ => 256,
    }
}
