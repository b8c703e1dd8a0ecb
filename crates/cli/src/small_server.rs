//! A small HTTP/1.1 server: each answer is made at once of the head of its request.
//!
//! For the demo's target and for probes. What people use is crate `ui`'s.

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// How long to wait before accepting again when there are no descriptors left.
const PAUSE: Duration = Duration::from_millis(20);

/// What clients may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Connections at the same time; others wait until one ends.
    pub(crate) connections: usize,
    /// How long a client may say nothing; `None` for as long as it likes.
    pub(crate) silence: Option<Duration>,
}

/// Serves until it is dropped, or its runtime ends.
pub(crate) async fn serve<A>(listener: TcpListener, bounds: Bounds, answer: A)
where
    A: Fn(&Request<Incoming>) -> (StatusCode, String) + Clone + Send + 'static,
{
    let room = Arc::new(Semaphore::new(bounds.connections.min(Semaphore::MAX_PERMITS)));
    let mut builder = http1::Builder::new();
    if let Some(silence) = bounds.silence {
        builder.timer(TokioTimer::new()).header_read_timeout(silence);
    }
    // The semaphore is never closed.
    while let Ok(permit) = Arc::clone(&room).acquire_owned().await {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        // Small answers must not wait for an acknowledgement.
        let _ = stream.set_nodelay(true);
        let answer = answer.clone();
        let service = service_fn(move |request| {
            let (status, text) = answer(&request);
            let mut response = Response::new(Full::new(Bytes::from(text)));
            *response.status_mut() = status;
            // Prometheus reads nothing that has no type.
            response
                .headers_mut()
                .insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
            std::future::ready(Ok::<_, Infallible>(response))
        });
        let connection = builder.serve_connection(TokioIo::new(stream), service);
        tokio::spawn(async move {
            let _permit = permit;
            // A client that breaks off is nothing to tell.
            let _ = connection.await;
        });
    }
}
