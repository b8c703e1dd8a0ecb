//! Secrets. Their values go into no message.

use super::super::node::Node;
use super::super::quote::quote;
use super::super::rules;
use super::Decoder;
use super::value::{text, text_of};
use crate::limits::SECRET_BYTES;
use crate::model::Secret;
use std::sync::Arc;

impl Decoder<'_> {
    /// The secrets of a scenario. Those that cannot be had are there too, so that their names mean something.
    pub(super) fn secrets(&mut self, node: Option<&Node>) -> Arc<[Secret]> {
        let mut secrets = Vec::new();
        for (name, node) in node.map(Node::entries).unwrap_or_default() {
            if self.may_be_variable(name) {
                let value = match node.get("env") {
                    Some(variable) => self.secret_of_environment(variable),
                    None => node.get("file").and_then(|file| self.secret_of_file(file)),
                };
                secrets
                    .push(Secret { name: name.text.to_string(), value: value.unwrap_or_else(|| "".into()) });
            }
        }
        secrets.into()
    }

    fn secret_of_environment(&mut self, node: &Node) -> Option<Arc<str>> {
        let variable = text(node).filter(|text| (rules::ENVIRONMENT.accepts)(text))?;
        match self.files.source.environment(variable) {
            Some(value) => self.usable(node, value),
            None => {
                self.problem(
                    &node.span,
                    format!("the environment variable {} is not set", quote(variable)),
                    format!("set it where akrida is started: export {variable}=..."),
                );
                None
            }
        }
    }

    fn secret_of_file(&mut self, node: &Node) -> Option<Arc<str>> {
        let bytes = self.secret_file(node)?;
        let Ok(text) = std::str::from_utf8(&bytes) else {
            self.problem(
                &node.span,
                format!("{} is not UTF-8 text", quote(text_of(node))),
                "a secret is text; encode anything else as base64",
            );
            return None;
        };
        let line = text.strip_suffix('\n').map_or(text, |line| line.strip_suffix('\r').unwrap_or(line));
        self.usable(node, line.to_owned())
    }

    /// `value`, which comes from what `node` names, if it can be a secret.
    fn usable(&mut self, node: &Node, value: String) -> Option<Arc<str>> {
        let is = if value.is_empty() {
            "is empty".to_owned()
        } else if value.len() > SECRET_BYTES {
            format!("is longer than {SECRET_BYTES} bytes")
        } else {
            return Some(value.into());
        };
        let message = format!("the secret in {} {is}", quote(text_of(node)));
        self.problem(&node.span, message, "put the secret there, and nothing else");
        None
    }
}
