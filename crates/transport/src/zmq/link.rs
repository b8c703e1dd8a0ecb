//! A worker's end: a DEALER on a thread of its own.

use super::socket::{Received, open, receive};
use super::wake::Bell;
use super::{SocketError, endpoint, fits};
use crate::{Link, PeerId, limits};
use ::zmq::{Context, Socket};
use bytes::Bytes;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use tokio::sync::mpsc;

/// Connects to the master at `host` and `port`, under `identity`. A master that is not there yet, or not any more,
/// is tried again and again; whether one answers is for the caller to find out.
///
/// # Errors
/// When the address is none, or the system gives no socket.
pub fn connect(host: &str, port: u16, identity: &str) -> Result<Link, SocketError> {
    let context = Context::new();
    let endpoint = endpoint(host, port);
    let peer = PeerId::from(identity);
    let refused =
        |error: ::zmq::Error| SocketError::Connect { endpoint: endpoint.clone(), reason: error.message() };
    let socket = dealer(&context, &peer)?;
    socket.connect(&endpoint).map_err(refused)?;
    let bell = Arc::new(Bell::new().map_err(|error| SocketError::Resources(error.to_string()))?);
    let renew = Arc::new(AtomicBool::new(false));
    let waiting = Arc::new(AtomicBool::new(true));
    let (outgoing, to_send) = mpsc::channel(limits::QUEUE_FROM_WORKER);
    let (to_worker, incoming) = mpsc::channel(limits::QUEUE_TO_WORKER);
    let dealer = Dealer {
        context,
        endpoint,
        identity: peer.clone(),
        socket,
        bell: bell.clone(),
        renew: renew.clone(),
        waiting: waiting.clone(),
        to_send,
        unsent: None,
        to_worker,
        unread: None,
    };
    let thread = std::thread::Builder::new()
        .name("akrida-link".to_owned())
        .spawn(move || dealer.run())
        .map_err(|error| SocketError::Resources(error.to_string()))?;
    let connection =
        Connection { identity: peer, outgoing: Some(outgoing), renew, waiting, bell, thread: Some(thread) };
    Ok(Link::over(incoming, connection))
}

/// A socket that is not connected yet.
fn dealer(context: &Context, identity: &PeerId) -> Result<Socket, SocketError> {
    let socket = open(context, ::zmq::DEALER)?;
    let configure = || {
        socket.set_identity(identity.as_bytes())?;
        // What was said to a master that is gone must not be said to its successor: nothing is queued for nobody.
        socket.set_immediate(true)?;
        socket.set_sndhwm(limits::HIGH_WATER)?;
        socket.set_rcvhwm(limits::HIGH_WATER)?;
        socket.set_reconnect_ivl_max(limits::RECONNECT_MS)
    };
    configure().map_err(|error| SocketError::Resources(error.message().to_owned()))?;
    Ok(socket)
}

/// What a link gives its frames to. Dropped, it sends what is left, for at most [`limits::LINGER_MS`].
#[derive(Debug)]
pub(crate) struct Connection {
    identity: PeerId,
    /// `None` only while it is dropped.
    outgoing: Option<mpsc::Sender<Bytes>>,
    renew: Arc<AtomicBool>,
    waiting: Arc<AtomicBool>,
    bell: Arc<Bell>,
    thread: Option<JoinHandle<()>>,
}

impl Connection {
    pub(crate) fn identity(&self) -> &PeerId {
        &self.identity
    }

    pub(crate) fn outgoing(&self) -> Option<&mpsc::Sender<Bytes>> {
        self.outgoing.as_ref()
    }

    /// Whether a frame waits for somebody to take it.
    pub(crate) fn is_waiting(&self) -> bool {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Tells the thread that there is something to send.
    pub(crate) fn ring(&self) {
        self.bell.ring();
    }

    /// Connects anew under the same identity.
    pub(crate) fn renew(&self) {
        self.renew.store(true, Ordering::Release);
        self.bell.ring();
    }
}

impl Drop for Connection {
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
struct Dealer {
    context: Context,
    endpoint: String,
    identity: PeerId,
    socket: Socket,
    bell: Arc<Bell>,
    renew: Arc<AtomicBool>,
    /// Whether there is no room for the next frame, as far as is known: at first there is nobody.
    waiting: Arc<AtomicBool>,
    to_send: mpsc::Receiver<Bytes>,
    /// Taken from `to_send`, and no room for it yet.
    unsent: Option<Bytes>,
    to_worker: mpsc::Sender<Bytes>,
    /// Came, and no room for it yet.
    unread: Option<Bytes>,
}

impl Dealer {
    fn run(mut self) {
        let mut until = None;
        loop {
            self.wait(until.is_some());
            self.bell.hear();
            if self.renew.swap(false, Ordering::Acquire) {
                self.renew();
            }
            let more = self.send_some();
            self.receive_some();
            if !more {
                // The worker is at its end. Its last words are given the time that a closed socket has.
                let tries = until.get_or_insert(i64::from(limits::LINGER_MS) / limits::RETRY_MS);
                *tries -= 1;
                if self.unsent.is_none() || *tries <= 0 {
                    return;
                }
            }
        }
    }

    /// Connects anew. What the old connection has been given is sent first, for at most [`limits::LINGER_MS`].
    fn renew(&mut self) {
        let context = Context::new();
        let Ok(socket) = dealer(&context, &self.identity) else { return };
        drop(std::mem::replace(&mut self.socket, socket));
        // Dropping a context waits for what its sockets still send.
        drop(std::mem::replace(&mut self.context, context));
        // The new connection ends the old one at the other end, which may still have to read it.
        std::thread::sleep(limits::RENEW_PAUSE);
        // The address was good before.
        let _ = self.socket.connect(&self.endpoint);
    }

    fn wait(&self, ending: bool) {
        let mut events = ::zmq::PollEvents::empty();
        events.set(::zmq::POLLIN, self.unread.is_none());
        events.set(::zmq::POLLOUT, self.unsent.is_some());
        let timeout = if ending || self.unread.is_some() { limits::RETRY_MS } else { -1 };
        let mut items = [
            ::zmq::PollItem::from_fd(self.bell.descriptor(), ::zmq::POLLIN),
            self.socket.as_poll_item(events),
        ];
        // An interrupted wait is a short one.
        let _ = ::zmq::poll(&mut items, timeout);
    }

    /// Sends what waits, as far as there is room; whether there may be more to come.
    fn send_some(&mut self) -> bool {
        loop {
            let body = match self.unsent.take() {
                Some(body) => body,
                None => match self.to_send.try_recv() {
                    Ok(body) => body,
                    Err(mpsc::error::TryRecvError::Empty) => return true,
                    Err(mpsc::error::TryRecvError::Disconnected) => return false,
                },
            };
            let taken = self.socket.send(&body[..], ::zmq::DONTWAIT).is_ok();
            self.waiting.store(!taken, Ordering::Relaxed);
            if !taken {
                self.unsent = Some(body);
                // What waits behind it has no more time than this one.
                return !self.to_send.is_closed();
            }
        }
    }

    fn receive_some(&mut self) {
        for _ in 0..limits::AT_ONCE {
            let body = match self.unread.take() {
                Some(body) => body,
                None => {
                    let Received::Parts(parts) = receive(&self.socket) else { return };
                    let Some(body) = parts.first().filter(|body| fits(body)) else { continue };
                    Bytes::copy_from_slice(body)
                }
            };
            if let Err(mpsc::error::TrySendError::Full(body)) = self.to_worker.try_send(body) {
                self.unread = Some(body);
                return;
            }
        }
    }
}
