//! What a master is told before it begins.

use crate::handout::Handout;
use crate::leases::{self, Source};
use crate::limits;
use akrida_dispatch::Class;
use akrida_protocol::ParsedOptions;
use akrida_scenario::model::{Arrivals, CustomOption, Take};
use akrida_scenario::{Scenario, Threshold};
use std::time::Duration;

/// What a master works with.
#[derive(Clone, Debug)]
pub struct Config {
    /// The classes of the test.
    pub classes: Vec<Class>,
    /// How long users that stop may finish their task.
    pub stop_timeout: Duration,
    /// How long workers let requests in flight go on after that.
    pub drain: Duration,
    /// How long a run without workers waits for one.
    pub worker_wait: Duration,
    /// Open load of the classes, by index; `None` for closed ones.
    pub open: Vec<Option<Arrivals>>,
    /// Whether users are given rows of data that go round, which the fleet divides.
    pub rows: bool,
    /// Sources of rows that are given only once.
    pub sources: Vec<Source>,
    /// Whether figures are zeroed when a ramp is done.
    pub reset_stats: bool,
    /// The command line, for workers that are Locust's.
    pub parsed_options: ParsedOptions,
    /// The options of the scenario, with their values now.
    pub options: Vec<CustomOption>,
    /// How often workers tell that they live.
    pub heartbeat_interval: Duration,
    /// Silence after which a worker is missing.
    pub liveness: Duration,
    /// Names of the classes' tasks, by index; those of a class may be unknown, and are none then.
    pub tasks: Vec<Vec<String>>,
    /// Whether only Python can run the test, so that Akrida's workers get no users.
    pub python_only: bool,
    /// Classes that the test has beside those that are run.
    pub left_out: Vec<String>,
    /// For workers that ask for the test.
    pub handout: Handout,
    /// When a run has failed.
    pub thresholds: Vec<Threshold>,
    /// How long thresholds leave out what is measured in the beginning.
    pub warm_up: Duration,
}

impl Config {
    /// The usual settings for a scenario.
    #[must_use]
    pub fn new(scenario: &Scenario) -> Self {
        let classes = scenario.classes.iter().map(|class| Class {
            name: class.name.clone(),
            weight: class.weight.into(),
            fixed_count: class.fixed_count,
        });
        Self {
            classes: classes.collect(),
            open: scenario.classes.iter().map(|class| class.arrivals.clone()).collect(),
            rows: scenario.feeders().iter().any(|feeder| feeder.take == Take::Cycle),
            sources: leases::sources(scenario),
            stop_timeout: Duration::ZERO,
            drain: limits::DRAIN,
            worker_wait: limits::WORKER_WAIT,
            reset_stats: false,
            parsed_options: ParsedOptions::default(),
            options: scenario.options().into_iter().cloned().collect(),
            heartbeat_interval: limits::HEARTBEAT_INTERVAL,
            liveness: limits::LIVENESS,
            tasks: scenario
                .classes
                .iter()
                .map(|class| class.tasks.iter().map(|task| task.name.clone()).collect())
                .collect(),
            python_only: false,
            left_out: Vec::new(),
            handout: Handout::default(),
            thresholds: Vec::new(),
            warm_up: Duration::ZERO,
        }
    }

    /// With workers that tell so often that they live, and are missing once so many of their heartbeats did not come.
    #[must_use]
    pub fn with_heartbeats(self, interval: Duration, missed: u32) -> Self {
        let on_its_way = interval / 2;
        Self { heartbeat_interval: interval, liveness: interval * missed + on_its_way, ..self }
    }
}
