//! User classes.

use super::super::check::whole;
use super::super::node::{Kind, Meaning, Name, Node};
use super::super::quote::quote;
use super::super::rules;
use super::Decoder;
use crate::limits::{NAMES, WEIGHT};
use crate::model::{Connection, Network, UserClass, Wait};
use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

impl Decoder<'_> {
    pub(super) fn classes(&mut self, users: Option<&Node>, host: Option<&str>) -> Vec<UserClass> {
        let Some(users) = users else { return Vec::new() };
        let named = users.entries().iter().map(|(name, node)| (Some(&*name.text), name.span.clone(), node));
        let listed = users.items().iter().map(|node| {
            let name = node.get("name");
            (name.and_then(text), name.unwrap_or(node).span.clone(), node)
        });
        let mut seen = HashSet::new();
        let mut classes = Vec::new();
        for (name, span, node) in named.chain(listed) {
            let name = name.unwrap_or_default();
            if !name.is_empty() && !seen.insert(name) {
                self.problem(
                    &span,
                    format!("a second class is called {}", quote(name)),
                    "choose another name",
                );
            }
            classes.push(self.class(name, node, host));
        }
        classes
    }

    fn class(&mut self, name: &str, node: &Node, host: Option<&str>) -> UserClass {
        let user_variables = self.declare(node);
        let fixed_count = node.get("fixed_count").and_then(Node::meaning).and_then(whole).unwrap_or(0);
        if let (Some(weight), 1..) = (node.get("weight"), fixed_count) {
            self.problem(
                &weight.span,
                "`weight` has no meaning beside `fixed_count`",
                "leave one of the two out",
            );
        }
        // Variables have their first values before anything else is done.
        let mut on_start = node.get("variables").map(|node| self.assignments(node)).unwrap_or_default();
        on_start.extend(self.steps(node.get("on_start")));
        UserClass {
            name: name.to_owned(),
            weight: weight(node),
            fixed_count,
            host: self.host(node).or_else(|| host.map(str::to_owned)),
            headers: self.headers(node.get("headers")),
            cookies: node.get("cookies").and_then(Node::meaning) != Some(Meaning::Bool(false)),
            network: Network {
                connection: match node.get("connection").and_then(text) {
                    Some("iteration") => Connection::Iteration,
                    _ => Connection::User,
                },
                ..Network::default()
            },
            wait: node.get("wait").and_then(|node| self.wait(node)).unwrap_or_default(),
            on_start,
            on_stop: self.steps(node.get("on_stop")),
            tasks: self.tasks(node.get("tasks")),
            user_variables,
            ..UserClass::default()
        }
    }

    /// Gives each variable that the class sets anywhere a slot; their names, by slot.
    fn declare(&mut self, class: &Node) -> Vec<String> {
        self.variables.clear();
        let mut names: Vec<String> = Vec::new();
        for name in set_names(class) {
            if self.variables.contains_key(&name.text) {
                continue;
            }
            if rules::is_keyword(&name.text) {
                self.problem(
                    &name.span,
                    format!("{} is a word of Python's and cannot be a variable", quote(&name.text)),
                    "choose another name",
                );
            }
            let slot = u16::try_from(names.len()).ok().filter(|slot| usize::from(*slot) < NAMES);
            let Some(slot) = slot else {
                self.problem(
                    &name.span,
                    format!("the class has more than {NAMES} variables"),
                    "keep data in files of their own",
                );
                break;
            };
            self.variables.insert(Arc::clone(&name.text), slot);
            names.push(name.text.to_string());
        }
        names
    }

    /// The `host` of a scenario or class.
    pub(super) fn host(&mut self, node: &Node) -> Option<String> {
        let node = node.get("host")?;
        let host = text(node).filter(|text| (rules::HOST.accepts)(text))?;
        self.authority(host, &node.span);
        Some(host.to_owned())
    }

    /// A problem where the address `url` has no host or no possible port.
    pub(super) fn authority(&mut self, url: &str, span: &Range<usize>) {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
        let closed = authority.find(']').map_or(0, |bracket| bracket + 1);
        let (host, port) = match authority[closed..].find(':') {
            Some(colon) => (&authority[..closed + colon], Some(&authority[closed + colon + 1..])),
            None => (authority, None),
        };
        if host.is_empty()
            || (host.contains([':', '[', ']']) && !(host.starts_with('[') && host.ends_with(']')))
        {
            self.problem(
                span,
                format!("{} has no host", quote(url)),
                "write one such as https://example.org",
            );
        }
        if port.is_some_and(|port| !matches!(port.parse::<u16>(), Ok(1..))) {
            self.problem(
                span,
                format!("{} has no possible port", quote(url)),
                "write a port from 1 to 65535 after the colon, or leave the colon out",
            );
        }
    }

    fn wait(&mut self, node: &Node) -> Option<Wait> {
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
        let rate = node.get("throughput").and_then(Node::meaning).and_then(super::super::check::number)?;
        Some(Wait::Throughput(rate))
    }
}

/// The text of a scalar that is text.
pub(super) fn text(node: &Node) -> Option<&str> {
    match node.meaning()? {
        Meaning::Text(text) => Some(text),
        _ => None,
    }
}

/// The `weight` of a class or task.
pub(super) fn weight(node: &Node) -> u32 {
    let weight =
        node.get("weight").and_then(Node::meaning).and_then(whole).and_then(|weight| weight.try_into().ok());
    weight.filter(|weight| (1..=WEIGHT).contains(weight)).unwrap_or(1)
}

/// The names of all variables that something in `class` sets.
fn set_names(class: &Node) -> impl Iterator<Item = &Name> {
    let tasks = class.get("tasks").into_iter().flat_map(|tasks| {
        let named = tasks.entries().iter().map(|(_, task)| task);
        named.chain(tasks.items())
    });
    let in_tasks = tasks.flat_map(|task| {
        let steps = task.get("steps").map(Node::items).unwrap_or_default();
        // A task may be a list of steps, or be its only step itself.
        std::iter::once(task).chain(steps).chain(task.items())
    });
    let around = ["on_start", "on_stop"].into_iter().filter_map(|key| class.get(key)).flat_map(Node::items);
    let in_steps = in_tasks.chain(around).flat_map(|step| [step.get("set"), step.get("capture")]).flatten();
    class.get("variables").into_iter().chain(in_steps).flat_map(Node::entries).map(|(name, _)| name)
}
