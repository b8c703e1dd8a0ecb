//! Thresholds: `p95 > 300ms`, `failures > 1%`, `rps{name="/buy"} < 50 abort after 30s`.
//!
//! A threshold says when a run has failed. Its text is a condition: what is measured, for which requests, a comparison
//! and a bound; and, if the run is to be stopped at once, `abort`. This module reads it and refuses what makes no
//! sense, with a place and a remedy. Whether a condition holds is decided where figures are known.

mod read;
#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::Range;
use std::time::Duration;

/// When a run has failed.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    /// As it was written, without white space around it.
    pub text: String,
    /// What is measured.
    pub metric: Metric,
    /// For which requests.
    pub scope: Scope,
    /// How the value relates to the bound when the run has failed.
    pub comparison: Comparison,
    /// The bound: milliseconds, a share from 0 to 1, a number, or a number per second, as the metric has it. Of a
    /// [change](parse_change), a share: 0.1 for ten per cent more, -0.1 for ten per cent less.
    pub bound: f64,
    /// Whether the run is stopped as soon as the condition holds; not before so much of the run is over.
    pub abort: Option<Duration>,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Metric {
    /// A response time that this share of the requests, from 0 to 1, does not exceed, milliseconds.
    Quantile(f64),
    /// The mean response time, milliseconds.
    Mean,
    /// The shortest response time, milliseconds.
    Min,
    /// The longest response time, milliseconds.
    Max,
    /// Requests.
    Requests,
    /// Requests per second.
    Rps,
    /// Failures.
    Failures,
    /// Failures per request, 0 to 1.
    FailureRatio,
    /// Failures per second.
    FailuresPerSecond,
    /// Requests that a check failed.
    Checks,
    /// The same per request, 0 to 1.
    CheckRatio,
    /// Starts of open load that found no free user.
    Dropped,
    /// The same per intended start, 0 to 1.
    DroppedRatio,
    /// How late the load generator was at worst, milliseconds.
    Lag,
}

/// For which requests; all of them if nothing is said.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scope {
    /// Those of this name.
    pub name: Option<String>,
    /// Those of this method.
    pub method: Option<String>,
    /// Those of tasks with this tag.
    pub tag: Option<String>,
    /// Those that began in the stage of this name.
    pub stage: Option<String>,
    /// For dropped starts: those of this user class.
    pub class: Option<String>,
    /// Whether times are from the intended start.
    pub from_intended: bool,
}

/// How a value relates to a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `>`
    Above,
    /// `>=`
    AtLeast,
    /// `<`
    Below,
    /// `<=`
    AtMost,
}

impl Comparison {
    /// Whether `value` relates so to `bound`.
    #[must_use]
    pub fn holds(self, value: f64, bound: f64) -> bool {
        match self {
            Self::Above => value > bound,
            Self::AtLeast => value >= bound,
            Self::Below => value < bound,
            Self::AtMost => value <= bound,
        }
    }
}

/// Why a text is no threshold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThresholdError {
    /// Where, as a range of bytes in the text.
    pub at: Range<usize>,
    /// What is wrong, in one line without a full stop.
    pub message: String,
    /// What to write instead, in one line without a full stop.
    pub remedy: String,
}

impl fmt::Display for ThresholdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.remedy)
    }
}

impl std::error::Error for ThresholdError {}

/// Reads a threshold.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn parse(text: &str) -> Result<Threshold, ThresholdError> {
    read::Reader::new(text).threshold(read::Bounds::Figures)
}

/// Reads a condition on how one run differs from another: `p95 > +10%`, `rps{name="/buy"} < -5%`. It has no `abort`.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn parse_change(text: &str) -> Result<Threshold, ThresholdError> {
    read::Reader::new(text).threshold(read::Bounds::Changes)
}
