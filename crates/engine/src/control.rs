//! How a running user is told to end, and how its requests are timed out.

use std::cell::{Cell, RefCell};
use std::task::{Context, Waker};

/// No deadline.
pub(crate) const NEVER: u64 = u64::MAX;

/// What a user is asked to do. It only ever moves down this list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// Go on.
    Run,
    /// End after this run of the task, without waiting.
    Finish,
    /// End before the next request.
    End,
    /// End at once: nobody is asked this; it stands for the end of time.
    Gone,
}

/// Shared by a user and its core; both live on one thread.
#[derive(Debug)]
pub(crate) struct Control {
    phase: Cell<Phase>,
    /// When the request in flight times out, core microseconds.
    deadline: Cell<u64>,
    /// When a user that may finish its task must end all the same, core microseconds.
    end: Cell<u64>,
    /// When whatever is in flight is abandoned, core microseconds.
    abandon: Cell<u64>,
    /// When the task that the user is to start was due, core microseconds; [`NEVER`] while there is none.
    arrival: Cell<u64>,
    gone: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

impl Default for Control {
    fn default() -> Self {
        Self {
            phase: Cell::new(Phase::Run),
            deadline: Cell::new(NEVER),
            end: Cell::new(NEVER),
            abandon: Cell::new(NEVER),
            arrival: Cell::new(NEVER),
            gone: Cell::new(false),
            waker: RefCell::new(None),
        }
    }
}

impl Control {
    pub(crate) fn phase(&self) -> Phase {
        self.phase.get()
    }

    /// Asks the user to end: at the latest before the first request after `end_at`, and whatever is in flight at
    /// `abandon_at`. It is woken if it waits.
    pub(crate) fn ask(&self, phase: Phase, end_at: u64, abandon_at: u64) {
        self.phase.set(self.phase.get().max(phase));
        self.end.set(self.end.get().min(end_at));
        self.abandon.set(self.abandon.get().min(abandon_at));
        self.wake();
    }

    /// Hands the user a task that is due, core microseconds.
    pub(crate) fn arrive(&self, due: u64) {
        self.arrival.set(due);
        self.wake();
    }

    /// When the task was due that the user was handed, if it was.
    pub(crate) fn take_arrival(&self) -> Option<u64> {
        let due = self.arrival.replace(NEVER);
        (due != NEVER).then_some(due)
    }

    /// When whatever is in flight is abandoned.
    pub(crate) fn abandon_at(&self) -> u64 {
        self.abandon.get()
    }

    /// Sets when the request in flight times out; [`NEVER`] when none is in flight.
    pub(crate) fn set_deadline(&self, at: u64) {
        self.deadline.set(at);
    }

    /// Whether the request in flight must end at `now`, and how.
    pub(crate) fn overdue(&self, now: u64) -> Option<Overdue> {
        if now >= self.deadline.get() {
            Some(Overdue::TimedOut)
        } else if now >= self.abandon.get() {
            Some(Overdue::Abandoned)
        } else {
            None
        }
    }

    /// Wakes the user if its time is up in one way or another.
    pub(crate) fn check(&self, now: u64) {
        if now >= self.end.get() && self.phase.get() < Phase::End {
            self.phase.set(Phase::End);
            self.wake();
        }
        if self.overdue(now).is_some() {
            self.wake();
        }
    }

    /// Notes that the user has ended.
    pub(crate) fn set_gone(&self) {
        self.gone.set(true);
    }

    /// Whether the user has ended.
    pub(crate) fn gone(&self) -> bool {
        self.gone.get()
    }

    /// Remembers whom to wake. A task's waker never changes in its life, so once is enough.
    pub(crate) fn register(&self, cx: &Context<'_>) {
        let mut waker = self.waker.borrow_mut();
        if waker.is_none() {
            *waker = Some(cx.waker().clone());
        }
    }

    fn wake(&self) {
        if let Some(waker) = self.waker.borrow().as_ref() {
            waker.wake_by_ref();
        }
    }
}

/// Why a request in flight must end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Overdue {
    /// Its own timeout.
    TimedOut,
    /// The drain bound of a user that ends.
    Abandoned,
}
