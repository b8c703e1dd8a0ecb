//! The server: an address, a thread, connections within bounds.

use crate::app::{App, Config};
use crate::limits;
use crate::routes::{self, Caller};
use crate::slow::Patient;
use crate::tls::Tls;
use akrida_master::Handle;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs as _};
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;

/// Why a face cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum FaceError {
    /// The address cannot be had.
    #[error("{0}")]
    Bind(#[from] io::Error),
    /// The host has no address.
    #[error("no address is known for it")]
    NoAddress,
}

/// A web face that has its address and does not serve yet.
#[derive(Debug)]
pub struct Face {
    listener: TcpListener,
    address: SocketAddr,
}

impl Face {
    /// Takes an address; an empty host, or `*`, stands for all.
    ///
    /// # Errors
    /// When it cannot be had.
    pub fn bind(host: &str, port: u16) -> Result<Self, FaceError> {
        let host = if matches!(host, "" | "*") { "0.0.0.0" } else { host };
        let addresses = (host, port).to_socket_addrs()?;
        let mut refused = FaceError::NoAddress;
        for address in addresses {
            match TcpListener::bind(address) {
                Ok(listener) => {
                    listener.set_nonblocking(true)?;
                    let address = listener.local_addr()?;
                    return Ok(Self { listener, address });
                }
                Err(error) => refused = error.into(),
            }
        }
        Err(refused)
    }

    /// Where it is.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves from now on, until the answer is dropped.
    ///
    /// # Errors
    /// When a thread cannot be had.
    pub fn serve(self, config: Config, handle: Handle) -> io::Result<Running> {
        let (close, closing) = watch::channel(false);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let tls = config.tls.clone();
        let app = Arc::new(App::new(config, handle, self.address.port(), closing.clone()));
        let thread = std::thread::Builder::new().name("web".to_owned()).spawn(move || {
            runtime.block_on(accept(self.listener, tls, app, closing));
            // Passwords that are being looked at are not waited for.
            runtime.shutdown_background();
        })?;
        Ok(Running { close, thread: Some(thread) })
    }
}

/// A web face that serves. It closes when it is dropped.
#[derive(Debug)]
pub struct Running {
    close: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.close.send_replace(true);
        if let Some(thread) = self.thread.take() {
            // It may have panicked, which its own message told.
            let _ = thread.join();
        }
    }
}

async fn accept(listener: TcpListener, tls: Option<Tls>, app: Arc<App>, mut closing: watch::Receiver<bool>) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    let room = Arc::new(Semaphore::new(limits::CONNECTIONS));
    let router = routes::router(Arc::clone(&app));
    tokio::spawn(crate::rescale::rehearse(Arc::clone(&app)));
    tokio::spawn(crate::rescale::credit(Arc::clone(&app)));
    let mut connections = JoinSet::new();
    loop {
        let permit = tokio::select! {
            _ = closing.changed() => break,
            permit = Arc::clone(&room).acquire_owned() => permit,
        };
        let Ok(permit) = permit else { break };
        let (stream, peer) = tokio::select! {
            _ = closing.changed() => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(_) => {
                    // One that went away again, or there are no more descriptors: both pass.
                    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        while connections.try_join_next().is_some() {}
        let caller = Caller { peer: peer.ip(), tls: tls.is_some() };
        let (tls, app, router, closing) = (tls.clone(), Arc::clone(&app), router.clone(), closing.clone());
        connections.spawn(async move {
            let _permit = permit;
            let _ = stream.set_nodelay(true);
            let Some(stream) = Stream::open(stream, tls.as_ref()).await else { return };
            match stream {
                Stream::Plain(stream) => converse(stream, caller, app, router, closing).await,
                Stream::Tls(stream) => converse(stream, caller, app, router, closing).await,
            }
        });
    }
    drop(listener);
    let _ = timeout(limits::CLOSING, async { while connections.join_next().await.is_some() {} }).await;
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<tokio_rustls::server::TlsStream<TcpStream>>),
}

impl Stream {
    /// Shakes hands, if that is to be done; `None` with whoever does not.
    async fn open(stream: TcpStream, tls: Option<&Tls>) -> Option<Self> {
        let Some(tls) = tls else { return Some(Self::Plain(stream)) };
        let stream = timeout(limits::HANDSHAKE, tls.acceptor().accept(stream)).await.ok()?.ok()?;
        Some(Self::Tls(Box::new(stream)))
    }
}

/// Answers the requests of one connection.
async fn converse<S>(
    stream: S,
    caller: Caller,
    app: Arc<App>,
    router: axum::Router,
    mut closing: watch::Receiver<bool>,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request: http::Request<Incoming>| {
        let (app, router) = (Arc::clone(&app), router.clone());
        async move { Ok::<_, std::convert::Infallible>(routes::answer(&app, router, caller, request).await) }
    });
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(limits::HEAD)
        .max_headers(limits::HEAD_FIELDS)
        .max_buf_size(limits::HEAD_BYTES);
    let connection = builder.serve_connection(TokioIo::new(Patient::new(stream)), service);
    let mut connection = std::pin::pin!(connection);
    // Whoever breaks off, or says what cannot be read, is nobody to tell of it.
    tokio::select! {
        _ = connection.as_mut() => {}
        _ = closing.changed() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}
