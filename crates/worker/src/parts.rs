//! Large reports go out in parts.

use crate::limits;
use akrida_stats::Delta;

/// A delta as messages of bounded size; always at least one, since even an empty report tells the user count.
pub(crate) fn of(mut delta: Delta) -> Vec<Delta> {
    let mut parts = Vec::new();
    while delta.entries.len() > limits::ENTRIES_PER_REPORT {
        let mut entries = std::mem::take(&mut delta.entries);
        let middle = entries.keys().nth(limits::ENTRIES_PER_REPORT).cloned();
        delta.entries = middle.map(|key| entries.split_off(&key)).unwrap_or_default();
        parts.push(Delta { entries, ..Delta::default() });
    }
    parts.push(delta);
    parts
}
