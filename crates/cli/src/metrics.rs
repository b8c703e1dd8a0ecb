//! `--metrics-port`: what Prometheus scrapes of a process without a page, on a port of its own.

use crate::exit::Failure;
use crate::log::{Log, Speaker};
use akrida_master::Handle;
use akrida_report::openmetrics::{self, Format, WorkerFigures};
use akrida_run::metrics::Names;
use akrida_worker::Meter;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;

/// Connections at once: one scraper has one, and a few are tried out by hand.
const CONNECTIONS: usize = 16;

/// How long somebody may take to say what is wanted.
const HEAD: Duration = Duration::from_secs(5);

/// How long a connection is kept for its next scrape.
const CONNECTION: Duration = Duration::from_secs(600);

/// How long to wait before accepting again when there are no descriptors left.
const PAUSE: Duration = Duration::from_millis(20);

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Whose figures are shown.
#[derive(Clone)]
pub(crate) enum Figures {
    Master(Handle),
    Worker(Meter, Arc<Mutex<Names>>),
}

impl Figures {
    pub(crate) fn of_worker(meter: Meter) -> Self {
        Self::Worker(meter, Arc::default())
    }

    /// The page; `None` where the process is at its end.
    async fn page(&self, format: Format) -> Option<String> {
        match self {
            Self::Master(handle) => {
                let series = handle.series().await.ok()?;
                let snapshot = handle.snapshots().borrow().clone();
                Some(openmetrics::master(&snapshot, &series, VERSION, format))
            }
            Self::Worker(meter, names) => {
                let figures = {
                    let metered = meter.read();
                    let mut names = names.lock().unwrap_or_else(PoisonError::into_inner);
                    let series = names.series(&metered.totals);
                    WorkerFigures { users: metered.users, lag_us: metered.lag_us, series }
                };
                Some(openmetrics::worker(&figures, VERSION, format))
            }
        }
    }
}

/// A port that is taken and not served yet.
pub(crate) struct Port(TcpListener);

impl Port {
    /// Takes a port on all addresses; 0 for any that is free.
    ///
    /// # Errors
    /// When it cannot be had.
    pub(crate) fn take(port: u16, log: &Log) -> Result<Self, Failure> {
        let take = || {
            let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port))?;
            listener.set_nonblocking(true)?;
            let address = listener.local_addr()?;
            Ok::<_, std::io::Error>((listener, address))
        };
        let (listener, address): (TcpListener, SocketAddr) = take().map_err(|error| {
            Failure::generator(
                format!("The port {port} for metrics cannot be had: {error}"),
                "end the program that has it, or choose another one with --metrics-port",
            )
        })?;
        log.info(Speaker::Main, &format!("Serving metrics at http://{address}/metrics"));
        Ok(Self(listener))
    }

    /// Serves until the answer is dropped.
    ///
    /// # Errors
    /// When a thread cannot be had.
    pub(crate) fn serve(self, figures: Figures) -> Result<Serving, Failure> {
        let cannot =
            |error: std::io::Error| Failure::generator(format!("metrics cannot be served: {error}"), "");
        let runtime =
            Builder::new_multi_thread().worker_threads(1).thread_name("metrics").enable_all().build();
        let runtime = runtime.map_err(cannot)?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(self.0).map_err(cannot)?
        };
        runtime.spawn(accept(listener, figures));
        Ok(Serving(Some(runtime)))
    }
}

/// Metrics are served until this is dropped.
pub(crate) struct Serving(Option<Runtime>);

impl Drop for Serving {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            // A scraper that keeps its connection is not waited for.
            runtime.shutdown_background();
        }
    }
}

async fn accept(listener: tokio::net::TcpListener, figures: Figures) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let figures = figures.clone();
        tokio::spawn(async move {
            let _permit = permit;
            let _ = tokio::time::timeout(CONNECTION, converse(stream, figures)).await;
        });
    }
}

async fn converse(stream: TcpStream, figures: Figures) {
    let service = service_fn(move |request| {
        let figures = figures.clone();
        async move { Ok::<_, Infallible>(answer(&request, &figures).await) }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD).keep_alive(true);
    // Whoever breaks off is nobody to tell of it.
    let _ = builder.serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(request: &Request<Incoming>, figures: &Figures) -> Response<Full<Bytes>> {
    let plain = |status, text: &'static str| {
        let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
        *response.status_mut() = status;
        response
    };
    if request.uri().path() != "/metrics" {
        return plain(StatusCode::NOT_FOUND, "There is only /metrics here.\n");
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return plain(StatusCode::METHOD_NOT_ALLOWED, "Metrics can only be read.\n");
    }
    let format = Format::asked(request.headers().get(ACCEPT).and_then(|accept| accept.to_str().ok()));
    let Some(page) = figures.page(format).await else {
        return plain(StatusCode::SERVICE_UNAVAILABLE, "The master has ended.\n");
    };
    let mut response = Response::new(Full::new(Bytes::from(page)));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(format.media_type()));
    response
}
