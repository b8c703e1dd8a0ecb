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
            remedy: format!("{}, or {WAY_OUT}", remedy_of(&problem).trim_end_matches('?')),
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

/// What to do instead of calling functions whose full names begin so; only Python files have these.
const INSTEAD: &[(&str, &str)] = &[
    ("__import__", "import it at the top of the file"),
    ("collections.", "use a plain list or dict"),
    ("copy.", "write `list(items)` or `dict(row)`"),
    ("csv.", "read the file by `csv.DictReader(open(...))` at the top of the file"),
    ("delattr", "write the name, as in `del self.name`"),
    ("exec", "write the code itself"),
    ("getattr", "write the name, as in `self.name`, or keep the values in a dict"),
    ("gevent.", "make the requests one after the other; more users make more of them at once"),
    ("globals", "write the name itself"),
    ("hasattr", "give the attribute a value in on_start, such as None, and look at that"),
    ("itertools.", "keep the iterator in a variable of the file and take from it by `next(...)`"),
    ("json.dump", "leave it out, or make a text by `json.dumps(...)`"),
    ("locals", "write the names themselves"),
    ("open", "open it at the top of the file, and keep what it holds in a variable"),
    ("os.path.", "open the file at the top, within `try` if it may be missing"),
    ("os.", "leave it out"),
    ("pathlib.", "write the path as text, as in `open(\"users.csv\")`"),
    ("requests.", "send it by `self.client`, with the whole address if it is for another host"),
    ("setattr", "write the name, as in `self.name = value`"),
    ("sys.", "leave it out"),
    ("urllib3.", "send it by `self.client`"),
    ("vars", "write the names of the attributes"),
];

fn remedy_of(problem: &Problem) -> &str {
    let path = problem
        .message
        .strip_prefix("the function `")
        .and_then(|rest| rest.strip_suffix("()` is not supported"));
    let instead = path.and_then(|path| {
        INSTEAD.iter().find(|(start, _)| path == *start || start.ends_with('.') && path.starts_with(start))
    });
    instead.map_or(problem.remedy.as_str(), |(_, remedy)| remedy)
}

fn bytes(range: TextRange) -> Range<usize> {
    range.start().into()..range.end().into()
}
