//! The newest lines of each worker's log, as workers send them.

use crate::{MasterCore, limits};
use akrida_transport::PeerId;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Lines by worker. Whose they are, the connection says, not the message.
#[derive(Debug, Default)]
pub(crate) struct Logs {
    kept: BTreeMap<PeerId, Kept>,
    /// Bytes of all lines.
    bytes: usize,
}

/// The lines of one worker.
#[derive(Debug)]
struct Kept {
    lines: Arc<[String]>,
    bytes: usize,
}

impl Logs {
    /// A worker's lines take the place of those that it sent before; the newest are kept. Where there is no room for
    /// what all have, each keeps what all can have alike.
    pub(crate) fn put(&mut self, peer: &PeerId, lines: Vec<String>) {
        self.forget(peer);
        let share = limits::ALL_LOG_BYTES / (self.kept.len() + 1);
        let free = limits::ALL_LOG_BYTES.saturating_sub(self.bytes);
        self.keep(peer.clone(), lines, limits::LOG_BYTES.min(free.max(share)));
        if self.bytes <= limits::ALL_LOG_BYTES {
            return;
        }
        let greedy = self.kept.iter().filter(|(_, kept)| kept.bytes > share);
        let greedy: Vec<_> = greedy.map(|(peer, kept)| (peer.clone(), kept.lines.to_vec())).collect();
        for (peer, lines) in greedy {
            self.forget(&peer);
            self.keep(peer, lines, share);
        }
    }

    /// Keeps the newest of `lines` within so many bytes.
    fn keep(&mut self, peer: PeerId, mut lines: Vec<String>, room: usize) {
        let mut bytes = 0;
        let newest = lines.iter().rev().take(limits::LOG_LINES).take_while(|line| {
            let fits = bytes + weight(line) <= room;
            bytes += if fits { weight(line) } else { 0 };
            fits
        });
        let newest = newest.count();
        let lines: Arc<[String]> = lines.drain(lines.len() - newest..).collect();
        self.bytes += bytes;
        self.kept.insert(peer, Kept { lines, bytes });
    }

    pub(crate) fn forget(&mut self, peer: &PeerId) {
        if let Some(kept) = self.kept.remove(peer) {
            self.bytes -= kept.bytes;
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
        let kept = self.logs.kept.iter();
        let named = kept.filter_map(|(peer, kept)| {
            let id = self.registry.get(peer)?.id.clone();
            Some((id, kept.lines.clone()))
        });
        named.collect()
    }

    /// Forgets the lines of workers that are not known any more.
    pub(crate) fn forget_logs(&mut self) {
        let gone: Vec<PeerId> =
            self.logs.kept.keys().filter(|peer| self.registry.get(peer).is_none()).cloned().collect();
        gone.iter().for_each(|peer| self.logs.forget(peer));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(count: usize, bytes: usize) -> Vec<String> {
        (0..count).map(|number| format!("{number} {}", "x".repeat(bytes))).collect()
    }

    fn peer(number: usize) -> PeerId {
        PeerId::from(number.to_string().as_str())
    }

    #[test]
    fn the_newest_lines_are_kept_within_bounds() {
        let mut logs = Logs::default();
        let a = PeerId::from("a");
        logs.put(&a, lines(limits::LOG_LINES + 2, 5));
        assert_eq!((logs.kept[&a].lines.len(), &*logs.kept[&a].lines[0]), (limits::LOG_LINES, "2 xxxxx"));
        logs.put(&a, lines(3, limits::LOG_BYTES / 2));
        assert_eq!((logs.kept[&a].lines.len(), logs.kept[&a].bytes), (1, logs.bytes));
        logs.forget(&a);
        assert_eq!(logs.bytes, 0);
    }

    #[test]
    fn workers_that_say_much_leave_room_for_all() {
        let mut logs = Logs::default();
        let full = limits::ALL_LOG_BYTES / limits::LOG_BYTES;
        let much = || lines(300, limits::LOG_BYTES / 256 - 40);
        for number in 0..full {
            logs.put(&peer(number), much());
        }
        assert!(logs.bytes > limits::ALL_LOG_BYTES - limits::LOG_BYTES, "they fill it: {}", logs.bytes);
        let a_few = lines(20, 100);
        for number in full..4 * full {
            logs.put(&peer(number), a_few.clone());
            assert_eq!(logs.kept[&peer(number)].lines.to_vec(), a_few, "{number}");
            assert!(logs.bytes <= limits::ALL_LOG_BYTES);
        }
        let share = limits::ALL_LOG_BYTES / (4 * full);
        for number in 0..full {
            let kept = &logs.kept[&peer(number)];
            assert!(
                kept.bytes >= share / 2 && kept.lines.last() == much().last(),
                "{number} has its newest lines"
            );
        }
        (0..4 * full).for_each(|number| logs.forget(&peer(number)));
        assert_eq!(logs.bytes, 0);
    }
}
