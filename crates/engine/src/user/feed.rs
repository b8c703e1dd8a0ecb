//! Rows of data that a user is given.

use super::User;
use super::run::Ended;
use crate::program::ClassProgram;
use akrida_scenario::model::{Extent, Per};

impl User {
    /// Before `on_start`: rows that are kept for life, and if there is an `on_start` the others too. Those serve the
    /// first task as well, so that none is spent on `on_start` alone.
    pub(super) fn feed_at_start(&mut self, class: &ClassProgram) -> Result<(), Ended> {
        self.feed(class, Per::User)?;
        if !class.on_start.ops.is_empty() {
            self.feed(class, Per::Iteration)?;
            self.rows_unused = true;
        }
        Ok(())
    }

    /// Before a task: new rows for it. `on_stop` has those of the last task.
    pub(super) fn feed_task(&mut self, class: &ClassProgram) -> Result<(), Ended> {
        if std::mem::take(&mut self.rows_unused) { Ok(()) } else { self.feed(class, Per::Iteration) }
    }

    fn feed(&mut self, class: &ClassProgram, per: Per) -> Result<(), Ended> {
        for (index, feed) in class.feeds.iter().filter(|(_, feed)| feed.per == per) {
            let lane = self.core.lane.get();
            match self.run.feeders.take(*index, &feed.feeder, lane, &mut self.rng) {
                Ok(row) => self.frame().set(feed.slot, row),
                Err(extent) => {
                    if extent == Extent::Run {
                        self.end_run(&format!("all rows of {} were given", feed.feeder.name));
                    }
                    return Err(Ended::ByItself);
                }
            }
        }
        Ok(())
    }
}
