//! What happened in a simulation, for whoever reads of a failure.

use super::Simulation;
use akrida_protocol::{ToMaster, ToWorker};
use bytes::Bytes;
use std::collections::VecDeque;
use std::time::Duration;

/// Things kept unless all are wanted.
const KEPT: usize = 60;

/// Longest description of a frame, characters.
const FRAME: usize = 240;

/// What happened, in order.
#[derive(Debug, Default)]
pub(super) struct History {
    /// Whether all of it is wanted, each frame included.
    pub(super) whole: bool,
    lines: VecDeque<String>,
}

impl History {
    fn note(&mut self, now: Duration, text: &str) {
        if !self.whole && self.lines.len() == KEPT {
            self.lines.pop_front();
        }
        self.lines.push_back(format!("{:9.3} s  {text}", now.as_secs_f64()));
    }

    pub(super) fn print(&self) {
        self.lines.iter().for_each(|line| eprintln!("{line}"));
    }
}

impl Simulation {
    pub(super) fn note(&mut self, text: &str) {
        self.history.note(self.now, text);
    }

    /// Notes what the network does with a frame, if all is wanted.
    pub(super) fn trace(&mut self, worker: usize, to_master: bool, does: &str, body: &Bytes) {
        if !self.history.whole {
            return;
        }
        let what = if to_master {
            ToMaster::decode(body).map(|read| format!("{:?}", read.message))
        } else {
            ToWorker::decode(body).map(|read| format!("{:?}", read.message))
        };
        let what: String = what.unwrap_or_else(|error| error.to_string()).chars().take(FRAME).collect();
        let way = if to_master { format!("{worker} -> master") } else { format!("master -> {worker}") };
        self.note(&format!("    {way}: network {does} {what}"));
    }
}

impl Drop for Simulation {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.history.print();
            let Self { seed, now, besieged, .. } = self;
            if *besieged {
                return;
            }
            eprintln!("seed {seed} failed at {now:?}; all of it: cargo xtask prove simulate --seed {seed}");
        }
    }
}
