//! What all cores share of one run: from the first job after a stop until the next stop.

use crate::arrivals::{Book, Deal};
use crate::feeders::Feeders;
use akrida_scenario::Scenario;
use akrida_scenario::expr::Value;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// One run of an engine. Nothing in it is touched on the way of a plain request.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) feeders: Feeders,
    /// By class, where its load is open.
    books: Vec<Option<Book>>,
    /// Users that were started, by class.
    started: Box<[AtomicU64]>,
    /// Variables that all users share; `None` where the scenario has none.
    variables: Option<Mutex<Vec<Value>>>,
    end: Mutex<End>,
}

/// Whether a user wants the run to end.
#[derive(Debug, Default)]
enum End {
    #[default]
    Unwanted,
    /// For this reason; nobody was told yet.
    Wanted(String),
    Told,
}

impl Run {
    /// A run that began `elapsed` before `now`, on so many cores. `starved` is told when users have to wait for rows.
    pub(crate) fn new(
        scenario: &Scenario,
        now: u64,
        elapsed: Duration,
        cores: usize,
        starved: &Arc<Notify>,
    ) -> Self {
        let book = |arrivals| Book::new(arrivals, now, elapsed, cores);
        let books = scenario.classes.iter().map(|class| class.arrivals.as_ref().map(book)).collect();
        let started = scenario.classes.iter().map(|_| AtomicU64::new(0)).collect();
        let variables = Some(&scenario.worker_variables).filter(|variables| !variables.is_empty());
        Self {
            feeders: Feeders::new(scenario, starved),
            books,
            started,
            variables: variables.cloned().map(Mutex::new),
            end: Mutex::default(),
        }
    }

    /// The variables that all users share, for as long as one of them reads or changes some.
    pub(crate) fn variables(&self) -> Option<MutexGuard<'_, Vec<Value>>> {
        self.variables.as_ref().map(|variables| variables.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The number of a user of this class that is about to be started, from 0.
    pub(crate) fn next_user(&self, class: usize) -> u64 {
        self.started[class].fetch_add(1, Ordering::Relaxed)
    }

    /// The arrivals of a class with open load.
    pub(crate) fn book(&self, class: usize) -> Option<&Book> {
        self.books.get(class)?.as_ref()
    }

    /// Lets the arrivals of each class be dealt so from `now` on: `part` says of a class and a core its users, of how
    /// many in the fleet.
    pub(crate) fn deal(&self, now: u64, cores: usize, part: impl Fn(usize, usize) -> Deal) {
        for (class, book) in self.books.iter().enumerate() {
            if let Some(book) = book {
                book.deal(now, (0..cores).map(|core| part(class, core)));
            }
        }
    }

    /// Asks for the end of the run. The first reason stands.
    pub(crate) fn ask_to_end(&self, reason: String) {
        let mut end = self.end();
        if matches!(*end, End::Unwanted) {
            *end = End::Wanted(reason);
        }
    }

    /// Why a user wants the run to end; told once.
    pub(crate) fn take_end(&self) -> Option<String> {
        let mut end = self.end();
        match std::mem::take(&mut *end) {
            End::Unwanted => None,
            End::Wanted(reason) => {
                *end = End::Told;
                Some(reason)
            }
            End::Told => {
                *end = End::Told;
                None
            }
        }
    }

    fn end(&self) -> MutexGuard<'_, End> {
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
