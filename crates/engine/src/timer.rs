//! A core's precise timer. tokio's counts whole milliseconds and rounds up, which would be most of a short response
//! time that is counted from when its request should have started.

mod bell;

use crate::clock::{Clock, micros};
use crate::control::NEVER;
use crate::limits;
use bell::Bell;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// Wakes those who wait, to within some tens of microseconds on Linux.
pub(crate) struct Timer {
    clock: Clock,
    bell: Bell,
    /// By when it is due, core microseconds, and the number of the alarm.
    waiting: RefCell<BTreeMap<(u64, u64), Waker>>,
    alarms: Cell<u64>,
    /// When the bell rings; [`NEVER`] if it does not.
    set: Cell<u64>,
    /// Before this it does not ring again.
    rest: Cell<u64>,
}

impl Timer {
    /// Within a runtime that drives it.
    ///
    /// # Errors
    /// When the system has no timer left.
    pub(crate) fn new(clock: Clock) -> io::Result<Self> {
        Ok(Self {
            clock,
            bell: Bell::new()?,
            waiting: RefCell::default(),
            alarms: Cell::new(0),
            set: Cell::new(NEVER),
            rest: Cell::new(0),
        })
    }

    /// Wakes those whose time has come, for ever.
    pub(crate) async fn serve(&self) {
        loop {
            self.bell.rung().await;
            let now = self.clock.now();
            self.set.set(NEVER);
            self.rest.set(now + micros(limits::TIMER_REST));
            while let Some(waker) = self.due(now) {
                waker.wake();
            }
            self.set();
        }
    }

    /// Completes at `due`, core microseconds.
    pub(crate) fn at(&self, due: u64) -> Alarm<'_> {
        Alarm { timer: self, due, number: None }
    }

    fn due(&self, now: u64) -> Option<Waker> {
        let mut waiting = self.waiting.borrow_mut();
        let first = waiting.first_entry().filter(|first| first.key().0 <= now)?;
        Some(first.remove())
    }

    /// Sets the bell for the first who waits, unless it rings before.
    fn set(&self) {
        let Some(first) = self.waiting.borrow().keys().next().map(|(due, _)| *due) else { return };
        let at = first.max(self.rest.get());
        if at < self.set.get() {
            self.set.set(at);
            self.bell.set(at.saturating_sub(self.clock.now()));
        }
    }
}

/// Waits for its time. It is never there at once, so that whoever waits lets others run.
pub(crate) struct Alarm<'a> {
    timer: &'a Timer,
    due: u64,
    /// Once it is known to the timer.
    number: Option<u64>,
}

impl Future for Alarm<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let timer = self.timer;
        if let Some(number) = self.number {
            let waits = timer.waiting.borrow().contains_key(&(self.due, number));
            return if waits { Poll::Pending } else { Poll::Ready(()) };
        }
        if self.due == NEVER {
            return Poll::Pending;
        }
        let number = timer.alarms.replace(timer.alarms.get() + 1);
        self.number = Some(number);
        timer.waiting.borrow_mut().insert((self.due, number), cx.waker().clone());
        timer.set();
        Poll::Pending
    }
}

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            self.timer.waiting.borrow_mut().remove(&(self.due, number));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::rc::Rc;
    use std::time::Duration;
    use tokio::runtime::{Builder, LocalOptions};

    #[test]
    fn alarms_ring_in_order_and_none_before_its_time() {
        let runtime =
            Builder::new_current_thread().enable_all().build_local(LocalOptions::default()).unwrap();
        runtime.block_on(async {
            let clock = Clock::start();
            let timer = Rc::new(Timer::new(clock).unwrap());
            let serving = timer.clone();
            tokio::task::spawn_local(async move { serving.serve().await });
            let rung = Rc::new(RefCell::new(Vec::new()));
            // One that is given up, one without end, and one that is long due must not disturb the others.
            drop(timer.at(1_000));
            assert!(tokio::time::timeout(Duration::from_millis(5), timer.at(NEVER)).await.is_err());
            assert!(tokio::time::timeout(Duration::from_millis(5), timer.at(3_600_000_000)).await.is_err());
            timer.at(0).await;
            let start = clock.now();
            let tasks = [30_300_u64, 10_100, 20_200, 10_100].map(|after| {
                let (timer, rung) = (timer.clone(), rung.clone());
                tokio::task::spawn_local(async move {
                    timer.at(start + after).await;
                    assert!(clock.now() >= start + after);
                    rung.borrow_mut().push(after);
                })
            });
            for task in tasks {
                task.await.unwrap();
            }
            assert_eq!(*rung.borrow(), [10_100, 10_100, 20_200, 30_300]);
            assert!(timer.waiting.borrow().is_empty());
        });
    }
}
