//! What a class derives from: the order in which Python looks for its attributes, and what it is to Locust.

use super::file::File;
use crate::limits::DEPTH;
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::{Ranged, TextRange};

/// Base classes that say nothing about a class.
const NOTHING: &[&str] = &["abc.ABC", "typing.Generic", "typing.Protocol"];

/// The bases of a class.
#[derive(Clone, Default)]
pub(super) struct Lineage<'f> {
    /// The class, and then its bases that the file defines, in the order in which attributes are looked for.
    pub(super) classes: Vec<&'f ast::StmtClassDef>,
    /// The classes of Locust among all its bases, and where they are named.
    pub(super) roots: Vec<(String, TextRange)>,
    /// What is wrong with them.
    pub(super) fault: Option<Fault>,
}

#[derive(Clone)]
pub(super) struct Fault {
    pub(super) range: TextRange,
    pub(super) message: String,
    /// `None` for what only Python workers can do.
    pub(super) remedy: Option<&'static str>,
}

impl<'f> Lineage<'f> {
    /// The lineage of a class whose bases stand before it.
    pub(super) fn of(file: &File<'f>, class: &'f ast::StmtClassDef) -> Self {
        let mut lineage = Self::default();
        let mut lists: Vec<Vec<&'f ast::StmtClassDef>> = Vec::new();
        let mut direct = Vec::new();
        let (bases, keywords) = match class.arguments.as_deref() {
            Some(arguments) => (&*arguments.args, &*arguments.keywords),
            None => (&[][..], &[][..]),
        };
        for base in bases {
            if let Some((known, inherited)) = named(file, base) {
                lineage.roots.extend(inherited.roots.iter().cloned());
                lineage.fault = lineage.fault.take().or_else(|| inherited.fault.clone());
                lists.push(inherited.classes.clone());
                direct.push(known);
            } else if let Some(name) = file.locust_name(base) {
                lineage.roots.push((name.to_owned(), base.range()));
            } else if !says_nothing(file, base) {
                let message = match base {
                    Expr::Name(name) if file.class(&name.id).is_some() => {
                        "this base class stands after the class, or is the class itself".to_owned()
                    }
                    _ => "this base class is not translated".to_owned(),
                };
                lineage.fault.get_or_insert(Fault { range: base.range(), message, remedy: None });
            }
        }
        if let Some(keyword) = keywords.first() {
            let message = "arguments of a class by name are not translated".to_owned();
            lineage.fault.get_or_insert(Fault {
                range: keyword.range,
                message,
                remedy: Some("leave them out"),
            });
        }
        lists.push(direct);
        lineage.classes.push(class);
        let whole = merge(lists, &mut lineage.classes);
        if !whole || lineage.classes.len() > DEPTH {
            let message = "the bases of this class are too many, or have no order".to_owned();
            lineage.fault.get_or_insert(Fault {
                range: class.name.range,
                message,
                remedy: Some("derive from fewer classes, each once"),
            });
            lineage.classes.truncate(DEPTH);
        }
        lineage
    }
}

fn named<'a, 'f>(file: &'a File<'f>, base: &Expr) -> Option<(&'f ast::StmtClassDef, &'a Lineage<'f>)> {
    let Expr::Name(name) = base else { return None };
    Some((file.class(&name.id)?, file.lineages.get(name.id.as_str())?))
}

fn says_nothing(file: &File<'_>, base: &Expr) -> bool {
    let base = match base {
        Expr::Subscript(subscript) => &*subscript.value,
        other => other,
    };
    matches!(base, Expr::Name(name) if name.id == "object")
        || file.path(base).is_some_and(|path| NOTHING.contains(&path.as_str()))
}

/// Python's order (C3): each class before its bases, and bases as they are listed. `false` if there is none.
fn merge<'f>(mut lists: Vec<Vec<&'f ast::StmtClassDef>>, merged: &mut Vec<&'f ast::StmtClassDef>) -> bool {
    let same = |left: &ast::StmtClassDef, right: &ast::StmtClassDef| left.range == right.range;
    loop {
        lists.retain(|list| !list.is_empty());
        let is_later = |class: &ast::StmtClassDef| {
            lists.iter().any(|list| list.iter().skip(1).any(|later| same(later, class)))
        };
        let next = lists.iter().filter_map(|list| list.first()).find(|first| !is_later(first)).copied();
        let Some(next) = next else { return lists.is_empty() };
        if merged.len() > DEPTH {
            return false;
        }
        merged.push(next);
        for list in &mut lists {
            list.retain(|class| !same(class, next));
        }
    }
}
