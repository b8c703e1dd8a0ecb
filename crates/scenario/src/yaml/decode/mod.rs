//! Nodes to the typed model.
//!
//! The shape of a document is checked before, so what has a wrong shape is passed over in silence here, and only
//! what no shape can say is a problem: names that are missing or double, numbers that contradict each other,
//! expressions.

mod class;
mod request;
mod stages;
mod task;
mod value;

use super::node::Node;
use crate::limits::FOUND;
use crate::model::{Scenario, Slot};
use crate::problem::Problem;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// The scenario of a document. Incomplete where there are problems.
pub(super) fn scenario(file: &str, root: &Node, problems: &mut Vec<Problem>) -> Scenario {
    let mut decoder = Decoder { problems, variables: HashMap::new() };
    let host = decoder.host(root);
    let classes = decoder.classes(root.get("users"), host.as_deref());
    let stages = decoder.stages(root.get("stages"));
    Scenario { file: file.to_owned(), classes, stages, seed: None }
}

struct Decoder<'p> {
    problems: &'p mut Vec<Problem>,
    /// The variables of the class that is being decoded.
    variables: HashMap<Arc<str>, u16>,
}

impl Decoder<'_> {
    fn problem(&mut self, span: &Range<usize>, message: impl Into<String>, remedy: impl Into<String>) {
        self.report(Problem::new(span.clone(), message, remedy));
    }

    fn report(&mut self, problem: Problem) {
        if self.problems.len() < FOUND {
            self.problems.push(problem);
        }
    }

    fn slot(&self, name: &str) -> Option<Slot> {
        self.variables.get(name).copied().map(Slot::User)
    }
}
