//! What a worker reports, and how it comes to rest: users are stopped, all is reported, and the master has it.

use super::{State, Then, WorkerCore};
use crate::event::{Effects, End, Measured, Now, Work};
use crate::kept::Kept;
use crate::{limits, parts, rows};
use akrida_protocol::{Acknowledged, Receipt, StatsReport, ToMaster};
use std::time::Duration;

impl WorkerCore {
    /// Begins to tell that it lives, and what it measures.
    pub(crate) fn begin_beats(&mut self, now: Now) {
        self.presumed = Duration::MAX;
        if self.next_heartbeat == Duration::MAX {
            self.next_heartbeat = now.monotonic;
            self.next_report = now.monotonic + self.report_interval;
            self.next_log = now.monotonic;
        }
    }

    /// Whether the master that is there acknowledges reports. To one of Locust's none is sent twice.
    pub(crate) fn acknowledged_by(&mut self, akrida: bool) {
        let before = std::mem::replace(&mut self.acknowledges, akrida);
        if before != akrida {
            self.kept = Kept::after(self.sequence);
        }
    }

    /// Asks the engine for what was measured, unless it was asked already.
    pub(super) fn fetch(&mut self, effects: &mut Effects) {
        if !self.reporting {
            self.reporting = true;
            effects.work.push(Work::Report);
        }
    }

    pub(super) fn on_reported(&mut self, now: Now, measured: Measured, effects: &mut Effects) {
        self.reporting = false;
        self.users = measured.users;
        self.lag = (self.lag.0.max(measured.lag_p95_us), self.lag.1.max(measured.lag_max_us));
        let ended = self.by_name(&measured.ended);
        let closed = matches!(self.state, State::Emptying { outdated: false, .. });
        let used = self.term.map(|term| rows::used(term, closed, &measured.used));
        self.stop_run = self.stop_run.take().or(measured.stop_run);
        let mut delta = measured.delta;
        if delta.entries.is_empty() {
            // A report of nothing has a time too: Locust's master lets the run begin with the earliest of all reports.
            delta.total.get_or_insert_with(|| akrida_stats::Measured::since(now.wall_us));
        }
        let last = matches!(self.state, State::Emptying { outdated: false, .. });
        for delta in parts::of(delta) {
            self.sequence += 1;
            let receipt = Receipt { acknowledged: self.kept.acknowledged(), at_once: last };
            let report = StatsReport {
                delta,
                user_classes_count: self.by_name(&self.users),
                user_count: self.users.iter().sum(),
                sequence: Some(self.sequence),
                process: Some(self.process),
                receipt: self.acknowledges.then_some(receipt),
                exact: true,
                job: (self.newest_job > 0.0).then_some(self.newest_job),
                ended: ended.clone(),
                stop_run: self.stop_run.clone(),
                rows: used.clone(),
            };
            let frame = ToMaster::Stats(report).encode(&self.config.node_id);
            if self.acknowledges {
                self.kept.push(now.monotonic, self.sequence, frame.clone());
            }
            effects.frames.push(frame);
        }
        match self.state {
            State::Emptying { then, outdated: true } => {
                self.state = State::Emptying { then, outdated: false };
                self.fetch(effects);
            }
            State::Emptying { then, outdated: false } => self.settle(now, then, effects),
            _ => {}
        }
    }

    /// Begins to stop all users. An end that was asked for is not taken back by a stop.
    pub(super) fn stop(&mut self, then: Then, effects: &mut Effects) {
        match &mut self.state {
            State::Stopping(planned)
            | State::Emptying { then: planned, .. }
            | State::Settling { then: planned, .. } => {
                if matches!(then, Then::End(_)) {
                    *planned = then;
                }
            }
            State::Ended => {}
            State::Ready | State::Spawning | State::Running => {
                self.state = State::Stopping(then);
                self.end_growth();
                effects.work.push(Work::Stop);
            }
        }
    }

    pub(super) fn on_idle(&mut self, effects: &mut Effects) {
        let State::Stopping(then) = self.state else { return };
        self.state = State::Emptying { then, outdated: self.reporting };
        self.fetch(effects);
    }

    /// The master has all up to a report.
    pub(super) fn on_acknowledged(&mut self, now: Now, acknowledged: Acknowledged, effects: &mut Effects) {
        if acknowledged.process != self.process {
            return;
        }
        self.kept.acknowledge(now.monotonic, acknowledged.sequence);
        if let State::Settling { then, .. } = self.state
            && self.kept.is_empty()
        {
            self.emptied(now, then, effects);
        }
    }

    /// All is reported. A master that acknowledges is not told that this worker has stopped before it has all of it.
    fn settle(&mut self, now: Now, then: Then, effects: &mut Effects) {
        let patience = match then {
            // It is silent, or was never there.
            Then::End(End::MasterGone | End::NoMaster) => Duration::ZERO,
            Then::End(End::Quit) => limits::QUIT_ACKNOWLEDGED,
            Then::Ready | Then::End(End::Terminated) => limits::LAST_ACKNOWLEDGED,
        };
        if self.kept.is_empty() || patience.is_zero() {
            return self.emptied(now, then, effects);
        }
        self.state = State::Settling { then, until: now.monotonic + patience };
    }

    pub(super) fn emptied(&mut self, now: Now, then: Then, effects: &mut Effects) {
        // The last report's lag goes out with it; after that nothing counts any more.
        self.heartbeat(now, self.usage, effects);
        self.send(&ToMaster::ClientStopped, effects);
        self.stop_run = None;
        match then {
            Then::Ready => {
                self.state = State::Ready;
                // The next job is of another run, and perhaps of another master with another clock.
                self.newest_job = 0.0;
                self.announce(now, 1, effects);
            }
            Then::End(end) => {
                self.send(&ToMaster::Quit, effects);
                self.state = State::Ended;
                effects.end = Some(end);
            }
        }
    }
}
