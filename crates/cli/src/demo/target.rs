//! The demo's server: HTTP/1.1 on the loopback address, in threads of its own, counting.

use super::fibonacci;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

/// How long to wait before accepting again when there are no descriptors left.
const PAUSE: Duration = Duration::from_millis(20);

/// A running server. It ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Target {
    address: SocketAddr,
    counted: Arc<AtomicU64>,
    /// `None` only while it is dropped.
    runtime: Option<Runtime>,
}

impl Target {
    /// Starts on a port that is free, with this many threads.
    ///
    /// # Errors
    /// When threads or a listening socket cannot be had.
    pub(crate) fn start(threads: usize) -> io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(threads)
            .thread_name("demo-target")
            .enable_all()
            .build()?;
        let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", 0)))?;
        let address = listener.local_addr()?;
        let counted = Arc::new(AtomicU64::new(0));
        runtime.spawn(accept(listener, counted.clone()));
        Ok(Self { address, counted, runtime: Some(runtime) })
    }

    /// `http://127.0.0.1:PORT`
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

async fn accept(listener: TcpListener, counted: Arc<AtomicU64>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        // Small answers must not wait for an acknowledgement.
        let _ = stream.set_nodelay(true);
        let counted = counted.clone();
        let service = service_fn(move |request| {
            counted.fetch_add(1, Ordering::Release);
            std::future::ready(Ok::<_, Infallible>(answer(&request)))
        });
        tokio::spawn(async move {
            // A client that breaks off is nothing to tell.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

fn answer(request: &Request<Incoming>) -> Response<Full<Bytes>> {
    let uri = request.uri();
    let (status, text) =
        fibonacci::answer(request.method().as_str(), uri.path(), uri.query().unwrap_or_default());
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or_default();
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;

    #[test]
    fn it_answers_and_counts() {
        let target = Target::start(1).unwrap();
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
