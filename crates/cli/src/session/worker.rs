//! A worker whose master is another process.

use super::processes::Children;
use super::{Generator, NOTICES, log_notices, runtime, worker_config};
use crate::exit::{Failure, PASSED};
use crate::health::{self, Ready};
use crate::log::{Level, Log, Speaker};
use crate::metrics::{Figures, Port};
use crate::plan::{EnginePlan, WorkerPlan};
use crate::signals::{self, Signal};
use crate::{clock, system};
use akrida_engine::Redactor;
use akrida_scenario::Scenario;
use akrida_scenario::select::Selection;
use akrida_transport::zmq;
use akrida_worker::{End, Meter};
use std::sync::Arc;
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, oneshot};

/// Where a process works that may be asked to end at any time.
pub(crate) struct Attended {
    pub(super) runtime: Runtime,
    pub(super) interrupted: oneshot::Receiver<Signal>,
    /// What probes are told.
    ready: Ready,
}

impl Attended {
    /// From now on signals are heard, and probes are answered whenever the runtime is at work.
    ///
    /// # Errors
    /// When the system does not let us listen.
    pub(crate) fn new(health_port: Option<u16>, log: &Log) -> Result<Self, Failure> {
        let runtime = runtime()?;
        let (interrupted, ready) = {
            let _inside = runtime.enter();
            (signals::listen(log.clone())?, health::answer(health_port, log))
        };
        Ok(Self { runtime, interrupted, ready })
    }

    /// Waits for a signal, and for nothing else.
    pub(crate) fn until_asked_to_end(self) {
        // The sender is gone only when the process ends.
        let _ = self.runtime.block_on(self.interrupted);
    }
}

/// Lets worker processes of its own work in its place; the worst of their exit codes.
///
/// # Errors
/// When the system does not let us start them.
pub(crate) fn run_processes(
    fleet: &WorkerPlan,
    plan: &EnginePlan,
    attended: Attended,
) -> Result<u8, Failure> {
    let children = Children::start(fleet.processes, &fleet.host, fleet.port, plan.cores)?;
    // Of the workers themselves it knows only whether they have ended.
    attended.ready.set();
    attended.runtime.block_on(children.until_the_end(attended.interrupted))
}

/// Works until the master says quit or this process is asked to end; the exit code.
///
/// # Errors
/// When no master answers, or it falls silent.
pub(crate) fn run(
    scenario: &Arc<Scenario>,
    fleet: &WorkerPlan,
    plan: &EnginePlan,
    selection: &Selection,
    log: &Log,
    attended: Attended,
    metrics: Option<Port>,
) -> Result<u8, Failure> {
    let Generator { engine, exceptions } = Generator::new(scenario, plan)?;
    let meter = metrics.is_some().then(Meter::default);
    let config = akrida_worker::Config {
        meter: meter.clone(),
        heartbeat_interval: fleet.heartbeat_interval,
        ..worker_config(name("_"), scenario, plan)
    };
    let serving = metrics.zip(meter).map(|(port, meter)| port.serve(Figures::of_worker(meter)));
    let _serving = serving.transpose()?;
    let (buffer, redactor) = (log.buffer(), Redactor::new(scenario));
    let newest = move || buffer.newest(|line| redactor.clean(line).into_owned());
    let link = zmq::connect(&fleet.host, fleet.port, &config.node_id)
        .map_err(|error| Failure::usage(error.to_string(), "name the master's host with --master-host"))?;
    log.info(Speaker::Run, &format!("Connecting to the master at {}:{}", fleet.host, fleet.port));
    let Attended { runtime, interrupted, ready } = attended;
    let end = runtime.block_on(async {
        let (notices, noticed) = mpsc::channel(NOTICES);
        let terminate = async {
            // The sender is gone only when the process ends.
            let _ = interrupted.await;
        };
        let (end, ()) = tokio::join!(
            akrida_worker::run(link, engine, exceptions, config, notices, newest, terminate),
            log_notices(noticed, log.clone(), Level::Info, selection, &ready),
        );
        end
    });
    let master = format!("{}:{}", fleet.host, fleet.port);
    match end {
        End::Quit => log.info(Speaker::Run, "Got quit message from master, shutting down..."),
        End::Terminated => log.info(Speaker::Main, "Shutting down"),
        End::NoMaster => {
            return Err(Failure::generator(format!("no master answers at {master}"), START_A_MASTER));
        }
        End::MasterGone => {
            return Err(Failure::generator(format!("the master at {master} fell silent"), "look at its log"));
        }
    }
    Ok(PASSED)
}

/// What to do where no master answers.
pub(super) const START_A_MASTER: &str = "start one, or name its address with --master-host and --master-port";

/// As Locust's: the host's name, so that a master can spread users over hosts, and what no other worker has.
pub(super) fn name(between: &str) -> String {
    let mut rng =
        fastrand::Rng::with_seed(clock::nanoseconds() ^ u64::from(std::process::id()).rotate_left(40));
    format!("{}{between}{:032x}", system::host_name(), rng.u128(..))
}
