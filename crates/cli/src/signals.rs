//! Ctrl-C and SIGTERM: once to stop the run and see its figures, twice to leave.

use crate::exit::{Failure, INTERRUPTED};
use crate::log::{Log, Speaker};
use tokio::sync::oneshot;

/// What asks this process to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    /// A person does, by Ctrl-C.
    Interrupt,
    /// Whoever manages processes does, by SIGTERM: to end it for good, or to move it.
    Terminate,
}

impl Signal {
    fn name(self) -> &'static str {
        match self {
            Self::Interrupt => "SIGINT",
            Self::Terminate => "SIGTERM",
        }
    }
}

/// Listens from now on; the receiver hears of the first signal, the second ends the process.
///
/// # Errors
/// When the system does not let us listen.
pub(crate) fn listen(log: Log) -> Result<oneshot::Receiver<Signal>, Failure> {
    let mut signals = Signals::new()
        .map_err(|error| Failure::generator(format!("cannot listen for Ctrl-C: {error}"), ""))?;
    let (first, heard) = oneshot::channel();
    tokio::spawn(async move {
        let signal = signals.next().await;
        log.info(Speaker::Main, &format!("Got {} signal", signal.name()));
        // Whoever listened may be done already.
        let _ = first.send(signal);
        signals.next().await;
        std::process::exit(i32::from(INTERRUPTED));
    });
    Ok(heard)
}

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

    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.terminate.recv() => Signal::Terminate,
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

    async fn next(&mut self) -> Signal {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        Signal::Interrupt
    }
}
