//! Problems of a locustfile, and the way out of each.

use crate::expr::lower::Refusal;
use crate::problem::Problem;
use ruff_python_parser::ParseError;
use ruff_text_size::TextRange;
use std::ops::Range;

/// What is always possible.
const WAY_OUT: &str = "run this file on Python workers: they join the same master";

/// All problems found so far.
#[derive(Default)]
pub(super) struct Refusals {
    pub(super) list: Vec<Problem>,
}

impl Refusals {
    /// The file says something that Locust would not take either.
    pub(super) fn wrong(&mut self, range: TextRange, message: impl Into<String>, remedy: impl Into<String>) {
        self.list.push(Problem::new(bytes(range), message, remedy));
    }

    /// Python would understand it; the translation does not.
    pub(super) fn untranslated(&mut self, range: TextRange, message: impl Into<String>, remedy: &str) {
        self.push_untranslated(range, message, format!("{remedy}, or {WAY_OUT}"));
    }

    /// As [`Refusals::untranslated`], where nothing else can be done.
    pub(super) fn python_only(&mut self, range: TextRange, message: impl Into<String>) {
        self.push_untranslated(range, message, WAY_OUT);
    }

    fn push_untranslated(&mut self, range: TextRange, message: impl Into<String>, remedy: impl Into<String>) {
        self.list.push(Problem { untranslated: true, ..Problem::new(bytes(range), message, remedy) });
    }

    pub(super) fn refusal(&mut self, range: TextRange, refusal: &Refusal) {
        self.untranslated(range, &*refusal.message, &refusal.remedy);
    }

    /// Problems of an expression.
    pub(super) fn expression(&mut self, problems: Vec<Problem>) {
        let problems = problems.into_iter();
        self.list.extend(problems.map(|problem| Problem {
            remedy: format!("{}, or {WAY_OUT}", problem.remedy.trim_end_matches('?')),
            untranslated: true,
            ..problem
        }));
    }

    pub(super) fn syntax(&mut self, error: &ParseError) {
        self.wrong(
            error.location,
            format!("this is no Python 3: {}", error.error),
            "correct the syntax; Python 2 files need `2to3` first",
        );
    }
}

fn bytes(range: TextRange) -> Range<usize> {
    range.start().into()..range.end().into()
}
