//! Workers of before Locust 0.10, which push and pull and have no address.
//!
//! What is said to one of them may come to any, so it is said to all: a job to each, whichever gets it. They do not
//! send heartbeats, so they live as long as they report. Only their own word says who they are; a connection that
//! pushes speaks for one of them, and for no other.

use crate::event::{Effects, Now};
use crate::registry::Node;
use crate::{MasterCore, limits};
use akrida_protocol::{Envelope, Generation, Generations, ToMaster, Version, WorkerState};
use akrida_run::RunState;
use akrida_transport::PeerId;
use bytes::Bytes;
use std::collections::BTreeMap;

/// Those without addresses.
pub(crate) const UNADDRESSED: Generations = Generations::only(Generation::V0_5);

/// Who speaks for whom. As many as there are connections.
#[derive(Debug, Default)]
pub(crate) struct Voices {
    by_connection: BTreeMap<PeerId, PeerId>,
    by_worker: BTreeMap<PeerId, PeerId>,
}

impl Voices {
    /// Whether a connection speaks for this worker: it does so from its first word on.
    fn is_of(&mut self, by: &PeerId, worker: &PeerId) -> bool {
        if let Some(known) = self.by_connection.get(by) {
            return known == worker;
        }
        let free = !self.by_worker.contains_key(worker);
        if free {
            self.by_connection.insert(by.clone(), worker.clone());
            self.by_worker.insert(worker.clone(), by.clone());
        }
        free
    }

    /// A connection ended; its worker may have another one.
    pub(crate) fn end(&mut self, by: &PeerId) {
        if let Some(worker) = self.by_connection.remove(by) {
            self.by_worker.remove(&worker);
        }
    }
}

impl Node {
    /// Whether it has no address.
    pub(crate) fn is_unaddressed(&self) -> bool {
        self.generations == UNADDRESSED
    }

    /// Whether it is there, and will say when it is not any more: those that have no address leave without a word.
    pub(crate) fn says_when_it_leaves(&self) -> bool {
        self.is_live() && !self.is_unaddressed()
    }
}

/// How a worker without address is known: by a name that no connection can have, for they cannot begin with a zero.
fn name_of(id: &str) -> PeerId {
    PeerId::from(format!("\0{id}").as_str())
}

impl MasterCore {
    /// Somebody pushed something, by this connection. What cannot be read, or is none of their messages, is ignored.
    pub(crate) fn on_pushed(&mut self, now: Now, by: &PeerId, body: &Bytes, effects: &mut Effects) {
        let Ok(Envelope { message, node_id: id, generations }) = ToMaster::decode(body) else { return };
        let is_theirs = matches!(
            message,
            ToMaster::ClientReady(_)
                | ToMaster::Stats(_)
                | ToMaster::Spawning
                | ToMaster::SpawningComplete { .. }
                | ToMaster::ClientStopped
                | ToMaster::Exception { .. }
                | ToMaster::Quit
        );
        let is_name = !id.is_empty() && id.len() <= limits::IDENTITY && !id.starts_with('\0');
        if !is_theirs || !is_name || !generations.may_be(UNADDRESSED) {
            return;
        }
        let peer = name_of(&id);
        // Nor can it be one of those that have an address.
        if self.registry.get(&PeerId::from(id.as_str())).is_some() || !self.voices.is_of(by, &peer) {
            return;
        }
        if self.registry.get(&peer).is_none() && message != ToMaster::Quit {
            // It may know a master that was here before, and have users: its next report tells.
            self.on_ready(now, (&peer, &id), (&Version::Old, UNADDRESSED), effects);
            self.look_at_kind(now, &peer, false, effects);
            if matches!(message, ToMaster::ClientReady(_)) {
                return;
            }
        }
        let users = match &message {
            ToMaster::Stats(report) => Some(report.user_count),
            _ => None,
        };
        self.on_message(now, (&peer, &id), (message, UNADDRESSED), effects);
        if let Some(users) = users {
            let state = if users > 0 { WorkerState::Running } else { WorkerState::Ready };
            self.on_report_alive(now, &peer, &state, effects);
        }
    }

    /// A report tells that a worker lives, and whether it has users.
    fn on_report_alive(&mut self, now: Now, peer: &PeerId, state: &WorkerState, effects: &mut Effects) {
        let in_run = matches!(self.state, RunState::Spawning | RunState::Running);
        let Some(node) = self.registry.get_mut(peer) else { return };
        if in_run && *state != WorkerState::Ready && node.job.is_none() {
            // It cannot be stopped alone: it is told its job with all others.
            node.adopt(state);
            self.unplaced = true;
            return;
        }
        self.on_alive(now, peer, state, effects);
    }
}
