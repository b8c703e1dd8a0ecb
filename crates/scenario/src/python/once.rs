//! What Python goes through once: open files, readers, and what `zip()` and its like give. Here they are lists, which
//! is the same as long as they are gone through once.

use super::aliases::LAZY;
use super::body::Body;
use super::file::File;
use super::module::{Done, Module};
use crate::expr::lower::is_set;
use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{self as ast, Expr as Python, Stmt};
use ruff_text_size::{Ranged, TextRange};

pub(super) const GOES_ONCE: &str =
    "in Python this can be gone through only once: keeping it is not translated";
pub(super) const MAKE_A_LIST: &str = "make a list of it, as in `list(zip(a, b))`";

/// Those by full name.
const READERS: &[&str] = &["codecs.open", "csv.DictReader", "csv.reader", "io.open"];

impl<'f> File<'f> {
    /// Whether Python goes only once through what the expression gives.
    pub(super) fn goes_once(&self, python: &Python) -> bool {
        let Python::Call(call) = python else { return python.is_generator_expr() };
        match &*call.func {
            Python::Name(name) if !self.is_no_variable(&name.id) => {
                name.id == "open" || LAZY.contains(&name.id.as_str())
            }
            function => {
                let path = self.path(function).unwrap_or_default();
                READERS.contains(&path.as_str()) || path.starts_with("itertools.")
            }
        }
    }
}

impl<'f> Body<'_, 'f> {
    /// Refuses to keep what Python goes through only once, but in a variable that is gone through right after. Whether
    /// it did.
    pub(super) fn refuse_once(&mut self, value: &'f Python, target: Option<&'f Python>) -> bool {
        if !self.file.goes_once(value) || value.is_generator_expr() {
            return false;
        }
        if let Some(Python::Name(name)) = target
            && let Some(function) = self.calls.last()
            && is_read_once(&function.body, value.range(), name.id.as_str())
        {
            return false;
        }
        self.refusals.untranslated(value.range(), GOES_ONCE, MAKE_A_LIST);
        true
    }
}

/// Whether the variable that is given what stands at `range` is read at one place only, as often as that.
fn is_read_once(body: &[Stmt], range: TextRange, name: &str) -> bool {
    let mut all = Count { name, found: 0 };
    body.iter().for_each(|statement| all.visit_stmt(statement));
    all.found == 1 && is_read_beside(body, range, name)
}

/// Whether it is read by a statement that follows in the same block, and that does so once.
fn is_read_beside(body: &[Stmt], range: TextRange, name: &str) -> bool {
    let Some(place) = body.iter().position(|statement| statement.range().contains_range(range)) else {
        return false;
    };
    if !matches!(body[place], Stmt::Assign(_) | Stmt::AnnAssign(_)) {
        return blocks(&body[place]).into_iter().any(|block| is_read_beside(block, range, name));
    }
    body[place + 1..].iter().any(|statement| {
        let mut count = Count { name, found: 0 };
        match statement {
            Stmt::For(each) => count.visit_expr(&each.iter),
            Stmt::While(_) | Stmt::If(_) | Stmt::Try(_) | Stmt::With(_) => {}
            simple => count.visit_stmt(simple),
        }
        count.found == 1
    })
}

fn blocks(statement: &Stmt) -> Vec<&[Stmt]> {
    match statement {
        Stmt::For(each) => vec![&each.body, &each.orelse],
        Stmt::While(repeat) => vec![&repeat.body, &repeat.orelse],
        Stmt::With(with) => vec![&with.body],
        Stmt::If(conditional) => {
            let clauses = conditional.elif_else_clauses.iter().map(|clause| &*clause.body);
            std::iter::once(&*conditional.body).chain(clauses).collect()
        }
        Stmt::Try(attempt) => {
            let handlers =
                attempt.handlers.iter().map(|ast::ExceptHandler::ExceptHandler(handler)| &*handler.body);
            [&*attempt.body, &attempt.orelse, &attempt.finalbody].into_iter().chain(handlers).collect()
        }
        _ => Vec::new(),
    }
}

/// Counts where a name is read.
struct Count<'n> {
    name: &'n str,
    found: usize,
}

impl<'f> Visitor<'f> for Count<'_> {
    fn visit_expr(&mut self, expression: &'f Python) {
        if let Python::Name(name) = expression {
            self.found += usize::from(name.ctx == ast::ExprContext::Load && name.id == self.name);
        }
        walk_expr(self, expression);
    }
}

impl<'f> Module<'_, 'f> {
    /// Notes whether a variable stands for something that is gone through once.
    pub(super) fn note_once(&mut self, target: &'f Python, value: &'f Python) {
        if let Python::Name(name) = target {
            self.note_name(name.id.as_str(), value);
        }
    }

    pub(super) fn note_name(&mut self, name: &'f str, value: &'f Python) {
        self.file.spent.remove(name);
        if is_set(value) {
            self.file.sets.insert(name);
        }
        let again = matches!(value, Python::Name(other) if self.file.once.contains(other.id.as_str()));
        if again || self.file.goes_once(value) {
            self.file.once.insert(name);
        } else {
            self.file.once.remove(name);
        }
    }

    /// The variables that an expression goes through and that are used up by it; none of them was before.
    pub(super) fn spend(&mut self, python: &'f Python) -> Done<Vec<&'f str>> {
        if self.file.once.is_empty() {
            return Ok(Vec::new());
        }
        let mut reads = Reads { file: self.file, found: Vec::new() };
        reads.visit_expr(python);
        let mut spent = Vec::new();
        for (name, range) in reads.found {
            if self.file.spent.contains(name) || spent.contains(&name) {
                let message = format!("in Python `{name}` can be gone through only once, and it was before");
                let remedy = "make a list of it first, as in `rows = list(reader)`";
                return self.refuse(range, message, remedy);
            }
            spent.push(name);
        }
        Ok(spent)
    }
}

/// Finds where variables are read that can be gone through once, but for what takes one item.
struct Reads<'a, 'f> {
    file: &'a File<'f>,
    found: Vec<(&'f str, TextRange)>,
}

impl<'f> Visitor<'f> for Reads<'_, 'f> {
    fn visit_expr(&mut self, expression: &'f Python) {
        match expression {
            Python::Name(name) if self.file.once.contains(name.id.as_str()) => {
                self.found.push((name.id.as_str(), name.range));
            }
            Python::Call(call) if takes_one(call) => {}
            _ => walk_expr(self, expression),
        }
    }
}

fn takes_one(call: &ast::ExprCall) -> bool {
    match (&*call.func, &*call.arguments.args) {
        (Python::Name(next), [Python::Name(_), ..]) => next.id == "next",
        (Python::Attribute(method), []) => matches!(method.attr.as_str(), "close" | "readline"),
        _ => false,
    }
}
