//! From the text of an evaluation file to an [`Evaluation`], or to everything that is wrong with it.

use super::{Decay, Evaluation, OnFailedTest, Rule, Target, What};
use crate::limits;
use akrida_scenario::duration::parse_duration;
use akrida_scenario::yaml::document::{self, Kind, Meaning, Name, Node, either, nearest, quote};
use akrida_scenario::{Problem, Problems, Requested};
use std::ops::RangeInclusive;
use std::time::Duration;

const KEYS: [&str; 12] = [
    "targets",
    "decay",
    "minReplicas",
    "maxReplicas",
    "rule",
    "step",
    "tolerance",
    "downscaleStabilization",
    "cooldown",
    "minimumSamples",
    "failureTolerance",
    "onFailedTest",
];
const TARGET_KEYS: [&str; 4] = ["method", "endpoint", "type", "target"];
const DECAY_KEYS: [&str; 2] = ["replicas", "unchangedRuns"];

const IF_EMPTY: &str = "write `targets:` with at least one method, endpoint, type and target";

/// Reads an evaluation; `file` is what it is called in problems. `requested` is what the scenario asks for, where
/// there is one to compare with; `bounds` are fewest and most replicas where the file says nothing.
///
/// # Errors
/// Everything that is wrong with it.
pub fn load(
    file: &str,
    text: &str,
    requested: Option<&Requested>,
    bounds: (Option<u32>, Option<u32>),
) -> Result<Evaluation, Problems> {
    let mut problems = Vec::new();
    let evaluation = document::read(text, IF_EMPTY, &mut problems)
        .map(|root| Decoder { problems: &mut problems, requested }.evaluation(&root, bounds));
    match evaluation {
        Some(evaluation) if problems.is_empty() => Ok(evaluation),
        _ => Err(Problems::new(file, text, problems)),
    }
}

struct Decoder<'a> {
    problems: &'a mut Vec<Problem>,
    requested: Option<&'a Requested>,
}

impl Decoder<'_> {
    fn evaluation(&mut self, root: &Node, bounds: (Option<u32>, Option<u32>)) -> Evaluation {
        self.keys(root, "an evaluation", &KEYS, &["targets"]);
        let usual = Evaluation::default();
        let (min, max) = (root.get("minReplicas"), root.get("maxReplicas"));
        let (low, high) = (
            min.and_then(|node| self.whole(node, 0..=limits::REPLICAS)),
            max.and_then(|node| self.whole(node, 1..=limits::REPLICAS)),
        );
        let (low, high) = (low.or(bounds.0).unwrap_or(usual.min), high.or(bounds.1).unwrap_or(usual.max));
        if let (Some(node), true) = (max.or(min), low > high) {
            self.report(
                node,
                format!("at least {low} and at most {high} replicas cannot both hold"),
                "correct one of them",
            );
        }
        Evaluation {
            targets: root.get("targets").map(|node| self.targets(node)).unwrap_or_default(),
            decay: root.get("decay").and_then(|node| self.decay(node)),
            min: low.min(high),
            max: high,
            rule: self.rule(root),
            stabilization: self.span_of(root, "downscaleStabilization"),
            cooldown: self.span_of(root, "cooldown"),
            minimum_samples: root
                .get("minimumSamples")
                .and_then(|node| self.whole(node, 1..=u32::MAX))
                .map_or(usual.minimum_samples, u64::from),
            failure_tolerance: root
                .get("failureTolerance")
                .and_then(|node| self.ratio(node))
                .unwrap_or_default(),
            on_failed_test: match root.get("onFailedTest").and_then(|node| self.word(node, &["hold", "up"])) {
                Some("up") => OnFailedTest::Up,
                _ => usual.on_failed_test,
            },
        }
    }

    fn targets(&mut self, node: &Node) -> Vec<Target> {
        let items = node.items();
        match node.kind {
            Kind::List(_) if items.is_empty() => {
                self.report(node, "there are no targets", "write at least one");
            }
            Kind::List(_) if items.len() > limits::TARGETS => {
                self.report(node, format!("there are more than {} targets", limits::TARGETS), "keep fewer");
            }
            Kind::List(_) => return items.iter().filter_map(|item| self.target(item)).collect(),
            _ => self.report(node, "targets are a list", "write each on lines of its own after a dash"),
        }
        Vec::new()
    }

    fn target(&mut self, node: &Node) -> Option<Target> {
        self.keys(node, "a target", &TARGET_KEYS, &TARGET_KEYS);
        let method = node.get("method").and_then(|node| self.text(node));
        let endpoint = node.get("endpoint").and_then(|node| self.text(node));
        let what = node.get("type").and_then(|node| self.what(node));
        let limit = node.get("target").zip(what).and_then(|(node, what)| match what {
            What::FailureRatio => self.ratio(node),
            _ => self.milliseconds(node),
        });
        if let (Some(method), Some(endpoint)) = (&method, &endpoint) {
            self.compare(node, method, endpoint);
        }
        Some(Target { method: method?, endpoint: endpoint?, what: what?, limit: limit? })
    }

    /// Whether the scenario ever makes such a request.
    fn compare(&mut self, target: &Node, method: &str, endpoint: &str) {
        let Some(requested) = self.requested.filter(|requested| !requested.may_have(method, endpoint)) else {
            return;
        };
        let same = requested.names.iter().find(|(_, name)| name == endpoint);
        let at = if same.is_some() { "method" } else { "endpoint" };
        let node = target.get(at).unwrap_or(target);
        let names = || requested.names.iter().map(|(_, name)| name.as_str());
        let remedy = match (same, nearest(endpoint, names())) {
            (Some((method, _)), _) => format!("it asks for it by {}", quote(method)),
            (None, Some(name)) => format!("did you mean {}?", quote(name)),
            (None, None) => format!("it asks for {}", either(names().take(5))),
        };
        self.report(
            node,
            format!("the scenario never requests {}", quote(&format!("{method} {endpoint}"))),
            remedy,
        );
    }

    fn what(&mut self, node: &Node) -> Option<What> {
        let words: Vec<String> = What::all().map(|what| what.to_string()).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        self.word(node, &words).and_then(What::named)
    }

    fn decay(&mut self, node: &Node) -> Option<Decay> {
        self.keys(node, "a decay", &DECAY_KEYS, &DECAY_KEYS);
        let replicas = node.get("replicas").and_then(|node| self.whole(node, 0..=limits::REPLICAS));
        let unchanged_runs = node.get("unchangedRuns").and_then(|node| self.whole(node, 0..=u32::MAX));
        Some(Decay { replicas: replicas?, unchanged_runs: unchanged_runs? })
    }

    fn rule(&mut self, root: &Node) -> Rule {
        let word = root.get("rule").and_then(|node| self.word(node, &["step", "proportional"]));
        let proportional = word == Some("proportional");
        let step = root.get("step").and_then(|node| self.whole(node, 1..=limits::REPLICAS));
        let tolerance = root.get("tolerance").and_then(|node| self.ratio(node));
        let (other, of) = if proportional { ("step", "step") } else { ("tolerance", "proportional") };
        if let Some(node) = root.get(other) {
            self.report(
                node,
                format!("{} has no meaning with this rule", quote(other)),
                format!("leave it out, or write `rule: {of}`"),
            );
        }
        if proportional {
            Rule::Proportional { tolerance: tolerance.unwrap_or(limits::TOLERANCE) }
        } else {
            Rule::Step(step.unwrap_or(1))
        }
    }

    fn span_of(&mut self, root: &Node, key: &str) -> Duration {
        let Some(node) = root.get(key) else { return Duration::ZERO };
        let span = match node.meaning() {
            Some(Meaning::Text(text)) => with_unit(text),
            // A number alone could be seconds, or milliseconds as in the framework's own configuration.
            _ => None,
        };
        match span.filter(|span| *span <= limits::COOLDOWN) {
            Some(span) => span,
            None => {
                self.report(
                    node,
                    format!("{key} is no time up to a day"),
                    "write it with its unit, such as `90s` or `5m`",
                );
                Duration::ZERO
            }
        }
    }

    fn milliseconds(&mut self, node: &Node) -> Option<f64> {
        let value = match node.meaning() {
            Some(Meaning::Int(value)) => Some(value as f64),
            Some(Meaning::Float(value)) => Some(value),
            Some(Meaning::Text(text)) => with_unit(text).map(|span| span.as_secs_f64() * 1e3),
            _ => None,
        };
        let value = value.filter(|value| value.is_finite() && *value >= 0.0);
        if value.is_none() {
            self.report(
                node,
                "a target is a time",
                "write milliseconds such as `7`, or a duration such as `7ms` or `1.5s`",
            );
        }
        value
    }

    fn ratio(&mut self, node: &Node) -> Option<f64> {
        let value = match node.meaning() {
            Some(Meaning::Int(value)) => Some(value as f64),
            Some(Meaning::Float(value)) => Some(value),
            Some(Meaning::Text(text)) => text
                .strip_suffix('%')
                .and_then(|text| text.trim().parse::<f64>().ok())
                .map(|value| value / 100.0),
            _ => None,
        };
        let value = value.filter(|value| (0.0..=1.0).contains(value));
        if value.is_none() {
            self.report(node, "this is no ratio", "write a number from 0 to 1, or percent such as `5%`");
        }
        value
    }

    fn whole(&mut self, node: &Node, range: RangeInclusive<u32>) -> Option<u32> {
        let value = match node.meaning() {
            Some(Meaning::Int(value)) => u32::try_from(value).ok(),
            // The first of these autoscalers took digits between quotes too.
            Some(Meaning::Text(text)) => text.parse().ok(),
            _ => None,
        };
        let value = value.filter(|value| range.contains(value));
        if value.is_none() {
            let (least, most) = (range.start(), range.end());
            self.report(
                node,
                "this is no such number",
                format!("write a whole number from {least} to {most}"),
            );
        }
        value
    }

    fn word<'n>(&mut self, node: &'n Node, words: &[&str]) -> Option<&'n str> {
        let text = node.scalar().map(|scalar| &*scalar.text);
        let known = text.filter(|text| words.contains(text));
        if known.is_none() {
            let found = text.map_or_else(|| "this".to_owned(), quote);
            let remedy = match text.and_then(|text| nearest(text, words.iter().copied())) {
                Some(word) => format!("did you mean {}?", quote(word)),
                None => format!("write {}", either(words.iter().copied())),
            };
            self.report(node, format!("{found} is not known here"), remedy);
        }
        known
    }

    fn text(&mut self, node: &Node) -> Option<String> {
        match node.meaning() {
            Some(Meaning::Text(text)) if !text.is_empty() && !text.contains(char::is_control) => {
                Some(text.to_owned())
            }
            _ => {
                self.report(node, "this is no text", "write it between quotes, on one line");
                None
            }
        }
    }

    /// Reports keys that are not known, and those that are missing.
    fn keys(&mut self, node: &Node, what: &str, known: &[&str], required: &[&str]) {
        if !matches!(node.kind, Kind::Map(_)) {
            return self.report(
                node,
                format!("{what} is a mapping"),
                format!("write {}, each with its value", document::all(required.iter().copied())),
            );
        }
        for (Name { text, span }, _) in node.entries() {
            if !known.contains(&&**text) {
                let remedy = match nearest(text, known.iter().copied()) {
                    Some(key) => format!("did you mean {}?", quote(key)),
                    None => format!("{what} knows {}", document::all(known.iter().copied())),
                };
                self.problems.push(Problem::new(
                    span.clone(),
                    format!("unknown key {}", quote(text)),
                    remedy,
                ));
            }
        }
        for key in required.iter().filter(|key| node.get(key).is_none()) {
            self.report(node, format!("{what} needs {}", quote(key)), format!("add {}", quote(key)));
        }
    }

    fn report(&mut self, node: &Node, message: impl Into<String>, remedy: impl Into<String>) {
        self.problems.push(Problem::new(node.span.clone(), message, remedy));
    }
}

/// A duration that says its unit.
fn with_unit(text: &str) -> Option<Duration> {
    parse_duration(text).ok().filter(|_| text.ends_with(|c: char| c.is_ascii_lowercase()))
}
