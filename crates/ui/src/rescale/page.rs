//! What is shown of it: the same for the form without script, and as data for the page's.

use super::follow::Note;
use super::{Shown, Workers};
use crate::clock;
use serde::Serialize;
use tokio::time::Instant;

/// All that a form shows.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct View {
    /// Whether there is a cluster to ask.
    pub(crate) in_cluster: bool,
    pub(crate) deployment: String,
    pub(crate) namespace: Option<String>,
    pub(crate) min: u32,
    pub(crate) max: u32,
    /// By which rules the number follows load, if it does.
    pub(crate) follows: Option<String>,
    /// `None` before it was read, and where it cannot be.
    pub(crate) numbers: Option<Numbers>,
    pub(crate) connected: u32,
    /// Whether wish, pods and workers are the same.
    pub(crate) agree: bool,
    /// Why it cannot be read.
    pub(crate) problem: Option<String>,
    pub(crate) notes: Vec<Note>,
    /// Newest first.
    pub(crate) changes: Vec<Line>,
    pub(crate) rehearsal: Option<Rehearsal>,
}

/// What the Scale says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Numbers {
    pub(crate) wanted: u32,
    pub(crate) existing: u32,
}

/// What the self-test found.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Rehearsal {
    pub(crate) passed: bool,
    pub(crate) message: String,
}

/// A change.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Line {
    /// Unix seconds.
    pub(crate) at: f64,
    /// The local time, for pages without script.
    #[serde(skip)]
    pub(crate) when: String,
    pub(crate) text: String,
}

impl View {
    pub(crate) fn of(workers: &Workers, shown: &Shown, connected: u32) -> Self {
        let target = workers.scaler().target();
        let reading = shown.reading.as_ref();
        let scale = reading.and_then(|reading| reading.as_ref().ok());
        let namespace = shown.namespace.clone().or_else(|| target.namespace().map(str::to_owned));
        let in_namespace = namespace.as_deref().unwrap_or("NAMESPACE");
        let notes = scale
            .map(|scale| shown.follow.notes(Instant::now(), in_namespace, target.name(), &scale.selector));
        let problem = if workers.is_in_cluster() {
            reading.and_then(|reading| reading.as_ref().err()).map(ToString::to_string)
        } else {
            Some(akrida_scaler::ScaleError::NotInCluster.to_string())
        };
        let changes = shown.follow.changes().map(|change| Line {
            at: change.at,
            when: clock::for_pages(change.at),
            text: change.text(),
        });
        let rehearsal = shown.rehearsal.as_ref().map(|result| Rehearsal {
            passed: result.is_ok(),
            message: match result {
                Ok(()) => "This master may change the number of workers.".to_owned(),
                Err(error) => error.to_string(),
            },
        });
        Self {
            in_cluster: workers.is_in_cluster(),
            deployment: target.name().to_owned(),
            min: *workers.bounds().start(),
            max: *workers.bounds().end(),
            follows: workers.follows().map(str::to_owned),
            numbers: scale.map(|scale| Numbers { wanted: scale.wanted, existing: scale.existing }),
            connected,
            agree: scale.is_some_and(|scale| scale.wanted == scale.existing && scale.wanted == connected),
            problem,
            notes: notes.unwrap_or_default(),
            changes: changes.collect(),
            rehearsal,
            namespace,
        }
    }

    /// What the field proposes: the wish.
    pub(crate) fn proposal(&self) -> u32 {
        self.numbers.map_or(self.connected, |numbers| numbers.wanted).clamp(self.min, self.max)
    }
}
