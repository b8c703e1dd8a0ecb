//! Waits for workers, starts the run, shows it, and ends it with the master.

use super::web::Web;
use crate::exit::Failure;
use crate::log::{Level, Speaker};
use crate::reporter::Reporter;
use crate::signals::Signal;
use akrida_master::{Handle, HandleError, Start};
use akrida_run::{FleetEvent, FleetEventKind, RunState, Snapshot, StopReason, WorkerState};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, oneshot, watch};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval};

/// Between two tables, as Locust's.
pub(super) const TABLES: Duration = Duration::from_secs(2);

/// Between two lines of the history in CSV, and between two about workers that are waited for, as Locust's.
pub(super) const SECOND: Duration = Duration::from_secs(1);

/// How long workers are waited for before that is worth a line, as Locust's.
const PATIENCE: Duration = Duration::from_secs(5);

/// Workers that a run waits for.
pub(super) struct Awaited {
    /// How many, at least 1.
    pub(super) workers: u64,
    /// How long; `None` for ever.
    pub(super) max_wait: Option<Duration>,
}

/// One run, as its master's handle shows it.
pub(super) struct Watch {
    pub(super) handle: Handle,
    pub(super) start: Start,
    pub(super) reset_stats: bool,
    /// The web face, if it has one: then it starts and stops runs.
    pub(super) web: Option<Web>,
    /// Hears of Ctrl-C.
    pub(super) interrupted: oneshot::Receiver<Signal>,
    pub(super) awaited: Awaited,
    /// Whether the run goes on that another master began: it is not started.
    pub(super) resumed: bool,
}

impl Watch {
    /// Runs to the end, and ends the master and its workers.
    ///
    /// # Errors
    /// When workers do not come, the run is refused, or its last worker is lost.
    pub(super) async fn until_the_end(mut self, reporter: &mut Reporter) -> Result<Arc<Snapshot>, Failure> {
        let figures = match self.web.take() {
            Some(web) => self.serve(web, reporter).await,
            None => self.follow(reporter).await,
        };
        // A master that is gone already has nothing left to end.
        let _ = self.handle.quit().await;
        figures
    }

    async fn follow(&mut self, reporter: &mut Reporter) -> Result<Arc<Snapshot>, Failure> {
        let (mut events, mut snapshots) = (self.handle.events(), self.handle.snapshots());
        if !self.resumed {
            if !self.await_workers(&mut events, &mut snapshots, reporter).await? {
                return Ok(snapshots.borrow().clone());
            }
            self.handle.start(self.start.clone()).await.map_err(|error| match error {
                HandleError::Refused(refusal) => Failure::usage(refusal.to_string(), ""),
                HandleError::Ended => master_ended(),
            })?;
        }
        let (mut tables, mut history) = (every(TABLES), every(SECOND));
        let (mut asked, mut lost) = (false, false);
        loop {
            tokio::select! {
                biased;
                event = events.recv() => {
                    let Some(event) = heard(event, reporter)? else { continue };
                    reporter.event(&event);
                    if self.reset_stats && matches!(event.kind, FleetEventKind::Spawned { .. }) {
                        reporter.log.info(Speaker::Run, "Resetting stats");
                    }
                    lost |= event.kind == FleetEventKind::Stopping { reason: StopReason::NoWorkers };
                    if event.kind == FleetEventKind::Stopped {
                        break;
                    }
                },
                _ = &mut self.interrupted, if !asked => {
                    asked = true;
                    // Refused only if the run is being stopped already.
                    let _ = self.handle.stop().await;
                }
                Ok(()) = snapshots.changed() => reporter.progress(&snapshots.borrow_and_update()),
                _ = tables.tick() => reporter.table(&snapshots.borrow()),
                _ = history.tick() => {
                    let snapshot = snapshots.borrow().clone();
                    reporter.second(&snapshot);
                }
            }
        }
        if lost {
            return Err(Failure::generator("the last worker was lost", "look for its last log lines"));
        }
        let stopped = snapshots.wait_for(|snapshot| snapshot.state == RunState::Stopped).await;
        stopped.map(|snapshot| snapshot.clone()).map_err(|_| master_ended())
    }

    /// Waits until there are enough workers; `false` if somebody wants to leave before that.
    pub(super) async fn await_workers(
        &mut self,
        events: &mut broadcast::Receiver<FleetEvent>,
        snapshots: &mut watch::Receiver<Arc<Snapshot>>,
        reporter: &mut Reporter,
    ) -> Result<bool, Failure> {
        let Awaited { workers, max_wait } = self.awaited;
        let began = Instant::now();
        let mut look = every(SECOND);
        loop {
            let present = present(&snapshots.borrow());
            if present >= workers {
                return Ok(true);
            }
            tokio::select! {
                biased;
                event = events.recv() => {
                    if let Some(event) = heard(event, reporter)? {
                        reporter.event(&event);
                    }
                },
                _ = &mut self.interrupted => return Ok(false),
                changed = snapshots.changed() => changed.map_err(|_| master_ended())?,
                _ = look.tick() => {
                    if max_wait.is_some_and(|wait| began.elapsed() >= wait) {
                        return Err(Failure::generator(
                            format!("Gave up waiting for workers to connect: {present} of {workers} are there"),
                            "start more, look at their logs, or wait longer with --expect-workers-max-wait",
                        ));
                    }
                    let level = if began.elapsed() > PATIENCE { Level::Info } else { Level::Debug };
                    let text = format!("Waiting for workers to be ready, {present} of {workers} connected");
                    reporter.log.line(level, Speaker::Main, &text);
                }
            }
        }
    }
}

/// Workers that may be given users.
fn present(snapshot: &Snapshot) -> u64 {
    snapshot
        .workers
        .iter()
        .filter(|worker| worker.state != WorkerState::Missing && worker.idle.is_none())
        .count() as u64
}

/// The event, if none was missed.
pub(super) fn heard(
    event: Result<FleetEvent, RecvError>,
    reporter: &Reporter,
) -> Result<Option<FleetEvent>, Failure> {
    match event {
        Ok(event) => Ok(Some(event)),
        Err(RecvError::Lagged(missed)) => {
            reporter.log.warning(Speaker::Main, &format!("{missed} events are not logged"));
            Ok(None)
        }
        Err(RecvError::Closed) => Err(master_ended()),
    }
}

pub(super) fn every(period: Duration) -> Interval {
    let mut interval = interval(period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Skip);
    interval
}

pub(super) fn master_ended() -> Failure {
    Failure::generator("the master has ended", "")
}
