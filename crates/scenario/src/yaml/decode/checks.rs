//! Checks: what must hold of an answer.

use super::super::node::{Kind, Meaning, Node};
use super::super::rules;
use super::patterns::Pattern;
use super::value::text_of;
use super::{Decoder, whole};
use crate::expr::Expr;
use crate::model::{Check, Slot, Test};

impl Decoder<'_> {
    /// The checks of a request, and where they expect the answer.
    pub(super) fn checks(&mut self, node: &Node) -> (Vec<Check>, Option<Slot>) {
        let mut checks = Vec::new();
        let mut response = None;
        for (name, value) in node.entries() {
            match &*name.text {
                "header" => {
                    for (name, value) in value.entries() {
                        let lower = name.text.to_ascii_lowercase();
                        let header = |test| Check::Header { name: lower.clone(), test };
                        checks.extend(self.tests(value, Self::text_value).into_iter().map(header));
                    }
                }
                "body" => checks.extend(self.tests(value, Self::text_value).into_iter().map(Check::Body)),
                "json" => {
                    for (name, value) in value.entries() {
                        let path = self.json_path(&Pattern::of_name(name));
                        let tests = self.tests(value, Self::value);
                        let Some((text, path)) = path else { continue };
                        let json = |test| Check::Json { text: text.clone(), path: path.clone(), test };
                        checks.extend(tests.into_iter().map(json));
                    }
                }
                "size" => checks.extend(self.size(value)),
                "time" => {
                    let longest = value.get("at_most").and_then(|node| self.span(node));
                    checks.extend(longest.map(Check::Time));
                }
                "that" => {
                    let slot = self.names.open_response();
                    let condition = self.expression(value);
                    self.names.close_response();
                    response = Some(slot);
                    let text = rules::inside(text_of(value)).to_owned();
                    checks.extend(condition.map(|condition| Check::That { condition, text }));
                }
                _ => {}
            }
        }
        // The status comes first: an answer that failed is seldom worth another look.
        if let Some(status) = node.get("status") {
            let one = status.scalar().map(|_| status);
            let ranges = status.items().iter().chain(one).filter_map(|node| self.statuses(node));
            checks.insert(0, Check::Status(ranges.collect()));
        }
        (checks, response)
    }

    fn statuses(&mut self, node: &Node) -> Option<(u16, u16)> {
        let (first, last) = match node.meaning()? {
            Meaning::Text(text) => rules::status_range(text)?,
            number => {
                whole(number).and_then(|status| status.try_into().ok()).map(|status| (status, status))?
            }
        };
        if first > last {
            self.problem(&node.span, "this range ends before it begins", "write the lower status first");
        }
        Some((first, last))
    }

    /// A mapping of tests; anything else is what must be found. What is equal to something is read by `value_of`.
    fn tests(&mut self, node: &Node, value_of: fn(&mut Self, &Node) -> Option<Expr>) -> Vec<Test> {
        let Kind::Map(entries) = &node.kind else {
            return value_of(self, node).map(Test::Equals).into_iter().collect();
        };
        let mut tests = Vec::new();
        for (name, value) in entries {
            let texts = value.items().iter().chain(value.scalar().map(|_| value));
            match &*name.text {
                "contains" => {
                    tests.extend(texts.filter_map(|text| self.template(text)).map(Test::Contains));
                }
                "lacks" => tests.extend(texts.filter_map(|text| self.template(text)).map(Test::Lacks)),
                "equals" => tests.extend(value_of(self, value).map(Test::Equals)),
                "matches" => tests.extend(self.regex(value).map(Test::Matches)),
                "exists" => tests.push(Test::Exists(value.meaning() != Some(Meaning::Bool(false)))),
                "count" => tests.extend(self.count(value).map(Test::Count)),
                _ => {}
            }
        }
        tests
    }

    /// A value that is text, as all of a header or a body is.
    fn text_value(&mut self, node: &Node) -> Option<Expr> {
        self.template(node).map(Expr::text)
    }

    fn size(&mut self, node: &Node) -> Option<Check> {
        let bound = |key| node.get(key).and_then(Node::meaning).and_then(whole);
        let (least, most) = match node.meaning().and_then(whole) {
            Some(size) => (size, size),
            None => (bound("at_least").unwrap_or(0), bound("at_most").unwrap_or(u64::MAX)),
        };
        if least > most {
            self.problem(&node.span, "`at_least` is more than `at_most`", "write the smaller size first");
            return None;
        }
        Some(Check::Size { least, most })
    }
}
