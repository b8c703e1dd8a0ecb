//! Rows of data that users are given, and values that are never shown.

use super::{Scenario, Slot};
use crate::expr::Value;
use std::sync::Arc;

/// A source of rows. The same one may feed several classes; it is known by its [`Arc`].
#[derive(Clone, Debug)]
pub struct Feeder {
    /// What it is called in the file; also the variable that holds the row.
    pub name: String,
    /// A dict each; at least one.
    pub rows: Vec<Value>,
    /// Which row comes next.
    pub take: Take,
}

/// Which row of a [`Feeder`] comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Take {
    /// One that nobody in the whole fleet was given before.
    Unique(AtEnd),
    /// One after the other, and from the beginning again.
    Cycle,
    /// Any.
    Random,
}

/// What happens when all rows of a unique feeder are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtEnd {
    /// The user that wanted one ends.
    StopUser,
    /// The run ends.
    StopRun,
    /// Rows are given again, from the first.
    Restart,
}

/// A feeder's use in a class.
#[derive(Clone, Debug)]
pub struct Feed {
    /// Which.
    pub feeder: Arc<Feeder>,
    /// Holds the row.
    pub slot: Slot,
    /// How long a row is kept.
    pub per: Per,
}

/// How long a user keeps a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Per {
    /// All its life, from before `on_start`.
    User,
    /// For one run of a task. `on_start` has that of the first task, `on_stop` that of the last.
    Iteration,
}

/// A value that may be used and never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    /// What it is called in the file.
    pub name: String,
    /// What must not appear in any output.
    pub value: Arc<str>,
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secret").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Scenario {
    /// Each feeder once, however many classes it feeds; always in the same order.
    #[must_use]
    pub fn feeders(&self) -> Vec<Arc<Feeder>> {
        let mut feeders: Vec<Arc<Feeder>> = Vec::new();
        for Feed { feeder, .. } in self.classes.iter().flat_map(|class| &class.feeds) {
            if !feeders.iter().any(|other| Arc::ptr_eq(other, feeder)) {
                feeders.push(feeder.clone());
            }
        }
        feeders
    }
}
