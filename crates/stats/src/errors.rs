//! Failures, grouped by what failed and why.

use crate::limits;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What failures are grouped by.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ErrorKey {
    /// HTTP method or another request type.
    pub method: String,
    /// The request's name.
    pub name: String,
    /// What went wrong, as Locust words it.
    pub error: String,
}

/// How often and when a failure occurred.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorRow {
    /// How often.
    pub occurrences: u64,
    /// First time, unix microseconds; `None` from workers that do not say.
    pub first_us: Option<u64>,
    /// Newest time, unix microseconds; `None` from workers that do not say.
    pub last_us: Option<u64>,
}

/// Error rows, at most [`limits::ERRORS`] of them and one for the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Vec<(ErrorKey, ErrorRow)>", from = "Vec<(ErrorKey, ErrorRow)>")]
pub struct Errors {
    rows: BTreeMap<ErrorKey, ErrorRow>,
    overflowed: bool,
}

impl Errors {
    /// Counts one failure at `at_us`, unix microseconds.
    pub fn log(&mut self, method: &str, name: &str, error: &str, at_us: u64) {
        let key = ErrorKey { method: method.to_owned(), name: name.to_owned(), error: error.to_owned() };
        self.add(key, ErrorRow { occurrences: 1, first_us: Some(at_us), last_us: Some(at_us) });
    }

    /// Adds one row. Its text is kept within [`limits::ERROR_TEXT`].
    pub fn add(&mut self, mut key: ErrorKey, row: ErrorRow) {
        shorten(&mut key.error, limits::ERROR_TEXT);
        let full = self.rows.len() - usize::from(self.overflowed) >= limits::ERRORS;
        if full && !self.rows.contains_key(&key) {
            key = ErrorKey {
                method: String::new(),
                name: limits::OTHER.to_owned(),
                error: limits::OTHER.to_owned(),
            };
        }
        // The row for the rest stands beside the others, also where it came with a report.
        self.overflowed |= key.name == limits::OTHER && key.error == limits::OTHER && key.method.is_empty();
        self.rows
            .entry(key)
            .and_modify(|kept| {
                kept.occurrences = kept.occurrences.saturating_add(row.occurrences);
                kept.first_us = [kept.first_us, row.first_us].into_iter().flatten().min();
                kept.last_us = kept.last_us.max(row.last_us);
            })
            .or_insert(row);
    }

    /// Adds every row of `other`.
    pub fn merge(&mut self, other: &Self) {
        for (key, row) in &other.rows {
            self.add(key.clone(), *row);
        }
    }

    /// The rows, by method, name and text.
    pub fn iter(&self) -> impl Iterator<Item = (&ErrorKey, &ErrorRow)> {
        self.rows.iter()
    }

    /// Whether there is a row of this failure.
    #[must_use]
    pub fn contains(&self, key: &ErrorKey) -> bool {
        self.rows.contains_key(key)
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether nothing failed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Whether rows were folded into [`limits::OTHER`].
    #[must_use]
    pub fn overflowed(&self) -> bool {
        self.overflowed
    }
}

/// Keeps `text` within `most` bytes.
pub(crate) fn shorten(text: &mut String, most: usize) {
    if text.len() > most {
        text.truncate(text.floor_char_boundary(most - '…'.len_utf8()));
        text.push('…');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_failures_share_a_row() {
        let mut errors = Errors::default();
        errors.log("GET", "/", "refused", 20);
        errors.log("GET", "/", "refused", 10);
        let rows: Vec<_> = errors.iter().map(|(_, row)| *row).collect();
        assert_eq!(rows, [ErrorRow { occurrences: 2, first_us: Some(10), last_us: Some(20) }]);
    }

    #[test]
    fn rows_are_bounded_and_no_occurrence_is_lost() {
        let mut errors = Errors::default();
        for number in 0..limits::ERRORS + 10 {
            errors.log("GET", "/", &format!("error {number}"), 1);
        }
        assert!(errors.overflowed());
        assert_eq!(errors.len(), limits::ERRORS + 1);
        assert_eq!(errors.iter().map(|(_, row)| row.occurrences).sum::<u64>(), limits::ERRORS as u64 + 10);
    }

    #[test]
    fn a_copy_of_rows_equals_them_with_the_row_for_the_rest() {
        let mut errors = Errors::default();
        for number in 0..limits::ERRORS + 10 {
            errors.log("GET", "/", &format!("error {number}"), 1);
        }
        let mut copy = Errors::default();
        copy.merge(&errors);
        assert_eq!(copy, errors);
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let mut text = "é".repeat(limits::ERROR_TEXT);
        shorten(&mut text, limits::ERROR_TEXT);
        assert!(text.len() <= limits::ERROR_TEXT && text.ends_with('…'));
    }
}
