//! The master's end: what ZeroMQ calls a ROUTER, on a thread of its own.
//!
//! libzmq's ROUTER keeps in memory whatever peers send, message after message and part after part; this one has a
//! bound in bytes for everything (docs/decisions/0007).

use super::connection::{self, Shared};
use super::room::Room;
use super::routes::Routes;
use super::{SocketError, bare};
use crate::hub::Lanes;
use crate::{Hub, PeerId, SendError, limits};
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
    let refused = |error: &io::Error| SocketError::Bind {
        endpoint: super::endpoint(&binding.host, binding.port),
        reason: words(error),
    };
    let listener = listen(&binding.host, binding.port).map_err(|error| refused(&error))?;
    let port = listener.local_addr().map_err(|error| refused(&error))?.port();
    let resources = |error: io::Error| SocketError::Resources(words(&error));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .on_thread_park(rest())
        .build()
        .map_err(resources)?;
    let (inlet, lanes) = Lanes::new(limits::QUEUE_TO_MASTER, limits::HELD_FRAMES);
    let (ending, ended) = oneshot::channel();
    let routes = Arc::new(Routes::default());
    let shared =
        Arc::new(Shared { routes: routes.clone(), room: Room::new(), inlet, urgent: binding.urgent });
    let thread = std::thread::Builder::new()
        .name("akrida-hub".to_owned())
        .spawn(move || runtime.block_on(serve(listener, shared, ended)))
        .map_err(resources)?;
    Ok((Hub::over(lanes, Outbox { routes, ending: Some(ending), thread: Some(thread) }), port))
}

/// What a thread does before it waits for something to happen: if it did so shortly before, it lets happen some more. To be
/// woken for each of thousands of frames in a second costs more than to read them.
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
    /// `None` only while it is dropped.
    ending: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Outbox {
    pub(crate) fn send(&self, peer: &PeerId, body: Bytes) -> Result<(), SendError> {
        self.routes.send(peer, body)
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        self.ending = None;
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has nothing left to send.
            let _ = thread.join();
        }
    }
}

/// Serves connections until the hub is dropped.
async fn serve(listener: net::TcpListener, shared: Arc<Shared>, mut ended: oneshot::Receiver<()>) {
    let Ok(listener) = TcpListener::from_std(listener) else { return };
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            _ = &mut ended => break,
            Some(_) = connections.join_next() => {}
            (stream, from) = accept(&listener), if connections.len() < limits::CONNECTIONS => {
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
