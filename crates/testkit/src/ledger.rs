//! What arrived at a target.

use crate::http1::Request;
use crate::limits::{PATHS_COUNTED, REQUESTS_KEPT};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What arrived at a target: exact counts, and the first requests whole.
#[derive(Debug, Default)]
pub struct Ledger {
    book: Mutex<Book>,
}

#[derive(Debug, Default)]
struct Book {
    connections: u64,
    total: u64,
    counts: BTreeMap<String, u64>,
    requests: Vec<Request>,
}

impl Ledger {
    /// Connections accepted so far.
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.book().connections
    }

    /// Requests so far.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.book().total
    }

    /// Requests so far with this method and path (without its query).
    #[must_use]
    pub fn count(&self, method: &str, path: &str) -> u64 {
        self.book().counts.get(&key(method, path)).copied().unwrap_or(0)
    }

    /// Requests so far by `METHOD path`, for the first [`PATHS_COUNTED`] of them.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<String, u64> {
        self.book().counts.clone()
    }

    /// The first [`REQUESTS_KEPT`] requests, in order of arrival.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.book().requests.clone()
    }

    /// Enters a connection; says its number, from 1.
    pub(crate) fn connection(&self) -> u64 {
        let mut book = self.book();
        book.connections += 1;
        book.connections
    }

    /// Enters a request.
    pub(crate) fn enter(&self, request: &Request) {
        let mut book = self.book();
        book.total += 1;
        let key = key(&request.method, &request.path);
        if let Some(count) = book.counts.get_mut(&key) {
            *count += 1;
        } else if book.counts.len() < PATHS_COUNTED {
            book.counts.insert(key, 1);
        }
        if book.requests.len() < REQUESTS_KEPT {
            book.requests.push(request.clone());
        }
    }

    /// A panic in a test's own answer must not hide the counts from it.
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(method: &str, path: &str) -> String {
    format!("{method} {path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_beyond_what_it_keeps() {
        let ledger = Ledger::default();
        let request = Request::new("GET", "/a?n=1");
        for _ in 0..REQUESTS_KEPT + 5 {
            ledger.enter(&request);
        }
        assert_eq!(ledger.total(), REQUESTS_KEPT as u64 + 5);
        assert_eq!(ledger.count("GET", "/a"), REQUESTS_KEPT as u64 + 5);
        assert_eq!(ledger.count("POST", "/a"), 0);
        assert_eq!(ledger.requests().len(), REQUESTS_KEPT);
    }

    #[test]
    fn bounds_the_paths() {
        let ledger = Ledger::default();
        for n in 0..PATHS_COUNTED + 5 {
            ledger.enter(&Request::new("GET", &format!("/{n}")));
        }
        assert_eq!(ledger.counts().len(), PATHS_COUNTED);
        assert_eq!(ledger.total(), PATHS_COUNTED as u64 + 5);
    }
}
