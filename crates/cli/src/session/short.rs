//! A short test within a process that does something else: a master and a worker, joined in memory, and the figures.

use super::{Generator, NOTICES, master_config, start_of, worker_config};
use crate::plan::Plan;
use akrida_master::{Handle, HandleError};
use akrida_run::{FleetEventKind, RunState, Snapshot, StopReason, WorkerState};
use akrida_scenario::Scenario;
use akrida_transport::memory;
use akrida_worker::LogLines;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// How long the worker in this process may take to be there.
const READY: Duration = Duration::from_secs(10);

/// Runs the test that a plan describes, and returns its figures.
///
/// # Errors
/// When it cannot be run, in one line.
pub(crate) async fn run_short(scenario: &Arc<Scenario>, plan: &Plan) -> Result<Arc<Snapshot>, String> {
    let Generator { engine, exceptions } =
        Generator::new(scenario, &plan.engine).map_err(|failure| failure.message)?;
    let (hub, network) = memory::network();
    let (master, handle) = super::master(master_config(scenario, plan), hub);
    let worker = worker_config("local".to_owned(), scenario, &plan.engine);
    let link = network.connect(&worker.node_id);
    let (notices, mut noticed) = mpsc::channel(NOTICES);
    let followed = async {
        let figures = follow(&handle, scenario, plan).await;
        // A master that is gone already has nothing left to end.
        let _ = handle.quit().await;
        figures
    };
    let (figures, ..) = tokio::join!(
        followed,
        master.run(),
        akrida_worker::run(link, engine, exceptions, worker, notices, LogLines::default, pending()),
        async { while noticed.recv().await.is_some() {} },
    );
    figures
}

async fn follow(handle: &Handle, scenario: &Scenario, plan: &Plan) -> Result<Arc<Snapshot>, String> {
    let ended = || "the master has ended".to_owned();
    let (mut events, mut snapshots) = (handle.events(), handle.snapshots());
    let there = |snapshot: &Arc<Snapshot>| {
        snapshot.workers.iter().any(|worker| worker.state != WorkerState::Missing && worker.idle.is_none())
    };
    match timeout(READY, snapshots.wait_for(there)).await {
        Ok(Ok(_)) => {}
        Ok(Err(_)) => return Err(ended()),
        Err(_) => return Err("the worker in this process did not come".to_owned()),
    }
    handle.start(start_of(&plan.load, scenario)).await.map_err(|error| match error {
        HandleError::Refused(refusal) => refusal.to_string(),
        HandleError::Ended => ended(),
    })?;
    let stopped = snapshots.wait_for(|snapshot| snapshot.state == RunState::Stopped).await;
    let stopped = stopped.map(|snapshot| snapshot.clone()).map_err(|_| ended())?;
    while let Ok(event) = events.try_recv() {
        if event.kind == (FleetEventKind::Stopping { reason: StopReason::NoWorkers }) {
            return Err("the worker in this process was lost".to_owned());
        }
    }
    Ok(stopped)
}
