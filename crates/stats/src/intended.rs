//! Response times from the intended start, where the load is open or paced: what a user would have waited who came
//! on time, whatever held up the one before.

use crate::{Histogram, Sparse};
use serde::{Deserialize, Serialize};

/// Response times from the intended start, of those requests that have one: at least one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FromIntended {
    /// Their sum, microseconds.
    pub total_us: u64,
    /// The shortest, microseconds.
    pub min_us: u64,
    /// The longest, microseconds.
    pub max_us: u64,
    /// All of them.
    pub times: Sparse,
}

impl FromIntended {
    /// Everything but the histogram, which totals keep in another form.
    pub(crate) fn counters(&self) -> Self {
        Self { times: Sparse::default(), ..*self }
    }

    /// Adds everything but the histogram.
    pub(crate) fn merge_counters(&mut self, other: &Self) {
        self.total_us = self.total_us.saturating_add(other.total_us);
        self.min_us = self.min_us.min(other.min_us);
        self.max_us = self.max_us.max(other.max_us);
    }
}

/// Such times as a core records them, for one key. Made with the first of them: load that is neither open nor paced
/// has none, and pays nothing.
#[derive(Debug, Default)]
pub(crate) struct Recording {
    total_us: u64,
    min_us: Option<u64>,
    max_us: u64,
    times: Histogram<u32>,
}

impl Recording {
    pub(crate) fn record(&mut self, us: u64) {
        self.times.record(us);
        self.total_us = self.total_us.saturating_add(us);
        self.min_us = Some(self.min_us.map_or(us, |min| min.min(us)));
        self.max_us = self.max_us.max(us);
    }

    /// What was recorded since the last call; `None` if nothing was.
    pub(crate) fn drain(&mut self) -> Option<Box<FromIntended>> {
        let min_us = self.min_us.take()?;
        let times = self.times.to_sparse();
        self.times.clear();
        let (total_us, max_us) = (std::mem::take(&mut self.total_us), std::mem::take(&mut self.max_us));
        Some(Box::new(FromIntended { total_us, min_us, max_us, times }))
    }
}
