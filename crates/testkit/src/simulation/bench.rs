//! One worker alone, for whoever plays its master.

use super::Clock;
use super::worker::SimWorker;
use akrida_protocol::ToMaster;
use akrida_transport::PeerId;
use akrida_worker::Event;
use bytes::Bytes;
use fastrand::Rng;
use std::time::Duration;

/// A worker under virtual time.
pub(crate) struct Bench {
    worker: SimWorker,
    rng: Rng,
    now: Duration,
    /// What it said.
    pub(crate) said: Vec<ToMaster>,
}

impl Bench {
    pub(crate) fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let worker = SimWorker::new(PeerId::from("w"), Duration::ZERO, Clock::default(), &mut rng);
        Self { worker, rng, now: Duration::ZERO, said: Vec::new() }
    }

    pub(crate) fn has_ended(&self) -> bool {
        !self.worker.is_alive()
    }

    /// Users that run, by class.
    pub(crate) fn users(&self) -> &[u64] {
        &self.worker.engine.users
    }

    /// The master says something; what the worker says at once.
    pub(crate) fn frame(&mut self, frame: Bytes) -> Vec<ToMaster> {
        self.on(Event::Frame(frame))
    }

    pub(crate) fn pass(&mut self, time: Duration) {
        let until = self.now + time;
        loop {
            let next = self.worker.deadline();
            if next > until {
                break;
            }
            self.now = self.now.max(next);
            for event in self.worker.due(self.now, &mut self.rng) {
                let said = self.on(event);
                self.said.extend(said);
            }
        }
        self.now = until;
    }

    fn on(&mut self, event: Event) -> Vec<ToMaster> {
        let (frames, _) = self.worker.on(self.now, event, &mut self.rng);
        let understood =
            |frame: &Bytes| ToMaster::decode(frame).expect("what a worker says is understood").message;
        frames.iter().map(understood).collect()
    }
}
