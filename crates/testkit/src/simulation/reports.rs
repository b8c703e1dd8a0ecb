//! What workers reported, and what a master has to have counted of it: each report once, in the order of the numbers,
//! and none that was lost, for that is sent again.

use super::{STATS, Simulation};
use akrida_protocol::{Acknowledged, StatsReport, ToMaster, ToWorker};
use akrida_transport::PeerId;
use std::collections::BTreeMap;

/// The reports of all processes of workers, each by its number in the simulation.
#[derive(Clone, Debug, Default)]
pub(super) struct Reports {
    /// Requests in each report.
    made: BTreeMap<(usize, u64), u64>,
    /// What the master has.
    counted: Counted,
    /// What its journal has: with that the next master begins.
    written: Counted,
}

/// What is counted.
#[derive(Clone, Debug, Default)]
struct Counted {
    processes: BTreeMap<usize, Process>,
    /// Requests of all.
    arrived: u64,
}

/// The reports of one process.
#[derive(Clone, Copy, Debug, Default)]
struct Process {
    /// The newest number that the master has.
    merged: u64,
    /// Requests in what it has.
    arrived: u64,
    /// Requests in what the worker gave up sending.
    skipped: u64,
}

/// The report in a frame.
pub(super) fn report(frame: &[u8]) -> Option<StatsReport> {
    if !frame.starts_with(STATS) {
        return None;
    }
    match ToMaster::decode(frame).ok()?.message {
        ToMaster::Stats(report) => Some(report),
        _ => None,
    }
}

impl Reports {
    /// A worker made this report.
    pub(super) fn make(&mut self, worker: usize, report: &StatsReport) {
        let Some(sequence) = report.sequence else { return };
        self.made.insert((worker, sequence), report.delta.sum().requests);
    }

    /// It arrives at the master; whether that has to take it.
    pub(super) fn arrive(&mut self, worker: usize, report: &StatsReport) {
        let Some(sequence) = report.sequence else { return };
        let process = self.counted.processes.entry(worker).or_default();
        // Who was not told yet that its master acknowledges keeps nothing that is missing.
        let acknowledged = report.receipt.map_or(sequence.saturating_sub(1), |receipt| receipt.acknowledged);
        while process.merged < acknowledged {
            process.merged += 1;
            process.skipped += self.made.get(&(worker, process.merged)).copied().unwrap_or(0);
        }
        if sequence == process.merged + 1 {
            let requests = self.made.get(&(worker, sequence)).copied().unwrap_or(0);
            process.merged = sequence;
            process.arrived += requests;
            self.counted.arrived += requests;
        }
    }

    /// Requests that the master has.
    pub(super) fn arrived(&self) -> u64 {
        self.counted.arrived
    }

    /// The master has written what it has.
    pub(super) fn write(&mut self) {
        self.written = self.counted.clone();
    }

    /// Another master begins with what was written.
    pub(super) fn go_back(&mut self) {
        self.counted = self.written.clone();
    }

    /// Whether the master has all that this process reported.
    fn has_all(&self, worker: usize) -> bool {
        let merged = self.counted.processes.get(&worker).map_or(0, |process| process.merged);
        let rest = self.made.range((worker, merged + 1)..(worker + 1, 0));
        rest.map(|(_, requests)| requests).all(|requests| *requests == 0)
    }
}

/// What a frame of the master acknowledges.
fn acknowledged(frame: &[u8]) -> Option<Acknowledged> {
    match ToWorker::decode(frame).ok()?.message {
        ToWorker::Acknowledged(acknowledged) => Some(acknowledged),
        ToWorker::Heartbeat(echo) => echo?.acknowledged,
        _ => None,
    }
}

impl Simulation {
    /// A master with a journal acknowledges what it has written there, and nothing before. (A run that ends does not
    /// wait for a journal that cannot be written; workers that are not in it have nobody who counts what they say.)
    pub(super) fn check_acknowledged(&self, peer: &PeerId, frame: &[u8]) {
        let known = self.journal.as_ref().filter(|_| !self.journal_lags).map(|journal| &journal.workers);
        let mark = known.and_then(|workers| workers.get(peer.as_str()?)?.as_ref());
        let Some((process, written)) = mark.and_then(|mark| mark.merged) else { return };
        let Some(acknowledged) = acknowledged(frame).filter(|acknowledged| acknowledged.process == process)
        else {
            return;
        };
        let told = acknowledged.sequence;
        assert!(told <= written, "{peer:?} is told that report {told} is kept, {written} is in the journal");
    }

    /// Requests that no master will ever hear of: what a process did not bring to one before it was gone, or gave up.
    pub(super) fn lost(&self) -> u64 {
        let of = |(index, worker): (usize, &super::SimWorker)| {
            let process = self.reports.counted.processes.get(&index).copied().unwrap_or_default();
            if worker.is_alive() { process.skipped } else { worker.engine.finished - process.arrived }
        };
        self.workers.iter().enumerate().map(of).sum()
    }

    /// Whether no process that lives has anything to report that was not counted.
    pub(super) fn is_all_reported(&self) -> bool {
        let mut alive = self.workers.iter().enumerate().filter(|(_, worker)| worker.is_alive());
        alive.all(|(index, _)| self.reports.has_all(index))
    }
}
