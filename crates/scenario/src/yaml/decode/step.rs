//! The steps of a task.

use super::super::check::chosen;
use super::super::node::{Meaning, Node};
use super::super::quote::quote;
use super::super::table::STEP_CHOICE;
use super::value::{text, weight};
use super::{Decoder, whole};
use crate::expr::{Expr, Value};
use crate::model::{Extent, Step};

impl Decoder<'_> {
    pub(super) fn steps(&mut self, steps: &[Node]) -> Vec<Step> {
        steps.iter().flat_map(|step| self.step(step)).collect()
    }

    /// The steps below a key.
    pub(super) fn body(&mut self, node: &Node, key: &str) -> Vec<Step> {
        self.steps(node.get(key).map(Node::items).unwrap_or_default())
    }

    /// What a step does; one of several assignments becomes as many.
    fn step(&mut self, node: &Node) -> Vec<Step> {
        let Some(object) = chosen(node, &STEP_CHOICE) else { return Vec::new() };
        let step = match object.id {
            "set" | "let" => {
                return node.get(object.id).map(|node| self.assignments(node)).unwrap_or_default();
            }
            "group" => Some(self.group(node)),
            "repeat" => {
                let times = node.get("repeat").and_then(|node| self.count(node));
                let body = self.looped(node);
                times.map(|times| Step::Repeat { times, body })
            }
            "for" => self.for_each(node),
            "while" => {
                let condition = node.get("while").and_then(|node| self.condition(node));
                let body = self.looped(node);
                condition.map(|condition| Step::While { condition, body })
            }
            "if" => Some(self.branches(node)),
            "choose" => {
                let ways = node.get("choose").map(Node::items).unwrap_or_default();
                Some(Step::Choose(ways.iter().map(|way| (weight(way), self.body(way, "steps"))).collect()))
            }
            "sleep" => node.get("sleep").and_then(|node| self.wait_or_pause(node)),
            "stop" => node.get("stop").and_then(|node| self.stop(node)),
            "block" => {
                self.around.blocks += 1;
                let body = self.body(node, "block");
                self.around.blocks -= 1;
                Some(Step::Call(body))
            }
            "try" => Some(self.attempt(node)),
            "raise" => node.get("raise").and_then(|node| self.raise(node)),
            "verdict" => node.get("verdict").and_then(|node| self.decided(node)),
            _ => self.request(node).map(|request| Step::Request(Box::new(request))),
        };
        step.into_iter().collect()
    }

    /// A mapping from variables to values.
    pub(super) fn assignments(&mut self, node: &Node) -> Vec<Step> {
        let mut steps = Vec::new();
        for (name, value) in node.entries() {
            if let (Some(value), Some(target)) = (self.value(value), self.names.variable(&name.text)) {
                steps.push(Step::Set { target, value });
            }
        }
        steps
    }

    /// The steps of a loop.
    fn looped(&mut self, node: &Node) -> Vec<Step> {
        self.around.loops += 1;
        let body = self.body(node, "steps");
        self.around.loops -= 1;
        body
    }

    fn stop(&mut self, node: &Node) -> Option<Step> {
        let extent = text(node)?;
        let (step, around) = match extent {
            "user" => return Some(Step::Stop(Extent::User)),
            "run" => return Some(Step::Stop(Extent::Run)),
            "loop" => (Step::Break, self.around.loops),
            "round" => (Step::Continue, self.around.loops),
            "block" => (Step::Return, self.around.blocks),
            _ => return Some(Step::Stop(Extent::Iteration)),
        };
        if around == 0 {
            let what = if extent == "block" { "block" } else { "loop" };
            self.problem(
                &node.span,
                format!("there is no {what} around this"),
                "write `iteration` to end this run of the task",
            );
        }
        Some(step)
    }

    fn group(&mut self, node: &Node) -> Step {
        let outer = self.group.len();
        if outer > 0 {
            self.group.push('/');
        }
        self.group.push_str(node.get("group").and_then(text).unwrap_or_default());
        let name = self.group.clone();
        let body = self.body(node, "steps");
        self.group.truncate(outer);
        Step::Group { name, body }
    }

    fn for_each(&mut self, node: &Node) -> Option<Step> {
        let entry = node.get("for").and_then(|node| node.entries().first());
        let items = entry.and_then(|(_, items)| {
            let value = self.value(items)?;
            match value.constant() {
                Some(constant) if !matches!(constant, Value::List(_) | Value::Str(_)) => {
                    self.problem(
                        &items.span,
                        format!("{} has no items", quote(&constant.to_string())),
                        "write a list, or an expression that gives one",
                    );
                    None
                }
                _ => Some(value),
            }
        });
        let target = entry.and_then(|(name, _)| self.names.variable(&name.text));
        let body = self.looped(node);
        Some(Step::For { target: target?, items: items?, body })
    }

    fn branches(&mut self, node: &Node) -> Step {
        let further = node.get("elif").map(Node::items).unwrap_or_default();
        let mut branches = Vec::new();
        for branch in std::iter::once(node).chain(further) {
            let condition = branch.get("if").and_then(|node| self.condition(node));
            let body = self.body(branch, "then");
            branches.extend(condition.map(|condition| (condition, body)));
        }
        Step::If { branches, otherwise: self.body(node, "else") }
    }

    fn condition(&mut self, node: &Node) -> Option<Expr> {
        match node.meaning()? {
            Meaning::Bool(value) => Some(Expr::Constant(Value::Bool(value))),
            _ => self.expression(node),
        }
    }

    /// A whole number of at least 0, or an expression for one.
    pub(super) fn count(&mut self, node: &Node) -> Option<Expr> {
        if let Some(count) = node.meaning().and_then(whole) {
            return i64::try_from(count).ok().map(|count| Expr::Constant(Value::Int(count)));
        }
        let count = self.expression(node)?;
        match count.constant() {
            Some(constant) if !matches!(constant, Value::Int(0..)) => {
                self.problem(
                    &node.span,
                    format!("{} is not a whole number of at least 0", quote(&constant.to_string())),
                    "write a whole number, or an expression that gives one",
                );
                None
            }
            _ => Some(count),
        }
    }
}
