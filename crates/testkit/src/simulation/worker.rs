//! A worker of the simulation: the real state machine on an engine that only counts.

use super::engine::FakeEngine;
use super::{CLASSES, Clock};
use akrida_scenario::Scenario;
use akrida_transport::PeerId;
use akrida_worker::{Config, End, Event, Usage, WorkerCore};
use bytes::Bytes;
use fastrand::Rng;
use std::collections::VecDeque;
use std::time::Duration;

/// CPU that each process says to use, percent.
pub(super) const CPU: f64 = 12.5;

/// Memory that each process says to use, bytes.
pub(super) const MEMORY: u64 = 42_000_000;

/// Frames that a connection may repeat when it is mended: what its sender cannot know to have arrived.
const REPEATED: usize = 4;

/// A process of a worker, and its connection.
#[derive(Debug)]
pub(super) struct SimWorker {
    pub(super) peer: PeerId,
    pub(super) engine: FakeEngine,
    /// `None` when its process is gone.
    core: Option<WorkerCore>,
    pub(super) cores: u16,
    pub(super) clock: Clock,
    /// When its process begins.
    pub(super) begins: Duration,
    /// Its process stands still until then.
    pub(super) frozen_until: Duration,
    /// Its network is slow until then.
    pub(super) slow_until: Duration,
    /// Whether it was asked to leave.
    pub(super) leaving: bool,
    /// Whether nobody tells that it is gone: its machine is, too.
    pub(super) vanished: bool,
    /// Whether the master's end has its connection, and none that is newer under its name.
    pub(super) connected: bool,
    /// When the master read something of it the last time.
    pub(super) heard: Duration,
    /// Its connection, to the worker and to the master.
    pub(super) lines: [Line; 2],
}

/// One direction of a connection.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// It delivers nothing until then.
    pub(super) cut_until: Duration,
    /// When its newest frame arrives: frames of one direction of one connection stay in order.
    pub(super) last_arrival: Duration,
    /// The newest frames that were sent, which a mended connection may repeat.
    pub(super) newest: VecDeque<Bytes>,
}

impl Line {
    pub(super) fn remember(&mut self, frame: &Bytes) {
        if self.newest.len() == REPEATED {
            self.newest.pop_front();
        }
        self.newest.push_back(frame.clone());
    }
}

impl SimWorker {
    pub(super) fn new(peer: PeerId, begins: Duration, clock: Clock, rng: &mut Rng) -> Self {
        let cores = rng.u16(1..=4);
        let node_id = peer.as_str().unwrap_or_default().to_owned();
        let engine = FakeEngine::new(CLASSES.len(), begins);
        let classes = CLASSES.map(str::to_owned).to_vec();
        let config = Config { classes, ..Config::new(node_id, &Scenario::default(), cores) };
        let core = WorkerCore::new(config, clock.worker(begins));
        Self {
            peer,
            engine,
            core: Some(core),
            cores,
            clock,
            begins,
            frozen_until: Duration::ZERO,
            slow_until: Duration::ZERO,
            leaving: false,
            vanished: false,
            connected: false,
            heard: begins,
            lines: [Line::default(), Line::default()],
        }
    }

    pub(super) fn is_alive(&self) -> bool {
        self.core.is_some()
    }

    /// Whether nothing is left of what it did.
    pub(super) fn is_empty(&self) -> bool {
        !self.is_alive() || self.engine.is_empty()
    }

    /// When nothing is wrong with its process and its connection any more.
    pub(super) fn well_from(&self) -> Duration {
        let [to_worker, to_master] = &self.lines;
        let cut_until = to_worker.cut_until.max(to_master.cut_until);
        self.begins.max(self.frozen_until).max(self.slow_until).max(cut_until)
    }

    /// Whether its process runs and its connection delivers in time.
    pub(super) fn is_well(&self, now: Duration) -> bool {
        self.is_alive() && now >= self.well_from()
    }

    /// When it has something to do.
    pub(super) fn deadline(&self) -> Duration {
        let Some(core) = &self.core else { return Duration::MAX };
        core.deadline().min(self.engine.deadline()).max(self.frozen_until).max(self.begins)
    }

    /// What happens to it because time has passed.
    pub(super) fn due(&mut self, now: Duration, rng: &mut Rng) -> Vec<Event> {
        let mut events = self.engine.due(now, self.clock.worker(now).wall_us, rng);
        let congested = now < self.slow_until && rng.bool();
        events.push(Event::Tick { usage: Usage { cpu_percent: CPU, memory: MEMORY }, congested });
        events
    }

    /// Tells its state machine; the frames it sends, and its end if this was it.
    pub(super) fn on(&mut self, now: Duration, event: Event, rng: &mut Rng) -> (Vec<Bytes>, Option<End>) {
        let Some(core) = &mut self.core else { return (Vec::new(), None) };
        let effects = core.on(self.clock.worker(now), event);
        effects.work.into_iter().for_each(|work| self.engine.begin(now, work, rng));
        if effects.end.is_some() {
            self.core = None;
        }
        (effects.frames, effects.end)
    }

    /// Its process is gone at once.
    pub(super) fn crash(&mut self) {
        self.core = None;
    }
}
