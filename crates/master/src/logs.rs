//! The newest lines of each worker's log, as workers send them.

use crate::{MasterCore, limits};
use akrida_transport::PeerId;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Lines by worker. Whose they are, the connection says, not the message.
#[derive(Debug, Default)]
pub(crate) struct Logs {
    lines: BTreeMap<PeerId, Arc<[String]>>,
    /// Bytes of all lines.
    bytes: usize,
}

impl Logs {
    /// A worker's lines take the place of those that it sent before; the newest are kept.
    pub(crate) fn put(&mut self, peer: &PeerId, mut lines: Vec<String>) {
        self.forget(peer);
        let room = limits::LOG_BYTES.min(limits::ALL_LOG_BYTES.saturating_sub(self.bytes));
        let mut bytes = 0;
        let kept = lines.iter().rev().take(limits::LOG_LINES).take_while(|line| {
            bytes += weight(line);
            bytes <= room
        });
        let kept = kept.count();
        let lines: Arc<[String]> = lines.drain(lines.len() - kept..).collect();
        self.bytes += lines.iter().map(|line| weight(line)).sum::<usize>();
        self.lines.insert(peer.clone(), lines);
    }

    pub(crate) fn forget(&mut self, peer: &PeerId) {
        if let Some(lines) = self.lines.remove(peer) {
            self.bytes -= lines.iter().map(|line| weight(line)).sum::<usize>();
        }
    }
}

/// Bytes of a line in memory, about.
fn weight(line: &str) -> usize {
    line.len() + size_of::<String>()
}

impl MasterCore {
    /// The newest lines of each worker's log, oldest first, by its id.
    #[must_use]
    pub fn logs(&self) -> BTreeMap<String, Arc<[String]>> {
        let named = self
            .logs
            .lines
            .iter()
            .filter_map(|(peer, lines)| Some((self.registry.get(peer)?.id.clone(), lines.clone())));
        named.collect()
    }

    /// Forgets the lines of workers that are not known any more.
    pub(crate) fn forget_logs(&mut self) {
        let gone: Vec<PeerId> =
            self.logs.lines.keys().filter(|peer| self.registry.get(peer).is_none()).cloned().collect();
        gone.iter().for_each(|peer| self.logs.forget(peer));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(count: usize, bytes: usize) -> Vec<String> {
        (0..count).map(|number| format!("{number} {}", "x".repeat(bytes))).collect()
    }

    #[test]
    fn the_newest_lines_are_kept_within_bounds() {
        let mut logs = Logs::default();
        let a = PeerId::from("a");
        logs.put(&a, lines(limits::LOG_LINES + 2, 5));
        assert_eq!((logs.lines[&a].len(), &*logs.lines[&a][0]), (limits::LOG_LINES, "2 xxxxx"));
        logs.put(&a, lines(3, limits::LOG_BYTES / 2));
        assert_eq!(logs.lines[&a].len(), 1);
        for number in 0..2 * limits::ALL_LOG_BYTES / limits::LOG_BYTES {
            logs.put(&PeerId::from(number.to_string().as_str()), lines(1, limits::LOG_BYTES - 100));
        }
        assert!(logs.bytes <= limits::ALL_LOG_BYTES && logs.bytes > limits::ALL_LOG_BYTES / 2);
        let peers: Vec<PeerId> = logs.lines.keys().cloned().collect();
        peers.iter().for_each(|peer| logs.forget(peer));
        assert_eq!(logs.bytes, 0);
    }
}
