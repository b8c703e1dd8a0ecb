//! A master whose workers are other processes.

use super::follow::follow;
use super::processes::Children;
use super::watch::{Awaited, Watch};
use super::web::Web;
use super::{master_config, runtime, start_of};
use crate::exit::Failure;
use crate::health;
use crate::journal::{self, Opened};
use crate::log::Speaker;
use crate::plan::{MasterPlan, Plan};
use crate::reporter::Reporter;
use crate::runs::Hand;
use crate::signals::{self, Signal};
use akrida_master::{Config, Handle, Handout};
use akrida_run::Snapshot;
use akrida_scenario::Scenario;
use akrida_stats::Totals;
use akrida_transport::zmq::{self, Binding};
use std::sync::Arc;
use tokio::sync::oneshot;

/// Waits for workers, runs to the end and returns the final figures.
///
/// # Errors
/// When the port cannot be had, workers do not come, the run is refused, or its last worker is lost.
pub(crate) fn run(
    scenario: &Arc<Scenario>,
    fleet: &MasterPlan,
    handout: Handout,
    plan: &Plan,
    web: Option<Web>,
    hand: Option<Hand>,
    reporter: &mut Reporter,
) -> Result<(Arc<Snapshot>, Totals), Failure> {
    let config = Config { handout, ..config(scenario, fleet, plan) };
    let test = config.fingerprint();
    let kept = fleet.state_dir.as_deref().map(|folder| journal::open(folder, test)).transpose()?;
    let binding = Binding { host: fleet.host.clone(), port: fleet.port, urgent: akrida_protocol::is_urgent };
    let bound = match fleet.legacy_08_port {
        Some(pushing) => zmq::bind_beside(&binding, pushing),
        None => zmq::bind(&binding),
    };
    let (hub, port) = bound.map_err(|error| {
        Failure::generator(
            format!("The Locust master port ({port}) cannot be had: {error}", port = fleet.port),
            match fleet.legacy_08_port {
                Some(_) => "end the program that has it, or choose others with --master-bind-port and --legacy-08-port",
                None => "end the program that has it, or choose another one with --master-bind-port",
            },
        )
    })?;
    reporter.log.info(Speaker::Main, &format!("Waiting for workers on {}:{port}", fleet.host));
    let resumed = kept.as_ref().is_some_and(|kept| kept.left.is_some());
    if let Some(cut) = kept.as_ref().map(|kept| kept.cut).filter(|cut| *cut > 0) {
        let text = format!("The last {cut} bytes of the journal are no whole record, and are left out");
        reporter.log.info(Speaker::Main, &text);
    }
    // Ended when they are dropped, however this ends. Those of a run that goes on are there already.
    let processes = if resumed { 0 } else { fleet.processes };
    let children = Children::start(processes, "127.0.0.1", port, plan.engine.cores)?;
    runtime()?.block_on(async {
        health::answer(plan.health_port, &reporter.log).set();
        let (master, handle) = super::master(config, hub);
        let (master, state) = match kept {
            Some(Opened { state, mut journal, left, .. }) => {
                let master = master.with_journal(left.as_ref(), move |record| journal.write(record));
                (super::taped(master, left.as_ref(), hand), Some(state))
            }
            None => (super::taped(master, None, hand), None),
        };
        let heard = signals::listen(reporter.log.clone())?;
        let (interrupt, interrupted) = oneshot::channel();
        let handed_over = handed_over(heard, handle.clone(), interrupt);
        if let Some(plan) = fleet.follow.clone() {
            tokio::spawn(follow(*plan, handle.clone(), reporter.log.clone()));
        }
        let _metrics = super::serve_metrics(plan, &handle, &reporter.log)?;
        #[cfg(feature = "otel")]
        let exporting = plan.otel.clone().map(|otel| otel.start(handle.clone(), reporter.log.clone()));
        let watch = Watch {
            handle,
            start: start_of(&plan.load, scenario),
            reset_stats: plan.load.reset_stats,
            web: web.map(|web| web.with_master_port(port)),
            interrupted,
            awaited: Awaited { workers: fleet.expect, max_wait: fleet.max_wait },
            resumed,
        };
        let to_the_end = async { tokio::join!(watch.until_the_end(reporter), master.run()) };
        let (figures, totals) = tokio::select! {
            biased;
            () = handed_over => {
                children.leave();
                return Err(Failure::handed_over());
            }
            ended = to_the_end => ended,
        };
        // The run has come to its end, however that was.
        if let Some(state) = state {
            state.clear();
        }
        let figures = figures?;
        #[cfg(feature = "otel")]
        if let Some(exporting) = exporting {
            exporting.finish(&figures, &totals).await;
        }
        Ok((figures, totals))
    })
}

/// Waits until SIGTERM comes while a run goes on that another master may go on with, and ends this one. All other
/// signals go to `interrupt`.
async fn handed_over(heard: oneshot::Receiver<Signal>, master: Handle, interrupt: oneshot::Sender<Signal>) {
    let Ok(signal) = heard.await else { return std::future::pending().await };
    if signal != Signal::Terminate || master.hand_over().await.is_err() {
        // Whoever listened may be done already.
        let _ = interrupt.send(signal);
        std::future::pending::<()>().await;
    }
}

fn config(scenario: &Scenario, fleet: &MasterPlan, plan: &Plan) -> Config {
    let mut config = Config { worker_wait: fleet.worker_wait, ..master_config(scenario, plan) };
    if let Some(seen) = &fleet.python_only {
        config.python_only = true;
        config.left_out.clone_from(&seen.left_out);
        for (class, tasks) in scenario.classes.iter().zip(&mut config.tasks) {
            if seen.partly_seen.contains(&class.name) {
                tasks.clear();
            }
        }
    }
    config.with_heartbeats(fleet.heartbeat_interval, fleet.missed_heartbeats)
}
