//! What a class of the file consists of, its bases of the same file included.

use super::file::File;
use super::refuse::Refusals;
use crate::limits::{DEPTH, MEMBERS};
use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::{Ranged, TextRange};

/// Something that a class body defines.
#[derive(Clone, Copy)]
pub(super) enum Member<'f> {
    Value(&'f Expr),
    Method(&'f ast::StmtFunctionDef),
    Class(&'f ast::StmtClassDef),
}

/// What a class is to Locust.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `HttpLocust`, of the generation before 1.0.
    OldUser,
    /// `HttpUser`
    User,
    /// `FastHttpUser`
    FastUser,
    /// `TaskSet`
    TaskSet,
}

/// A class with its bases of the same file.
pub(super) struct Family<'f> {
    pub(super) kind: Kind,
    pub(super) name: &'f ast::Identifier,
    /// Each class's members; the class itself first, then its base, and so on.
    pub(super) generations: Vec<Vec<(&'f str, Member<'f>)>>,
}

impl<'f> Family<'f> {
    /// `None` for a class that Locust does not know, and where there were problems.
    pub(super) fn of(file: &File<'f>, class: &'f ast::StmtClassDef, refusals: &mut Refusals) -> Option<Self> {
        let mut chain = vec![class];
        let kind = loop {
            let last = chain.last().copied()?;
            let base =
                match last.arguments.as_deref().map(|arguments| (&*arguments.args, &*arguments.keywords)) {
                    None | Some(([], [])) => return None,
                    Some(([base], [])) => base,
                    Some((bases, keywords)) => {
                        // Classes that nobody runs may be anything.
                        let known =
                            |base: &Expr| file.locust_name(base).is_some() || local(file, base).is_some();
                        if bases.iter().any(known) || !keywords.is_empty() {
                            refusals.untranslated(
                                last.range_of_head(),
                                format!("the class `{}` has more than one base", last.name),
                                "derive from one class",
                            );
                        }
                        return None;
                    }
                };
            match local(file, base) {
                Some(base) if chain.len() < DEPTH && chain.iter().all(|known| known.name != base.name) => {
                    chain.push(base);
                }
                Some(base) => {
                    let message = format!("the bases of `{}` are too many, or the class itself", base.name);
                    refusals.wrong(
                        last.range_of_head(),
                        message,
                        "derive from a class that stands before this one",
                    );
                    return None;
                }
                None => break known_base(file.locust_name(base)?, base.range(), refusals)?,
            }
        };
        for class in &chain {
            for decorator in class.decorator_list.iter().filter(|_| file.class(&class.name).is_some()) {
                refusals.untranslated(
                    decorator.range,
                    "this decorator of a class is not translated",
                    "remove it",
                );
            }
        }
        let generations = chain.iter().map(|class| members(class, refusals)).collect();
        Some(Self { kind, name: &class.name, generations })
    }

    /// What `name` stands for in the class.
    pub(super) fn find(&self, name: &str) -> Option<Member<'f>> {
        self.generations.iter().find_map(|members| own(members, name))
    }

    pub(super) fn value(&self, name: &str) -> Option<&'f Expr> {
        match self.find(name) {
            Some(Member::Value(Expr::NoneLiteral(_))) => None,
            Some(Member::Value(value)) => Some(value),
            _ => None,
        }
    }

    pub(super) fn method(&self, name: &str) -> Option<&'f ast::StmtFunctionDef> {
        match self.find(name) {
            Some(Member::Method(method)) => Some(method),
            _ => None,
        }
    }

    /// The value of `name` in the class itself, whatever its bases say.
    pub(super) fn own_value(&self, name: &str) -> Option<&'f Expr> {
        match self.generations.first().and_then(|members| own(members, name)) {
            Some(Member::Value(value)) => Some(value),
            _ => None,
        }
    }
}

fn own<'f>(members: &[(&'f str, Member<'f>)], name: &str) -> Option<Member<'f>> {
    members.iter().find(|(known, _)| *known == name).map(|(_, member)| *member)
}

fn local<'f>(file: &File<'f>, base: &Expr) -> Option<&'f ast::StmtClassDef> {
    match base {
        Expr::Name(name) => file.class(&name.id),
        _ => None,
    }
}

/// What a class of Locust makes of the classes that are derived from it.
fn known_base(name: &str, range: TextRange, refusals: &mut Refusals) -> Option<Kind> {
    match name {
        "HttpLocust" => return Some(Kind::OldUser),
        "HttpUser" => return Some(Kind::User),
        "FastHttpUser" => return Some(Kind::FastUser),
        "TaskSet" => return Some(Kind::TaskSet),
        "FastHttpLocust" => refusals.untranslated(
            range,
            "`FastHttpLocust` is not translated",
            "derive from HttpLocust, which is as fast here",
        ),
        "User" | "Locust" => refusals.untranslated(
            range,
            format!("a `{name}` has no HTTP client"),
            "derive from HttpUser if it sends HTTP requests",
        ),
        "SequentialTaskSet" | "TaskSequence" | "MarkovTaskSet" => refusals.untranslated(
            range,
            format!("the order of tasks in a `{name}` is not translated"),
            "write the requests of one pass in one task",
        ),
        "LoadTestShape" => refusals.untranslated(
            range,
            "a load shape in Python is not translated",
            "give its stages with --stages",
        ),
        _ => refusals.python_only(range, format!("the base class `{name}` is not translated")),
    }
    None
}

fn members<'f>(class: &'f ast::StmtClassDef, refusals: &mut Refusals) -> Vec<(&'f str, Member<'f>)> {
    let mut members: Vec<(&'f str, Member<'f>)> = Vec::new();
    if class.body.len() > MEMBERS {
        let message = format!("`{}` has more than {MEMBERS} members", class.name);
        refusals.untranslated(class.name.range, message, "make several classes of it");
        return members;
    }
    for statement in &class.body {
        let (name, member) = match statement {
            Stmt::FunctionDef(method) => (method.name.as_str(), Member::Method(method)),
            Stmt::ClassDef(class) => (class.name.as_str(), Member::Class(class)),
            Stmt::Assign(ast::StmtAssign { targets, value, .. })
                if matches!(targets.as_slice(), [Expr::Name(_)]) =>
            {
                let [Expr::Name(name)] = targets.as_slice() else { continue };
                (name.id.as_str(), Member::Value(value))
            }
            Stmt::AnnAssign(ast::StmtAnnAssign { target, value: Some(value), .. })
                if target.is_name_expr() =>
            {
                let Expr::Name(name) = &**target else { continue };
                (name.id.as_str(), Member::Value(value))
            }
            Stmt::AnnAssign(ast::StmtAnnAssign { value: None, .. }) | Stmt::Pass(_) => continue,
            Stmt::Expr(expression) if expression.value.is_literal_expr() => continue,
            other => {
                refusals.untranslated(
                    other.range(),
                    "this statement in a class body is not translated",
                    "keep attributes and methods there",
                );
                continue;
            }
        };
        // As in Python, a later definition takes the place of an earlier one.
        match members.iter_mut().find(|(known, _)| *known == name) {
            Some(place) => place.1 = member,
            None => members.push((name, member)),
        }
    }
    members
}

/// The line that begins a class.
trait Head {
    fn range_of_head(&self) -> TextRange;
}

impl Head for ast::StmtClassDef {
    fn range_of_head(&self) -> TextRange {
        let end = self.arguments.as_ref().map_or(self.name.range.end(), |arguments| arguments.range.end());
        TextRange::new(self.name.range.start(), end)
    }
}
