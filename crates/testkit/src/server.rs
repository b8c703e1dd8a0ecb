//! A listening port with a thread and a runtime of its own.

use crate::limits::{ACCEPT_PAUSE, BACKLOG, BIND_TRIES};
use std::net::{Ipv4Addr, SocketAddr};
use std::thread::{self, JoinHandle};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::oneshot;

/// Accepts connections until it is dropped; then all of them are closed.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Listens on a free loopback port; `serve` is given each connection.
    pub(crate) fn start<F>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self::start_at(0, serve)
    }

    /// As [`Server::start`], at this port, which one of these had before.
    pub(crate) fn start_at<F>(port: u16, serve: impl Fn(TcpStream) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime can be built unless descriptors have run out");
        let listener = {
            let _entered = runtime.enter();
            bound(port, true).listen(BACKLOG).expect("a bound loopback port can be listened on")
        };
        let address = listener.local_addr().expect("a listener has an address");
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = stopped => {}
                    () = accept(listener, serve) => {}
                }
            });
        });
        Self { address, stop: Some(stop), thread: Some(thread) }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic in there was printed when it happened; a second one here would abort the test.
            let _ = thread.join();
        }
    }
}

async fn accept<F>(listener: TcpListener, serve: impl Fn(TcpStream) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // Fails only on a connection that is already gone, which `serve` will see.
                let _ = stream.set_nodelay(true);
                tokio::spawn(serve(stream));
            }
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
}

fn bound(port: u16, again: bool) -> TcpSocket {
    let socket = TcpSocket::new_v4().expect("a socket can be made unless descriptors have run out");
    // Connections of a server that had the port before may linger; both have to say so.
    socket.set_reuseaddr(again).expect("it is a new socket");
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    // Somebody's connection may have this very number while nobody listens at it; that comes to its end.
    let mut tries = if port == 0 { 1 } else { BIND_TRIES };
    while let Err(error) = socket.bind(address) {
        tries -= 1;
        assert!(tries > 0, "port {port} of the loopback interface is not free: {error}");
        thread::sleep(ACCEPT_PAUSE);
    }
    socket
}

/// A port that refuses connections: taken, so that nobody else gets it, but not listening.
#[derive(Debug)]
pub struct ClosedPort {
    socket: TcpSocket,
}

impl ClosedPort {
    /// Takes a free loopback port.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "taking a port is no default")]
    pub fn new() -> Self {
        Self { socket: bound(0, false) }
    }

    /// Where it is.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.socket.local_addr().expect("a bound socket has an address")
    }

    /// Its base address, `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.addr())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{ErrorKind, Read};

    #[test]
    fn a_closed_port_refuses() {
        let port = ClosedPort::new();
        let error = std::net::TcpStream::connect(port.addr()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    }

    #[test]
    fn dropping_closes_connections_and_port() {
        let server = Server::start(|stream| async move {
            let _held = stream;
            std::future::pending::<()>().await;
        });
        let address = server.address();
        let mut client = std::net::TcpStream::connect(address).unwrap();
        drop(server);
        assert!(matches!(client.read(&mut [0]), Ok(0) | Err(_)));
        assert!(std::net::TcpStream::connect(address).is_err());
    }
}
