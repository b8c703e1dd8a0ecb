//! A cable between two ends of TCP that can be cut, and that can go dead without anybody being told.

use crate::server::Server;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::watch;

/// Passes bytes between whoever connects to it and a port of this machine, for as long as it is whole.
pub struct Relay {
    server: Server,
    state: Arc<watch::Sender<State>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Whole,
    Cut,
    Dead,
}

impl Relay {
    /// A cable to `port` on 127.0.0.1.
    #[must_use]
    pub fn to(port: u16) -> Self {
        let state = Arc::new(watch::Sender::new(State::Whole));
        let shared = state.clone();
        let server = Server::start(move |stream| pass(stream, port, shared.subscribe()));
        Self { server, state }
    }

    /// Where its near end is.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.server.address()
    }

    /// Ends all connections, and each new one at once.
    pub fn cut(&self) {
        self.state.send_replace(State::Cut);
    }

    /// Passes nothing on any more, and ends nothing.
    pub fn go_dead(&self) {
        self.state.send_replace(State::Dead);
    }

    /// Is whole again. What was held back while it was dead comes now.
    pub fn mend(&self) {
        self.state.send_replace(State::Whole);
    }
}

async fn pass(near: TcpStream, port: u16, mut state: watch::Receiver<State>) {
    if *state.borrow() == State::Cut {
        return;
    }
    let Ok(far) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await else { return };
    let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
    let whole = state.clone();
    tokio::select! {
        _ = state.wait_for(|state| *state == State::Cut) => {}
        () = one_way(near_in, far_out, whole.clone()) => {}
        () = one_way(far_in, near_out, whole) => {}
    }
}

/// Passes what comes until either end ends, which ends both.
async fn one_way(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut state: watch::Receiver<State>) {
    let mut buffer = vec![0; 16 << 10];
    while let Ok(come @ 1..) = from.read(&mut buffer).await {
        let gone = state.wait_for(|state| *state == State::Whole).await.is_err();
        if gone || to.write_all(&buffer[..come]).await.is_err() {
            return;
        }
    }
    // An end is passed on like all else.
    let _ = state.wait_for(|state| *state == State::Whole).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{ErrorKind, Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::time::Duration;

    #[test]
    fn passes_holds_and_cuts() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let relay = Relay::to(listener.local_addr().unwrap().port());
        let mut near = TcpStream::connect(relay.addr()).unwrap();
        let (mut far, _) = listener.accept().unwrap();
        near.write_all(b"one").unwrap();
        let mut come = [0; 3];
        far.read_exact(&mut come).unwrap();
        assert_eq!(&come, b"one");

        relay.go_dead();
        near.write_all(b"two").unwrap();
        far.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        assert_eq!(far.read(&mut come).unwrap_err().kind(), ErrorKind::WouldBlock);
        relay.mend();
        far.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        far.read_exact(&mut come).unwrap();
        assert_eq!(&come, b"two");

        relay.cut();
        near.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let ended = |stream: &mut TcpStream| match stream.read(&mut [0]) {
            Ok(bytes) => bytes == 0,
            Err(error) => error.kind() == ErrorKind::ConnectionReset,
        };
        assert!(ended(&mut far) && ended(&mut near));
        let mut again = TcpStream::connect(relay.addr()).unwrap();
        assert!(ended(&mut again));
    }
}
