//! From which arrival on a deal holds, for all cores of an engine.

use super::deal::Deal;
use super::schedule::Schedule;
use crate::clock::micros;
use akrida_scenario::model::Arrivals;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The arrivals of a class in one run. Times are microseconds of the engine's clock.
///
/// Cores take arrivals up to the present whenever they come to it. A new deal must hold for all of them from the same
/// arrival on, or one would be taken twice and another by nobody: it holds from the first that no core has taken.
#[derive(Debug)]
pub(crate) struct Book {
    schedule: Schedule,
    /// When the schedule was `elapsed` old.
    began: u64,
    elapsed: u64,
    taken: Mutex<Taken>,
}

#[derive(Debug)]
struct Taken {
    /// The first arrival that no core has taken yet.
    next: u64,
    /// By core: deals that it has not seen, each with the arrival from which on it holds.
    news: Vec<Vec<(u64, Deal)>>,
}

impl Book {
    /// For a run that began `elapsed` before `now`. What was due before belongs to others, or to nobody.
    pub(crate) fn new(arrivals: &Arrivals, now: u64, elapsed: Duration, cores: usize) -> Self {
        let (schedule, elapsed) = (Schedule::new(arrivals), micros(elapsed));
        let taken = Taken { next: schedule.before(elapsed), news: vec![Vec::new(); cores] };
        Self { schedule, began: now, elapsed, taken: Mutex::new(taken) }
    }

    /// When arrival `number` is due.
    pub(crate) fn due(&self, number: u64) -> u64 {
        self.schedule.due(number).saturating_add(self.began).saturating_sub(self.elapsed)
    }

    /// Lets these deals, one for each core, hold from `now` on.
    pub(crate) fn deal(&self, now: u64, deals: impl IntoIterator<Item = Deal>) {
        let mut taken = self.taken();
        taken.next = taken.next.max(self.schedule.before(self.age(now)));
        let Taken { next, news } = &mut *taken;
        news.iter_mut().zip(deals).for_each(|(news, deal)| news.push((*next, deal)));
    }

    /// Says to a core which arrivals are due at `now`, as the first that is not, and which deals are new.
    pub(crate) fn take(&self, core: usize, now: u64) -> (u64, Vec<(u64, Deal)>) {
        let mut taken = self.taken();
        taken.next = taken.next.max(self.schedule.before(self.age(now).saturating_add(1)));
        (taken.next, taken.news.get_mut(core).map(std::mem::take).unwrap_or_default())
    }

    fn age(&self, now: u64) -> u64 {
        now.saturating_sub(self.began).saturating_add(self.elapsed)
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book(elapsed_ms: u64) -> Book {
        let arrivals = Arrivals { initial_rate: 1_000.0, spans: Vec::new() };
        Book::new(&arrivals, 5_000_000, Duration::from_millis(elapsed_ms), 2)
    }

    #[test]
    fn a_run_that_goes_on_begins_where_it_is() {
        assert_eq!((book(0).take(0, 5_000_000).0, book(0).due(0)), (1, 5_000_000));
        assert_eq!((book(10_000).take(0, 5_002_000).0, book(10_000).due(10_001)), (10_003, 5_001_000));
    }

    #[test]
    fn a_deal_holds_for_all_cores_from_what_none_has_taken() {
        let book = book(0);
        let deal = |number: u64| Deal::new(number, 0..number);
        book.deal(5_000_000, [deal(1), deal(2)]);
        assert_eq!(book.take(0, 5_010_000), (11, vec![(0, deal(1))]));
        // Core 0 was there ahead of the new deal's own time.
        book.deal(5_008_000, [deal(3), deal(4)]);
        assert_eq!(book.take(1, 5_009_000), (11, vec![(0, deal(2)), (11, deal(4))]));
        assert_eq!(book.take(0, 5_012_000), (13, vec![(11, deal(3))]));
        assert_eq!(book.take(0, 5_012_000), (13, vec![]));
    }
}
