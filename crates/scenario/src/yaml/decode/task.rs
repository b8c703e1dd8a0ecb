//! Tasks.

use super::super::node::Node;
use super::super::quote::quote;
use super::Decoder;
use super::names::task_steps;
use super::value::{text, weight};
use crate::model::Task;
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
        let steps = task_steps(node);
        self.declare_task(steps);
        let tags = node.get("tags").map(Node::items).unwrap_or_default();
        let mut tags: Vec<String> = tags.iter().filter_map(text).map(str::to_owned).collect();
        tags.sort_unstable();
        tags.dedup();
        Task { name, weight: weight(node), tags, steps: self.steps(steps), ..Task::default() }
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
