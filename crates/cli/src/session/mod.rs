//! A run: alone on one machine, or as master or worker of a fleet.
//!
//! Alone, master and worker are in this process, joined by the memory transport; else each joins the other over
//! ZeroMQ. Nothing else differs.

mod alone;
mod fetch;
mod follow;
mod handout;
mod master;
mod processes;
mod served;
mod short;
mod watch;
mod web;
mod worker;

pub(crate) use alone::run as run_alone;
pub(crate) use fetch::fetch;
pub(crate) use handout::handout;
pub(crate) use master::run as run_master;
pub(crate) use short::run_short;
pub(crate) use web::Web;
pub(crate) use worker::{Attended, run as run_worker, run_processes};

use crate::exit::Failure;
use crate::files;
use crate::health::Ready;
use crate::log::{Level, Log, Speaker};
use crate::metrics::{Figures, Port, Serving};
use crate::plan::{EnginePlan, Load as LoadPlan, Plan};
use crate::runs::Hand;
use akrida_dispatch::ClassSequence;
use akrida_engine::{Engine, Exception, Options, StartError, TlsRoots};
use akrida_master::{Config, Handle, Load, Master, Start};
use akrida_protocol::ParsedOptions;
use akrida_run::Record;
use akrida_scenario::select::Selection;
use akrida_scenario::{Scenario, Threshold};
use akrida_transport::Hub;
use akrida_worker::{Mix, Notice, Process};
use std::sync::Arc;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;

/// Largest file with certificates, bytes; the roots of all browsers are a quarter of that.
const CERTIFICATES: u64 = 1024 * 1024;

/// Messages of a worker that wait to be logged.
const NOTICES: usize = 64;

/// An engine that is ready to run a scenario.
pub(crate) struct Generator {
    engine: Engine,
    exceptions: mpsc::Receiver<Exception>,
}

impl Generator {
    /// Starts the engine, without users.
    ///
    /// # Errors
    /// When threads cannot be had or files with certificates cannot be used.
    pub(crate) fn new(scenario: &Arc<Scenario>, plan: &EnginePlan) -> Result<Self, Failure> {
        let extra_pem =
            plan.tls_ca.iter().map(|path| files::read(path, CERTIFICATES)).collect::<Result<_, _>>()?;
        let options =
            Options { cores: plan.cores, seed: plan.seed, drain: plan.drain, roots: TlsRoots { extra_pem } };
        let (engine, exceptions) = Engine::start(scenario, &options).map_err(|error| match error {
            StartError::Tls(_) => Failure::usage(error.to_string(), "name a PEM file with --tls-ca"),
            StartError::Network { .. } => Failure::usage(error.to_string(), "correct the scenario"),
            StartError::Thread(_) => Failure::generator(error.to_string(), "use fewer --cores"),
        })?;
        Ok(Self { engine, exceptions })
    }
}

/// Where everything but users runs.
pub(crate) fn runtime() -> Result<Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::generator(format!("cannot start: {error}"), ""))
}

/// A master that tells what this process uses.
fn master(config: Config, hub: Hub) -> (Master, Handle) {
    let (master, handle) = Master::new(config, hub);
    let mut process = Process::default();
    let usage = move |now| {
        let usage = process.usage(now);
        (usage.cpu_percent, usage.memory)
    };
    (master.with_usage(usage), handle)
}

/// A master that hands over pieces of its runs. `left` is what the journal of the one before it came to.
fn taped(master: Master, left: Option<&Record>, hand: Option<Hand>) -> Master {
    match hand {
        Some(mut hand) => master.with_tape(left, move |piece| hand.over(piece)),
        None => master,
    }
}

/// Serves the metrics of a master, if that is wanted, until the answer is dropped.
fn serve_metrics(plan: &Plan, handle: &Handle, log: &Log) -> Result<Option<Serving>, Failure> {
    let serve = |port| Port::take(port, log)?.serve(Figures::Master(handle.clone()));
    plan.metrics_port.map(serve).transpose()
}

/// The thresholds of a scenario and those that were typed, none of them twice.
fn thresholds(written: &[Threshold], typed: &[Threshold]) -> Vec<Threshold> {
    let mut all: Vec<Threshold> = Vec::new();
    for threshold in written.iter().chain(typed) {
        if all.iter().all(|known| known.text != threshold.text) {
            all.push(threshold.clone());
        }
    }
    all
}

/// What a master works with.
fn master_config(scenario: &Scenario, plan: &Plan) -> Config {
    Config {
        stop_timeout: plan.load.stop_timeout,
        drain: plan.engine.drain,
        reset_stats: plan.load.reset_stats,
        parsed_options: for_locusts_workers(&plan.selection),
        thresholds: thresholds(&scenario.thresholds, &plan.verdict.fail_if),
        warm_up: plan.verdict.warm_up.unwrap_or(scenario.warm_up),
        ..Config::new(scenario)
    }
}

/// What Locust's workers take over from the command line of their master, as far as we have it.
fn for_locusts_workers(selection: &Selection) -> ParsedOptions {
    let mut options = ParsedOptions::default();
    for (name, tags) in [("tags", &selection.tags), ("exclude_tags", &selection.exclude_tags)] {
        if !tags.is_empty() {
            options.set_texts(name, tags);
        }
    }
    options
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

/// What a worker is called and can do.
fn worker_config(node_id: String, scenario: &Scenario, plan: &EnginePlan) -> akrida_worker::Config {
    let sequence = ClassSequence::new(&Config::new(scenario).classes);
    akrida_worker::Config {
        mix: Mix::new(move |users| sequence.totals(users)),
        ..akrida_worker::Config::new(node_id, scenario, u16::try_from(plan.cores).unwrap_or(u16::MAX))
    }
}

/// Logs what happens to a worker of this selection; `own` is the level of what is news only to a process that is
/// nothing else.
async fn log_notices(
    mut notices: mpsc::Receiver<Notice>,
    log: Log,
    own: Level,
    selection: &Selection,
    ready: &Ready,
) {
    while let Some(notice) = notices.recv().await {
        let (level, text) = match notice {
            Notice::Connected => {
                ready.set();
                (own, "Connected to the master".to_owned())
            }
            Notice::Spawning(users) => (Level::Debug, format!("Users by class: {users:?}")),
            Notice::Stopping => (own, "Got stop message from master, stopping users".to_owned()),
            Notice::Tags { tags, exclude_tags } => {
                if tags == selection.tags && exclude_tags == selection.exclude_tags {
                    continue;
                }
                let flags = [("--tags", &tags), ("--exclude-tags", &exclude_tags)];
                let flags = flags.iter().filter(|(_, tags)| !tags.is_empty());
                let flags: Vec<String> =
                    flags.map(|(flag, tags)| format!("{flag} {}", tags.join(" "))).collect();
                let flags = if flags.is_empty() { "no tags".to_owned() } else { flags.join(" ") };
                let text = format!("The master selects tasks by {flags}: start this worker with the same.");
                (Level::Warning, text)
            }
            Notice::ClassChanged(text) => (own, text),
            Notice::Warning(text) => (Level::Warning, text),
        };
        log.line(level, Speaker::Run, &text);
    }
}
