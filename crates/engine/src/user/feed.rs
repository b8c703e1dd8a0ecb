//! Rows of data that a user is given.

use super::User;
use super::run::Ended;
use crate::feeders::Next;
use crate::program::ClassProgram;
use akrida_scenario::model::{Extent, Per};

impl User {
    /// Before `on_start`: rows that are kept for life, and if there is an `on_start` the others too. Those serve the
    /// first task as well, so that none is spent on `on_start` alone.
    pub(super) async fn feed_at_start(&mut self, class: &ClassProgram) -> Result<(), Ended> {
        self.feed(class, Per::User).await?;
        if !class.root.on_start.ops.is_empty() {
            self.feed(class, Per::Iteration).await?;
            self.rows_unused = true;
        }
        Ok(())
    }

    /// Before a task: new rows for it. `on_stop` has those of the last task.
    pub(super) async fn feed_task(&mut self, class: &ClassProgram) -> Result<(), Ended> {
        if std::mem::take(&mut self.rows_unused) { Ok(()) } else { self.feed(class, Per::Iteration).await }
    }

    async fn feed(&mut self, class: &ClassProgram, per: Per) -> Result<(), Ended> {
        match self.feed_from(0, class, per)? {
            None => Ok(()),
            // Apart, since it is rare, and each user's future would have to have room for it.
            Some(at) => Box::pin(self.feed_later(at, class, per)).await,
        }
    }

    async fn feed_later(&mut self, mut at: usize, class: &ClassProgram, per: Per) -> Result<(), Ended> {
        let run = self.run.clone();
        loop {
            let (index, _) = class.feeds[at];
            if !run.feeders.wait(index, &self.control).await {
                return Err(Ended::Asked);
            }
            match self.feed_from(at, class, per)? {
                None => return Ok(()),
                Some(missing) => at = missing,
            }
        }
    }

    /// Takes rows from the feed `from` on; the first that has none now.
    fn feed_from(&mut self, from: usize, class: &ClassProgram, per: Per) -> Result<Option<usize>, Ended> {
        for (at, (index, feed)) in class.feeds.iter().enumerate().skip(from) {
            if feed.per != per {
                continue;
            }
            let lane = self.core.lane.get();
            match self.run.feeders.take(*index, &feed.feeder, lane, &mut self.rng) {
                Next::Row(row) => self.frame().set(feed.slot, row),
                Next::Later => return Ok(Some(at)),
                Next::Over(extent) => {
                    if extent == Extent::Run {
                        self.end_run(&format!("all rows of {} were given", feed.feeder.name));
                    }
                    return Err(Ended::ByItself);
                }
            }
        }
        Ok(None)
    }
}
