//! What was asked for, resolved once: after this, no value is text and none has two sources.
//!
//! [`resolve`] makes a [`Plan`] of a [`Layer`](crate::settings::Layer); [`value`] reads single values.

pub(crate) mod autoscale;
mod resolve;
#[cfg(test)]
mod tests;
mod value;
mod web;

pub(crate) use resolve::{MASTER_PORT, resolve};

use crate::args::{Flag, flags};
use crate::exit::Failure;
use crate::log::Style;
use crate::pipeline::Pipeline;
use crate::quick::Address;
use akrida_autoscaler::workers::Rules;
use akrida_scaler::Target;
use akrida_scenario::select::Selection;
use akrida_scenario::{Scenario, Stage, Threshold};
use akrida_ui::{BasePath, Hosts, Origins};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

/// Everything that a command needs to know.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plan {
    pub(crate) task: Task,
    pub(crate) role: Role,
    pub(crate) test: Test,
    pub(crate) selection: Selection,
    pub(crate) load: Load,
    pub(crate) engine: EnginePlan,
    pub(crate) output: Output,
    pub(crate) verdict: Verdict,
    /// `None` where the run starts at once, and in a worker.
    pub(crate) web: Option<WebPlan>,
    /// Where probes are answered in plain HTTP; `None` for nowhere.
    pub(crate) health_port: Option<u16>,
    /// Where metrics are served beside the page; 0 for any port that is free.
    pub(crate) metrics_port: Option<u16>,
    /// Where metrics are sent.
    #[cfg(feature = "otel")]
    pub(crate) otel: Option<crate::otel::Otel>,
}

impl Plan {
    /// Gives options of `scenario` the values that were typed.
    ///
    /// # Errors
    /// When it has no such option, or one cannot have this value.
    pub(crate) fn set_options(&self, scenario: &mut Scenario) -> Result<(), Failure> {
        let options = scenario.options();
        let mut values = Vec::new();
        for (name, text) in &self.load.options {
            let known = || options.iter().map(|option| option.name.as_str()).collect::<Vec<_>>().join(", ");
            let option = options.iter().find(|option| option.name == *name).ok_or_else(|| match known() {
                none if none.is_empty() => Failure::usage(
                    format!("--option {name}: the test has no options"),
                    "list them under `options:`",
                ),
                known => Failure::usage(
                    format!("--option: the test has no option {name}"),
                    format!("it has {known}"),
                ),
            })?;
            let value = option.read(text);
            let value =
                value.map_err(|error| Failure::usage(format!("--option {name}={text}: it {error}"), ""))?;
            values.push((name.clone(), value));
        }
        scenario.set_options(&values);
        Ok(())
    }

    /// Lets `scenario` decide what nobody said: a whole fleet of open load has as many users as its classes want, all
    /// at once, and lasts as long as its stages.
    pub(crate) fn fit(&mut self, scenario: &Scenario) {
        let load = &mut self.load;
        if let Some(users) = scenario.default_users() {
            let given = |flag: &Flag| load.given.contains(&flag.long);
            let (users_given, rate_given) = (given(&flags::USERS), given(&flags::SPAWN_RATE));
            if !users_given {
                load.users = users;
            }
            if !rate_given {
                load.spawn_rate = load.users.max(1) as f64;
            }
        }
        if load.stages.is_empty() && scenario.stages.is_empty() {
            load.run_time = load.run_time.or_else(|| scenario.open_duration());
        }
        if let Some(seed) = scenario.seed.filter(|_| !self.engine.seeded) {
            self.engine.seed = seed;
        }
    }
}

/// What is to be done with the test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    Run,
    /// Print the names of its classes.
    List,
    /// Print the ratios of its tasks, for so many users if that was said.
    Ratio {
        users: Option<u64>,
        json: bool,
    },
}

/// What this process is in a fleet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Master and worker at once.
    Alone,
    Master(MasterPlan),
    Worker(WorkerPlan),
}

/// Where a master waits for workers, and for how many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MasterPlan {
    pub(crate) host: String,
    pub(crate) port: u16,
    /// Where workers of Locust before 0.10 push; they pull from the next port.
    pub(crate) legacy_08_port: Option<u16>,
    /// Workers that have to be there before a run starts, at least 1.
    pub(crate) expect: u64,
    /// How long they may take; `None` for ever.
    pub(crate) max_wait: Option<Duration>,
    /// Worker processes of its own.
    pub(crate) processes: usize,
    pub(crate) heartbeat_interval: Duration,
    /// So many heartbeats that did not come make a worker missing.
    pub(crate) missed_heartbeats: u32,
    /// How long a run waits for a worker once its last one is gone.
    pub(crate) worker_wait: Duration,
    /// What is to be known of a test that only Python workers can run.
    pub(crate) python_only: Option<OnlySeen>,
    /// Where it keeps a journal of the run.
    pub(crate) state_dir: Option<PathBuf>,
    /// How the number of its workers follows their load; `None` where people choose it.
    pub(crate) follow: Option<Box<FollowPlan>>,
}

/// Workers in Kubernetes that follow load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FollowPlan {
    pub(crate) target: Target,
    pub(crate) rules: Rules,
}

/// What reading a test shows of it, which its workers may know better.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OnlySeen {
    /// Classes that it has beside those that are run.
    pub(crate) left_out: Vec<String>,
    /// Classes that may have more tasks than are seen.
    pub(crate) partly_seen: Vec<String>,
}

/// Where a worker's master is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WorkerPlan {
    pub(crate) host: String,
    pub(crate) port: u16,
    /// Processes that are workers in its place; 0 for itself.
    pub(crate) processes: usize,
    pub(crate) heartbeat_interval: Duration,
}

/// The web face.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct WebPlan {
    /// Empty for all addresses.
    pub(crate) host: String,
    /// 0 for any that is free.
    pub(crate) port: u16,
    /// What the log calls it instead.
    pub(crate) display_name: Option<String>,
    pub(crate) base: BasePath,
    pub(crate) autostart: bool,
    /// How long after the run of `autostart` the process ends.
    pub(crate) autoquit: Option<Duration>,
    /// Who may log in: a file, or lines; `None` where nobody has to.
    pub(crate) users: Option<String>,
    pub(crate) open_stats: bool,
    pub(crate) origins: Origins,
    pub(crate) hosts: Hosts,
    /// Files of certificate and key.
    pub(crate) tls: Option<(PathBuf, PathBuf)>,
    pub(crate) class_picker: bool,
    /// Which workers it may rescale; `None` where there are none of a master's.
    pub(crate) rescale: Option<RescalePlan>,
}

/// The workers that Kubernetes runs for a master.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RescalePlan {
    pub(crate) target: Target,
    pub(crate) bounds: RangeInclusive<u32>,
}

/// Where the test comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Test {
    /// The file that is there: `locustfile.py` or `akrida.yaml`.
    DefaultFile,
    Files(Vec<PathBuf>),
    /// No file: one address is loaded.
    Address(Address),
    /// What the master hands out; for workers.
    OfMaster,
}

impl Test {
    /// The files of a list with commas.
    pub(crate) fn files(list: &str) -> Self {
        Self::Files(list.split(',').map(|file| PathBuf::from(file.trim())).collect())
    }
}

/// How much, and for how long.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Load {
    /// `None` for each class's own.
    pub(crate) host: Option<String>,
    pub(crate) users: u64,
    pub(crate) spawn_rate: f64,
    /// `None` until somebody stops it.
    pub(crate) run_time: Option<Duration>,
    /// Empty where the scenario decides.
    pub(crate) stages: Vec<Stage>,
    /// Names and values for options of the scenario, as they were typed.
    pub(crate) options: Vec<(String, String)>,
    /// Which of --users and --spawn-rate were given; stages make them mean nothing, and where they were not given a
    /// scenario may decide.
    pub(crate) given: Vec<&'static str>,
    pub(crate) stop_timeout: Duration,
    pub(crate) reset_stats: bool,
}

/// How users are run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EnginePlan {
    pub(crate) cores: usize,
    pub(crate) seed: u64,
    /// Whether --seed was given: else a scenario's own wins.
    pub(crate) seeded: bool,
    pub(crate) drain: Duration,
    /// Files with certificates that are trusted too.
    pub(crate) tls_ca: Vec<PathBuf>,
}

/// What is shown and written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Output {
    pub(crate) log: Style,
    /// `None` for standard error.
    pub(crate) logfile: Option<PathBuf>,
    /// Whether tables are printed at all, and also while the run goes on.
    pub(crate) tables: Tables,
    pub(crate) csv: Option<Csv>,
    /// Whether JSON goes to standard output.
    pub(crate) json: bool,
    pub(crate) json_file: Option<PathBuf>,
    /// The report.
    pub(crate) html: Option<PathBuf>,
    /// Where files of runs are kept.
    pub(crate) runs_dir: Option<PathBuf>,
    pub(crate) profile: Option<String>,
    pub(crate) pipeline: Pipeline,
}

/// When tables are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tables {
    Never,
    AtTheEnd,
    Periodically,
}

/// CSV files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Csv {
    /// Path to which `_stats.csv` and so on are added.
    pub(crate) prefix: String,
    pub(crate) full_history: bool,
}

/// What the exit code says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Verdict {
    pub(crate) on_error: u8,
    pub(crate) fail_on_saturation: bool,
    /// Thresholds beside those of the scenario.
    pub(crate) fail_if: Vec<Threshold>,
    /// What thresholds leave out; `None` where the scenario decides.
    pub(crate) warm_up: Option<Duration>,
}

/// What the machine offers where nothing is said.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Machine {
    pub(crate) cores: usize,
    pub(crate) seed: u64,
}
