//! A worker of the simulation: the real state machine on an engine that only counts.

use super::engine::FakeEngine;
use super::{named, wall_us};
use akrida_transport::PeerId;
use akrida_worker::{Config, End, Event, Now, Usage, WorkerCore};
use bytes::Bytes;
use fastrand::Rng;
use std::time::Duration;

/// A worker and its connection.
#[derive(Debug)]
pub(super) struct SimWorker {
    pub(super) peer: PeerId,
    pub(super) engine: FakeEngine,
    /// `None` when its process is gone.
    core: Option<WorkerCore>,
    pub(super) cores: u16,
    /// How far its clock is ahead, microseconds.
    clock_us: u64,
    /// Its process stands still until then.
    pub(super) frozen_until: Duration,
    /// Its connection delivers nothing until then.
    pub(super) cut_until: Duration,
    /// When the newest frame arrives, by direction: to the worker, to the master.
    pub(super) last_arrival: [Duration; 2],
}

impl SimWorker {
    pub(super) fn new(index: usize, classes: Vec<String>, now: Duration, rng: &mut Rng) -> Self {
        let (clock_us, cores) = (rng.u64(0..10_000_000), rng.u16(1..=4));
        let peer = named(index);
        let node_id = peer.as_str().unwrap_or_default().to_owned();
        let engine = FakeEngine::new(classes.len(), now);
        let core = WorkerCore::new(Config { node_id, classes, cores }, at(now, clock_us));
        Self {
            peer,
            engine,
            core: Some(core),
            cores,
            clock_us,
            frozen_until: Duration::ZERO,
            cut_until: Duration::ZERO,
            last_arrival: [now; 2],
        }
    }

    pub(super) fn is_alive(&self) -> bool {
        self.core.is_some()
    }

    /// Whether nothing is left of what it did.
    pub(super) fn is_empty(&self) -> bool {
        !self.is_alive() || self.engine.is_empty()
    }

    /// Whether its process runs and its connection delivers.
    pub(super) fn is_well(&self, now: Duration) -> bool {
        self.is_alive() && now >= self.frozen_until && now >= self.cut_until
    }

    /// When it has something to do.
    pub(super) fn deadline(&self) -> Duration {
        let Some(core) = &self.core else { return Duration::MAX };
        core.deadline().min(self.engine.deadline()).max(self.frozen_until)
    }

    /// What happens to it because time has passed.
    pub(super) fn due(&mut self, now: Duration, rng: &mut Rng) -> Vec<Event> {
        let mut events = self.engine.due(now, rng);
        events.push(Event::Tick { usage: Usage::default(), congested: rng.u8(0..50) == 0 });
        events
    }

    /// Tells its state machine; the frames it sends, and its end if this was it.
    pub(super) fn on(&mut self, now: Duration, event: Event, rng: &mut Rng) -> (Vec<Bytes>, Option<End>) {
        let Some(core) = &mut self.core else { return (Vec::new(), None) };
        let effects = core.on(at(now, self.clock_us), event);
        effects.work.into_iter().for_each(|work| self.engine.begin(now, work, rng));
        if effects.end.is_some() {
            self.core = None;
        }
        (effects.frames, effects.end)
    }

    /// Its process is gone at once; the requests that died with it.
    pub(super) fn crash(&mut self) -> u64 {
        self.core = None;
        self.engine.held()
    }
}

fn at(now: Duration, clock_us: u64) -> Now {
    Now { monotonic: now, wall_us: wall_us(now) + clock_us }
}
