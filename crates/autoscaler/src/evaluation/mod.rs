//! What a load test is compared with, as it is written in an evaluation file.

mod file;
#[cfg(test)]
mod tests;

pub use file::load;

use crate::limits;
use akrida_run::PERCENTILES;
use std::fmt;
use std::time::Duration;

/// A whole evaluation.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// At least one.
    pub targets: Vec<Target>,
    /// How replicas become fewer; `None` for never.
    pub decay: Option<Decay>,
    /// Fewest replicas; 0 allows to scale to nothing, which switches the autoscaler off until somebody scales up.
    pub min: u32,
    /// Most replicas, at least `min`.
    pub max: u32,
    /// How replicas become more.
    pub rule: Rule,
    /// Fewer replicas are wanted only if no more were during this time.
    pub stabilization: Duration,
    /// Least time between two changes.
    pub cooldown: Duration,
    /// Requests of each endpoint below which a test decides nothing.
    pub minimum_samples: u64,
    /// Failures per request, 0 to 1, above which a test has failed.
    pub failure_tolerance: f64,
    /// What a test does that failed, or measured too little.
    pub on_failed_test: OnFailedTest,
}

impl Default for Evaluation {
    fn default() -> Self {
        Self {
            targets: Vec::new(),
            decay: None,
            min: limits::MIN_REPLICAS,
            max: limits::MAX_REPLICAS,
            rule: Rule::Step(1),
            stabilization: Duration::ZERO,
            cooldown: Duration::ZERO,
            minimum_samples: limits::MINIMUM_SAMPLES,
            failure_tolerance: 0.0,
            on_failed_test: OnFailedTest::Hold,
        }
    }
}

/// What one endpoint should keep to.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// HTTP method or another request type.
    pub method: String,
    /// What its requests are filed under.
    pub endpoint: String,
    /// What of them is looked at.
    pub what: What,
    /// Above this more replicas are wanted: milliseconds, or a ratio from 0 to 1.
    pub limit: f64,
}

/// A figure of one endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Mean response time.
    Mean,
    /// Median response time.
    Median,
    /// Longest response time.
    Max,
    /// Response time at this index of [`PERCENTILES`].
    Percentile(usize),
    /// Failures per request.
    FailureRatio,
}

/// How many of [`PERCENTILES`] can be named; the last is the longest response time.
const NAMED: usize = PERCENTILES.len() - 1;

impl What {
    /// What is called so in a file.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::all().find(|what| what.to_string() == word)
    }

    /// Everything that can be looked at.
    pub fn all() -> impl Iterator<Item = Self> {
        [Self::Mean, Self::Median, Self::Max]
            .into_iter()
            .chain((0..NAMED).map(Self::Percentile))
            .chain([Self::FailureRatio])
    }

    /// A value with its unit.
    #[must_use]
    pub fn show(self, value: f64) -> String {
        match self {
            Self::FailureRatio => format!("{:.1} %", value * 100.0),
            _ => format!("{value:.1} ms"),
        }
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mean => f.write_str("mean"),
            Self::Median => f.write_str("median"),
            Self::Max => f.write_str("max"),
            Self::Percentile(index) => {
                let quantile = PERCENTILES.get(*index).copied().unwrap_or(1.0);
                // 0.999 times 100 is not quite 99.9.
                write!(f, "p{}", (quantile * 1e6).round() / 1e4)
            }
            Self::FailureRatio => f.write_str("failure_ratio"),
        }
    }
}

/// How replicas become fewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decay {
    /// By how many.
    pub replicas: u32,
    /// After how many runs that left the count as it was.
    pub unchanged_runs: u32,
}

/// How replicas become more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// By so many at a time.
    Step(u32),
    /// In proportion to how far the worst value is above its target, if that is by more than this share of it.
    Proportional {
        /// 0.1 for a tenth.
        tolerance: f64,
    },
}

/// What a test does that failed, or measured too little. It never leads to fewer replicas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFailedTest {
    /// Nothing.
    Hold,
    /// One step up.
    Up,
}
