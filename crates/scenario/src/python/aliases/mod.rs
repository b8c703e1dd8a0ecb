//! Which variables may be changed in place.
//!
//! In Python two names can stand for one list, and a change through one is seen through the other. Here each variable
//! has a value of its own. So a change is translated only where nobody can tell the two apart: where all that the
//! variable was ever given is new, and it is given to nothing else.

mod walk;

use super::file::File;
use ruff_python_ast::Stmt;
use ruff_text_size::{TextRange, TextSize};
use std::collections::HashMap;
use walk::Walk;
pub(super) use walk::stored;

/// A variable: an attribute of whatever object, or a name within a function.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Root<'f> {
    Attribute(&'f str),
    /// The function is known by where its name stands.
    Local(TextRange, &'f str),
}

/// Why a variable is not changed in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shared {
    /// It may be given something that has another name.
    Given,
    /// It is given to something else.
    Escapes,
    /// All users of the class share it.
    Class,
    /// It is changed while a loop goes through it.
    Looping,
}

/// Methods that change their object.
pub(super) const CHANGING: &[&str] =
    &["append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort", "update"];

/// Methods that give what is new, whatever it is made of.
const NEW: &[&str] = &["copy", "items", "json", "keys", "split", "splitlines", "values"];

/// Functions that do, by full name.
const NEW_FUNCTIONS: &[&str] =
    &["copy.deepcopy", "dict", "json.loads", "list", "range", "random.sample", "re.findall", "set", "sorted"];

/// Functions and methods that may give one of their arguments, or a part of it.
const PASSING: &[&str] = &["choice", "copy", "get", "getattr", "max", "min", "next", "setdefault"];

/// Functions and methods of which the result may hold items of what they are given.
const HOLDING: &[&str] =
    &["choices", "copy", "dict", "list", "pop", "sample", "set", "sorted", "sum", "tuple"];

/// Functions that go through what they are given only when their result is gone through.
pub(super) const LAZY: &[&str] = &["enumerate", "filter", "iter", "map", "reversed", "zip"];

/// Methods of dicts whose results show what the dict holds later.
pub(super) const VIEWS: &[&str] = &["items", "keys", "values"];

/// The variables that are not changed in place.
#[derive(Default)]
pub(super) struct Aliases<'f> {
    shared: HashMap<Root<'f>, Shared>,
    /// Variables of functions that are given away, each with the parts of the file in which they still are nobody
    /// else's: before that, and after they were given something new.
    lent: HashMap<Root<'f>, Vec<TextRange>>,
}

impl<'f> Aliases<'f> {
    pub(super) fn of(file: &File<'f>, body: &'f [Stmt]) -> Self {
        Walk::of(file, body)
    }

    /// Why a variable is not changed at this place.
    pub(super) fn reason(&self, root: &Root<'f>, place: TextSize) -> Option<Shared> {
        let lent = || self.lent.get(root)?.iter().any(|own| !own.contains(place)).then_some(Shared::Escapes);
        self.shared.get(root).copied().or_else(lent)
    }

    /// Takes a variable of the file for one that is not changed.
    pub(super) fn note(&mut self, root: Root<'f>) {
        self.shared.insert(root, Shared::Given);
    }

    /// The variables of this name that are not changed, in whatever function.
    pub(super) fn of_name(&self, name: &str) -> impl Iterator<Item = &Root<'f>> {
        self.shared.keys().filter(move |root| matches!(root, Root::Local(_, known) if *known == name))
    }
}
