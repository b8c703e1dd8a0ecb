//! Nodes to the typed model.
//!
//! The shape of a document is checked before, so what has a wrong shape is passed over in silence here, and only
//! what no shape can say is a problem: names that are missing or double, numbers that contradict each other,
//! expressions, files that cannot be read.

mod body;
mod capture;
mod checks;
mod class;
mod data;
mod exception;
mod files;
mod load;
mod names;
mod network;
mod options;
mod patterns;
mod request;
mod secrets;
mod step;
mod task;
mod value;
mod verdict;

pub(super) use names::RESPONSE;

use super::check::{number, whole};
use super::node::Node;
use crate::Source;
use crate::limits::FOUND;
use crate::model::Scenario;
use crate::problem::Problem;
use std::ops::Range;

/// The scenario of a document; what does not stand in it comes from `source`. Incomplete where there are problems.
pub(super) fn scenario(
    file: &str,
    root: &Node,
    source: &dyn Source,
    problems: &mut Vec<Problem>,
) -> Scenario {
    let mut decoder = Decoder {
        problems,
        files: files::Files::new(source),
        patterns: patterns::Patterns::default(),
        names: names::Names::default(),
        group: String::new(),
        around: Around::default(),
    };
    decoder.names.secrets = decoder.secrets(root.get("secrets"));
    decoder.names.options = decoder.options(root.get("options"));
    decoder.names.feeds = decoder.before_users(|decoder| decoder.feeders(root.get("data")));
    let host = decoder.host(root);
    let classes = decoder.classes(root.get("users"), host.as_deref());
    let stages = decoder.stages(root.get("stages"));
    if let Some((stages, _)) = root.entries().iter().find(|(name, _)| &*name.text == "stages")
        && !classes.is_empty()
        && classes.iter().all(|class| class.arrivals.is_some())
    {
        decoder.problem(
            &stages.span,
            "`stages` has no meaning where every class has `arrivals`",
            "write `stages` below `arrivals`: `arrivals: { stages: [{ duration: 1m, rate: 100 }] }`",
        );
    }
    let seed = root.get("seed").and_then(Node::meaning).and_then(whole);
    let (thresholds, warm_up) = decoder.thresholds(root.get("thresholds"));
    Scenario { file: file.to_owned(), classes, stages, seed, thresholds, warm_up, ..Scenario::default() }
}

struct Decoder<'p> {
    problems: &'p mut Vec<Problem>,
    files: files::Files<'p>,
    patterns: patterns::Patterns,
    names: names::Names,
    /// The names of the groups around the step that is being decoded, with `/` between them.
    group: String,
    around: Around,
}

/// How many of what a step may end or speak of are around it.
#[derive(Clone, Copy, Default)]
struct Around {
    loops: usize,
    blocks: usize,
    judges: usize,
    handlers: usize,
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
}
