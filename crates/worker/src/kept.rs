//! Reports that the master has not acknowledged. They are kept as they were sent, and sent again when the master is
//! heard and does not say that it has them: a connection may have lost them, or the master with it.
//!
//! What is kept is bounded by asking the engine for nothing more while there is no room: what it measures meanwhile
//! stays in it, adds up there, and is in the next report. So nothing is lost, and memory does not grow with time.

use crate::limits;
use bytes::Bytes;
use std::collections::VecDeque;
use std::time::Duration;

/// Reports in the order of their numbers.
#[derive(Debug)]
pub(crate) struct Kept {
    frames: VecDeque<(u64, Bytes)>,
    bytes: usize,
    /// The newest number that the master has.
    acknowledged: u64,
    /// When the oldest one was sent the last time, or came to be the oldest one, monotonic.
    since: Duration,
    /// How long after that it is sent again.
    patience: Duration,
}

impl Default for Kept {
    fn default() -> Self {
        Self {
            frames: VecDeque::new(),
            bytes: 0,
            acknowledged: 0,
            since: Duration::ZERO,
            patience: limits::SEND_AGAIN,
        }
    }
}

impl Kept {
    /// Nothing is kept of the reports up to this number: they were sent to who acknowledges none, or before that was
    /// known.
    pub(crate) fn after(sequence: u64) -> Self {
        Self { acknowledged: sequence, ..Self::default() }
    }

    /// The newest number that the master has, or that is not kept.
    pub(crate) fn acknowledged(&self) -> u64 {
        self.acknowledged
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Whether one more may be kept.
    pub(crate) fn has_room(&self) -> bool {
        self.frames.len() < limits::KEPT_REPORTS && self.bytes < limits::KEPT_BYTES
    }

    /// Keeps a report that is sent now.
    pub(crate) fn push(&mut self, now: Duration, sequence: u64, frame: Bytes) {
        if self.frames.is_empty() {
            (self.since, self.patience) = (now, limits::SEND_AGAIN);
        }
        self.bytes += frame.len();
        self.frames.push_back((sequence, frame));
    }

    /// The master has all up to `sequence`.
    pub(crate) fn acknowledge(&mut self, now: Duration, sequence: u64) {
        while let Some((number, frame)) = self.frames.pop_front_if(|(number, _)| *number <= sequence) {
            self.bytes -= frame.len();
            self.acknowledged = number;
            (self.since, self.patience) = (now, limits::SEND_AGAIN);
        }
    }

    /// Nothing is waited for any longer: the master is told so by the next report.
    pub(crate) fn give_up(&mut self) {
        if let Some((number, _)) = self.frames.back() {
            self.acknowledged = *number;
        }
        self.frames.clear();
        self.bytes = 0;
    }

    /// When reports are to be sent again, given when the master was heard last: while it is silent it would be in vain.
    pub(crate) fn deadline(&self, heard: Duration) -> Duration {
        if self.frames.is_empty() || heard <= self.since { Duration::MAX } else { self.since + self.patience }
    }

    /// What is to be sent again, if it is time for that; each time after twice as long as the time before.
    pub(crate) fn due(&mut self, now: Duration, heard: Duration) -> Vec<Bytes> {
        if now < self.deadline(heard) {
            return Vec::new();
        }
        self.patience = (self.patience * 2).min(limits::SEND_AGAIN_AT_MOST);
        self.again(now)
    }

    /// What is sent again because the master says that it lacks it; not more often than is of use.
    pub(crate) fn wanted(&mut self, now: Duration) -> Vec<Bytes> {
        if now < self.since + limits::SEND_AGAIN_AT_LEAST { Vec::new() } else { self.again(now) }
    }

    /// There is no room on the link: it is not tried again at once.
    pub(crate) fn postpone(&mut self, now: Duration) {
        self.since = now;
    }

    fn again(&mut self, now: Duration) -> Vec<Bytes> {
        self.since = now;
        self.frames.iter().map(|(_, frame)| frame.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    /// Three reports, sent at 1 s.
    fn three() -> Kept {
        let mut kept = Kept::default();
        (1..=3).for_each(|number| kept.push(at(1_000), number, Bytes::from_static(b"report")));
        kept
    }

    #[test]
    fn what_is_acknowledged_is_kept_no_longer_and_old_news_change_nothing() {
        let mut kept = three();
        kept.acknowledge(at(1_100), 2);
        assert_eq!((kept.acknowledged(), kept.bytes, kept.frames.len()), (2, 6, 1));
        kept.acknowledge(at(1_200), 1);
        assert_eq!((kept.acknowledged(), kept.frames.len()), (2, 1));
        kept.acknowledge(at(1_300), u64::MAX);
        assert_eq!((kept.acknowledged(), kept.bytes, kept.is_empty()), (3, 0, true));
    }

    #[test]
    fn it_is_sent_again_to_a_master_that_is_heard_ever_more_seldom() {
        let mut kept = three();
        assert_eq!(kept.deadline(at(1_000)), Duration::MAX, "the master was not heard since");
        assert!(kept.due(at(60_000), at(1_000)).is_empty());
        let first = at(1_000) + limits::SEND_AGAIN;
        assert_eq!(kept.deadline(at(1_500)), first);
        assert_eq!(kept.due(first, at(1_500)).len(), 3);
        assert_eq!(kept.deadline(first + at(1)), first + 2 * limits::SEND_AGAIN);
        kept.acknowledge(first + at(2), 1);
        assert_eq!(kept.deadline(first + at(3)), first + at(2) + limits::SEND_AGAIN);
    }

    #[test]
    fn it_is_sent_when_the_master_lacks_it_but_not_for_each_word_of_that() {
        let mut kept = three();
        assert!(kept.wanted(at(1_100)).is_empty());
        let later = at(1_000) + limits::SEND_AGAIN_AT_LEAST;
        assert_eq!(kept.wanted(later).len(), 3);
        assert!(kept.wanted(later + at(1)).is_empty());
    }

    #[test]
    fn room_is_bounded_in_reports_and_in_bytes() {
        let mut kept = Kept::default();
        (0..limits::KEPT_REPORTS as u64).for_each(|number| {
            assert!(kept.has_room());
            kept.push(at(0), number, Bytes::new());
        });
        assert!(!kept.has_room());
        let mut kept = Kept::default();
        kept.push(at(0), 1, vec![0; limits::KEPT_BYTES].into());
        assert!(!kept.has_room());
    }
}
