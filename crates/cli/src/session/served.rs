//! A master that its web face starts and stops: many runs, one after the other, until somebody ends the process.

use super::watch::{SECOND, TABLES, Watch, every, heard, master_ended};
use super::web::Web;
use crate::exit::Failure;
use crate::log::Speaker;
use crate::reporter::Reporter;
use akrida_master::{HandleError, Refusal};
use akrida_run::{FleetEvent, FleetEventKind, RunState, Snapshot};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{broadcast, watch};
use tokio::time::{Instant, sleep_until};

/// What a process does without being asked.
#[derive(Clone, Copy)]
struct Auto {
    start: bool,
    /// How long after the end of that run it quits.
    quit: Option<Duration>,
}

impl Watch {
    /// Serves until somebody ends the process, stops the run that goes on then, and returns the newest figures.
    ///
    /// # Errors
    /// When there is no thread to serve on, workers that an automatic start waits for do not come, or it is refused.
    pub(super) async fn serve(
        &mut self,
        web: Web,
        reporter: &mut Reporter,
    ) -> Result<Arc<Snapshot>, Failure> {
        let (mut events, mut snapshots) = (self.handle.events(), self.handle.snapshots());
        let Web { face, config, autostart, autoquit } = web;
        let running = face
            .serve(config, self.handle.clone())
            .map_err(|error| Failure::generator(format!("the web page cannot be served: {error}"), ""))?;
        let auto = Auto { start: autostart, quit: autoquit };
        let figures = self.attend(auto, &mut events, &mut snapshots, reporter).await;
        // It is waited for on another thread: the master goes on meanwhile.
        let _ = tokio::task::spawn_blocking(move || drop(running)).await;
        figures
    }

    async fn attend(
        &mut self,
        auto: Auto,
        events: &mut broadcast::Receiver<FleetEvent>,
        snapshots: &mut watch::Receiver<Arc<Snapshot>>,
        reporter: &mut Reporter,
    ) -> Result<Arc<Snapshot>, Failure> {
        if auto.start && !self.resumed {
            if !self.await_workers(events, snapshots, reporter).await? {
                return Ok(snapshots.borrow().clone());
            }
            match self.handle.start(self.start.clone()).await {
                // Somebody was faster, by hand.
                Ok(()) | Err(HandleError::Refused(Refusal::Running | Refusal::Stopping)) => {}
                Err(HandleError::Refused(refusal)) => return Err(Failure::usage(refusal.to_string(), "")),
                Err(HandleError::Ended) => return Err(master_ended()),
            }
        }
        let (mut tables, mut history) = (every(TABLES), every(SECOND));
        let (mut automatic, mut quit_at) = (auto.start, None::<Instant>);
        loop {
            let quit = quit_at.unwrap_or_else(Instant::now);
            tokio::select! {
                biased;
                event = events.recv() => {
                    let Some(event) = heard(event, reporter)? else { continue };
                    self.tell(&event, reporter);
                    match event.kind {
                        FleetEventKind::Ramping { .. } => quit_at = None,
                        FleetEventKind::Stopped if std::mem::take(&mut automatic) => {
                            quit_at = auto.quit.map(|after| Instant::now() + after);
                            tell_of_autoquit(auto.quit, reporter);
                        }
                        _ => {}
                    }
                },
                _ = &mut self.interrupted => break,
                () = sleep_until(quit), if quit_at.is_some() => {
                    reporter.log.info(Speaker::Main, "--autoquit time reached, shutting down");
                    break;
                }
                changed = snapshots.changed() => {
                    changed.map_err(|_| master_ended())?;
                    let snapshot = snapshots.borrow_and_update().clone();
                    if is_going_on(&snapshot) {
                        reporter.progress(&snapshot);
                    }
                }
                _ = tables.tick() => {
                    let snapshot = snapshots.borrow().clone();
                    if is_going_on(&snapshot) {
                        reporter.table(&snapshot);
                    }
                }
                _ = history.tick() => {
                    let snapshot = snapshots.borrow().clone();
                    reporter.second(&snapshot);
                }
            }
        }
        if self.handle.stop().await.is_ok() {
            while let Some(event) = heard(events.recv().await, reporter).transpose() {
                let event = event?;
                self.tell(&event, reporter);
                if event.kind == FleetEventKind::Stopped {
                    break;
                }
            }
            let stopped = snapshots.wait_for(|snapshot| snapshot.state == RunState::Stopped).await;
            return stopped.map(|snapshot| snapshot.clone()).map_err(|_| master_ended());
        }
        Ok(snapshots.borrow().clone())
    }

    fn tell(&self, event: &FleetEvent, reporter: &mut Reporter) {
        reporter.event(event);
        match event.kind {
            FleetEventKind::Spawned { .. } if self.reset_stats => {
                reporter.log.info(Speaker::Run, "Resetting stats");
            }
            FleetEventKind::Stopped => reporter.screen.progress(""),
            _ => {}
        }
    }
}

fn is_going_on(snapshot: &Snapshot) -> bool {
    !matches!(snapshot.state, RunState::Ready | RunState::Stopped)
}

/// Locust's words.
fn tell_of_autoquit(quit: Option<Duration>, reporter: &Reporter) {
    match quit {
        Some(after) => {
            let text = format!("Autoquit time limit set to {} seconds", after.as_secs_f64());
            reporter.log.debug(Speaker::Main, &text);
        }
        None => {
            let text = "--autoquit not specified, leaving web ui running indefinitely";
            reporter.log.info(Speaker::Main, text);
        }
    }
}
