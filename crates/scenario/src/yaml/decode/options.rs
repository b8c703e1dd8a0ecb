//! Options that a person may set for a run.

use super::super::node::{Meaning, Node};
use super::super::quote::quote;
use super::Decoder;
use super::value::{text, text_of};
use crate::limits::OPTION_BYTES;
use crate::model::{CustomOption, OptionValue};
use std::sync::Arc;

/// Names that mean something else in the forms and jobs in which options travel: Locust's own, and ours.
const TAKEN: [&str; 17] = [
    "exclude_tags",
    "expect_workers",
    "hatch_rate",
    "headless",
    "host",
    "locust_count",
    "num_users",
    "options",
    "run_time",
    "shape_class",
    "spawn_rate",
    "stages",
    "stop_timeout",
    "tags",
    "user_classes",
    "user_count",
    "users",
];

impl Decoder<'_> {
    pub(super) fn options(&mut self, node: Option<&Node>) -> Arc<[CustomOption]> {
        let mut options = Vec::new();
        for (name, node) in node.map(Node::entries).unwrap_or_default() {
            if TAKEN.contains(&&*name.text) {
                let message = format!("{} is an option of every test already", quote(&name.text));
                self.problem(&name.span, message, "choose another name");
            } else if self.may_be_variable(name) {
                options.extend(self.option(&name.text, node));
            }
        }
        options.into()
    }

    fn option(&mut self, name: &str, node: &Node) -> Option<CustomOption> {
        // Short for one that has nothing but a default.
        let default = node.get("default").or_else(|| node.entries().is_empty().then_some(node))?;
        let value = self.option_value(default)?;
        let help = node.get("help").and_then(text).map(str::to_owned);
        let mut option = CustomOption { name: name.to_owned(), value, choices: Vec::new(), help };
        let mut choices = Vec::new();
        for choice in node.get("choices").map(Node::items).unwrap_or_default() {
            let value = self.option_value(choice)?;
            match option.accept(&value) {
                Ok(value) => choices.push(value),
                Err(_) => {
                    let message = format!("{} is of another kind than the default", quote(text_of(choice)));
                    self.problem(&choice.span, message, "let all choices be of one kind");
                }
            }
        }
        if !choices.is_empty() && !choices.contains(&option.value) {
            let message = format!("the default {} is none of the choices", quote(text_of(default)));
            self.problem(&default.span, message, "add it to them, or take one of them");
        }
        option.choices = choices;
        Some(option)
    }

    fn option_value(&mut self, node: &Node) -> Option<OptionValue> {
        match node.meaning()? {
            Meaning::Null => None,
            Meaning::Bool(value) => Some(OptionValue::Bool(value)),
            Meaning::Int(number) => Some(OptionValue::Int(number)),
            Meaning::Float(number) => Some(OptionValue::Float(number)),
            Meaning::Text(text) if text.len() > OPTION_BYTES => {
                let message = format!("this is longer than {OPTION_BYTES} bytes");
                self.problem(&node.span, message, "write a shorter text; what is long belongs into a file");
                None
            }
            Meaning::Text(text) => Some(OptionValue::Text(text.into())),
        }
    }
}
