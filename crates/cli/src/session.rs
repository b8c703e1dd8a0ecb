//! One run on one machine: a master and a worker in this process, joined by the memory transport.

use crate::exit::Failure;
use crate::log::{Level, Log, Speaker};
use crate::plan::{EnginePlan, Load as LoadPlan};
use crate::reporter::Reporter;
use crate::{files, signals};
use akrida_engine::{Engine, Exception, Options, StartError, TlsRoots};
use akrida_master::{Config, Handle, HandleError, Load, Master, Start};
use akrida_run::{FleetEventKind, RunState, Snapshot, StopReason};
use akrida_scenario::Scenario;
use akrida_stats::Totals;
use akrida_transport::memory;
use akrida_worker::Notice;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{MissedTickBehavior, interval, timeout};

/// Between two tables, as Locust's.
const TABLES: Duration = Duration::from_secs(2);

/// Between two lines of the history in CSV, as Locust's.
const HISTORY: Duration = Duration::from_secs(1);

/// How long the worker in this process may take to be there.
const READY: Duration = Duration::from_secs(10);

/// Largest file with certificates, bytes; the roots of all browsers are a quarter of that.
const CERTIFICATES: u64 = 1024 * 1024;

/// Messages of the worker that wait to be logged.
const NOTICES: usize = 64;

/// A scenario and an engine that is ready to run it.
pub(crate) struct Session {
    pub(crate) scenario: Arc<Scenario>,
    engine: Engine,
    exceptions: mpsc::Receiver<Exception>,
}

impl Session {
    /// Starts the engine, without users.
    ///
    /// # Errors
    /// When threads cannot be had or files with certificates cannot be used.
    pub(crate) fn new(scenario: Scenario, plan: &EnginePlan) -> Result<Self, Failure> {
        let scenario = Arc::new(scenario);
        let extra_pem =
            plan.tls_ca.iter().map(|path| files::read(path, CERTIFICATES)).collect::<Result<_, _>>()?;
        let options =
            Options { cores: plan.cores, seed: plan.seed, drain: plan.drain, roots: TlsRoots { extra_pem } };
        let (engine, exceptions) = Engine::start(&scenario, &options).map_err(|error| match error {
            StartError::Tls(_) => Failure::usage(error.to_string(), "name a PEM file with --tls-ca"),
            StartError::Network { .. } => Failure::usage(error.to_string(), "correct the scenario"),
            StartError::Thread(_) => Failure::generator(error.to_string(), "use fewer --cores"),
        })?;
        Ok(Self { scenario, engine, exceptions })
    }

    /// Runs to the end and returns the final figures.
    ///
    /// # Errors
    /// When the run is refused, or ends because its worker was lost.
    pub(crate) fn run(
        self,
        load: &LoadPlan,
        plan: &EnginePlan,
        reporter: &mut Reporter,
    ) -> Result<(Arc<Snapshot>, Totals), Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::generator(format!("cannot start: {error}"), ""))?;
        runtime.block_on(assemble(self, load, plan, reporter))
    }
}

async fn assemble(
    Session { scenario, engine, exceptions }: Session,
    load: &LoadPlan,
    plan: &EnginePlan,
    reporter: &mut Reporter,
) -> Result<(Arc<Snapshot>, Totals), Failure> {
    let (hub, network) = memory::network();
    let config = Config {
        stop_timeout: load.stop_timeout,
        drain: plan.drain,
        reset_stats: load.reset_stats,
        ..Config::new(&scenario)
    };
    let (master, handle) = Master::new(config, hub);
    let worker = akrida_worker::Config {
        // Locust's word for a worker in the process itself; it stands in exports, and is the same in each run.
        node_id: "local".to_owned(),
        classes: scenario.classes.iter().map(|class| class.name.clone()).collect(),
        cores: u16::try_from(plan.cores).unwrap_or(u16::MAX),
    };
    let link = network.connect(&worker.node_id);
    let (notices, noticed) = mpsc::channel(NOTICES);
    let interrupted = signals::listen(reporter.log.clone())
        .map_err(|error| Failure::generator(format!("cannot listen for Ctrl-C: {error}"), ""))?;
    let log = reporter.log.clone();
    let (figures, totals, _, ()) = tokio::join!(
        watch(handle, start_of(load, &scenario), load.reset_stats, interrupted, reporter),
        master.run(),
        akrida_worker::run(link, engine, exceptions, worker, notices, pending()),
        log_notices(noticed, log),
    );
    Ok((figures?, totals))
}

/// What the master is told to start.
fn start_of(load: &LoadPlan, scenario: &Scenario) -> Start {
    let stages = if load.stages.is_empty() { &scenario.stages } else { &load.stages };
    let load_of = if stages.is_empty() {
        Load::Constant { users: load.users, spawn_rate: load.spawn_rate }
    } else {
        Load::Stages(stages.clone())
    };
    Start { load: load_of, host: load.host.clone(), run_time: load.run_time }
}

/// Starts the run, shows it, and ends it with the master and its worker.
async fn watch(
    handle: Handle,
    start: Start,
    reset_stats: bool,
    interrupted: oneshot::Receiver<()>,
    reporter: &mut Reporter,
) -> Result<Arc<Snapshot>, Failure> {
    let figures = follow(&handle, start, reset_stats, interrupted, reporter).await;
    // A master that is gone already has nothing left to end.
    let _ = handle.quit().await;
    figures
}

async fn follow(
    handle: &Handle,
    start: Start,
    reset_stats: bool,
    mut interrupted: oneshot::Receiver<()>,
    reporter: &mut Reporter,
) -> Result<Arc<Snapshot>, Failure> {
    let (mut events, mut snapshots) = (handle.events(), handle.snapshots());
    let ready = snapshots.wait_for(|snapshot| !snapshot.workers.is_empty());
    if !matches!(timeout(READY, ready).await, Ok(Ok(_))) {
        return Err(Failure::generator("the worker in this process does not answer", ""));
    }
    handle.start(start).await.map_err(|error| match error {
        HandleError::Refused(refusal) => Failure::usage(refusal.to_string(), ""),
        HandleError::Ended => Failure::generator(error.to_string(), ""),
    })?;
    let (mut tables, mut history) = (interval(TABLES), interval(HISTORY));
    history.set_missed_tick_behavior(MissedTickBehavior::Skip);
    tables.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let (mut asked, mut lost) = (false, false);
    loop {
        tokio::select! {
            biased;
            event = events.recv() => match event {
                Ok(event) => {
                    reporter.event(&event);
                    if reset_stats && matches!(event.kind, FleetEventKind::Spawned { .. }) {
                        reporter.log.info(Speaker::Run, "Resetting stats");
                    }
                    lost |= event.kind == FleetEventKind::Stopping { reason: StopReason::NoWorkers };
                    if event.kind == FleetEventKind::Stopped {
                        break;
                    }
                }
                Err(RecvError::Lagged(missed)) => {
                    reporter.log.warning(Speaker::Main, &format!("{missed} events are not logged"));
                }
                Err(RecvError::Closed) => return Err(Failure::generator("the master has ended", "")),
            },
            _ = &mut interrupted, if !asked => {
                asked = true;
                // Refused only if the run is being stopped already.
                let _ = handle.stop().await;
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
        return Err(Failure::generator("the worker in this process was lost", "look for its last log lines"));
    }
    match snapshots.wait_for(|snapshot| snapshot.state == RunState::Stopped).await {
        Ok(snapshot) => Ok(snapshot.clone()),
        Err(_) => Err(Failure::generator("the master has ended", "")),
    }
}

async fn log_notices(mut notices: mpsc::Receiver<Notice>, log: Log) {
    while let Some(notice) = notices.recv().await {
        let (level, text) = match notice {
            Notice::Connected => (Level::Debug, "Connected to the master".to_owned()),
            Notice::Spawning(users) => (Level::Debug, format!("Users by class: {users:?}")),
            Notice::Stopping => (Level::Debug, "Stopping".to_owned()),
            Notice::Warning(text) => (Level::Warning, text),
        };
        log.line(level, Speaker::Run, &text);
    }
}
