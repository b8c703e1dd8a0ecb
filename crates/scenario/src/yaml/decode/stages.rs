//! Stages: users over time.

use super::super::check::{number, whole};
use super::super::node::Node;
use super::Decoder;
use super::class::text;
use crate::model::Stage;
use crate::stages::even_rate;

impl Decoder<'_> {
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
