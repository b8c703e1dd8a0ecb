//! A server that takes its time and knows exactly how long it took.

use crate::limits::{TIMED_CONNECTIONS, TIMES_KEPT};
use crate::raw::take;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A server that takes a fixed time for each request and measures itself, from the last byte read to the first
/// byte written.
///
/// Each connection has a thread, because the kernel wakes a sleeping thread to within some 50 us, while tokio's
/// timer counts in milliseconds and wakes all that are due at once. So it is for up to [`TIMED_CONNECTIONS`].
#[derive(Debug)]
pub struct Timed {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    stopped: AtomicBool,
    streams: Mutex<Vec<TcpStream>>,
    times: Mutex<Vec<Duration>>,
}

impl Timed {
    /// Starts one that takes this long.
    #[must_use]
    pub fn start(handling: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("the loopback interface has a free port");
        let address = listener.local_addr().expect("a listener has an address");
        let shared = Arc::new(Shared::default());
        let theirs = shared.clone();
        let acceptor = std::thread::spawn(move || accept(&listener, handling, &theirs));
        Self { address, shared, acceptor: Some(acceptor) }
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// Its base address, `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it measured so far, shortest first; the first [`TIMES_KEPT`] requests.
    #[must_use]
    pub fn times(&self) -> Vec<Duration> {
        let mut times = lock(&self.shared.times).clone();
        times.sort_unstable();
        times
    }
}

impl Drop for Timed {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        // Wakes the acceptor; if it cannot be reached any more, it is not waiting.
        let woken = TcpStream::connect(self.address).is_ok();
        if let Some(acceptor) = self.acceptor.take().filter(|_| woken) {
            let _ = acceptor.join();
        }
        for stream in lock(&self.shared.streams).drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

fn accept(listener: &TcpListener, handling: Duration, shared: &Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept() {
        let mut streams = lock(&shared.streams);
        if shared.stopped.load(Ordering::SeqCst) {
            return;
        }
        if let Some(handle) = stream.try_clone().ok().filter(|_| streams.len() < TIMED_CONNECTIONS) {
            streams.push(handle);
            let theirs = shared.clone();
            std::thread::spawn(move || serve(stream, handling, &theirs));
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "measuring itself is what it is for")]
fn serve(mut stream: TcpStream, handling: Duration, shared: &Shared) {
    let _ = stream.set_nodelay(true);
    let mut buffer = Vec::new();
    let mut bytes = [0; 4_096];
    while let Ok(count @ 1..) = stream.read(&mut bytes) {
        let read = Instant::now();
        buffer.extend_from_slice(&bytes[..count]);
        match take(&mut buffer) {
            Ok(Some(_)) => {}
            Ok(None) => continue,
            Err(_) => return,
        }
        std::thread::sleep(handling.saturating_sub(read.elapsed()));
        // Kept before it is answered, so that a client that was answered finds it.
        let mut times = lock(&shared.times);
        if times.len() < TIMES_KEPT {
            times.push(read.elapsed());
        }
        drop(times);
        if stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").is_err() {
            return;
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raw::testing::{Ending, hear};

    #[test]
    fn takes_its_time_and_says_so() {
        let timed = Timed::start(Duration::from_millis(5));
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        let heard = hear(timed.addr(), "GET / HTTP/1.1\r\nhost: x\r\n\r\n", answer.len());
        assert_eq!(heard, (answer.to_owned(), Ending::Open));
        let times = timed.times();
        assert_eq!(times.len(), 1);
        assert!(times[0] >= Duration::from_millis(5), "{times:?}");
    }

    #[test]
    fn stops() {
        let timed = Timed::start(Duration::ZERO);
        let mut client = TcpStream::connect(timed.addr()).unwrap();
        client.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
        client.read_exact(&mut [0; 40]).unwrap();
        let address = timed.addr();
        drop(timed);
        assert!(matches!(client.read(&mut [0]), Ok(0) | Err(_)));
        assert!(TcpStream::connect(address).is_err());
    }
}
