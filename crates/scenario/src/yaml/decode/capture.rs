//! Captures: what is kept of an answer.

use super::super::node::Node;
use super::Decoder;
use super::patterns::Pattern;
use super::value::text;
use crate::model::{Capture, CaptureFrom, Pick};

impl Decoder<'_> {
    pub(super) fn captures(&mut self, node: &Node) -> Vec<Capture> {
        let mut captures = Vec::new();
        for (name, node) in node.entries() {
            let from = self.capture_from(node);
            let default = node.get("default").map(|node| self.constant(node));
            let pick = match node.get("pick").and_then(text) {
                Some("last") => Pick::Last,
                Some("random") => Pick::Random,
                Some("all") => Pick::All,
                _ => Pick::First,
            };
            if let (Some(from), Some(target)) = (from, self.names.variable(&name.text)) {
                captures.push(Capture {
                    name: name.text.to_string(),
                    target,
                    from,
                    pick,
                    default: default.flatten(),
                });
            }
        }
        captures
    }

    fn capture_from(&mut self, node: &Node) -> Option<CaptureFrom> {
        let (name, value) = node
            .entries()
            .iter()
            .find(|(name, _)| matches!(&*name.text, "json" | "regex" | "header" | "cookie" | "css"))?;
        if let (Some(attribute), false) = (node.get("attribute"), &*name.text == "css") {
            self.problem(
                &attribute.span,
                format!("`attribute` has no meaning beside `{}`", name.text),
                "leave it out; it is for `css`",
            );
        }
        match &*name.text {
            "json" => {
                let (text, path) = self.json_path(&Pattern::of(value)?)?;
                Some(CaptureFrom::Json { text, path })
            }
            "regex" => self.regex(value).map(CaptureFrom::Regex),
            "header" => text(value).map(|name| CaptureFrom::Header(name.to_ascii_lowercase())),
            "cookie" => text(value).map(|name| CaptureFrom::Cookie(name.to_owned())),
            _ => {
                let (css, selector) = self.selector(value)?;
                let attribute = node.get("attribute").and_then(text).map(str::to_owned);
                Some(CaptureFrom::Css { text: css, selector, attribute })
            }
        }
    }
}
