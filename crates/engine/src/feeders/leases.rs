//! Rows that are this engine's alone: whoever deals them over a fleet leases ranges of them, and no row twice.
//!
//! Leases are used up in the order of their numbers, so that a count says which rows were given. They may be told
//! again and again: each is taken once. A user that finds none waits until there is one or until no more will come.

use crate::control::{Control, Phase};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::ops::Range;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use tokio::sync::Notify;

/// What an engine has of the rows that are given only once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Rows {
    /// All of them: it is alone.
    #[default]
    All,
    /// What is leased to it.
    Leased {
        /// Leases of another term than the last are all that there is; what was leased before is void, and counting
        /// begins anew.
        term: u64,
        /// In ascending order of their numbers. Those that were told before are ignored.
        leases: Vec<Lease>,
        /// Feeders, by their index in [`Scenario::feeders`](akrida_scenario::Scenario::feeders), of which no more
        /// rows will come.
        ended: Vec<usize>,
    },
}

/// Rows `from..until` of a feeder, for this engine alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Index in [`Scenario::feeders`](akrida_scenario::Scenario::feeders).
    pub feeder: usize,
    /// Larger than that of any earlier lease of its term.
    pub number: u64,
    /// The first row, counted over and over.
    pub from: u64,
    /// The row behind the last one.
    pub until: u64,
}

/// How far leased rows of a feeder are used up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// Index in [`Scenario::feeders`](akrida_scenario::Scenario::feeders).
    pub feeder: usize,
    /// That of the leases; 0 where all rows are this engine's.
    pub term: u64,
    /// Rows given in this term, in the order of the leases.
    pub given: u64,
    /// Users that wait for a row.
    pub waiting: u64,
}

/// A number, if there is one.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Taken {
    Row(u64),
    /// None is here.
    Later,
    /// And none will come.
    Nothing,
}

/// The leases of one feeder, for all cores of an engine and one run.
#[derive(Debug)]
pub(super) struct Leases {
    held: Mutex<Held>,
    /// Wakes users that wait.
    more: Notify,
    /// Told when users begin to wait.
    starved: Arc<Notify>,
}

#[derive(Debug, Default)]
struct Held {
    term: Option<u64>,
    /// Number of the newest lease.
    newest: u64,
    ranges: VecDeque<Range<u64>>,
    given: u64,
    ended: bool,
    waiting: u64,
    /// Whether it was told that users wait, since the newest lease.
    told: bool,
}

impl Leases {
    pub(super) fn new(starved: Arc<Notify>) -> Self {
        Self { held: Mutex::default(), more: Notify::new(), starved }
    }

    /// Takes over what there is for the feeder `index`, whose rows end with `end`.
    pub(super) fn supply(&self, index: usize, rows: &Rows, end: u64) {
        let mut held = self.held();
        let before = (held.term, held.newest, held.ended);
        match rows {
            Rows::All => {
                if held.term.replace(0).is_none() {
                    held.ended = true;
                    held.ranges.push_back(0..end);
                }
            }
            Rows::Leased { term, leases, ended } => {
                if held.term != Some(*term) {
                    *held = Held { term: Some(*term), waiting: held.waiting, ..Held::default() };
                }
                for lease in leases.iter().filter(|lease| lease.feeder == index) {
                    if lease.number > held.newest {
                        held.newest = lease.number;
                        held.ranges.push_back(lease.from..lease.until);
                    }
                }
                held.ended = ended.contains(&index);
            }
        }
        // What was known already changes nothing: to ask again because of it would be a conversation without end.
        if (held.term, held.newest, held.ended) != before {
            self.wake(&mut held);
        }
    }

    /// Wakes as many as there is something for.
    fn wake(&self, held: &mut Held) {
        if held.ended {
            return self.more.notify_waiters();
        }
        let rows = held.ranges.iter().fold(0_u64, |rows, range| rows.saturating_add(range.end - range.start));
        (0..held.waiting.min(rows)).for_each(|_| self.more.notify_one());
        held.told = held.waiting > rows;
        if held.told {
            self.starved.notify_one();
        }
    }

    pub(super) fn take(&self) -> Taken {
        let mut held = self.held();
        while let Some(range) = held.ranges.front_mut() {
            if let Some(number) = range.next() {
                held.given += 1;
                return Taken::Row(number);
            }
            held.ranges.pop_front();
        }
        if held.ended { Taken::Nothing } else { Taken::Later }
    }

    pub(super) fn used(&self, feeder: usize) -> Used {
        let held = self.held();
        Used { feeder, term: held.term.unwrap_or(0), given: held.given, waiting: held.waiting }
    }

    /// Waits until there may be a row, or there will be none; `false` if the user is asked to end meanwhile. The user
    /// has to look again.
    pub(super) async fn wait(&self, control: &Control) -> bool {
        let _waiting = Waiting::begin(self);
        let mut more = pin!(self.more.notified());
        // Told of all that comes from here on, so that nothing is missed that came after the user looked.
        more.as_mut().enable();
        let has_some = {
            let mut held = self.held();
            let has_some = held.ended || held.ranges.iter().any(|range| !range.is_empty());
            if !has_some && !std::mem::replace(&mut held.told, true) {
                self.starved.notify_one();
            }
            has_some
        };
        poll_fn(|cx| {
            control.register(cx);
            if control.phase() != Phase::Run {
                return Poll::Ready(false);
            }
            if has_some { Poll::Ready(true) } else { more.as_mut().poll(cx).map(|()| true) }
        })
        .await
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts a user that waits, however it ceases to.
struct Waiting<'a>(&'a Leases);

impl<'a> Waiting<'a> {
    fn begin(leases: &'a Leases) -> Self {
        leases.held().waiting += 1;
        Self(leases)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.held().waiting -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::Pin;

    fn lease(number: u64, from: u64, until: u64) -> Lease {
        Lease { feeder: 3, number, from, until }
    }

    fn leased(term: u64, leases: &[Lease], ended: bool) -> Rows {
        Rows::Leased { term, leases: leases.to_vec(), ended: if ended { vec![3] } else { Vec::new() } }
    }

    fn leases() -> Leases {
        Leases::new(Arc::default())
    }

    fn all(leases: &Leases) -> Vec<u64> {
        std::iter::from_fn(|| match leases.take() {
            Taken::Row(number) => Some(number),
            Taken::Later | Taken::Nothing => None,
        })
        .collect()
    }

    #[test]
    fn leases_are_taken_once_and_used_up_in_order() {
        let leases = leases();
        let other = Lease { feeder: 2, ..lease(1, 50, 60) };
        leases.supply(3, &leased(7, &[other, lease(2, 4, 6)], false), 100);
        leases.supply(3, &leased(7, &[lease(2, 4, 6), lease(5, 0, 1)], false), 100);
        assert_eq!(all(&leases), [4, 5, 0]);
        assert_eq!(leases.take(), Taken::Later);
        leases.supply(3, &leased(7, &[lease(5, 0, 1)], true), 100);
        assert_eq!(leases.take(), Taken::Nothing);
        assert_eq!(leases.used(3), Used { feeder: 3, term: 7, given: 3, waiting: 0 });
    }

    #[test]
    fn a_new_term_voids_what_was_leased() {
        let leases = leases();
        leases.supply(3, &leased(7, &[lease(9, 0, 5)], false), 100);
        assert_eq!(leases.take(), Taken::Row(0));
        leases.supply(3, &leased(8, &[lease(1, 5, 6)], false), 100);
        assert_eq!(all(&leases), [5]);
        assert_eq!(leases.used(3).given, 1);
    }

    #[test]
    fn who_is_alone_has_all_once() {
        let leases = leases();
        leases.supply(3, &Rows::All, 2);
        leases.supply(3, &Rows::All, 2);
        assert_eq!((all(&leases), leases.take()), (vec![0, 1], Taken::Nothing));
    }

    async fn is_ready(wait: &mut Pin<&mut impl Future<Output = bool>>) -> bool {
        poll_fn(|cx| Poll::Ready(wait.as_mut().poll(cx) == Poll::Ready(true))).await
    }

    #[test]
    fn users_that_wait_are_told_of_and_woken() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let leases = leases();
            leases.supply(3, &leased(7, &[], false), 100);
            let (first, second) = (Control::default(), Control::default());
            let (mut one, mut two) = (pin!(leases.wait(&first)), pin!(leases.wait(&second)));
            assert!(!is_ready(&mut one).await && !is_ready(&mut two).await);
            leases.starved.notified().await;
            assert_eq!(leases.used(3).waiting, 2);
            leases.supply(3, &leased(7, &[lease(1, 0, 1)], false), 100);
            // One row for two: that is too few, and told.
            leases.starved.notified().await;
            assert!(is_ready(&mut one).await && !is_ready(&mut two).await);
            leases.supply(3, &leased(7, &[], true), 100);
            assert!(is_ready(&mut two).await);
        });
    }

    #[test]
    fn what_is_known_already_is_no_reason_to_ask_for_more() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (leases, control) = (leases(), Control::default());
            leases.supply(3, &leased(7, &[], false), 100);
            let mut wait = pin!(leases.wait(&control));
            assert!(!is_ready(&mut wait).await);
            leases.starved.notified().await;
            leases.supply(3, &leased(7, &[], false), 100);
            let again = poll_fn(|cx| Poll::Ready(pin!(leases.starved.notified()).poll(cx).is_ready())).await;
            assert!(!again, "others have what is left: it is told when that changes");
        });
    }

    #[test]
    fn a_user_that_waits_ends_when_it_is_asked_to() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (leases, control) = (leases(), Control::default());
            let ask = async { control.ask(Phase::Finish, 0, 0) };
            let (goes_on, ()) = tokio::join!(leases.wait(&control), ask);
            assert!(!goes_on);
            assert_eq!(leases.used(3).waiting, 0);
        });
    }
}
