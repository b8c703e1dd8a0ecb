//! The master's end: what ZeroMQ calls a ROUTER, on a thread of its own.
//!
//! libzmq's ROUTER keeps in memory whatever peers send, message after message and part after part; this one has a
//! bound in bytes for everything (docs/decisions/0007).

use super::connection::{self, Shared};
use super::room::Room;
use super::routes::Routes;
use super::zmtp::Role;
use super::{SocketError, bare};
use crate::hub::Lanes;
use crate::{Deal, Hub, PeerId, SendError, limits};
use bytes::Bytes;
use std::io;
use std::net::{self, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// After a connection could not be taken, for want of descriptors as a rule, so long none is.
const PAUSE: Duration = Duration::from_millis(100);

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
    open(binding, None)
}

/// Listens for workers as [`bind`] does, and beside that on two more ports for those that have no address: they push to
/// `pushing`, and pull from the next one.
///
/// # Errors
/// When one of the addresses cannot be had.
pub fn bind_beside(binding: &Binding, pushing: u16) -> Result<(Hub, u16), SocketError> {
    open(binding, Some(pushing))
}

fn open(binding: &Binding, pushing: Option<u16>) -> Result<(Hub, u16), SocketError> {
    let refused = |port, error: &io::Error| SocketError::Bind {
        endpoint: super::endpoint(&binding.host, port),
        reason: words(error),
    };
    let resources = |error: io::Error| SocketError::Resources(words(&error));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .on_thread_park(rest())
        .build()
        .map_err(resources)?;
    let (inlet, lanes) = Lanes::new(limits::QUEUE_TO_MASTER, limits::HELD_FRAMES);
    let room = Arc::new(Room::new());
    let mut ports = Vec::new();
    let mut endings = Vec::new();
    let mut listen_as = |role, port| {
        let listener = listen(&binding.host, port).map_err(|error| refused(port, &error))?;
        let port = listener.local_addr().map_err(|error| refused(port, &error))?.port();
        let (ending, ended) = oneshot::channel();
        endings.push(ending);
        let routes = Arc::new(Routes::of(role));
        let (room, inlet, urgent) = (room.clone(), inlet.clone(), binding.urgent);
        let shared = Arc::new(Shared { role, routes: routes.clone(), room, inlet, urgent });
        ports.push(Port { listener, shared, ended });
        Ok((routes, port))
    };
    let (routes, port) = listen_as(Role::Router, binding.port)?;
    let pulling = match pushing {
        Some(pushing) => {
            listen_as(Role::Pull, pushing)?;
            let next = pushing.checked_add(1).ok_or_else(|| SocketError::Bind {
                endpoint: super::endpoint(&binding.host, pushing),
                reason: "there is no port after it".to_owned(),
            })?;
            Some(listen_as(Role::Push, next)?.0)
        }
        None => None,
    };
    let thread = std::thread::Builder::new()
        .name("akrida-hub".to_owned())
        .spawn(move || runtime.block_on(serve_all(ports)))
        .map_err(resources)?;
    Ok((Hub::over(lanes, Outbox { routes, pulling, endings, thread: Some(thread) }), port))
}

/// A port, and what its connections share.
struct Port {
    listener: net::TcpListener,
    shared: Arc<Shared>,
    /// Resolves at the end of the hub.
    ended: oneshot::Receiver<()>,
}

/// What a thread does before it waits for something to happen: if it did so shortly before, it lets happen some more.
/// To be woken for each of thousands of frames in a second costs more than to read them.
fn rest() -> impl Fn() + Send + Sync {
    let rested = Mutex::new(Instant::now());
    move || {
        // One thread has it, and nothing panics meanwhile.
        let mut rested = rested.lock().unwrap_or_else(PoisonError::into_inner);
        let since = rested.elapsed();
        if since < limits::REST {
            std::thread::sleep(limits::REST - since);
        }
        *rested = Instant::now();
    }
}

fn listen(host: &str, port: u16) -> io::Result<net::TcpListener> {
    let listener = if host == "*" {
        // Where there is no IPv6 at all, the other one is all interfaces.
        net::TcpListener::bind((net::Ipv6Addr::UNSPECIFIED, port))
            .or_else(|_| net::TcpListener::bind((net::Ipv4Addr::UNSPECIFIED, port)))?
    } else {
        net::TcpListener::bind((bare(host), port))?
    };
    // Longer than the library's: all workers come at once when a master is back.
    rustix::net::listen(&listener, limits::BACKLOG)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// What the system says, without its number.
fn words(error: &io::Error) -> String {
    let text = error.to_string();
    text.split_once(" (os error").map_or(text.as_str(), |(words, _)| words).to_owned()
}

/// What a hub gives its frames to. Dropped, it sends what is left, for at most [`limits::LINGER_MS`].
#[derive(Debug)]
pub(crate) struct Outbox {
    routes: Arc<Routes>,
    /// To peers that have no address, if there may be some.
    pulling: Option<Arc<Routes>>,
    /// Of each port; empty only while it is dropped.
    endings: Vec<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Outbox {
    pub(crate) fn send(&self, peer: &PeerId, body: Bytes) -> Result<(), SendError> {
        self.routes.send(peer, body)
    }

    pub(crate) fn deal(&self, deal: Deal) {
        if let Some(pulling) = &self.pulling {
            pulling.deal(deal);
        }
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        self.endings.clear();
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has nothing left to send.
            let _ = thread.join();
        }
    }
}

/// Serves the connections of all ports until the hub is dropped.
async fn serve_all(ports: Vec<Port>) {
    let mut serving: JoinSet<()> = ports.into_iter().map(serve).collect();
    while serving.join_next().await.is_some() {}
}

async fn serve(Port { listener, shared, mut ended }: Port) {
    let most = if shared.role == Role::Router { limits::CONNECTIONS } else { limits::UNADDRESSED };
    let Ok(listener) = TcpListener::from_std(listener) else { return };
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            _ = &mut ended => break,
            Some(_) = connections.join_next() => {}
            (stream, from) = accept(&listener), if connections.len() < most => {
                connections.spawn(connection::serve(stream, from.ip(), shared.clone()));
            }
        }
    }
    drop(listener);
    let linger = Duration::from_millis(u64::try_from(limits::LINGER_MS).unwrap_or_default());
    let _cuts = shared.routes.end();
    let all_gone = async { while connections.join_next().await.is_some() {} };
    // Who has not read by then is left alone.
    let _ = tokio::time::timeout(linger, all_gone).await;
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_told_in_words() {
        assert_eq!(words(&io::Error::from_raw_os_error(13)), "Permission denied");
        assert_eq!(words(&io::Error::other("no such host")), "no such host");
    }
}
