//! The newest lines of a log, for a master that shows them.

use akrida_worker::LogLines;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Most lines kept, as Locust's.
const LINES: usize = 500;

/// Most bytes of a line; what is longer is cut.
const LINE_BYTES: usize = 4 * 1024;

/// Most bytes of all lines: the oldest go. It is what our master keeps of one worker, less what its lines cost there.
const BYTES: usize = 192 * 1024;

/// Keeps the newest lines. Its clones are one.
#[derive(Clone, Default)]
pub(crate) struct LogBuffer(Arc<Mutex<Lines>>);

#[derive(Default)]
struct Lines {
    newest: VecDeque<String>,
    bytes: usize,
    /// Since they were asked for.
    added: usize,
}

impl LogBuffer {
    /// Adds a line, with or without its end.
    pub(crate) fn push(&self, line: &str) {
        let line = line.trim_end_matches('\n');
        let line = line[..line.floor_char_boundary(LINE_BYTES)].to_owned();
        let mut lines = self.lines();
        lines.bytes += line.len();
        lines.added = lines.added.saturating_add(1);
        lines.newest.push_back(line);
        while lines.newest.len() > LINES || lines.bytes > BYTES {
            let oldest = lines.newest.pop_front();
            lines.bytes -= oldest.map_or(0, |line| line.len());
        }
    }

    /// The newest lines as `shown`, and how many were added since the last call.
    pub(crate) fn newest(&self, shown: impl Fn(&str) -> String) -> LogLines {
        let (newest, added) = {
            let mut lines = self.lines();
            (lines.newest.clone(), std::mem::take(&mut lines.added))
        };
        LogLines { lines: newest.iter().map(|line| shown(line)).collect(), added }
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_lines_are_kept_within_bounds() {
        let buffer = LogBuffer::default();
        let kept = |buffer: &LogBuffer| {
            let LogLines { lines, added } = buffer.newest(str::to_owned);
            (lines.len(), added, lines.first().cloned().unwrap_or_default())
        };
        assert_eq!(kept(&buffer), (0, 0, String::new()));
        (0..LINES + 2).for_each(|number| buffer.clone().push(&format!("{number}\n")));
        assert_eq!(kept(&buffer), (LINES, LINES + 2, "2".to_owned()));
        assert_eq!(kept(&buffer), (LINES, 0, "2".to_owned()));
        buffer.push(&"é".repeat(LINE_BYTES));
        let LogLines { lines, added } = buffer.newest(str::to_uppercase);
        assert_eq!((lines.last().unwrap().len(), added), (LINE_BYTES, 1));
        assert!(lines.last().unwrap().starts_with('É'), "as it is shown");
        (0..LINES).for_each(|_| buffer.push(&"x".repeat(LINE_BYTES)));
        assert_eq!(kept(&buffer).0, BYTES / LINE_BYTES);
    }
}
