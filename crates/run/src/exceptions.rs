//! What users raised, grouped by where they raised it.

use crate::ExceptionRow;
use crate::limits;
use std::collections::{BTreeMap, BTreeSet};

/// Exceptions by traceback, as Locust groups them; at most [`limits::DISTINCT_EXCEPTIONS`] rows.
#[derive(Clone, Debug, Default)]
pub struct Exceptions {
    rows: BTreeMap<String, Seen>,
}

#[derive(Clone, Debug)]
struct Seen {
    count: u64,
    msg: String,
    nodes: BTreeSet<String>,
}

impl Exceptions {
    /// What a sum of records tells.
    #[must_use]
    pub fn restore(rows: &[ExceptionRow]) -> Self {
        let mut exceptions = Self::default();
        exceptions.add(rows);
        exceptions
    }

    /// Adds rows that were counted elsewhere.
    pub fn add(&mut self, rows: &[ExceptionRow]) {
        for row in rows.iter().filter(|row| row.count > 0) {
            let seen = self.seen("", &row.msg, &row.traceback);
            seen.count = seen.count.saturating_add(row.count);
            for node in &row.nodes {
                if seen.nodes.len() >= limits::EXCEPTION_NODES {
                    break;
                }
                seen.nodes.insert(node.clone());
            }
        }
    }

    /// Counts an exception of a worker, and gives it as a row of its own.
    pub fn log(&mut self, node: &str, msg: &str, traceback: &str) -> ExceptionRow {
        self.seen(node, msg, traceback).count += 1;
        let (msg, traceback) = (shortened(msg).to_owned(), shortened(traceback).to_owned());
        ExceptionRow { count: 1, msg, traceback, nodes: vec![node.to_owned()] }
    }

    /// The row of an exception, in which that worker stands.
    fn seen(&mut self, node: &str, msg: &str, traceback: &str) -> &mut Seen {
        let mut key = shortened(traceback);
        let mut msg = msg;
        if !self.rows.contains_key(key) && self.rows.len() >= limits::DISTINCT_EXCEPTIONS {
            (key, msg) = (akrida_stats::limits::OTHER, akrida_stats::limits::OTHER);
        }
        let seen = self.rows.entry(key.to_owned()).or_insert_with(|| Seen {
            count: 0,
            msg: shortened(msg).to_owned(),
            nodes: BTreeSet::new(),
        });
        if !node.is_empty() && seen.nodes.len() < limits::EXCEPTION_NODES {
            seen.nodes.insert(node.to_owned());
        }
        seen
    }

    /// The rows, by traceback.
    #[must_use]
    pub fn rows(&self) -> Vec<ExceptionRow> {
        self.rows
            .iter()
            .map(|(traceback, seen)| ExceptionRow {
                count: seen.count,
                msg: seen.msg.clone(),
                traceback: traceback.clone(),
                nodes: seen.nodes.iter().cloned().collect(),
            })
            .collect()
    }
}

/// `text` within [`limits::EXCEPTION_TEXT`], cut at a character's boundary.
fn shortened(text: &str) -> &str {
    let mut end = text.len().min(limits::EXCEPTION_TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_tracebacks_share_a_row_that_names_the_workers() {
        let mut exceptions = Exceptions::default();
        exceptions.log("b", "division by zero", "line 1");
        exceptions.log("a", "another text", "line 1");
        let rows = exceptions.rows();
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].count, rows[0].msg.as_str()), (2, "division by zero"));
        assert_eq!(rows[0].nodes, ["a", "b"]);
    }

    #[test]
    fn rows_and_texts_are_bounded_and_every_exception_is_counted() {
        let mut exceptions = Exceptions::default();
        for number in 0..limits::DISTINCT_EXCEPTIONS + 10 {
            exceptions.log("a", "msg", &format!("{number} {}", "é".repeat(limits::EXCEPTION_TEXT)));
        }
        let rows = exceptions.rows();
        assert_eq!(rows.len(), limits::DISTINCT_EXCEPTIONS + 1);
        assert!(rows.iter().all(|row| row.traceback.len() <= limits::EXCEPTION_TEXT));
        assert_eq!(rows.iter().map(|row| row.count).sum::<u64>(), limits::DISTINCT_EXCEPTIONS as u64 + 10);
    }
}
