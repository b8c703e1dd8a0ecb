//! How much is done, and when: waits, arrivals, stages.

use super::super::node::{Kind, Meaning, Node};
use super::super::quote::quote;
use super::super::rules;
use super::value::text;
use super::{Decoder, number, whole};
use crate::limits::ARRIVALS_PER_S;
use crate::model::{Arrivals, Stage, Step, Wait};
use crate::stages::even_rate;

/// Fewest and most users that arrivals get where nothing is said.
const DEFAULT_USERS: (f64, f64) = (10.0, 10_000.0);

impl Decoder<'_> {
    pub(super) fn wait(&mut self, node: &Node) -> Option<Wait> {
        let Kind::Map(_) = node.kind else { return self.duration(node).map(Wait::Constant) };
        if let Some(node) = node.get("constant") {
            return self.duration(node).map(Wait::Constant);
        }
        if let Some(node) = node.get("between") {
            let [least, most] = node.items() else { return None };
            let (least, most) = (self.duration(least)?, self.duration(most)?);
            if least > most {
                self.problem(
                    &node.span,
                    "the first of `between` is longer than the second",
                    "write the shorter wait first",
                );
            }
            return Some(Wait::Between(least, most));
        }
        if let Some(node) = node.get("pacing") {
            return self.span(node).map(Wait::Pacing);
        }
        node.get("throughput").and_then(Node::meaning).and_then(number).map(Wait::Throughput)
    }

    /// A wait, or an expression for seconds.
    pub(super) fn wait_or_pause(&mut self, node: &Node) -> Option<Step> {
        match text(node).filter(|text| (rules::EXPRESSION.accepts)(text)) {
            Some(_) => self.expression(node).map(Step::Pause),
            None => self.wait(node).map(Step::Sleep),
        }
    }

    /// The arrivals of a class, and the most users that they are given.
    pub(super) fn arrivals(&mut self, class: &Node) -> Option<(Arrivals, u64)> {
        let node = class.get("arrivals")?;
        for key in ["wait", "weight", "fixed_count"] {
            if let Some((name, _)) = class.entries().iter().find(|(name, _)| &*name.text == key) {
                let remedy = match key {
                    "wait" => "leave it out; tasks start when it is their time, whatever was before",
                    _ => "leave it out; `max_users` of `arrivals` bounds the users",
                };
                self.problem(&name.span, format!("`{key}` has no meaning beside `arrivals`"), remedy);
            }
        }
        let arrivals = self.rates(node)?;
        let most = node.get("max_users").and_then(Node::meaning).and_then(whole);
        let (fewest, peak) = (DEFAULT_USERS.0, arrivals.peak().ceil());
        Some((arrivals, most.unwrap_or(peak.clamp(fewest, DEFAULT_USERS.1) as u64)))
    }

    fn rates(&mut self, node: &Node) -> Option<Arrivals> {
        let Some(stages) = node.get("stages") else {
            let node = node.get("rate").unwrap_or(node);
            return self.rate(node, true).map(|initial_rate| Arrivals { initial_rate, spans: Vec::new() });
        };
        let mut spans = Vec::new();
        for stage in stages.items() {
            let duration = stage.get("duration").and_then(|node| self.duration(node));
            let rate = stage.get("rate").and_then(|node| self.rate(node, false));
            spans.push((duration?, rate?));
        }
        let arrivals = Arrivals { initial_rate: 0.0, spans };
        if arrivals.peak() == 0.0 {
            self.problem(&stages.span, "nothing ever arrives", "give at least one stage a rate above 0");
        }
        Some(arrivals)
    }

    /// Starts per second.
    fn rate(&mut self, node: &Node, above_0: bool) -> Option<f64> {
        let Meaning::Text(text) = node.meaning()? else { return number(node.meaning()?) };
        let rate = rules::rate(text)?;
        if (above_0 && rate == 0.0) || rate > ARRIVALS_PER_S {
            self.problem(
                &node.span,
                format!("{} is not a rate that can be kept", quote(text)),
                format!("write one above 0 and at most {ARRIVALS_PER_S} per second"),
            );
        }
        Some(rate)
    }

    pub(super) fn stages(&mut self, node: Option<&Node>) -> Vec<Stage> {
        let mut stages: Vec<Stage> = Vec::new();
        for node in node.map(Node::items).unwrap_or_default() {
            let duration = node.get("duration").and_then(|node| self.span(node));
            let users = node.get("users").and_then(Node::meaning).and_then(whole);
            let (Some(duration), Some(users)) = (duration, users) else { continue };
            let before = stages.last().map_or(0, |stage| stage.users);
            let rate = node.get("spawn_rate").and_then(Node::meaning).and_then(number);
            stages.push(Stage {
                name: node
                    .get("name")
                    .and_then(text)
                    .map_or_else(|| (stages.len() + 1).to_string(), str::to_owned),
                duration,
                users,
                spawn_rate: rate.unwrap_or_else(|| even_rate(before, users, duration)),
            });
        }
        stages
    }
}
