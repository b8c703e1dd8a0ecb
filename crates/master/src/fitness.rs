//! Whether a worker can run the test at all.
//!
//! A test that only Python can run is for Locust's workers: Akrida's are told by their heartbeats, and get no users. A
//! test with open load is for Akrida's: Locust's would let its users wait for their answers, and get none.
//! Of Locust's it is known by their first report which classes they have; one that lacks a class of the test would
//! stumble over each job that names it, and gets no users either.

use crate::event::{Effects, Now};
use crate::registry::{Node, Presence};
use crate::{MasterCore, limits};
use akrida_protocol::StatsReport;
use akrida_run::FleetEventKind;
use akrida_transport::PeerId;

/// Whether a worker may be given users, as far as the test is concerned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Fitness {
    /// It may.
    #[default]
    Fit,
    /// It has not said yet what it is.
    Unknown,
    /// It said what it is, and not yet which classes it has.
    Unconfirmed,
    /// It may not, for this reason.
    Unfit(String),
}

impl Fitness {
    /// Why it gets no users.
    pub(crate) fn reason(&self) -> Option<&str> {
        match self {
            Self::Fit => None,
            Self::Unknown | Self::Unconfirmed => Some("it has not said yet what it can run"),
            Self::Unfit(reason) => Some(reason),
        }
    }
}

impl MasterCore {
    /// A worker that has come needs to be looked at before it is given users of a test that not all can run.
    pub(crate) fn fitness_of_newcomer(&self) -> Fitness {
        let open = self.config.open.iter().any(Option::is_some);
        if self.config.python_only || open { Fitness::Unknown } else { Fitness::Fit }
    }

    /// A heartbeat tells whether a worker is one of Akrida's.
    pub(crate) fn look_at_kind(&mut self, now: Now, peer: &PeerId, akrida: bool, effects: &mut Effects) {
        let open = self.config.open.iter().any(Option::is_some);
        let Some(node) = self.registry.get_mut(peer) else { return };
        if open && !akrida && !matches!(node.fitness, Fitness::Unfit(_)) {
            let reason = "it is one of Locust's, and they cannot do open load: start one of Akrida's instead";
            return self.turn_down(now, peer, reason.to_owned(), effects);
        }
        if node.fitness != Fitness::Unknown {
            return;
        }
        if akrida && !self.config.python_only {
            node.fitness = Fitness::Fit;
            (self.unplaced, self.changed) = (true, true);
            return;
        }
        if akrida {
            let reason =
                "it is one of Akrida's, and only Python can run this test: start one of Locust's instead";
            self.turn_down(now, peer, reason.to_owned(), effects);
            return;
        }
        // Clients in other languages have no classes of their own. A first report may come before the first heartbeat:
        // both are sent by greenlets that start together (`WorkerRunner`, Locust 2.47.0).
        let classes_known = node.version.is_none() || node.has_named_classes;
        node.fitness = if classes_known { Fitness::Fit } else { Fitness::Unconfirmed };
        (self.unplaced, self.changed) = (true, true);
    }

    /// The first report of one of Locust's workers names all its classes.
    pub(crate) fn look_at_classes(
        &mut self,
        now: Now,
        peer: &PeerId,
        report: &StatsReport,
        effects: &mut Effects,
    ) {
        let Some(node) = self.registry.get_mut(peer) else { return };
        let names = &report.user_classes_count;
        if report.sequence.is_some() || node.version.is_none() || names.is_empty() || node.has_named_classes {
            return;
        }
        node.has_named_classes = true;
        if node.fitness == Fitness::Unconfirmed {
            node.fitness = Fitness::Fit;
            (self.unplaced, self.changed) = (true, true);
        }
        let missing: Vec<&str> =
            self.classes.iter().filter(|class| !names.contains_key(*class)).map(String::as_str).collect();
        if !missing.is_empty() {
            let reason = format!(
                "it has no user class {}, which the test has: give it the same file, or name the classes to run at \
                 the end of the master's command line",
                missing.join(", ")
            );
            return self.turn_down(now, peer, reason, effects);
        }
        if !self.config.python_only {
            return;
        }
        let known = |name: &&String| {
            !self.classes.contains(name)
                && !self.config.left_out.contains(name)
                && !self.strange_classes.contains(*name)
        };
        let strange: Vec<String> = names.keys().filter(known).cloned().collect();
        let room = limits::STRANGE_CLASSES.saturating_sub(self.strange_classes.len());
        if !strange.is_empty() && room > 0 {
            let text = format!(
                "Workers have user classes that were not seen in the test, and get no users: {}. Name the classes to \
                 run at the end of the command line.",
                strange.join(", ")
            );
            effects.tell(now, FleetEventKind::Warning(text));
            self.strange_classes.extend(strange.into_iter().take(room));
            self.changed = true;
        }
    }

    /// A worker gets no users, for a reason that everybody is told.
    fn turn_down(&mut self, now: Now, peer: &PeerId, reason: String, effects: &mut Effects) {
        let Some(node) = self.registry.get_mut(peer) else { return };
        let text = format!("Worker {} gets no users: {reason}.", node.id);
        effects.tell(now, FleetEventKind::Warning(text));
        node.fitness = Fitness::Unfit(reason);
        if node.job.is_some() && matches!(node.presence, Presence::Spawning | Presence::Running) {
            node.tell_to_stop(now, peer, effects);
        }
        node.job = None;
        (self.unplaced, self.changed) = (true, true);
    }

    /// What a reader should know about who runs the test.
    pub(crate) fn misfits(&self) -> Vec<String> {
        let told = |node: &Node| match &node.fitness {
            Fitness::Unfit(reason) => Some(format!("Worker {} gets no users: {reason}.", node.id)),
            _ => None,
        };
        let mut notices: Vec<String> = self.registry.nodes().filter_map(told).take(limits::MISFITS).collect();
        if !self.strange_classes.is_empty() {
            let names: Vec<&str> = self.strange_classes.iter().map(String::as_str).collect();
            notices.push(format!(
                "Workers have user classes that were not seen in the test, and get no users: {}.",
                names.join(", ")
            ));
        }
        notices
    }
}
