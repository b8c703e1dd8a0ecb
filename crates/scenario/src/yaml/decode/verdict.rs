//! When a run has failed.

use super::super::node::Node;
use super::super::rules;
use super::Decoder;
use super::value::text;
use crate::threshold::{self, Threshold};
use std::time::Duration;

impl Decoder<'_> {
    /// The thresholds, and what of the run they leave out.
    pub(super) fn thresholds(&mut self, node: Option<&Node>) -> (Vec<Threshold>, Duration) {
        let Some(node) = node else { return (Vec::new(), Duration::ZERO) };
        let warm_up = node.get("warm_up").and_then(|node| self.duration(node)).unwrap_or_default();
        let conditions = node.get("fail_if").unwrap_or(node).items();
        (conditions.iter().filter_map(|node| self.threshold(node)).collect(), warm_up)
    }

    fn threshold(&mut self, node: &Node) -> Option<Threshold> {
        let text = text(node).filter(|text| (rules::THRESHOLD.accepts)(text))?;
        match threshold::parse(text) {
            Ok(threshold) => Some(threshold),
            Err(error) => {
                // Escapes and folded lines have moved the text, so only the whole can be shown.
                let place = node.scalar().and_then(|scalar| scalar.verbatim_at);
                let span = place.map(|at| at + error.at.start..at + error.at.end);
                self.problem(&span.unwrap_or_else(|| node.span.clone()), error.message, error.remedy);
                None
            }
        }
    }
}
