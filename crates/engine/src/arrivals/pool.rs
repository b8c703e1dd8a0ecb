//! One core's users of a class with open load, and what it starts on them.

use super::deal::Deal;
use crate::control::{Control, NEVER, Phase};
use crate::run::Run;
use akrida_stats::Arrivals;
use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;
use tokio::sync::Notify;

/// Users that wait for arrivals, for one run.
pub(crate) struct Pool {
    run: Arc<Run>,
    class: usize,
    core: usize,
    /// The one that came last goes first, so that few connections are warm and not all lukewarm. Some of these may
    /// have been asked to end meanwhile.
    idle: RefCell<Vec<Rc<Control>>>,
    deal: RefCell<Deal>,
    /// The first arrival that was not looked at.
    next: Cell<u64>,
    counted: Cell<Arrivals>,
    closed: Cell<bool>,
    /// Told when there may be a new deal, or the end.
    pub(crate) changed: Notify,
}

impl Pool {
    /// For `class` on the core with this index; it goes on counting where another left off.
    pub(crate) fn new(run: Arc<Run>, class: usize, core: usize, counted: Arrivals) -> Self {
        Self {
            run,
            class,
            core,
            idle: RefCell::default(),
            deal: RefCell::new(Deal::nothing()),
            next: Cell::new(0),
            counted: Cell::new(counted),
            closed: Cell::new(false),
            changed: Notify::new(),
        }
    }

    /// Lets a user wait for an arrival.
    pub(crate) fn wait(&self, control: &Rc<Control>) {
        self.idle.borrow_mut().push(control.clone());
    }

    /// Forgets users that were asked to end.
    pub(crate) fn prune(&self) {
        self.idle.borrow_mut().retain(|control| control.phase() == Phase::Run);
    }

    /// Starts or drops all that is due at `now`, however late that is; when the next is due.
    pub(crate) fn catch_up(&self, now: u64) -> u64 {
        let Some(book) = self.run.book(self.class) else { return NEVER };
        let (end, news) = book.take(self.core, now);
        for (from, deal) in news {
            self.start(self.next.get()..from);
            self.next.set(from.max(self.next.get()));
            self.deal.replace(deal);
        }
        self.start(self.next.get()..end);
        self.next.set(end.max(self.next.get()));
        self.deal.borrow().next(end).map_or(NEVER, |number| book.due(number))
    }

    /// Gives each of its own arrivals to a user that waits; those that find none are dropped.
    fn start(&self, arrivals: Range<u64>) {
        let Some(book) = self.run.book(self.class) else { return };
        let (deal, mut counted) = (self.deal.borrow(), self.counted.get());
        let (mut rest, mut idle) = (arrivals, self.idle.borrow_mut());
        while let Some(number) = deal.next(rest.start).filter(|number| rest.contains(number)) {
            while idle.pop_if(|control| control.phase() != Phase::Run).is_some() {}
            let Some(control) = idle.pop() else { break };
            control.arrive(book.due(number));
            rest.start = number + 1;
        }
        counted.dropped += deal.count(rest);
        self.counted.set(counted);
    }

    /// Counts what a user was handed: as started if it `begins`. One that was asked to end in that very moment does
    /// not: then the arrival is dropped, unless the run is over, which wants nothing more.
    pub(crate) fn count(&self, begins: bool) {
        let mut counted = self.counted.get();
        counted.started += u64::from(begins);
        counted.dropped += u64::from(!begins && !self.closed());
        self.counted.set(counted);
    }

    /// What was counted since the last call.
    pub(crate) fn drain(&self) -> Arrivals {
        self.counted.take()
    }

    /// Starts nothing more.
    pub(crate) fn close(&self) {
        self.closed.set(true);
        self.changed.notify_one();
    }

    pub(crate) fn closed(&self) -> bool {
        self.closed.get()
    }
}
