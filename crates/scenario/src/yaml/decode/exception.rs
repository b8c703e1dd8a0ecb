//! Exceptions and verdicts: `try`, `raise`, `verdict`.

use super::super::node::{Name, Node};
use super::Decoder;
use super::value::text;
use crate::expr::{Expr, Value};
use crate::model::{Handler, Step, Try};
use std::sync::Arc;

/// Takes all exceptions, in the words of Python.
const ALL: [&str; 2] = ["BaseException", "Exception"];

impl Decoder<'_> {
    pub(super) fn attempt(&mut self, node: &Node) -> Step {
        let body = self.body(node, "try");
        let handlers = node.get("except").map(Node::items).unwrap_or_default();
        let handlers = handlers.iter().map(|handler| self.handler(handler)).collect();
        let (otherwise, always) = (self.body(node, "else"), self.body(node, "finally"));
        if node.get("except").is_none() && node.get("finally").is_none() {
            self.problem(
                &node.span,
                "nothing is done about what these steps raise",
                "add `except` or `finally`, or leave `try` out",
            );
        }
        Step::Try(Box::new(Try { body, handlers, otherwise, always }))
    }

    fn handler(&mut self, node: &Node) -> Handler {
        let named = node.get("error").into_iter();
        let named = named.flat_map(|node| node.items().iter().chain(node.scalar().map(|_| node)));
        let names: Vec<Arc<str>> = named.filter_map(text).map(Arc::from).collect();
        let all = names.is_empty() || names.iter().any(|name| ALL.contains(&&**name));
        let name = node.get("as").and_then(text);
        let target = name.and_then(|name| self.names.variable(name));
        self.around.handlers += 1;
        let mut steps = self.body(node, "steps");
        self.around.handlers -= 1;
        // As in Python, the name is gone after it.
        steps.extend(target.map(|target| Step::Set { target, value: Expr::Constant(Value::Unset) }));
        Handler { kinds: (!all).then(|| names.into()), target, steps }
    }

    pub(super) fn raise(&mut self, node: &Node) -> Option<Step> {
        if let Some((name, words)) = node.entries().first() {
            return self.exception(name, words).map(|exception| Step::Raise(Some(exception)));
        }
        let name = text(node)?;
        if name != "again" {
            return Some(Step::Raise(Some(Expr::exception(name, None))));
        }
        if self.around.handlers == 0 {
            let remedy = "write the name of an exception, such as `ValueError`";
            self.problem(&node.span, "there is no `except` around this", remedy);
        }
        Some(Step::Raise(None))
    }

    /// `{ ValueError: no token }`
    fn exception(&mut self, kind: &Name, words: &Node) -> Option<Expr> {
        self.value(words).map(|words| Expr::exception(&kind.text, Some(words)))
    }

    pub(super) fn decided(&mut self, node: &Node) -> Option<Step> {
        if self.around.judges == 0 {
            let remedy = "put it below `judge` of the request on which it decides";
            self.problem(&node.span, "there is no request to decide on", remedy);
        }
        match node.get("failed") {
            Some(reason) => {
                let reason = match reason.entries().first() {
                    Some((kind, words)) => self.exception(kind, words),
                    None => self.value(reason),
                };
                reason.map(Step::Failure)
            }
            None => Some(Step::Success),
        }
    }
}
