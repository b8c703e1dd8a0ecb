//! What a row is filed under, so that it can be looked for without a copy of its texts.

use std::borrow::Borrow;

/// Name and method of a row.
pub(crate) trait RowKey {
    fn texts(&self) -> (&str, &str);
}

impl RowKey for (String, String) {
    fn texts(&self) -> (&str, &str) {
        (&self.0, &self.1)
    }
}

impl RowKey for (&str, &str) {
    fn texts(&self) -> (&str, &str) {
        *self
    }
}

impl<'a> Borrow<dyn RowKey + 'a> for (String, String) {
    fn borrow(&self) -> &(dyn RowKey + 'a) {
        self
    }
}

// As pairs of texts are compared, which maps rely on.

impl Ord for dyn RowKey + '_ {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.texts().cmp(&other.texts())
    }
}

impl PartialOrd for dyn RowKey + '_ {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Eq for dyn RowKey + '_ {}

impl PartialEq for dyn RowKey + '_ {
    fn eq(&self, other: &Self) -> bool {
        self.texts() == other.texts()
    }
}
