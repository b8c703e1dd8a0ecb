//! The workers that the master knows.

use crate::event::Now;
use crate::fitness::Fitness;
use crate::leases::Holding;
use crate::limits;
use crate::old::{self, Number};
use crate::roster::{Roster, Witness};
use akrida_dispatch::{Worker, worker_order};
use akrida_protocol::{Acknowledged, Generations, Share, StatsReport};
use akrida_run::{WorkerRow, WorkerState};
use akrida_transport::PeerId;
use std::collections::BTreeMap;
use std::time::Duration;

/// Where a worker is, as the master sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// It has no users and may be given some.
    Ready,
    /// It adjusts its users.
    Spawning,
    /// It has adjusted its users.
    Running,
    /// It was told to stop, at this monotonic time the last time; `None` if that may have been lost.
    Stopping(Option<Duration>),
    /// It has stopped and did not say yet that it is ready again.
    Stopped,
    /// It fell silent.
    Missing,
}

/// A worker. What is known of it comes from its own connection only.
#[derive(Debug)]
pub(crate) struct Node {
    /// Its identity as text.
    pub(crate) id: String,
    /// Its number since the master began, from 0.
    pub(crate) index: u64,
    pub(crate) presence: Presence,
    /// When it was last heard, monotonic.
    pub(crate) heard: Duration,
    /// When its connection broke, if it was not heard since, monotonic.
    pub(crate) broke: Option<Duration>,
    /// Users that it last told of, by class index.
    pub(crate) users: Vec<u64>,
    /// Of which generations of Locust's protocol it may be, by what it said.
    pub(crate) generations: Generations,
    /// Users that it last told of without their classes; see [`crate::old`].
    pub(crate) unclassed: u64,
    /// Users that ended by themselves since the run began, by class index.
    pub(crate) ended: Vec<u64>,
    /// Its number among those that take part in this run, if it has one; see [`crate::shares`].
    pub(crate) seat: Option<u64>,
    /// What it has of rows that are given only once.
    pub(crate) holding: Option<Holding>,
    /// Timestamp of the newest job that it says it took, if it says.
    pub(crate) took: Option<f64>,
    /// What it was last told to run; `None` if it has to be told anew, whatever it is.
    pub(crate) job: Option<Job>,
    /// The newest run in which it was told to take part, by number.
    pub(crate) run: u64,
    /// Number of its newest report that was merged.
    pub(crate) sequence: u64,
    /// The process that counts so; see [`StatsReport`](akrida_protocol::StatsReport).
    pub(crate) process: Option<u64>,
    /// The process before that one, and the number of its newest report that was merged.
    pub(crate) before: Option<(u64, u64)>,
    /// Its process and the number of its newest report that the journal has.
    pub(crate) recorded: Option<(u64, u64)>,
    /// Whether something of it is not in the journal.
    pub(crate) unwritten: bool,
    /// Whether it said that it has no users while it should have had some, without having stopped.
    pub(crate) interrupted: bool,
    /// What it said of its version.
    pub(crate) version: Option<String>,
    pub(crate) cpu_usage: f64,
    /// Whether it was told that it is busy.
    pub(crate) busy: bool,
    /// How far its clock is ahead of ours, microseconds, as far as is known.
    pub(crate) clock_ahead_us: Option<i64>,
    /// When its newest report came, unix microseconds.
    pub(crate) reported_us: Option<u64>,
    /// Whether it was told that its clock is wrong.
    pub(crate) skewed: bool,
    pub(crate) memory_usage: u64,
    pub(crate) lag_ms: Option<f64>,
    pub(crate) cores: Option<u64>,
    /// Whether it is later than the bound.
    pub(crate) saturated: bool,
    /// When it was last asked to connect anew because a frame of it was unreadable, monotonic.
    pub(crate) asked: Option<Duration>,
    /// Whether figures are zeroed once its next report has come.
    pub(crate) resets: bool,
    /// Whether it is one of Locust's, as far as is known: its heartbeats have nothing of ours, and its reports no
    /// numbers.
    pub(crate) is_locusts: bool,
    /// Whether it has stopped and its last figures are still to come: Locust's workers report every three seconds,
    /// whatever happens, and ours before they say that they have stopped.
    pub(crate) owes: bool,
    /// Whether it can run the test.
    pub(crate) fitness: Fitness,
    /// Whether it said which classes it has.
    pub(crate) has_named_classes: bool,
}

/// What a worker was told to run.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Job {
    /// By class index.
    pub(crate) users: Vec<u64>,
    pub(crate) stage: Option<u16>,
    /// With no time in it.
    pub(crate) share: Share,
    pub(crate) timestamp: f64,
    /// When it should be carried out, monotonic.
    pub(crate) due: Duration,
    /// What a worker is told that chooses classes by itself.
    pub(crate) number: Option<Number>,
}

impl Node {
    /// Whether it may have users.
    pub(crate) fn is_usable(&self) -> bool {
        self.fitness == Fitness::Fit
            && matches!(self.presence, Presence::Ready | Presence::Spawning | Presence::Running)
    }

    /// Whether it is there.
    pub(crate) fn is_live(&self) -> bool {
        self.presence != Presence::Missing
    }

    /// Users that it runs, as far as the master knows.
    pub(crate) fn user_count(&self) -> u64 {
        if self.is_live() { total(&self.users).saturating_add(self.unclassed) } else { 0 }
    }

    /// Whether it has carried out what it was told. Who has ended by itself is not replaced.
    pub(crate) fn is_settled(&self) -> bool {
        if let Some(number) = self.job.as_ref().and_then(|job| job.number.as_ref()) {
            return number.is_done || number.users == self.unclassed;
        }
        let users = self.users.iter().zip(&self.ended);
        let as_told = |job: &Job| {
            let mut users = job.users.iter().zip(users);
            users.all(|(wanted, (run, ended))| run <= wanted && run.saturating_add(*ended) >= *wanted)
        };
        self.presence == Presence::Running && self.job.as_ref().is_some_and(as_told)
    }

    /// Whether the newest job has come to it, as far as it says: its users may be as told by an older one.
    pub(crate) fn is_informed(&self) -> bool {
        self.job.as_ref().is_none_or(|job| self.took.is_none_or(|took| took == job.timestamp))
    }

    /// How many of the users that it was told to run ended by themselves.
    pub(crate) fn ended(&self) -> u64 {
        let Some(job) = &self.job else { return 0 };
        job.users.iter().zip(&self.ended).map(|(wanted, ended)| wanted.min(ended)).sum()
    }

    /// It has no users any more.
    pub(crate) fn clear(&mut self) {
        self.users.fill(0);
        self.unclassed = 0;
        self.ended.fill(0);
        self.job = None;
    }

    /// How it is shown.
    pub(crate) fn row(&self) -> WorkerRow {
        let state = match self.presence {
            Presence::Ready | Presence::Stopped => WorkerState::Ready,
            Presence::Spawning => WorkerState::Spawning,
            Presence::Running | Presence::Stopping(_) => WorkerState::Running,
            Presence::Missing => WorkerState::Missing,
        };
        WorkerRow {
            id: self.id.clone(),
            index: self.index,
            version: self.version.clone(),
            generation: self.generations.to_string(),
            akrida: self.cores.is_some(),
            state,
            idle: self.fitness.reason().map(str::to_owned),
            user_count: self.user_count(),
            cpu_usage: self.cpu_usage,
            memory_usage: self.memory_usage,
            lag_ms: self.lag_ms,
            saturated: self.saturated,
            clock_ahead_ms: self.clock_ahead_us.map(|us| us as f64 / 1e3),
        }
    }
}

/// Sum of users; peers may claim any number.
pub(crate) fn total(users: &[u64]) -> u64 {
    users.iter().fold(0, |sum, users| sum.saturating_add(*users))
}

/// All workers, at most [`limits::WORKERS`].
#[derive(Debug, Default)]
pub(crate) struct Registry {
    nodes: Roster<Node>,
    /// Process and newest report of workers that were forgotten: one that comes back may send that report again. At
    /// most [`limits::WORKERS`].
    departed: BTreeMap<PeerId, (u64, u64)>,
    /// How many there ever were.
    counted: u64,
    /// Ids of those that are known no longer, for the journal.
    pub(crate) removed: Vec<String>,
}

/// What silence brought about.
#[derive(Debug)]
pub(crate) enum Silence {
    /// A worker is missing now.
    Missing {
        /// Its id.
        id: String,
        /// The newest run in which it took part.
        run: u64,
    },
    /// A worker that was missing for long is forgotten, with what it had of rows.
    Forgotten {
        /// Its id.
        id: String,
        /// What it had.
        holding: Option<Holding>,
    },
}

impl Registry {
    pub(crate) fn get(&self, peer: &PeerId) -> Option<&Node> {
        self.nodes.get(peer)
    }

    pub(crate) fn get_mut(&mut self, peer: &PeerId) -> Option<&mut Node> {
        self.nodes.get_mut(peer)
    }

    /// The worker of a connection, which is new if it was not known; `None` if there are too many.
    pub(crate) fn register(
        &mut self,
        peer: &PeerId,
        id: &str,
        classes: usize,
        now: Now,
    ) -> Option<&mut Node> {
        if !self.nodes.contains(peer) {
            if self.nodes.len() >= limits::WORKERS {
                return None;
            }
            let departed = self.departed.remove(peer);
            let node = Node {
                id: id.to_owned(),
                index: self.counted,
                // Not there until it says so.
                presence: Presence::Missing,
                heard: now.monotonic,
                broke: None,
                users: vec![0; classes],
                generations: old::BY_ADDRESS,
                unclassed: 0,
                ended: vec![0; classes],
                seat: None,
                holding: None,
                took: None,
                job: None,
                run: 0,
                sequence: departed.map_or(0, |(_, sequence)| sequence),
                process: departed.map(|(process, _)| process),
                before: None,
                recorded: None,
                unwritten: true,
                interrupted: false,
                version: None,
                cpu_usage: 0.0,
                busy: false,
                clock_ahead_us: None,
                reported_us: None,
                skewed: false,
                memory_usage: 0,
                lag_ms: None,
                cores: None,
                saturated: false,
                asked: None,
                resets: false,
                is_locusts: false,
                owes: false,
                fitness: Fitness::Fit,
                has_named_classes: false,
            };
            self.counted += 1;
            self.nodes.insert(peer, node);
        }
        self.nodes.get_mut(peer)
    }

    pub(crate) fn remove(&mut self, peer: &PeerId) -> Option<Node> {
        let node = self.nodes.remove(peer)?;
        self.removed.push(node.id.clone());
        Some(node)
    }

    pub(crate) fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().map(|(_, node)| node)
    }

    /// Whether any worker `is` so; see [`Roster::any`].
    pub(crate) fn any(&self, witness: &mut Witness, is: impl Fn(&Node) -> bool) -> bool {
        self.nodes.any(witness, is)
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (&PeerId, &mut Node)> {
        self.nodes.iter_mut()
    }

    /// Workers that may have users, in the order in which they get them.
    pub(crate) fn usable(&self) -> Vec<Worker<PeerId>> {
        let usable: Vec<(&PeerId, &Node)> = self.nodes.iter().filter(|(_, node)| node.is_usable()).collect();
        let ids: Vec<&str> = usable.iter().map(|(_, node)| node.id.as_str()).collect();
        worker_order(&ids)
            .into_iter()
            .map(|at| Worker { id: usable[at].0.clone(), capacity: usable[at].1.cores })
            .collect()
    }

    /// Those that come now are numbered from here.
    pub(crate) fn count_from(&mut self, number: Option<u64>) {
        self.counted = self.counted.max(number.unwrap_or(0));
    }

    /// How many workers are known.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// How many workers are there.
    pub(crate) fn live(&self) -> u64 {
        self.nodes().filter(|node| node.is_live()).count() as u64
    }

    /// Users that run, by class index.
    pub(crate) fn users(&self, classes: usize) -> Vec<u64> {
        let mut users = vec![0_u64; classes];
        for node in self.nodes().filter(|node| node.is_live()) {
            users.iter_mut().zip(&node.users).for_each(|(sum, users)| *sum = sum.saturating_add(*users));
        }
        users
    }

    /// Users that run, of whatever class.
    pub(crate) fn user_count(&self) -> u64 {
        self.nodes().fold(0, |sum, node| sum.saturating_add(node.user_count()))
    }

    /// Users that run and whose classes are not known.
    pub(crate) fn unclassed(&self) -> u64 {
        let live = self.nodes().filter(|node| node.is_live());
        live.fold(0, |sum, node| sum.saturating_add(node.unclassed))
    }

    /// Nobody is blamed for silence while the master itself stood still.
    pub(crate) fn excuse(&mut self, standstill: Duration) {
        for (_, node) in self.nodes.iter_mut() {
            node.heard += standstill;
            node.broke = node.broke.map(|broke| broke + standstill);
        }
    }

    /// Finds out who has been silent for too long: for `liveness`, or for `reconnect` since its connection broke.
    pub(crate) fn listen(&mut self, now: Now, liveness: Duration, reconnect: Duration) -> Vec<Silence> {
        let mut silences = Vec::new();
        let (departed, removed) = (&mut self.departed, &mut self.removed);
        self.nodes.retain(|peer, node| {
            let silent = now.monotonic.saturating_sub(node.heard);
            let gone = node.broke.is_some_and(|broke| now.monotonic > broke + reconnect);
            let liveness = if node.is_unaddressed() { liveness.max(limits::UNADDRESSED) } else { liveness };
            if node.is_live() && (silent > liveness || gone) {
                node.lose();
                silences.push(Silence::Missing { id: node.id.clone(), run: node.run });
            }
            let keep = node.is_live() || silent <= limits::FORGET.max(liveness);
            if !keep {
                removed.push(node.id.clone());
                silences.push(Silence::Forgotten { id: node.id.clone(), holding: node.holding.take() });
                if let Some(process) = node.process {
                    if departed.len() >= limits::WORKERS {
                        departed.pop_first();
                    }
                    departed.insert(peer.clone(), (process, node.sequence));
                }
            }
            keep
        });
        silences
    }
}

/// What a report is among those of its worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The next one.
    Next,
    /// It was merged already.
    Again,
    /// One before it is missing.
    Early,
}

impl Node {
    /// Finds the place of a report, and takes its number if it is the next one. `anew` where another process than
    /// before begins to count.
    pub(crate) fn place(&mut self, report: &StatsReport, anew: bool) -> Place {
        let Some(sequence) = report.sequence else { return Place::Next };
        if anew {
            self.before = self.process.map(|process| (process, self.sequence));
        }
        if anew || self.process.is_none() {
            (self.process, self.sequence) = (report.process, 0);
        }
        let newest = match &mut self.before {
            Some((process, newest)) if Some(*process) == report.process => newest,
            _ => &mut self.sequence,
        };
        if let Some(receipt) = report.receipt {
            // What it was acknowledged elsewhere, or does not keep any longer, is not waited for.
            *newest = receipt.acknowledged.max(*newest);
        }
        if sequence <= *newest {
            return Place::Again;
        }
        // Who does not keep reports cannot send what is missing.
        if report.receipt.is_some() && sequence > *newest + 1 {
            return Place::Early;
        }
        *newest = sequence;
        Place::Next
    }

    /// Whether a process reports that is neither the newest of this worker nor the one before, whose last words may
    /// come late.
    pub(crate) fn begins_anew(&self, process: Option<u64>) -> bool {
        self.process.is_some() && self.process != process && self.before.map(|(before, _)| before) != process
    }

    /// What it is acknowledged: what was merged, or written where a journal is kept; `None` where its reports have no
    /// numbers.
    pub(crate) fn acknowledged(&self, journal: bool) -> Option<Acknowledged> {
        let newest = self.process.map(|process| (process, self.sequence));
        let recorded = self.recorded.filter(|(process, _)| Some(*process) == self.process);
        let (process, sequence) = if journal { recorded? } else { newest? };
        Some(Acknowledged { process, sequence })
    }

    /// It is not there any more; when it comes back, it has to be told what to run.
    fn lose(&mut self) {
        self.presence = Presence::Missing;
        self.job = None;
        self.saturated = false;
        self.lag_ms = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Who is missing since, and `forgotten`.
    fn heard(silences: Vec<Silence>) -> Vec<String> {
        let told = |silence| match silence {
            Silence::Missing { id, .. } => id,
            Silence::Forgotten { .. } => "forgotten".to_owned(),
        };
        silences.into_iter().map(told).collect()
    }

    fn at(millis: u64) -> Now {
        Now { monotonic: Duration::from_millis(millis), wall_us: 0 }
    }

    fn registry(ids: &[&str]) -> Registry {
        let mut registry = Registry::default();
        for id in ids {
            registry.register(&PeerId::from(*id), id, 1, at(0)).unwrap().presence = Presence::Ready;
        }
        registry
    }

    fn listen(registry: &mut Registry, now: Now) -> Vec<Silence> {
        registry.listen(now, limits::LIVENESS, limits::RECONNECT)
    }

    #[test]
    fn a_silent_worker_is_missing_then_forgotten() {
        let mut registry = registry(&["a", "b"]);
        assert!(listen(&mut registry, at(3_500)).is_empty());
        registry.get_mut(&PeerId::from("b")).unwrap().heard = Duration::from_secs(3);
        assert_eq!(heard(listen(&mut registry, at(3_600))), ["a"]);
        assert_eq!((registry.live(), registry.usable().len()), (1, 1));
        assert!(listen(&mut registry, at(6_000)).is_empty());
        assert_eq!(heard(listen(&mut registry, at(60_100))), ["forgotten", "b"]);
        assert_eq!(registry.nodes().count(), 1);
    }

    #[test]
    fn a_master_that_stood_still_blames_nobody() {
        let mut registry = registry(&["a"]);
        registry.excuse(Duration::from_secs(30));
        assert!(listen(&mut registry, at(33_000)).is_empty());
    }

    #[test]
    fn workers_are_bounded_and_hosts_take_turns() {
        let mut registry = registry(&["h1_a", "h1_b", "h2_a"]);
        let order: Vec<_> = registry.usable().into_iter().map(|worker| worker.id).collect();
        assert_eq!(order, ["h1_a", "h2_a", "h1_b"].map(PeerId::from));
        for number in 0..limits::WORKERS {
            let id = number.to_string();
            registry.register(&PeerId::from(id.as_str()), &id, 1, at(0));
        }
        assert_eq!(registry.nodes().count(), limits::WORKERS);
    }
}
