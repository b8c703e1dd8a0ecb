//! The network between master and workers: it delays, holds, drops and repeats.

use super::Simulation;
use akrida_master::Event;
use akrida_transport::SendError;
use bytes::Bytes;
use std::cmp::Reverse;
use std::time::Duration;

/// Longest ways of frames, microseconds: usually, now and then, and where the network is slow.
const WAYS_US: [u64; 3] = [5_000, 300_000, 1_500_000];

/// Something on its way.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct InFlight {
    arrives: Duration,
    /// Breaks ties, in the order of sending.
    number: u64,
    /// The process that sent it, or that it is for.
    pub(super) worker: usize,
    pub(super) to_master: bool,
    /// `None` for the end of the connection.
    pub(super) body: Option<Bytes>,
}

impl Simulation {
    /// Puts a frame on its way.
    pub(super) fn send(&mut self, worker: usize, to_master: bool, body: Bytes) {
        if self.rng.u32(0..100) < self.drop_percent {
            self.last_fault = self.last_fault.max(self.now);
            return self.trace(worker, to_master, "drops", &body);
        }
        self.trace(worker, to_master, "takes", &body);
        self.workers[worker].lines[usize::from(to_master)].remember(&body);
        self.put(worker, to_master, Some(body));
    }

    fn put(&mut self, worker: usize, to_master: bool, body: Option<Bytes>) {
        let connection = &mut self.workers[worker];
        let usually = usize::from(self.rng.u8(0..20) == 0);
        let slowest = WAYS_US[if self.now < connection.slow_until { 2 } else { usually }];
        let delay = Duration::from_micros(self.rng.u64(50..slowest));
        let line = &mut connection.lines[usize::from(to_master)];
        line.last_arrival = (self.now + delay).max(line.last_arrival).max(line.cut_until);
        let arrives = line.last_arrival;
        self.sent += 1;
        self.network.push(Reverse(InFlight { arrives, number: self.sent, worker, to_master, body }));
    }

    /// When the next frame arrives.
    pub(super) fn next_arrival(&self) -> Duration {
        self.network.peek().map_or(Duration::MAX, |Reverse(frame)| frame.arrives)
    }

    pub(super) fn deliver(&mut self) {
        let Some(Reverse(frame)) = self.network.pop() else { return };
        if frame.to_master { self.deliver_to_master(frame) } else { self.deliver_to_worker(frame) }
    }

    fn deliver_to_master(&mut self, frame: InFlight) {
        if self.master.is_none() {
            // It waits with its sender for the next one.
            let arrives = self.master_from;
            return self.network.push(Reverse(InFlight { arrives, ..frame }));
        }
        let worker = &mut self.workers[frame.worker];
        let peer = worker.peer.clone();
        let Some(body) = frame.body else {
            // Of one that was replaced by a newer one that was told before.
            if std::mem::take(&mut worker.connected) {
                self.tell_master(Event::Disconnected(peer));
            }
            return;
        };
        self.connect(frame.worker, &peer);
        let worker = &mut self.workers[frame.worker];
        self.remembered &= self.now - worker.heard < akrida_master::limits::FORGET;
        worker.heard = self.now;
        if let Some(report) = super::reports::report(&body) {
            self.reports.arrive(frame.worker, &report);
        }
        self.tell_master(Event::Frame { peer, body });
    }

    /// Something comes from a worker: if it is a newer process under its name, the connection of the older one ends.
    fn connect(&mut self, worker: usize, peer: &akrida_transport::PeerId) {
        if self.newest(peer) != Some(worker) || self.workers[worker].connected {
            return;
        }
        let older = self.workers[..worker].iter_mut().filter(|older| older.peer == *peer);
        let replaced = older.fold(false, |replaced, older| replaced | std::mem::take(&mut older.connected));
        self.workers[worker].connected = true;
        if replaced {
            self.tell_master(Event::Disconnected(peer.clone()));
        }
    }

    fn deliver_to_worker(&mut self, frame: InFlight) {
        let worker = &self.workers[frame.worker];
        if worker.frozen_until > self.now {
            // It reads when it runs again.
            let arrives = worker.frozen_until;
            return self.network.push(Reverse(InFlight { arrives, ..frame }));
        }
        if let Some(body) = frame.body
            && worker.is_alive()
            && worker.begins <= self.now
        {
            self.tell_worker(frame.worker, akrida_worker::Event::Frame(body));
        }
    }

    /// Sends what the master says to a peer; why that cannot be, if it cannot.
    pub(super) fn post(&mut self, peer: &akrida_transport::PeerId, body: Bytes) -> Result<(), SendError> {
        // Who never was a worker has no connection here, and hears nothing.
        let Some(index) = self.newest(peer) else { return Ok(()) };
        let worker = &self.workers[index];
        if !worker.is_alive() || self.now < worker.begins {
            return if worker.vanished { Ok(()) } else { Err(SendError::Gone) };
        }
        if self.now < worker.slow_until && self.rng.u8(0..4) == 0 {
            self.last_fault = self.last_fault.max(self.now);
            self.trace(index, false, "has no room for", &body);
            return Err(SendError::Full);
        }
        if self.besieged {
            self.seen.push(body.clone());
        }
        self.send(index, false, body);
        Ok(())
    }

    /// A connection breaks and is mended: the master is told, and of what was sent last nobody knows whether it
    /// arrived, so it is sent again. In a network that loses frames, what was on its way is lost instead.
    pub(super) fn break_connection(&mut self, worker: usize, repeats: bool, mended: Duration) {
        if self.drop_percent > 0 {
            self.lose_frames(|frame| frame.worker == worker);
        }
        for to_master in [false, true] {
            let line = &mut self.workers[worker].lines[usize::from(to_master)];
            line.cut_until = line.cut_until.max(mended);
            let again: Vec<Bytes> = line.newest.iter().cloned().collect();
            for body in again.into_iter().filter(|_| repeats) {
                self.trace(worker, to_master, "repeats", &body);
                self.put(worker, to_master, Some(body));
            }
        }
        self.end_connection(worker);
    }

    /// The master is told that a connection ended.
    pub(super) fn end_connection(&mut self, worker: usize) {
        // At once, whatever the state of the line: it is its own system that tells it.
        self.sent += 1;
        let arrives = self.now + Duration::from_millis(1);
        let (number, body) = (self.sent, None);
        self.network.push(Reverse(InFlight { arrives, number, worker, to_master: true, body }));
    }

    /// Drops what is on its way, as far as `which` says so.
    pub(super) fn lose_frames(&mut self, which: impl Fn(&InFlight) -> bool) {
        let network = std::mem::take(&mut self.network);
        self.network = network.into_vec().into_iter().filter(|Reverse(frame)| !which(frame)).collect();
    }
}
