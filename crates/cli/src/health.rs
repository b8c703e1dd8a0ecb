//! `--health-port`: answers probes where no page does, on the loop that does the process's work.
//!
//! An answer therefore means that this loop runs, which a thread of its own could not say. Kubernetes asks workers so.

use crate::log::{Log, Speaker};
use crate::small_server::{Bounds, serve};
use http::StatusCode;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Whoever probes asks once in seconds and waits for the answer.
const BOUNDS: Bounds = Bounds { connections: 16, silence: Some(Duration::from_secs(5)) };

/// Lives as long as the process.
pub(crate) const ALIVE: &str = "/healthz";

/// As good as its word: a worker that knows its master.
const READY: &str = "/readyz";

/// Whether the process can do what it is there for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ready(Arc<AtomicBool>);

impl Ready {
    /// From now on it can.
    pub(crate) fn set(&self) {
        self.0.store(true, Ordering::Release);
    }
}

/// Answers on this port from now on, by the runtime that this is called in; on none without a port.
///
/// A port that cannot be had is told and gone without: whatever asks there notices, and load is worth more.
pub(crate) fn answer(port: Option<u16>, log: &Log) -> Ready {
    let ready = Ready::default();
    let Some(port) = port else { return ready };
    match listen(port) {
        Ok(listener) => drop(tokio::spawn(serve(listener, BOUNDS, answers(ready.clone())))),
        Err(error) => {
            let text = format!("The health port {port} cannot be had, and nothing answers there: {error}");
            log.warning(Speaker::Main, &text);
        }
    }
    ready
}

/// All addresses of both kinds, or of the only kind that there is.
fn listen(port: u16) -> io::Result<tokio::net::TcpListener> {
    let listener = TcpListener::bind((Ipv6Addr::UNSPECIFIED, port)).or_else(|error| {
        if error.kind() == io::ErrorKind::AddrInUse {
            return Err(error);
        }
        TcpListener::bind((Ipv4Addr::UNSPECIFIED, port))
    })?;
    listener.set_nonblocking(true)?;
    tokio::net::TcpListener::from_std(listener)
}

fn answers(
    ready: Ready,
) -> impl Fn(&http::Request<hyper::body::Incoming>) -> (StatusCode, String) + Clone + Send + 'static {
    move |request| {
        let (status, text) = match request.uri().path() {
            ALIVE => (StatusCode::OK, "ok\n"),
            READY if ready.0.load(Ordering::Acquire) => (StatusCode::OK, "ok\n"),
            READY => (StatusCode::SERVICE_UNAVAILABLE, "no master has answered yet\n"),
            _ => (StatusCode::NOT_FOUND, "there are /healthz and /readyz here\n"),
        };
        (status, text.to_owned())
    }
}
