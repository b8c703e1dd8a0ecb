//! A master and a worker in this process, joined by the memory transport.

use super::watch::{Awaited, Watch};
use super::web::Web;
use super::{Generator, NOTICES, log_notices, master_config, runtime, start_of, worker_config};
use crate::exit::Failure;
use crate::health;
use crate::log::Level;
use crate::plan::Plan;
use crate::reporter::Reporter;
use crate::runs::Hand;
use crate::signals;
use akrida_run::Snapshot;
use akrida_scenario::Scenario;
use akrida_stats::Totals;
use akrida_transport::memory;
use akrida_worker::LogLines;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// How long the worker in this process may take to be there.
const READY: Duration = Duration::from_secs(10);

/// Runs to the end and returns the final figures.
///
/// # Errors
/// When the run is refused, or ends because its worker was lost.
pub(crate) fn run(
    scenario: &Arc<Scenario>,
    generator: Generator,
    plan: &Plan,
    web: Option<Web>,
    hand: Option<Hand>,
    reporter: &mut Reporter,
) -> Result<(Arc<Snapshot>, Totals), Failure> {
    runtime()?.block_on(assemble(scenario, generator, plan, web, hand, reporter))
}

async fn assemble(
    scenario: &Arc<Scenario>,
    Generator { engine, exceptions }: Generator,
    plan: &Plan,
    web: Option<Web>,
    hand: Option<Hand>,
    reporter: &mut Reporter,
) -> Result<(Arc<Snapshot>, Totals), Failure> {
    let (hub, network) = memory::network();
    let (master, handle) = super::master(master_config(scenario, plan), hub);
    let master = super::taped(master, None, hand);
    // Locust's word for a worker in the process itself; it stands in exports, and is the same in each run.
    let worker = worker_config("local".to_owned(), scenario, &plan.engine);
    let link = network.connect(&worker.node_id);
    let (notices, noticed) = mpsc::channel(NOTICES);
    let _metrics = super::serve_metrics(plan, &handle, &reporter.log)?;
    #[cfg(feature = "otel")]
    let exporting = plan.otel.clone().map(|otel| otel.start(handle.clone(), reporter.log.clone()));
    let watch = Watch {
        handle,
        start: start_of(&plan.load, scenario),
        reset_stats: plan.load.reset_stats,
        web,
        interrupted: signals::listen(reporter.log.clone())?,
        awaited: Awaited { workers: 1, max_wait: Some(READY) },
        resumed: false,
    };
    let log = reporter.log.clone();
    let ready = health::answer(plan.health_port, &log);
    let (figures, totals, _, ()) = tokio::join!(
        watch.until_the_end(reporter),
        master.run(),
        // Its log is the master's.
        akrida_worker::run(link, engine, exceptions, worker, notices, LogLines::default, pending()),
        log_notices(noticed, log, Level::Debug, &plan.selection, &ready),
    );
    let figures = figures?;
    #[cfg(feature = "otel")]
    if let Some(exporting) = exporting {
        exporting.finish(&figures, &totals).await;
    }
    Ok((figures, totals))
}
