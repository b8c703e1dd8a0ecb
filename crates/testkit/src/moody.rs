//! A server that is good until it is told not to be.

use crate::faults::{Act, script};
use crate::target::Target;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A server whose behaviour is changed while it runs. It answers every path alike: with `ok` as long as it is good,
/// and otherwise with one of [`FAULTS`](crate::FAULTS).
#[derive(Debug)]
pub struct Moody {
    target: Target,
    mood: Arc<Mutex<&'static [Act]>>,
}

impl Moody {
    /// Starts one that is good.
    #[must_use]
    pub fn start() -> Self {
        let mood = Arc::new(Mutex::new(of("/ok")));
        let theirs = mood.clone();
        Self { target: Target::scripted(move |_| *lock(&theirs)), mood }
    }

    /// From the next request on, does what is written for this path of [`FAULTS`](crate::FAULTS); panics if there
    /// is no such path.
    pub fn misbehave(&self, path: &str) {
        *lock(&self.mood) = of(path);
    }

    /// From the next request on, is good.
    pub fn behave(&self) {
        self.misbehave("/ok");
    }
}

impl Deref for Moody {
    type Target = Target;

    fn deref(&self) -> &Target {
        &self.target
    }
}

fn of(path: &str) -> &'static [Act] {
    script(path).unwrap_or_else(|| panic!("there is no fault called {path}"))
}

fn lock<'a>(mood: &'a Mutex<&'static [Act]>) -> MutexGuard<'a, &'static [Act]> {
    mood.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raw::testing::{Ending, hear, talk};

    #[test]
    fn changes_its_mood() {
        let server = Moody::start();
        let request = "GET /reset HTTP/1.1\r\nhost: x\r\n\r\n";
        let good = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        assert_eq!(hear(server.addr(), request, good.len()), (good.to_owned(), Ending::Open));
        server.misbehave("/reset");
        assert_eq!(talk(server.addr(), request), (String::new(), Ending::Reset));
        server.behave();
        assert_eq!(hear(server.addr(), request, good.len()), (good.to_owned(), Ending::Open));
        assert_eq!(server.count("GET", "/reset"), 3);
    }
}
