//! The demo's server: HTTP/1.1, in threads of its own, counting.

use super::fibonacci;
use crate::small_server::{Bounds, serve};
use http::{Request, StatusCode};
use hyper::body::Incoming;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

/// One address cannot open more connections to this server. Users may wait between requests as long as they like.
const BOUNDS: Bounds = Bounds { connections: 65_536, silence: None };

/// A running server. It ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Target {
    address: SocketAddr,
    counted: Arc<AtomicU64>,
    /// `None` only while it is dropped.
    runtime: Option<Runtime>,
}

impl Target {
    /// Starts at an address and port, 0 for one that is free, with this many threads.
    ///
    /// # Errors
    /// When threads or a listening socket cannot be had.
    pub(crate) fn start(host: &str, port: u16, threads: usize) -> io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(threads)
            .thread_name("demo-target")
            .enable_all()
            .build()?;
        let listener = runtime.block_on(TcpListener::bind((host, port)))?;
        let address = listener.local_addr()?;
        let counted = Arc::new(AtomicU64::new(0));
        runtime.spawn(serve(listener, BOUNDS, answers(counted.clone())));
        Ok(Self { address, counted, runtime: Some(runtime) })
    }

    /// Such as `http://127.0.0.1:8080`.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Requests that arrived.
    pub(crate) fn counted(&self) -> u64 {
        self.counted.load(Ordering::Acquire)
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Connections of users that are gone would be waited for otherwise.
            runtime.shutdown_background();
        }
    }
}

/// What is answered, and counted.
fn answers(
    counted: Arc<AtomicU64>,
) -> impl Fn(&Request<Incoming>) -> (StatusCode, String) + Clone + Send + 'static {
    move |request| {
        counted.fetch_add(1, Ordering::Release);
        let uri = request.uri();
        let query = uri.query().unwrap_or_default();
        let (status, text) = fibonacci::answer(request.method().as_str(), uri.path(), query);
        (StatusCode::from_u16(status).unwrap_or_default(), text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;

    #[test]
    fn it_answers_and_counts() {
        let target = Target::start("127.0.0.1", 0, 1).unwrap();
        let mut stream = TcpStream::connect(target.address).unwrap();
        let request = |connection| {
            format!("GET /fibonacci?n=10 HTTP/1.1\r\nhost: a\r\nconnection: {connection}\r\n\r\n")
        };
        stream.write_all(format!("{}{}", request("keep-alive"), request("close")).as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert_eq!(answer.matches("HTTP/1.1 200 OK").count(), 2);
        assert!(answer.ends_with("\r\n\r\n34"), "{answer}");
        assert_eq!(target.counted(), 2);
    }
}
