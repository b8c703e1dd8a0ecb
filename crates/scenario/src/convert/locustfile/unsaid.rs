//! What YAML cannot say, and where it stands in the locustfile.

use crate::problem::Problem;
use crate::python;
use ruff_python_ast::visitor::{Visitor, walk_stmt};
use ruff_python_ast::{self as ast, Expr as Python, Stmt};
use ruff_text_size::{Ranged, TextRange};
use std::ops::Range;

/// Something that YAML cannot say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// A task set, by its name.
    Set(String),
    /// A variable that all users share and change, by its name.
    Shared(String),
    /// A wait that takes several steps.
    Wait,
    /// Anything else, in words that go before "has no counterpart in YAML".
    Other(String),
}

/// Where it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// The user class.
    pub(super) class: String,
    /// The function: a task, `on_start`, `on_stop`.
    pub(super) function: String,
}

/// All that was found.
#[derive(Default)]
pub(super) struct Unsaid {
    list: Vec<(What, Part)>,
}

impl Unsaid {
    pub(super) fn note(&mut self, what: What, part: &Part) {
        let found = (what, part.clone());
        if !self.list.contains(&found) {
            self.list.push(found);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Each with its place in the locustfile `text`.
    pub(super) fn problems(&self, text: &str, way_out: &str) -> Vec<Problem> {
        let module = python::module(text);
        let body = module.as_ref().map_or(&[][..], |module| &module.body);
        let problem = |(what, part): &(What, Part)| {
            let place = place(what, part, body).map_or(0..0, bytes);
            Problem { untranslated: true, ..Problem::new(place, message(what, part), way_out) }
        };
        let mut problems: Vec<Problem> = self.list.iter().map(problem).collect();
        problems.dedup_by(|a, b| a.span == b.span && a.message == b.message);
        problems
    }
}

fn message(what: &What, part: &Part) -> String {
    match what {
        What::Set(name) => format!("the task set `{name}` has no counterpart in YAML"),
        What::Shared(name) => {
            format!("`{name}`, which all users share and change, has no counterpart in YAML")
        }
        What::Wait => "a wait of several statements has no counterpart in YAML".to_owned(),
        What::Other(words) => format!("{words} in `{}` has no counterpart in YAML", part.function),
    }
}

fn bytes(range: TextRange) -> Range<usize> {
    range.start().into()..range.end().into()
}

/// Where it stands, as far as its names tell.
fn place(what: &What, part: &Part, body: &[Stmt]) -> Option<TextRange> {
    let find = |name: &str, kind: Kind| {
        // A name such as `Shop.browse` is one of several.
        let name = name.rsplit('.').next().unwrap_or(name);
        let mut finder = Finder { name, kind, found: None };
        finder.visit_body(body);
        finder.found
    };
    let class = || find(&part.class, Kind::Class);
    match what {
        What::Set(name) => find(name, Kind::Class).or_else(class),
        What::Shared(name) => find(name, Kind::Variable).or_else(class),
        What::Wait => {
            find("wait_time", Kind::Function).or_else(|| find("wait_time", Kind::Variable)).or_else(class)
        }
        What::Other(_) => find(&part.function, Kind::Function).or_else(class),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Class,
    Function,
    Variable,
}

/// Finds the first definition of a name.
struct Finder<'n> {
    name: &'n str,
    kind: Kind,
    found: Option<TextRange>,
}

impl<'a> Visitor<'a> for Finder<'_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        if self.found.is_some() {
            return;
        }
        self.found = match statement {
            Stmt::ClassDef(class) if self.kind == Kind::Class => named(&class.name, self.name),
            Stmt::FunctionDef(function) if self.kind == Kind::Function => named(&function.name, self.name),
            Stmt::Assign(assign) if self.kind == Kind::Variable => {
                assign.targets.iter().find_map(|target| variable(target, self.name))
            }
            Stmt::AnnAssign(assign) if self.kind == Kind::Variable => variable(&assign.target, self.name),
            _ => None,
        };
        if self.found.is_none() {
            walk_stmt(self, statement);
        }
    }
}

fn named(identifier: &ast::Identifier, name: &str) -> Option<TextRange> {
    (identifier.as_str() == name).then_some(identifier.range)
}

fn variable(target: &Python, name: &str) -> Option<TextRange> {
    match target {
        Python::Name(known) if known.id.as_str() == name => Some(known.range()),
        Python::Tuple(tuple) => tuple.elts.iter().find_map(|target| variable(target, name)),
        _ => None,
    }
}
