//! A server with a service time, for a thousand connections, that can be frozen while it runs.

use crate::ledger::Ledger;
use crate::limits::TIMES_KEPT;
use crate::raw::next;
use crate::server::Server;
use crate::target::Target;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until};

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// A server that takes a fixed time for each request, all of them side by side, and writes down when it was.
///
/// Tokio's timer counts in milliseconds, so that an answer is up to 2 ms late; what is written down is what was.
/// [`Timed`](crate::Timed) is more precise, for few connections.
#[derive(Debug)]
pub struct Paced {
    target: Target,
    shared: Arc<Shared>,
}

/// A request as the server saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// When its last byte was read, since the server's start.
    pub read: Duration,
    /// When the first byte of the answer was written, since the server's start.
    pub answered: Duration,
}

impl Exchange {
    /// How long the client waited, but for the way there and back.
    #[must_use]
    pub fn took(&self) -> Duration {
        self.answered.saturating_sub(self.read)
    }
}

#[derive(Debug)]
struct Shared {
    service: Duration,
    began: Instant,
    book: Mutex<Book>,
}

#[derive(Debug)]
struct Book {
    frozen_until: Instant,
    exchanges: Vec<Exchange>,
}

impl Paced {
    /// Starts one with this service time.
    #[must_use]
    pub fn start(service: Duration) -> Self {
        let began = Instant::now();
        let book = Book { frozen_until: began, exchanges: Vec::new() };
        let shared = Arc::new(Shared { service, began, book: Mutex::new(book) });
        let theirs = shared.clone();
        let target = Target::with("http", |ledger| {
            Server::start(move |stream| serve(stream, ledger.clone(), theirs.clone()))
        });
        Self { target, shared }
    }

    /// From now on and for this long nothing is answered: what is in flight or arrives waits for the end of it. A
    /// request that arrives then takes its service time after it.
    pub fn freeze(&self, duration: Duration) {
        self.shared.book().frozen_until = Instant::now() + duration;
    }

    /// What was answered so far, in order of the answers; the first [`TIMES_KEPT`].
    #[must_use]
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.shared.book().exchanges.clone()
    }
}

impl Deref for Paced {
    type Target = Target;

    fn deref(&self) -> &Target {
        &self.target
    }
}

impl Shared {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until a request that was read then may be answered.
    async fn serve(&self, read: Instant) {
        let mut due = read.max(self.book().frozen_until) + self.service;
        loop {
            sleep_until(due).await;
            let frozen_until = self.book().frozen_until;
            if frozen_until <= Instant::now() {
                return;
            }
            due = frozen_until;
        }
    }
}

async fn serve(mut stream: TcpStream, ledger: Arc<Ledger>, shared: Arc<Shared>) {
    let connection = ledger.connection();
    let mut buffer = Vec::new();
    // An error here is a client that went away.
    while let Ok(Some(mut request)) = next(&mut stream, &mut buffer).await {
        let read = Instant::now();
        request.connection = connection;
        ledger.enter(&request);
        shared.serve(read).await;
        let (read, answered) = (read.duration_since(shared.began), shared.began.elapsed());
        {
            // Written down before it is answered, so that a client that was answered finds it.
            let exchanges = &mut shared.book().exchanges;
            if exchanges.len() < TIMES_KEPT {
                exchanges.push(Exchange { read, answered });
            }
        }
        if stream.write_all(ANSWER).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raw::testing::{Ending, hear, talk};
    use std::net::SocketAddr;

    const REQUEST: &str = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";

    fn ask(server: SocketAddr) {
        let heard = hear(server, REQUEST, ANSWER.len());
        assert_eq!(heard, (String::from_utf8_lossy(ANSWER).into_owned(), Ending::Open));
    }

    #[test]
    fn takes_its_time() {
        let server = Paced::start(Duration::from_millis(30));
        ask(server.addr());
        ask(server.addr());
        let exchanges = server.exchanges();
        assert_eq!((exchanges.len(), server.total(), server.connections()), (2, 2, 2));
        assert!(
            exchanges.iter().all(|exchange| exchange.took() >= Duration::from_millis(30)),
            "{exchanges:?}"
        );
        assert!(exchanges[1].read >= exchanges[0].answered, "{exchanges:?}");
    }

    #[test]
    fn keeps_all_waiting_while_it_is_frozen() {
        let server = Paced::start(Duration::from_millis(60));
        let began = server.shared.began;
        let mut thaw = Duration::ZERO;
        std::thread::scope(|scope| {
            scope.spawn(|| ask(server.addr()));
            while server.total() == 0 {
                std::thread::yield_now();
            }
            server.freeze(Duration::from_millis(200));
            thaw = began.elapsed() + Duration::from_millis(150);
            scope.spawn(|| ask(server.addr()));
        });
        let exchanges = server.exchanges();
        assert_eq!(exchanges.len(), 2);
        assert!(exchanges.iter().all(|exchange| exchange.answered >= thaw), "{exchanges:?}, {thaw:?}");
        assert!(exchanges[1].took() >= Duration::from_millis(60));
    }

    #[test]
    fn a_stranger_is_let_go() {
        let server = Paced::start(Duration::ZERO);
        assert_eq!(talk(server.addr(), "hello\r\n\r\n").1, Ending::Closed);
        assert_eq!(server.total(), 0);
    }
}
