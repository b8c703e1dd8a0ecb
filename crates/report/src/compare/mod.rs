//! What changed between two runs, and whether that is more than noise.
//!
//! A run is given in slices of time, each with a histogram. Slices of one run differ by chance; a bootstrap over them
//! tells by how much a figure of the whole run may differ by chance alone. Where there are earlier runs, their spread
//! takes its place, for two runs of the same thing differ by more than slices of one do. `docs/compare.md` has the
//! mathematics; the tests hold it against made data whose truth is known.

mod chance;
mod file;
mod slices;
#[cfg(test)]
mod tests;
mod text;

pub use text::{markdown, text};

use akrida_scenario::Threshold;
use akrida_scenario::threshold::Metric;
use akrida_stats::Sparse;
use slices::Measure;
use std::collections::BTreeMap;

/// Share of comparisons of equal runs in which the sum of all requests may be called different, and the same for all
/// names together: at most one in twenty in total.
const ALPHA: f64 = 0.025;

/// The same for a single figure held against the spread of earlier runs. A few runs tell so little of their spread that
/// nothing would ever be different if all figures shared this.
const ALPHA_OF_RUNS: f64 = 0.05;

/// Earlier runs below which their spread says nothing.
const RUNS: usize = 3;

/// What is compared, in this order.
pub const METRICS: [Metric; 6] = [
    Metric::Quantile(0.5),
    Metric::Quantile(0.95),
    Metric::Quantile(0.99),
    Metric::Mean,
    Metric::FailureRatio,
    Metric::Rps,
];

/// A run in slices.
#[derive(Clone, Debug, Default)]
pub struct Side {
    /// What it is called.
    pub label: String,
    /// All requests.
    pub total: Vec<Slice>,
    /// Requests by (name, method).
    pub names: BTreeMap<(String, String), Vec<Slice>>,
}

/// What some requests did in one span of time. Spans of one run are about equally long and follow each other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Slice {
    /// How long it is, seconds.
    pub seconds: f64,
    /// Requests that ended in it, failed ones included.
    pub requests: u64,
    /// Failed ones.
    pub failures: u64,
    /// Sum of the response times, microseconds.
    pub total_us: u64,
    /// Response times.
    pub times: Sparse,
}

/// What changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// What the earlier runs are called, the newest last.
    pub before: Vec<String>,
    /// What the later one is called.
    pub after: String,
    /// All requests.
    pub total: Vec<Change>,
    /// Requests that both have, by (name, method).
    pub names: BTreeMap<(String, String), Vec<Change>>,
    /// Requests that only the earlier runs have.
    pub gone: Vec<(String, String)>,
    /// Requests that only the later one has.
    pub new: Vec<(String, String)>,
}

/// How one figure changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Which figure.
    pub metric: Metric,
    /// Before, in the unit of the metric; of several runs the middle one.
    pub before: Option<f64>,
    /// After.
    pub after: Option<f64>,
    /// By how much: a share of what it was, or for a share of failures the difference. `None` where one of them is
    /// missing, or nothing can be divided by.
    pub change: Option<f64>,
    /// Between what it is with 95 % certainty, as `change`.
    pub interval: Option<(f64, f64)>,
    /// What that means.
    pub judgement: Judgement,
    /// What it was judged by.
    pub basis: Basis,
}

/// What a change means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// It may be chance.
    Noise,
    /// It is more than chance.
    Different,
    /// There is too little to tell.
    TooFew,
}

/// What a change was judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// How slices of both runs differ.
    Slices,
    /// How so many earlier runs differ.
    Runs(usize),
}

/// Compares a run with the one before it, or with several. The same input always gives the same answer.
#[must_use]
pub fn compare(before: &[Side], after: &Side) -> Comparison {
    let totals: Vec<_> = before.iter().map(|side| Measure::of(&side.total)).collect();
    let mut total = changes(&totals, &Measure::of(&after.total));
    settle(total.iter_mut());
    let mut names = BTreeMap::new();
    let known = |key: &(String, String)| before.iter().any(|side| side.names.contains_key(key));
    for (key, slices) in after.names.iter().filter(|(key, _)| known(key)) {
        let earlier = before.iter().filter_map(|side| side.names.get(key)).map(|slices| Measure::of(slices));
        names.insert(key.clone(), changes(&earlier.collect::<Vec<_>>(), &Measure::of(slices)));
    }
    settle(names.values_mut().flatten());
    let of_before = before.iter().flat_map(|side| side.names.keys());
    let mut gone: Vec<_> = of_before.filter(|key| !after.names.contains_key(*key)).cloned().collect();
    gone.sort();
    gone.dedup();
    Comparison {
        before: before.iter().map(|side| side.label.clone()).collect(),
        after: after.label.clone(),
        total: total.into_iter().map(|judged| judged.change).collect(),
        names: names
            .into_iter()
            .map(|(key, changes)| (key, changes.into_iter().map(|judged| judged.change).collect()))
            .collect(),
        gone,
        new: after.names.keys().filter(|key| !known(key)).cloned().collect(),
    }
}

/// A change with the probability that chance alone makes one as large.
struct Judged {
    change: Change,
    by_chance: Option<f64>,
}

/// The changes of all metrics, in their order.
fn changes(before: &[Measure], after: &Measure) -> Vec<Judged> {
    (0..METRICS.len()).map(|at| change(at, before, after)).collect()
}

fn change(at: usize, before: &[Measure], after: &Measure) -> Judged {
    let metric = METRICS[at];
    let known: Vec<f64> = before.iter().filter_map(|measure| measure.values[at]).collect();
    let basis = if known.len() >= RUNS { Basis::Runs(known.len()) } else { Basis::Slices };
    let was = match basis {
        Basis::Runs(_) => middle(&known),
        Basis::Slices => before.last().and_then(|before| before.values[at]),
    };
    let is = after.values[at];
    let mut found = Change {
        metric,
        before: was,
        after: is,
        change: was.zip(is).and_then(|(was, is)| difference(metric, was, is)),
        interval: None,
        judgement: Judgement::TooFew,
        basis,
    };
    let nothing = |change| Judged { change, by_chance: None };
    let (Some(was), Some(is)) = (was, is) else { return nothing(found) };
    let scale = Scale::of(metric);
    let spread = match basis {
        Basis::Runs(runs) => {
            of_runs(&known.iter().filter_map(|value| scale.to(*value)).collect::<Vec<_>>(), runs)
        }
        Basis::Slices => before.last().and_then(|before| of_slices(at, before, after)),
    };
    let (Some(spread), Some(from), Some(to)) = (spread, scale.to(was), scale.to(is)) else {
        return nothing(found);
    };
    let (distance, margin) = (to - from, chance::two_sided(0.05, spread.freedom) * spread.error);
    found.interval = Some((scale.back(distance - margin), scale.back(distance + margin)));
    found.judgement = Judgement::Noise;
    let by_chance = chance::probability(distance.abs() / spread.error, spread.freedom);
    Judged { change: found, by_chance: Some(by_chance) }
}

/// How far a difference is off by chance, and how well that is known.
struct Spread {
    error: f64,
    freedom: f64,
}

/// The spread of earlier runs, and of one more.
fn of_runs(values: &[f64], runs: usize) -> Option<Spread> {
    if values.len() < runs {
        return None;
    }
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
    let error = (variance * (1.0 + 1.0 / count)).sqrt().max(slices::RESOLUTION);
    Some(Spread { error, freedom: count - 1.0 })
}

/// The spread of the slices of both runs, by Welch's rule for two spreads that need not be the same.
fn of_slices(at: usize, before: &Measure, after: &Measure) -> Option<Spread> {
    let (left, right) = (before.errors.as_ref()?, after.errors.as_ref()?);
    let (mut a, mut b) = (left[at]?.powi(2), right[at]?.powi(2));
    if METRICS[at] == Metric::FailureRatio {
        // A run without failures is not sure to have none: what both have is the better guess.
        let all = before.requests + after.requests;
        let share = (before.failures + after.failures) / all;
        let binomial = |requests: f64| share * (1.0 - share) / requests;
        (a, b) = (a.max(binomial(before.requests)), b.max(binomial(after.requests)));
        if a + b == 0.0 {
            return Some(Spread { error: f64::MIN_POSITIVE, freedom: 1.0 });
        }
    }
    let (n, m) = (before.slices as f64 - 1.0, after.slices as f64 - 1.0);
    let freedom = (a + b).powi(2) / (a * a / n + b * b / m);
    Some(Spread { error: (a + b).sqrt(), freedom })
}

/// Holm's rule: of many figures that are looked at together, few are called different by chance.
fn settle<'a>(all: impl Iterator<Item = &'a mut Judged>) {
    let mut judged: Vec<_> = all.filter(|judged| judged.by_chance.is_some()).collect();
    judged.sort_by(|a, b| a.by_chance.unwrap_or(1.0).total_cmp(&b.by_chance.unwrap_or(1.0)));
    let by_slices = judged.iter().filter(|judged| judged.change.basis == Basis::Slices).count();
    let (mut left, mut open) = (by_slices, true);
    for Judged { change, by_chance } in judged {
        let by_chance = by_chance.unwrap_or(1.0);
        let different = match change.basis {
            Basis::Runs(_) => by_chance <= ALPHA_OF_RUNS,
            Basis::Slices => {
                open &= by_chance <= ALPHA / left as f64;
                left -= 1;
                open
            }
        };
        // What is not told apart is not different, however sure that is.
        if different && change.before != change.after {
            change.judgement = Judgement::Different;
        }
    }
}

/// How values of a metric are set side by side.
#[derive(Clone, Copy)]
enum Scale {
    /// By how many times one is the other.
    Ratio,
    /// By how much one exceeds the other.
    Difference,
}

impl Scale {
    fn of(metric: Metric) -> Self {
        if metric == Metric::FailureRatio { Self::Difference } else { Self::Ratio }
    }

    fn to(self, value: f64) -> Option<f64> {
        match self {
            Self::Ratio => (value > 0.0).then(|| value.ln()),
            Self::Difference => Some(value),
        }
    }

    /// A distance as a change.
    fn back(self, distance: f64) -> f64 {
        match self {
            Self::Ratio => distance.exp_m1(),
            Self::Difference => distance,
        }
    }
}

fn difference(metric: Metric, was: f64, is: f64) -> Option<f64> {
    match Scale::of(metric) {
        Scale::Difference => Some(is - was),
        Scale::Ratio => (was > 0.0).then(|| is / was - 1.0),
    }
}

/// The middle one of some values.
fn middle(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = sorted.len().checked_sub(1)? / 2;
    Some(if sorted.len().is_multiple_of(2) { f64::midpoint(sorted[at], sorted[at + 1]) } else { sorted[at] })
}

/// What became of a condition on a comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// As it was written.
    pub text: String,
    /// The change; `None` where it was not measured, which is as good as broken.
    pub change: Option<f64>,
    /// Whether it holds, and is more than noise.
    pub broken: bool,
}

/// Holds conditions against a comparison. A change that may be chance breaks none.
#[must_use]
pub fn hold(conditions: &[Threshold], comparison: &Comparison) -> Vec<Held> {
    conditions.iter().map(|condition| held(condition, comparison)).collect()
}

fn held(condition: &Threshold, comparison: &Comparison) -> Held {
    let scope = &condition.scope;
    let is = |wanted: &Option<String>, found: &str| wanted.as_ref().is_none_or(|wanted| wanted == found);
    let rows: Vec<&Vec<Change>> = if scope.name.is_none() && scope.method.is_none() {
        vec![&comparison.total]
    } else {
        let found = comparison.names.iter();
        found
            .filter(|((name, method), _)| is(&scope.name, name) && is(&scope.method, method))
            .map(|(_, row)| row)
            .collect()
    };
    let changes = rows.into_iter().flatten().filter(|change| change.metric == condition.metric);
    let known: Vec<_> = changes.filter_map(|change| Some((change.change?, change.judgement))).collect();
    let worst = known.iter().copied().find(|(change, judgement)| {
        *judgement == Judgement::Different && condition.comparison.holds(*change, condition.bound)
    });
    Held {
        text: condition.text.clone(),
        change: worst.or_else(|| known.first().copied()).map(|(change, _)| change),
        broken: worst.is_some() || known.is_empty(),
    }
}

/// Why a condition cannot be held against a comparison, and what to write instead; `None` where it can.
#[must_use]
pub fn objection(condition: &Threshold) -> Option<(String, String)> {
    let scope = &condition.scope;
    if scope.tag.is_some() || scope.stage.is_some() || scope.class.is_some() || scope.from_intended {
        let message = "runs are compared as a whole and by `name` and `method`".to_owned();
        return Some((message, "leave the other labels out".to_owned()));
    }
    let metric = condition.metric;
    let known = METRICS.contains(&metric);
    (!known)
        .then(|| ("this is not compared".to_owned(), "write p50, p95, p99, mean, failures or rps".to_owned()))
}
