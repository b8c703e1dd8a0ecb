//! What machines and networks do to the cluster.

use super::script::{Began, Script};
use super::{Clock, EPOCH_US};
use std::time::Duration;

impl Script {
    pub(super) fn leave(&mut self) {
        if let Some(index) = self.victim() {
            self.simulation.note(&format!("worker {index} is asked to leave"));
            self.simulation.workers[index].leaving = true;
            self.simulation.tell_worker(index, akrida_worker::Event::Terminate);
        }
    }

    pub(super) fn crash(&mut self) -> Option<usize> {
        let index = self.victim()?;
        let vanished = self.simulation.rng.bool();
        let gone = if vanished { ", and its machine" } else { "" };
        self.simulation.note(&format!("worker {index} crashes{gone}"));
        let worker = &mut self.simulation.workers[index];
        worker.vanished = vanished;
        worker.crash();
        if !vanished {
            self.simulation.end_connection(index);
        }
        self.fault_until(self.simulation.now);
        Some(index)
    }

    /// A worker crashes and begins again, under its name.
    pub(super) fn restart(&mut self) {
        if let Some(index) = self.crash() {
            let after = Duration::from_millis(self.simulation.rng.u64(0..8_000));
            let peer = self.simulation.workers[index].peer.clone();
            // A machine that is gone does not send any more what it still had; a process's system does.
            if self.simulation.workers[index].vanished {
                self.simulation.lose_frames(|frame| frame.to_master && frame.worker == index);
            }
            let begins = self.simulation.now + after;
            self.simulation.join(Some(peer), begins);
            self.fault_until(begins);
        }
    }

    /// The journal cannot be written for a while.
    pub(super) fn fill_disk(&mut self) {
        let until = self.some_time();
        self.simulation.note(&format!("the disk is full until {until:?}"));
        self.simulation.disk_full_until = until;
        self.fault_until(until);
    }

    /// The master crashes, and another one begins that knows nothing, or goes on with its journal.
    pub(super) fn restart_master(&mut self) {
        // What could not be written yet would be lost with the master.
        let full = self.simulation.now < self.simulation.disk_full_until;
        if full || self.simulation.journal_lags || self.simulation.master.take().is_none() {
            return;
        }
        let until = self.some_time();
        self.simulation.note(&format!("the master crashes; another one begins at {until:?}"));
        self.simulation.master_from = until;
        // Of what it said last, some came out.
        let lost: Vec<bool> = self.simulation.workers.iter().map(|_| self.simulation.rng.bool()).collect();
        self.simulation.lose_frames(|frame| !frame.to_master && lost[frame.worker]);
        self.simulation.stopping = None;
        if !self.simulation.resumes() {
            self.wish = None;
            self.began = Began::default();
            self.simulation.watched.allow(self.simulation.now, 0);
        }
        self.fault_until(until);
    }

    pub(super) fn freeze(&mut self) {
        let until = self.some_time();
        if let Some(index) = self.victim() {
            self.simulation.note(&format!("worker {index} is frozen until {until:?}"));
            self.simulation.workers[index].frozen_until = until;
            self.fault_until(until);
        }
    }

    /// Some workers are cut off, in one direction or both.
    pub(super) fn partition(&mut self) {
        let until = self.some_time();
        let directions = [&[false][..], &[true], &[false, true]][self.simulation.rng.usize(0..3)];
        for index in 0..self.simulation.workers.len() {
            if self.simulation.workers[index].is_well(self.simulation.now) && self.simulation.rng.bool() {
                self.simulation.note(&format!("worker {index} is cut off until {until:?}: {directions:?}"));
                for direction in directions {
                    self.simulation.workers[index].lines[usize::from(*direction)].cut_until = until;
                }
                self.fault_until(until);
            }
        }
    }

    pub(super) fn break_connection(&mut self) {
        if let Some(index) = self.victim() {
            let mended = self.simulation.now + Duration::from_millis(self.simulation.rng.u64(0..3_000));
            let repeats = self.drop_percent == 0 && self.simulation.rng.bool();
            self.simulation.note(&format!("the connection of worker {index} breaks until {mended:?}"));
            self.simulation.break_connection(index, repeats, mended);
            self.fault_until(mended);
        }
    }

    pub(super) fn slow(&mut self) {
        let until = self.some_time();
        if let Some(index) = self.victim() {
            self.simulation.note(&format!("the network of worker {index} is slow until {until:?}"));
            self.simulation.workers[index].slow_until = until;
            self.fault_until(until);
        }
    }

    /// Somebody's clock is set.
    pub(super) fn set_clock(&mut self) {
        let hours = 3_600_000_000;
        let years = i64::try_from(EPOCH_US / 2).unwrap_or(i64::MAX);
        let span = [10_000_000, 30 * hours, years][self.simulation.rng.usize(0..3)];
        let clock = Clock(self.simulation.rng.i64(-span..span));
        let victim = self.victim();
        self.simulation.note(&format!("the clock of worker {victim:?} is set to {clock:?}"));
        match victim.filter(|_| self.simulation.rng.u8(0..3) > 0) {
            Some(index) => self.simulation.workers[index].clock = clock,
            None => self.simulation.master_clock = clock,
        }
    }

    fn fault_until(&mut self, until: Duration) {
        self.simulation.last_fault = self.simulation.last_fault.max(until);
    }

    fn some_time(&mut self) -> Duration {
        let longest = if self.simulation.rng.u8(0..10) == 0 { 50_000 } else { 15_000 };
        self.simulation.now + Duration::from_millis(self.simulation.rng.u64(100..longest))
    }

    /// A worker to hurt that is not hurt yet.
    fn victim(&mut self) -> Option<usize> {
        let now = self.simulation.now;
        let workers = self.simulation.workers.iter().enumerate();
        let well: Vec<usize> =
            workers.filter(|(_, worker)| worker.is_well(now)).map(|(index, _)| index).collect();
        self.simulation.rng.choice(well)
    }
}
