//! User classes.

use super::super::node::{Meaning, Node};
use super::super::quote::quote;
use super::value::{text, weight};
use super::{Decoder, whole};
use crate::model::{Step, UserClass, Wait};
use std::collections::HashSet;
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
        self.declare_class(node);
        let (arrivals, fixed_count) = match self.arrivals(node) {
            Some((arrivals, users)) => (Some(arrivals), users),
            None => (None, node.get("fixed_count").and_then(Node::meaning).and_then(whole).unwrap_or(0)),
        };
        if let (Some(weight), None, 1..) = (node.get("weight"), &arrivals, fixed_count) {
            self.problem(
                &weight.span,
                "`weight` has no meaning beside `fixed_count`",
                "leave one of the two out",
            );
        }
        let headers = self.headers(node.get("headers"));
        let auth = self.auth(node.get("auth"));
        let network = self.network(node);
        self.declare_task(&[]);
        let (wait, waiting) = match node.get("wait").map(|node| self.wait_or_pause(node)) {
            Some(Some(Step::Sleep(wait))) => (wait, Vec::new()),
            Some(pause) => (Wait::default(), pause.into_iter().collect()),
            None => (Wait::default(), Vec::new()),
        };
        let start = node.get("on_start").map(Node::items).unwrap_or_default();
        self.declare_task(start);
        // Variables have their first values before anything else is done.
        let mut on_start = node.get("variables").map(|node| self.assignments(node)).unwrap_or_default();
        on_start.extend(self.steps(start));
        let stop = node.get("on_stop").map(Node::items).unwrap_or_default();
        self.declare_task(stop);
        let on_stop = self.steps(stop);
        let tasks = self.tasks(node.get("tasks"));
        UserClass {
            name: name.to_owned(),
            weight: weight(node),
            waiting,
            fixed_count,
            host: self.host(node).or_else(|| host.map(str::to_owned)),
            headers,
            auth,
            cookies: node.get("cookies").and_then(Node::meaning) != Some(Meaning::Bool(false)),
            network,
            fast_client: false,
            wait,
            arrivals,
            on_start,
            on_stop,
            tasks,
            feeds: std::mem::take(&mut self.names.used),
            secrets: Arc::clone(&self.names.secrets),
            options: Arc::clone(&self.names.options),
            user_variables: std::mem::take(&mut self.names.user),
            locals: self.names.most_locals,
        }
    }
}
