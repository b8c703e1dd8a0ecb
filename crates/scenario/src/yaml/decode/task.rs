//! Tasks and their steps.

use super::super::check::chosen;
use super::super::node::{Kind, Node};
use super::super::quote::quote;
use super::super::table::{SET_STEP, STEP_CHOICE};
use super::Decoder;
use super::class::{text, weight};
use crate::model::{Step, Task};
use std::collections::HashSet;

impl Decoder<'_> {
    pub(super) fn tasks(&mut self, tasks: Option<&Node>) -> Vec<Task> {
        let Some(node) = tasks else { return Vec::new() };
        let mut tasks = Vec::new();
        for (name, task) in node.entries() {
            tasks.push(self.task(name.text.to_string(), task));
        }
        let mut seen = HashSet::new();
        for task in node.items() {
            let name = listed_name(task);
            if !name.is_empty() && !seen.insert(name.clone()) {
                let span = task.get("name").unwrap_or(task).span.clone();
                self.problem(
                    &span,
                    format!("a second task is called {}", quote(&name)),
                    "join the two and give the task a `weight`, or give one of them a `name`",
                );
            }
            tasks.push(self.task(name, task));
        }
        tasks
    }

    fn task(&mut self, name: String, node: &Node) -> Task {
        let steps = match (&node.kind, node.get("steps")) {
            (Kind::List(_), _) => self.steps(Some(node)),
            (_, Some(steps)) => self.steps(Some(steps)),
            _ => self.step(node),
        };
        let tags = node.get("tags").map(Node::items).unwrap_or_default();
        let mut tags: Vec<String> = tags.iter().filter_map(text).map(str::to_owned).collect();
        tags.sort_unstable();
        tags.dedup();
        Task { name, weight: weight(node), tags, steps }
    }

    pub(super) fn steps(&mut self, steps: Option<&Node>) -> Vec<Step> {
        let steps = steps.map(Node::items).unwrap_or_default();
        steps.iter().flat_map(|step| self.step(step)).collect()
    }

    /// What a step does; one of several assignments becomes as many.
    fn step(&mut self, node: &Node) -> Vec<Step> {
        match chosen(node, &STEP_CHOICE) {
            Some(object) if object.id == SET_STEP.id => {
                node.get("set").map(|node| self.assignments(node)).unwrap_or_default()
            }
            Some(_) => {
                self.request(node).into_iter().map(|request| Step::Request(Box::new(request))).collect()
            }
            None => Vec::new(),
        }
    }

    /// A mapping from variables to values.
    pub(super) fn assignments(&mut self, node: &Node) -> Vec<Step> {
        let mut steps = Vec::new();
        for (name, value) in node.entries() {
            if let (Some(value), Some(target)) = (self.value(value), self.slot(&name.text)) {
                steps.push(Step::Set { target, value });
            }
        }
        steps
    }
}

/// What a task of a list is called: its name, or its request as people say it.
fn listed_name(task: &Node) -> String {
    if let Some(name) = task.get("name") {
        return text(name).unwrap_or_default().to_owned();
    }
    super::request::method_and_path(task)
        .map_or_else(String::new, |(method, path)| format!("{method} {}", text(path).unwrap_or_default()))
}
