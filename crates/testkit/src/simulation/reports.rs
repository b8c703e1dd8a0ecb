//! What workers reported, and what a master has to have counted of it: each report once, in the order of the numbers,
//! and none that was lost, for that is sent again.

use super::{STATS, Simulation};
use akrida_protocol::{StatsReport, ToMaster};
use std::collections::BTreeMap;

/// The reports of all processes of workers, each by its number in the simulation.
#[derive(Clone, Debug, Default)]
pub(super) struct Reports {
    /// Requests in each report.
    made: BTreeMap<(usize, u64), u64>,
    processes: BTreeMap<usize, Process>,
    /// Requests that the master has.
    pub(super) arrived: u64,
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
    /// The newest report that was made.
    newest: u64,
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
        self.processes.entry(worker).or_default().newest = sequence;
    }

    /// It arrives at the master; whether that has to take it.
    pub(super) fn arrive(&mut self, worker: usize, report: &StatsReport) {
        let (Some(sequence), Some(receipt)) = (report.sequence, report.receipt) else { return };
        let process = self.processes.entry(worker).or_default();
        while process.merged < receipt.acknowledged {
            process.merged += 1;
            process.skipped += self.made.get(&(worker, process.merged)).copied().unwrap_or(0);
        }
        if sequence == process.merged + 1 {
            let requests = self.made.get(&(worker, sequence)).copied().unwrap_or(0);
            process.merged = sequence;
            process.arrived += requests;
            self.arrived += requests;
        }
    }

    /// Whether the master has all that this process reported.
    fn has_all(&self, worker: usize) -> bool {
        self.processes.get(&worker).is_none_or(|process| {
            let rest =
                self.made.range((worker, process.merged)..=(worker, process.newest.max(process.merged)));
            rest.filter(|((_, number), _)| *number > process.merged).all(|(_, requests)| *requests == 0)
        })
    }
}

impl Simulation {
    /// Requests that no master will ever hear of: what a process did not bring to one before it was gone, or gave up.
    pub(super) fn lost(&self) -> u64 {
        let of = |(index, worker): (usize, &super::SimWorker)| {
            let process = self.reports.processes.get(&index).copied().unwrap_or_default();
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
