//! What workers say, and what silence says.

use crate::MasterCore;
use crate::event::{Effects, Now};
use crate::limits;
use crate::registry::{Node, Place, Presence, Silence, total};
use akrida_protocol::{
    Acknowledged, DecodeError, Echo, Envelope, Generations, StatsReport, ToMaster, ToWorker, Version,
    WorkerState,
};
use akrida_run::{FleetEventKind, RunState, StopReason};
use akrida_transport::PeerId;
use bytes::Bytes;
use std::collections::BTreeMap;

impl MasterCore {
    pub(crate) fn on_frame(&mut self, now: Now, peer: &PeerId, body: &Bytes, effects: &mut Effects) {
        // An identity that cannot be written into a message cannot be answered.
        let Some(id) = peer.as_str().filter(|id| !id.is_empty() && id.len() <= limits::IDENTITY) else {
            return;
        };
        match ToMaster::decode(body) {
            Ok(Envelope { message, generations, .. }) => {
                self.on_message(now, (peer, id), (message, generations), effects);
            }
            Err(error) => self.on_unreadable(now, peer, &error, effects),
        }
    }

    /// A worker says something; by the form of it, it is of one of these generations.
    pub(crate) fn on_message(
        &mut self,
        now: Now,
        (peer, id): (&PeerId, &str),
        (message, generations): (ToMaster, Generations),
        effects: &mut Effects,
    ) {
        if let Some(node) = self.registry.get_mut(peer) {
            (node.heard, node.broke) = (now.monotonic, None);
            self.changed |= node.recognise(now, generations, effects);
        }
        match message {
            ToMaster::ClientReady(version) => {
                self.on_ready(now, (peer, id), (&version, generations), effects);
            }
            ToMaster::Heartbeat { state, cpu_usage, memory_usage, extra } => {
                let Some(node) = self.registry.get_mut(peer) else {
                    // It knows a master that was here before. Told to stop, it introduces itself as it should.
                    return effects.send(peer, id, &ToWorker::Stop);
                };
                (node.cpu_usage, node.memory_usage) = (cpu_usage, memory_usage);
                let akrida = extra.is_some();
                node.is_locusts = !akrida;
                let (master_us, acknowledged) = (now.wall_us, node.acknowledged(self.journal.is_kept()));
                let echo = extra.map(|extra| Echo { sent_at_us: extra.sent_at_us, master_us, acknowledged });
                effects.say(peer, node, &ToWorker::Heartbeat(echo));
                match extra {
                    Some(extra) => self.on_health(now, peer, &extra, effects),
                    None => self.on_cpu(now, peer, effects),
                }
                self.look_at_kind(now, peer, akrida, effects);
                self.on_alive(now, peer, &state, effects);
            }
            ToMaster::Stats(report) => self.on_stats(now, peer, id, report, effects),
            ToMaster::Spawning => {
                if let Some(node) = self.registry.get_mut(peer).filter(|node| node.is_usable()) {
                    node.presence = Presence::Spawning;
                }
            }
            ToMaster::SpawningComplete { user_classes_count, user_count } => {
                let users = self.by_index(&user_classes_count);
                if let Some(node) = self.registry.get_mut(peer).filter(|node| node.is_usable()) {
                    node.presence = Presence::Running;
                    node.set_users(users, user_count);
                    node.note_done();
                    node.unwritten = true;
                }
            }
            ToMaster::ClientStopped => self.on_stopped(peer),
            ToMaster::Exception { msg, traceback } => {
                if self.takes_part(peer) {
                    let row = self.results.exceptions.log(id, &msg, &traceback);
                    self.tape.raise(row.clone());
                    self.journal.raise(row);
                }
            }
            ToMaster::Quit => self.on_quit(now, peer, effects),
            ToMaster::Logs { logs, .. } => {
                if self.registry.get(peer).is_some() {
                    self.logs.put(peer, logs);
                }
            }
            ToMaster::Locustfile { akrida, .. } => self.on_locustfile(now, peer, id, akrida, effects),
            // What a locustfile made up is its own business.
            ToMaster::Custom { .. } => {}
        }
    }

    /// A frame means nothing. A known worker is asked to connect anew, as Locust asks: its connection may have lost a
    /// part of it. The log hears of it once.
    fn on_unreadable(&mut self, now: Now, peer: &PeerId, error: &DecodeError, effects: &mut Effects) {
        let Some(node) = self.registry.get_mut(peer) else { return };
        if node.asked.is_some_and(|asked| now.monotonic < asked + limits::ASK_TO_RECONNECT) {
            return;
        }
        effects.say(peer, node, &ToWorker::Reconnect);
        if node.asked.replace(now.monotonic).is_none() {
            let id = &node.id;
            let text = format!("Frames of worker {id} are ignored because they cannot be read: {error}.");
            effects.tell(now, FleetEventKind::Warning(text));
        }
    }

    /// A worker is there and has no users, whatever was known of it before.
    pub(crate) fn on_ready(
        &mut self,
        now: Now,
        (peer, id): (&PeerId, &str),
        (version, generations): (&Version, Generations),
        effects: &mut Effects,
    ) {
        let (classes, fitness) = (self.classes.len(), self.fitness_of_newcomer());
        let Some(node) = self.registry.register(peer, id, classes, now) else {
            if !std::mem::replace(&mut self.crowded, true) {
                let text =
                    format!("Worker {id} is turned away: more than {} are connected.", limits::WORKERS);
                effects.tell(now, FleetEventKind::Warning(text));
            }
            return;
        };
        // After a stop it is ready again, which is no news.
        let news = node.presence == Presence::Missing;
        // Had it stopped, it would have said so: this is another process, or was said twice. Its reports will tell.
        node.interrupted |= node.job.is_some();
        let tells_process = node.process.is_some();
        if news {
            (node.fitness, node.has_named_classes) = (fitness, false);
        }
        node.presence = Presence::Ready;
        node.unwritten = true;
        node.clear();
        node.begin_as(generations);
        let index = node.index;
        if let Version::Told(version) = version {
            node.version = Some(version.clone());
        }
        let generation = node.generation();
        node.seat = None;
        let holding = node.holding.take();
        let ack = ToWorker::Ack { index: Some(node.index), akrida: true };
        effects.say(peer, node, &ack);
        let knows_edits = !node.is_old();
        if news && knows_edits {
            self.tell_class_edits(peer, id, effects);
        }
        self.take_back(holding);
        if !tells_process {
            self.lost.remove(id);
        }
        self.unplaced = true;
        self.changed |= news;
        if news {
            let workers = self.registry.live();
            effects.tell(now, FleetEventKind::WorkerReady { id: id.to_owned(), index, generation, workers });
        }
    }

    /// A worker tells that it lives and what it does. Where that is not what it should do, it is told again: any
    /// message may have been lost with a connection.
    pub(crate) fn on_alive(&mut self, now: Now, peer: &PeerId, state: &WorkerState, effects: &mut Effects) {
        let ours = self.takes_part(peer) && matches!(self.state, RunState::Spawning | RunState::Running);
        let patience = limits::REPEAT_JOB + self.config.stop_timeout;
        let Some(node) = self.registry.get_mut(peer) else { return };
        let at_work = *state != WorkerState::Ready;
        match node.presence {
            Presence::Missing => {
                effects.tell(now, FleetEventKind::WorkerBack { id: node.id.clone() });
                self.ledger.doubt_ends();
                self.lost.remove(&node.id);
                node.adopt(state);
                self.unplaced = true;
                self.changed = true;
            }
            // Also one that says it is ready: it never had the job, nor was told to stop, and does not say that it has.
            Presence::Stopping(told) => {
                // Not earlier: a worker of Locust would stop, and sleep, twice.
                let patience = limits::REPEAT_STOP + self.config.stop_timeout;
                if told.is_none_or(|told| now.monotonic >= told + patience) {
                    node.tell_to_stop(now, peer, effects);
                }
                return;
            }
            // Locust's workers say only once that they are ready, and that may have been lost.
            Presence::Stopped if !at_work && node.is_locusts => {
                node.presence = Presence::Ready;
                self.unplaced = true;
            }
            Presence::Stopped => return,
            Presence::Ready | Presence::Spawning | Presence::Running if node.job.is_some() => {
                node.adopt(state);
                let overdue = node.job.as_ref().is_some_and(|job| now.monotonic >= job.due + patience);
                if overdue && !(node.is_settled() && node.is_informed()) {
                    node.job = None;
                    self.unplaced = true;
                }
            }
            Presence::Ready | Presence::Spawning | Presence::Running => {}
        }
        if at_work && !ours {
            node.tell_to_stop(now, peer, effects);
        }
    }

    fn on_stats(
        &mut self,
        now: Now,
        peer: &PeerId,
        id: &str,
        mut report: StatsReport,
        effects: &mut Effects,
    ) {
        // One that is sent again may be of the run before.
        let of_this_run = report.receipt.is_none() || report.job.is_some_and(|job| job > self.job_before_run);
        let counts = of_this_run && self.takes_part(peer);
        let users = self.by_index(&report.user_classes_count);
        let ended = self.by_index(&report.ended);
        report.delta.arrivals.retain(|class, _| self.classes.contains(class));
        let Some(node) = self.registry.get_mut(peer) else {
            return disown(peer, id, &report, effects);
        };
        if report.sequence.is_some() {
            let begins_anew = node.begins_anew(report.process);
            if begins_anew {
                // What the process before it did not report died with it.
                self.lost_for_good += u64::from(self.lost.remove(&node.id) || node.interrupted);
            }
            let place = node.place(&report, begins_anew);
            node.interrupted &= !begins_anew;
            let (waits, journal) =
                (report.receipt.is_some_and(|receipt| receipt.at_once), self.journal.is_kept());
            if waits && journal {
                self.journal.await_record(now, peer);
            } else if report.receipt.is_some()
                && (waits || place != Place::Next)
                && let Some(acknowledged) = node.acknowledged(journal)
            {
                effects.send(peer, id, &ToWorker::Acknowledged(acknowledged));
            }
            if place != Place::Next {
                return;
            }
            node.interrupted = false;
            self.lost.remove(&node.id);
        }
        (node.owes, node.is_locusts) = (false, report.sequence.is_none());
        node.unwritten = true;
        if !matches!(node.presence, Presence::Ready | Presence::Stopped) || node.job.is_some() {
            node.set_users(users, report.user_count);
            (node.ended, node.took) = (ended, report.job);
        }
        self.look_for_end |= node.user_count() == 0 && total(&node.ended) > 0;
        if let Some(stage) = self.stage_that_runs().filter(|_| counts && !report.exact) {
            // Locust's workers know of no stages.
            report.delta.put_into_stage(stage);
            self.results.stages_by_arrival |= !report.delta.entries.is_empty();
        }
        if counts {
            self.results.merge(now.wall_us / 1_000_000, &report.delta);
            self.verdict.merge(now, &report.delta);
        }
        if !report.exact {
            self.on_foreign_clock(now, peer, &report, effects);
        }
        self.look_at_classes(now, peer, &report, effects);
        if let Some(used) = &report.rows {
            self.on_rows_used(now, peer, used, effects);
        }
        let resets = self.registry.get_mut(peer).is_some_and(|node| std::mem::take(&mut node.resets));
        if counts && self.tape.is_kept() {
            let delta = match self.journal.is_kept() {
                true => report.delta.clone(),
                false => std::mem::take(&mut report.delta),
            };
            self.tape.measure(self.results.totals(), report.exact, delta);
        }
        if counts {
            self.journal.measure(now, &mut report);
        }
        let to_reset = |node: &Node| node.resets && node.is_usable();
        if resets && !self.registry.any(&mut self.witnesses.resets, to_reset) {
            self.reset(now);
        }
        if let Some(reason) = report.stop_run.filter(|_| counts) {
            self.stop(now, StopReason::User(reason), effects);
        }
    }

    /// The stage into which figures fall that arrive now; what is late belongs to the last one.
    fn stage_that_runs(&self) -> Option<u16> {
        match &self.run {
            Some(run) => run.plan.stage(),
            None => u16::try_from(self.stages.len().checked_sub(1)?).ok(),
        }
    }

    /// A worker has no users any more, because it was told so or because it is about to leave.
    fn on_stopped(&mut self, peer: &PeerId) {
        let took_part = self.takes_part(peer);
        if let Some(node) = self.registry.get_mut(peer) {
            node.owes = took_part && node.is_locusts;
            node.presence = Presence::Stopped;
            node.unwritten = true;
            node.clear();
            node.saturated = false;
            self.lost.remove(&node.id);
            self.unplaced = true;
            let holding = node.holding.take();
            self.take_back(holding);
        }
    }

    fn on_quit(&mut self, now: Now, peer: &PeerId, effects: &mut Effects) {
        let had_a_part = self.takes_part(peer) && self.run.is_some();
        let Some(mut node) = self.registry.remove(peer) else { return };
        self.logs.forget(peer);
        self.take_back(node.holding.take());
        if had_a_part && node.is_live() && (node.presence != Presence::Stopped || node.owes) {
            self.lost_for_good += 1;
        }
        // If it was missing, nobody will bring what it owes.
        self.lost_for_good += u64::from(self.lost.remove(&node.id));
        self.unplaced = true;
        self.changed = true;
        let workers = self.registry.live();
        effects.tell(now, FleetEventKind::WorkerLeft { id: node.id, index: node.index, workers });
    }

    /// A connection broke: its worker gets less time to be heard again.
    pub(crate) fn on_disconnected(&mut self, now: Now, peer: &PeerId) {
        if let Some(node) = self.registry.get_mut(peer) {
            node.broke.get_or_insert(now.monotonic);
            if !(node.is_settled() && node.is_informed()) {
                // What it was told may be lost.
                node.job = None;
            }
            node.doubt_stop();
        }
    }

    /// A frame found no room: what the worker should run is told again with the next tick,
    /// and that it should stop when it is heard next.
    pub(crate) fn on_unsent(&mut self, peer: &PeerId) {
        if let Some(node) = self.registry.get_mut(peer) {
            node.job = None;
            node.doubt_stop();
        }
    }

    pub(crate) fn look_after_workers(&mut self, now: Now, effects: &mut Effects) {
        let mut forgotten = false;
        let reconnect = limits::RECONNECT + self.config.heartbeat_interval;
        for silence in self.registry.listen(now, self.config.liveness, reconnect) {
            self.unplaced = true;
            self.changed = true;
            match silence {
                Silence::Missing { id, run } => {
                    if self.run.is_some() && run == self.runs {
                        self.lost.insert(id.clone());
                    }
                    effects.tell(now, FleetEventKind::WorkerMissing { id });
                }
                Silence::Forgotten { id, holding } => {
                    self.lost_for_good += u64::from(self.lost.remove(&id));
                    self.take_back(holding);
                    forgotten = true;
                }
            }
        }
        if forgotten {
            self.forget_logs();
        }
        self.supply_all(effects);
        let untold = |node: &Node| node.is_usable() && node.job.is_none() && node.broke.is_none();
        self.unplaced |= self.registry.nodes().any(untold);
    }

    /// Whether what a worker measures belongs to the newest run.
    pub(crate) fn takes_part(&self, peer: &PeerId) -> bool {
        self.runs > 0 && self.registry.get(peer).is_some_and(|node| node.run == self.runs)
    }

    /// Counts by class index; classes that this test does not have are left out.
    fn by_index(&self, users: &BTreeMap<String, u64>) -> Vec<u64> {
        self.classes.iter().map(|class| users.get(class).copied().unwrap_or(0)).collect()
    }
}

/// Somebody reports who is no worker of this master. Whatever it is about is counted nowhere; who keeps it does so no
/// longer.
fn disown(peer: &PeerId, id: &str, report: &StatsReport, effects: &mut Effects) {
    if let (Some(process), Some(sequence), Some(_)) = (report.process, report.sequence, report.receipt) {
        effects.send(peer, id, &ToWorker::Acknowledged(Acknowledged { process, sequence }));
    }
}

impl Node {
    /// Takes over what the worker says it does.
    pub(crate) fn adopt(&mut self, state: &WorkerState) {
        self.presence = match state {
            WorkerState::Ready => Presence::Ready,
            WorkerState::Spawning => Presence::Spawning,
            WorkerState::Running | WorkerState::Other(_) => Presence::Running,
        };
    }

    /// That it should stop may not have come to it: it is told again as soon as it is heard. One of Locust's is not,
    /// but after its time: if that did come to it, it would sleep twice.
    fn doubt_stop(&mut self) {
        if matches!(self.presence, Presence::Stopping(_)) && !self.is_locusts {
            self.presence = Presence::Stopping(None);
        }
    }

    /// Tells it to stop, whatever it runs.
    pub(crate) fn tell_to_stop(&mut self, now: Now, peer: &PeerId, effects: &mut Effects) {
        self.presence = Presence::Stopping(Some(now.monotonic));
        self.job = None;
        effects.say(peer, self, &ToWorker::Stop);
    }
}
