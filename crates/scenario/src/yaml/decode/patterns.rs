//! Regular expressions, CSS selectors and JSON paths.

use super::super::node::{Name, Node};
use super::super::quote::{excerpt, quote};
use super::super::rules;
use super::Decoder;
use super::value::text;
use crate::limits::{PATTERN_BYTES, PATTERN_DEPTH, PATTERNS};
use regex::Regex;
use scraper::Selector;
use serde_json_path::JsonPath;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// The regular expressions that were compiled so far: each once, and not too many.
#[derive(Default)]
pub(super) struct Patterns(HashMap<String, Option<Regex>>);

/// A pattern in the file.
pub(super) struct Pattern<'a> {
    text: &'a str,
    span: Range<usize>,
    /// As [`Scalar::verbatim_at`](super::super::node::Scalar::verbatim_at).
    verbatim_at: Option<usize>,
}

impl<'a> Pattern<'a> {
    /// A pattern that is a value, where that is text.
    pub(super) fn of(node: &'a Node) -> Option<Self> {
        let verbatim_at = node.scalar()?.verbatim_at;
        Some(Self { text: text(node)?, span: node.span.clone(), verbatim_at })
    }

    /// A pattern that is a key.
    pub(super) fn of_name(name: &'a Name) -> Self {
        // Quotes are two bytes more; whatever else makes a difference has moved the text.
        let verbatim_at = match name.span.len().checked_sub(name.text.len()) {
            Some(0) => Some(name.span.start),
            Some(2) => Some(name.span.start + 1),
            _ => None,
        };
        Self { text: &name.text, span: name.span.clone(), verbatim_at }
    }

    /// Where a part of it stands in the file, or the whole where that is not known.
    fn place(&self, part: Range<usize>) -> Range<usize> {
        match self.verbatim_at {
            Some(at) => at + part.start..at + part.end,
            None => self.span.clone(),
        }
    }
}

impl Decoder<'_> {
    pub(super) fn regex(&mut self, node: &Node) -> Option<Regex> {
        let pattern = Pattern::of(node).filter(|pattern| self.is_bounded(pattern))?;
        if let Some(known) = self.patterns.0.get(pattern.text) {
            return known.clone();
        }
        if self.patterns.0.len() >= PATTERNS {
            self.problem(
                &node.span,
                format!("here the file exceeds {PATTERNS} different regular expressions"),
                "use `contains` where no pattern is needed, and captures by `json` or `css`",
            );
            return None;
        }
        let regex = self.compile(&pattern);
        self.patterns.0.insert(pattern.text.to_owned(), regex.clone());
        regex
    }

    fn compile(&mut self, pattern: &Pattern<'_>) -> Option<Regex> {
        let (what, part) = match regex_syntax::parse(pattern.text) {
            Ok(_) => match Regex::new(pattern.text) {
                Ok(regex) => return Some(regex),
                Err(_) => {
                    self.problem(
                        &pattern.span,
                        format!("the regular expression {} needs too much memory", quote(pattern.text)),
                        "repeat less in it: `.{1,50}` instead of `.{1,5000}`",
                    );
                    return None;
                }
            },
            Err(regex_syntax::Error::Parse(error)) => (error.kind().to_string(), *error.span()),
            Err(regex_syntax::Error::Translate(error)) => (error.kind().to_string(), *error.span()),
            Err(_) => return None,
        };
        let remedy = if what.contains("not supported") {
            "match what stands around as well, and put what is wanted into a group: `id=(\\d+)`"
        } else if what.contains("start must be") {
            "write the smaller one first"
        } else {
            "put a backslash before a character that is meant as it stands, such as `\\(` or `\\.`"
        };
        self.problem(
            &pattern.place(part.start.offset..part.end.offset),
            format!("{} is not a regular expression: {}", quote(pattern.text), excerpt(&what)),
            remedy,
        );
        None
    }

    pub(super) fn selector(&mut self, node: &Node) -> Option<(String, Arc<Selector>)> {
        let pattern = Pattern::of(node).filter(|pattern| self.is_bounded(pattern))?;
        if let Ok(selector) = Selector::parse(pattern.text) {
            return Some((pattern.text.to_owned(), Arc::new(selector)));
        }
        self.problem(
            &pattern.span,
            format!("{} is not a CSS selector", quote(pattern.text)),
            "write one such as `input[name=csrf]`, `#total` or `ul.items > li`",
        );
        None
    }

    pub(super) fn json_path(&mut self, pattern: &Pattern<'_>) -> Option<(String, JsonPath)> {
        if !(rules::JSON_PATH.accepts)(pattern.text) || !self.is_bounded(pattern) {
            return None;
        }
        match JsonPath::parse(pattern.text) {
            Ok(path) => Some((pattern.text.to_owned(), path)),
            Err(error) => {
                let at = pattern.text.floor_char_boundary(error.position().saturating_sub(1));
                let mut message = format!("{} is not {}", quote(pattern.text), rules::JSON_PATH.what);
                if error.message() != "parser error" {
                    message = format!("{message}: {}", excerpt(error.message()));
                }
                let place = pattern.place(at..pattern.text.len());
                self.problem(&place, message, rules::JSON_PATH.remedy);
                None
            }
        }
    }

    /// Whether a pattern is short and flat enough for any parser; a problem where it is not.
    fn is_bounded(&mut self, pattern: &Pattern<'_>) -> bool {
        let mut depth = 0_usize;
        let mut deepest = 0;
        for byte in pattern.text.bytes() {
            match byte {
                b'(' | b'[' => depth += 1,
                b')' | b']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            deepest = deepest.max(depth);
        }
        let what = if pattern.text.len() > PATTERN_BYTES {
            format!("this pattern is longer than {PATTERN_BYTES} bytes")
        } else if deepest > PATTERN_DEPTH {
            format!("this pattern has more than {PATTERN_DEPTH} brackets within each other")
        } else {
            return true;
        };
        self.problem(&pattern.span, what, "look for less, or in several steps");
        false
    }
}
