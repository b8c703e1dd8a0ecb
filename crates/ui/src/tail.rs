//! The newest lines of the master's own log.

use crate::limits;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// Keeps the newest lines, which are numbered from 0 since the process began. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Tail(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    lines: Mutex<VecDeque<Arc<str>>>,
    /// The number that the next line will have.
    next: watch::Sender<u64>,
}

impl Default for Tail {
    fn default() -> Self {
        Self(Arc::new(Inner { lines: Mutex::default(), next: watch::Sender::new(0) }))
    }
}

impl Tail {
    /// Adds a line; a line end at its end is left out, and so is what is beyond a bound.
    pub fn push(&self, line: &str) {
        let line = line.trim_end_matches('\n');
        let mut end = line.len().min(limits::LOG_LINE);
        while !line.is_char_boundary(end) {
            end -= 1;
        }
        let mut lines = self.0.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == limits::LOG_LINES {
            lines.pop_front();
        }
        lines.push_back(line[..end].into());
        self.0.next.send_modify(|next| *next += 1);
    }

    /// The lines from number `first` on that are kept, and the number that the next one will have.
    pub(crate) fn since(&self, first: u64) -> (u64, Vec<Arc<str>>) {
        let lines = self.0.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let next = *self.0.next.borrow();
        let kept = next - lines.len() as u64;
        let skipped = usize::try_from(first.saturating_sub(kept)).unwrap_or(usize::MAX);
        (next, lines.iter().skip(skipped).cloned().collect())
    }

    /// Tells of new lines: the number that the next one will have.
    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.0.next.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_lines_are_kept_and_numbered() {
        let tail = Tail::default();
        assert_eq!(tail.since(0), (0, Vec::new()));
        for number in 0..limits::LOG_LINES + 3 {
            tail.push(&format!("{number}\n"));
        }
        let (next, lines) = tail.since(0);
        assert_eq!((next, lines.len(), &*lines[0]), (503, limits::LOG_LINES, "3"));
        assert_eq!(tail.since(502).1, [Arc::from("502")]);
        assert_eq!(tail.since(503), (503, Vec::new()));
        assert_eq!(tail.since(u64::MAX).1, Vec::<Arc<str>>::new());
        tail.push(&"é".repeat(limits::LOG_LINE));
        assert_eq!(tail.since(503).1[0].len(), limits::LOG_LINE);
    }
}
