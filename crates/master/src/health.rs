//! How workers and the master itself are: busy, late, or with a clock that is wrong.

use crate::MasterCore;
use crate::event::{Effects, Now};
use crate::limits;
use akrida_protocol::{AkridaHeartbeat, StatsReport};
use akrida_run::{FleetEventKind, Results};
use akrida_transport::PeerId;
use std::time::Duration;

impl MasterCore {
    /// A worker of Akrida tells how late it is and what its clock says.
    pub(crate) fn on_health(
        &mut self,
        now: Now,
        peer: &PeerId,
        health: &AkridaHeartbeat,
        effects: &mut Effects,
    ) {
        let in_run = self.takes_part(peer) && self.run.is_some();
        let Some(node) = self.registry.get_mut(peer) else { return };
        let lag_ms = millis(Duration::from_micros(health.lag_p95_us));
        let cores = Some(health.cores.into());
        self.unplaced |= node.cores != cores;
        node.cores = cores;
        node.lag_ms = Some(lag_ms);
        node.clock_ahead_us = health.clock_ahead_us;
        if !in_run {
            node.saturated = false;
            return;
        }
        let late = self.results.lag(lag_ms, self.config.heartbeat_interval.as_secs().max(1));
        self.verdict.lag(now, lag_ms);
        if late && !node.saturated {
            effects.tell(now, FleetEventKind::WorkerSaturated { id: node.id.clone(), lag_ms });
        }
        node.saturated = late;
    }

    /// A worker that does not tell how late it is: above Locust's bound on its CPU it is taken for late.
    pub(crate) fn on_cpu(&mut self, now: Now, peer: &PeerId, effects: &mut Effects) {
        let in_run = self.takes_part(peer) && self.run.is_some();
        let Some(node) = self.registry.get_mut(peer) else { return };
        let busy = node.cpu_usage > limits::BUSY_CPU;
        if busy && !std::mem::replace(&mut node.busy, true) {
            effects.tell(now, FleetEventKind::WorkerBusy { id: node.id.clone(), index: node.index });
        }
        node.saturated = busy && in_run;
        self.results.generator.saturated_seconds += u64::from(node.saturated);
    }

    /// Compares the clock of a worker of Locust with ours: its report says when it began, which is when the one before
    /// was sent. Nothing corrects its figures; that its clock is wrong is told.
    pub(crate) fn on_foreign_clock(
        &mut self,
        now: Now,
        peer: &PeerId,
        report: &StatsReport,
        effects: &mut Effects,
    ) {
        let Some(node) = self.registry.get_mut(peer) else { return };
        let came = node.reported_us.replace(now.wall_us);
        let (Some(came), Some(total)) = (came, &report.delta.total) else { return };
        // Reports that come together were held up: they say nothing of when they were sent.
        if now.wall_us.saturating_sub(came) < limits::REPORTS_APART.as_micros() as u64 {
            return;
        }
        let us = |us: u64| i64::try_from(us).unwrap_or(i64::MAX);
        let ahead_us = us(total.start_us) - us(came);
        node.clock_ahead_us = Some(ahead_us);
        let bound = if node.skewed { limits::SKEW_MENDED } else { limits::SKEW };
        let wrong = Duration::from_micros(ahead_us.unsigned_abs()) > bound;
        let is_news = !std::mem::replace(&mut node.skewed, wrong);
        if wrong && is_news {
            let ahead = ahead_us as f64 / 1e6;
            effects.tell(now, FleetEventKind::WorkerSkewed { id: node.id.clone(), ahead });
        }
    }

    /// The master looks after its workers so much later than it should have.
    pub(crate) fn note_lag(&mut self, now: Now, late: Duration, effects: &mut Effects) {
        let lag_ms = millis(late);
        self.master_row.lag_ms = lag_ms;
        if self.run.is_none() {
            return;
        }
        let generator = &mut self.results.generator;
        let bound = millis(limits::MASTER_LAG_BOUND);
        if lag_ms > bound && generator.master_lag_ms <= bound {
            effects.tell(now, FleetEventKind::MasterLate { lag_ms });
        }
        generator.master_lag_ms = generator.master_lag_ms.max(lag_ms);
    }

    /// What is said of workers whose clocks are wrong, and of a master that is late.
    pub(crate) fn health_notices(&self) -> Vec<String> {
        let mut notices = Vec::new();
        let skewed = self.registry.nodes().filter(|node| node.skewed).count();
        if skewed > 0 {
            notices.push(format!(
                "The clocks of {skewed} of Locust's workers are wrong by more than {} s: rates and times of the last \
                 seconds are not right. Set their clocks.",
                limits::SKEW.as_secs()
            ));
        }
        let lag_ms = self.results.generator.master_lag_ms;
        if lag_ms > millis(limits::MASTER_LAG_BOUND) {
            notices.push(format!(
                "The master itself was up to {lag_ms:.0} ms late: ramps and rebalancing were, too. Give it a processor \
                 of its own."
            ));
        }
        notices
    }
}

/// Nothing measured yet; counting begins now.
pub(crate) fn results_since(now: Now) -> Results {
    Results::since(now.wall_us, millis(limits::LAG_BOUND))
}

/// A duration in milliseconds.
pub(crate) fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
