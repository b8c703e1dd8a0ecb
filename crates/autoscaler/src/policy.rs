//! What is decided after a load test: a pure function of what was measured, of what is remembered, and of the time.
//!
//! A value above its target brings more replicas. Only a test that passed, measured enough and kept to all targets
//! counts as a run without change, and after enough of these the count decays. A test that failed, or measured too
//! little, never brings fewer replicas: an endpoint that only fails answers fast. Slow failures are slow, so they may
//! bring more.

use crate::evaluation::{Evaluation, OnFailedTest, Rule, What};
use crate::limits;
use crate::measured::Measured;
use crate::memory::Memory;
use std::time::Duration;

/// What is decided, and what is remembered once it is done.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// Replicas so far.
    pub from: u32,
    /// Replicas that are wanted; the same number for no change.
    pub to: u32,
    /// What led to it.
    pub verdict: Verdict,
    /// What each target saw, worst first, then why that leads to this number; in plain words on one line.
    pub why: String,
    /// What is remembered when `to` is true.
    pub memory: Memory,
}

/// What led to a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// No replicas are wanted: autoscaling is switched off.
    Off,
    /// The test failed, or could not be run.
    Failed,
    /// The test measured too little.
    Thin,
    /// A value is above its target.
    Above,
    /// A value is above its target, but not by enough for the proportional rule.
    Near,
    /// All values are within their targets.
    Within,
    /// They were for long enough: the count decays.
    Decay,
}

impl Verdict {
    /// One word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Failed => "failed",
            Self::Thin => "thin",
            Self::Above => "above",
            Self::Near => "near",
            Self::Within => "within",
            Self::Decay => "decay",
        }
    }
}

/// What was seen of the load test: figures, or why there are none.
pub type Outcome<'a> = Result<&'a Measured, &'a str>;

/// Decides. `current` is how many replicas are wanted so far, `now` the time in unix seconds.
#[must_use]
pub fn decide(
    evaluation: &Evaluation,
    memory: &Memory,
    current: u32,
    outcome: Outcome<'_>,
    now: f64,
) -> Decision {
    let mut memory = memory.clone();
    let elsewhere = memory.replicas.filter(|replicas| *replicas != current);
    if elsewhere.is_some() {
        memory.runs_since_change = 0;
    }
    let decided = |to, verdict, why: String, memory| {
        let why = match elsewhere {
            Some(before) => format!("{why}; somebody else changed {before} to {current}"),
            None => why,
        };
        Decision { from: current, to, verdict, why, memory }
    };
    if current == 0 {
        memory.replicas = Some(0);
        return decided(
            0,
            Verdict::Off,
            "no replicas are wanted, so the autoscaler is off".to_owned(),
            memory,
        );
    }
    let seen = look(evaluation, outcome, current);
    let mut verdict = seen.verdict;
    let due = evaluation.decay.filter(|decay| memory.runs_since_change >= decay.unchanged_runs);
    let wanted = match (verdict, due) {
        (Verdict::Within, Some(decay)) => {
            verdict = Verdict::Decay;
            current.saturating_sub(decay.replicas)
        }
        _ => seen.wanted,
    };
    let mut bounded = wanted.clamp(evaluation.min, evaluation.max);
    if seen.doubtful {
        bounded = bounded.max(current);
    }
    let mut notes = vec![seen.text];
    if verdict == Verdict::Decay {
        notes.push(format!("{} runs without change", memory.runs_since_change));
    }
    if bounded != wanted {
        notes.push(format!("{wanted} would be outside {} to {}", evaluation.min, evaluation.max));
    }
    memory.recommend(now, bounded, evaluation.stabilization);
    // What was wanted before somebody changed the bounds counts no more.
    let stable =
        if bounded < current { memory.highest(bounded).min(evaluation.max).min(current) } else { bounded };
    if stable != bounded {
        notes.push(format!("more than {bounded} were wanted within {}", seconds(evaluation.stabilization)));
    }
    let mut to = stable;
    let cooling = memory.changed_at.is_some_and(|at| {
        // A clock that was set back must not make a cool-down longer than it is.
        (0.0..evaluation.cooldown.as_secs_f64()).contains(&(now - at))
    });
    if cooling && to != current {
        notes.push(format!("{to} has to wait for the cool-down of {}", seconds(evaluation.cooldown)));
        to = current;
    }
    if to == current {
        memory.runs_since_change = match verdict {
            Verdict::Within | Verdict::Decay => memory.runs_since_change.saturating_add(1),
            Verdict::Above => 0,
            Verdict::Off | Verdict::Failed | Verdict::Thin | Verdict::Near => memory.runs_since_change,
        };
    } else {
        memory.runs_since_change = 0;
        memory.changed_at = Some(now);
    }
    memory.replicas = Some(to);
    decided(to, verdict, notes.join("; "), memory)
}

/// What the targets say by themselves.
struct Seen {
    verdict: Verdict,
    /// Replicas that are wanted before bounds, decay and time are looked at.
    wanted: u32,
    /// Whether a part of the test failed or measured too little, so that fewer replicas are out of the question.
    doubtful: bool,
    text: String,
}

/// A value above its target.
struct Above {
    /// How many times its target it is.
    times: f64,
    /// The same, if replicas in proportion to it make sense.
    ratio: Option<f64>,
    text: String,
}

fn look(evaluation: &Evaluation, outcome: Outcome<'_>, current: u32) -> Seen {
    let on_failed = match evaluation.on_failed_test {
        OnFailedTest::Hold => current,
        OnFailedTest::Up => up(evaluation.rule, current, None),
    };
    let measured = match outcome {
        Ok(measured) => measured,
        Err(why) => {
            let text = format!("the test failed: {why}");
            return Seen { verdict: Verdict::Failed, wanted: on_failed, doubtful: true, text };
        }
    };
    let (mut thin, mut failed) = (None, None);
    // The worst of those above their targets, and of those within.
    let (mut above, mut within) = (None::<Above>, None::<(f64, String)>);
    for target in &evaluation.targets {
        let name = format!("{} {}", target.method, target.endpoint);
        let figures =
            measured.figures(target).filter(|figures| figures.requests >= evaluation.minimum_samples.max(1));
        let found = figures.and_then(|figures| Some((figures, figures.value(target.what)?)));
        let Some((figures, value)) = found else {
            let requests = measured.figures(target).map_or(0, |figures| figures.requests);
            thin.get_or_insert_with(|| {
                let least = evaluation.minimum_samples;
                format!("{name} had {requests} requests with a {}, {least} are the least", target.what)
            });
            continue;
        };
        if figures.fail_ratio() > evaluation.failure_tolerance {
            let (failures, requests) = (figures.failures, figures.requests);
            failed.get_or_insert_with(|| format!("{failures} of {requests} requests of {name} failed"));
        }
        let (what, limit) = (target.what, target.limit);
        let text = format!("{} of {name} is {}, target {}", what, what.show(value), what.show(limit));
        let times = if limit > 0.0 {
            value / limit
        } else if value > 0.0 {
            f64::INFINITY
        } else {
            0.0
        };
        if value > limit {
            if above.as_ref().is_none_or(|worst| times > worst.times) {
                let ratio = (what != What::FailureRatio && times.is_finite()).then_some(times);
                above = Some(Above { times, ratio, text });
            }
        } else if within.as_ref().is_none_or(|(worst, _)| times > *worst) {
            within = Some((times, text));
        }
    }
    let doubtful = failed.is_some() || thin.is_some();
    match (above, failed, thin) {
        (Some(Above { ratio, text, .. }), ..) => {
            let wanted = up(evaluation.rule, current, ratio);
            let verdict = if wanted > current { Verdict::Above } else { Verdict::Near };
            Seen { verdict, wanted, doubtful: doubtful || verdict == Verdict::Near, text }
        }
        (None, Some(text), _) => Seen { verdict: Verdict::Failed, wanted: on_failed, doubtful, text },
        (None, None, Some(text)) => Seen { verdict: Verdict::Thin, wanted: on_failed, doubtful, text },
        (None, None, None) => {
            let text = within.map(|(_, text)| text).unwrap_or_default();
            Seen { verdict: Verdict::Within, wanted: current, doubtful, text }
        }
    }
}

/// More replicas, by the rule; `ratio` is how many times its target a response time is.
fn up(rule: Rule, current: u32, ratio: Option<f64>) -> u32 {
    match (rule, ratio) {
        (Rule::Proportional { tolerance }, Some(ratio)) if ratio <= 1.0 + tolerance => current,
        (Rule::Proportional { .. }, Some(ratio)) => {
            // A conversion from a float saturates.
            (f64::from(current) * ratio).ceil().min(f64::from(limits::REPLICAS)) as u32
        }
        (Rule::Proportional { .. }, None) => current.saturating_add(1),
        (Rule::Step(step), _) => current.saturating_add(step),
    }
}

impl Memory {
    /// Remembers a count, and forgets what is older than `window` or lower than what came later.
    fn recommend(&mut self, now: f64, count: u32, window: Duration) {
        let window = window.as_secs_f64();
        self.recommended.retain(|(at, higher)| *higher > count && (0.0..window).contains(&(now - at)));
        if window > 0.0 {
            self.recommended.push((now, count));
        }
        let excess = self.recommended.len().saturating_sub(limits::RECOMMENDATIONS);
        self.recommended.drain(..excess);
    }

    /// The highest count that is remembered, at least `count`.
    fn highest(&self, count: u32) -> u32 {
        self.recommended.iter().map(|(_, count)| *count).max().unwrap_or(count).max(count)
    }
}

fn seconds(span: Duration) -> String {
    format!("{} s", span.as_secs_f64())
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
