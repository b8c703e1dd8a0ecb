//! Ctrl-C and SIGTERM: once to stop the run and see its figures, twice to leave.

use crate::exit::{Failure, INTERRUPTED};
use crate::log::{Log, Speaker};
use tokio::sync::oneshot;

/// Listens from now on; the receiver hears of the first signal, the second ends the process.
///
/// # Errors
/// When the system does not let us listen.
pub(crate) fn listen(log: Log) -> Result<oneshot::Receiver<()>, Failure> {
    let mut signals = Signals::new()
        .map_err(|error| Failure::generator(format!("cannot listen for Ctrl-C: {error}"), ""))?;
    let (first, heard) = oneshot::channel();
    tokio::spawn(async move {
        let name = signals.next().await;
        log.info(Speaker::Main, &format!("Got {name} signal"));
        // Whoever listened may be done already.
        let _ = first.send(());
        signals.next().await;
        std::process::exit(i32::from(INTERRUPTED));
    });
    Ok(heard)
}

const SIGTERM: &str = "SIGTERM";

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// The next signal's name.
    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.terminate.recv() => SIGTERM,
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> &'static str {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        "SIGINT"
    }
}
