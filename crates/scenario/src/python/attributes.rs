//! What a class of the file consists of, its bases of the same file included.

use super::file::File;
use super::lineage::{Fault, Lineage};
use super::refuse::Refusals;
use crate::limits::MEMBERS;
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
    /// `User`, which has no client.
    PlainUser,
    /// `TaskSet`
    TaskSet,
    /// `SequentialTaskSet`
    Sequence,
    /// `TaskSequence`, of the generation before 1.0.
    OldSequence,
    /// `MarkovTaskSet`
    Markov,
}

impl Kind {
    pub(super) fn is_set(self) -> bool {
        matches!(self, Self::TaskSet | Self::Sequence | Self::OldSequence | Self::Markov)
    }
}

/// A class with its bases of the same file.
pub(super) struct Family<'f> {
    pub(super) kind: Kind,
    pub(super) name: &'f ast::Identifier,
    /// The class itself, then its bases of the file in the order in which Python looks for attributes.
    pub(super) classes: Vec<&'f ast::StmtClassDef>,
    /// Each class's members, in the same order.
    pub(super) generations: Vec<Vec<(&'f str, Member<'f>)>>,
}

impl<'f> Family<'f> {
    /// `None` for a class that Locust does not know, and where there were problems.
    pub(super) fn of(file: &File<'f>, class: &'f ast::StmtClassDef, refusals: &mut Refusals) -> Option<Self> {
        let Lineage { classes, roots, fault } = file.lineage(class);
        // Classes that nobody runs may be anything.
        let (first, _) = roots.first()?;
        if first == "LoadTestShape" {
            return None;
        }
        if let Some(Fault { range, message, remedy }) = fault {
            match remedy {
                Some(remedy) => refusals.untranslated(range, message, remedy),
                None => refusals.python_only(range, message),
            }
            return None;
        }
        let mut kinds = Vec::new();
        for (name, range) in &roots {
            kinds.push(known_base(name, *range, refusals)?);
        }
        let kind = *kinds.first()?;
        if kinds.iter().any(|other| *other != kind) {
            let message = format!("`{}` derives from different classes of Locust", class.name);
            refusals.untranslated(class.name.range, message, "derive from one of them");
            return None;
        }
        for class in &classes {
            let known = |decorator: &&ast::Decorator| {
                let function = match &decorator.expression {
                    Expr::Call(call) => &*call.func,
                    other => other,
                };
                matches!(file.locust_name(function), Some("tag" | "task" | "transition" | "transitions"))
            };
            for decorator in class.decorator_list.iter().filter(|decorator| !known(decorator)) {
                refusals.untranslated(
                    decorator.range,
                    "this decorator of a class is not translated",
                    "remove it",
                );
            }
        }
        let generations: Vec<Vec<_>> = classes.iter().map(|class| members(class, refusals)).collect();
        let own = |name: &str| name.starts_with("__") && !name.ends_with("__");
        for (place, name) in generations.iter().enumerate().flat_map(|(place, members)| {
            members.iter().map(move |(name, _)| (place, *name)).filter(|(_, name)| own(name))
        }) {
            // Python keeps them apart.
            let others = generations.iter().skip(place + 1).zip(classes.iter().skip(place + 1));
            for (_, class) in others.filter(|(members, _)| members.iter().any(|(known, _)| *known == name)) {
                let message = format!(
                    "`{name}` of `{}` is another one than that of a class derived from it",
                    class.name
                );
                refusals.untranslated(class.name.range, message, "give each a name of its own");
            }
        }
        Some(Self { kind, name: &class.name, classes, generations })
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

    /// The method that `super()` finds in a method of this family.
    pub(super) fn method_after(
        &self,
        function: &ast::StmtFunctionDef,
        name: &str,
    ) -> Option<&'f ast::StmtFunctionDef> {
        let is_here = |(_, member): &(&str, Member<'_>)| match member {
            Member::Method(method) => method.name.range == function.name.range,
            Member::Value(_) | Member::Class(_) => false,
        };
        let here = self.generations.iter().position(|members| members.iter().any(&is_here))?;
        match self.generations[here + 1..].iter().find_map(|members| own(members, name)) {
            Some(Member::Method(method)) => Some(method),
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

/// Whether it is marked as `@staticmethod`, which takes no object.
pub(super) fn is_static(function: &ast::StmtFunctionDef) -> bool {
    let is_marked = |decorator: &ast::Decorator| match &decorator.expression {
        Expr::Name(name) => name.id == "staticmethod",
        _ => false,
    };
    function.decorator_list.iter().any(is_marked)
}

fn own<'f>(members: &[(&'f str, Member<'f>)], name: &str) -> Option<Member<'f>> {
    members.iter().find(|(known, _)| *known == name).map(|(_, member)| *member)
}

/// What a class of Locust makes of the classes that are derived from it.
fn known_base(name: &str, range: TextRange, refusals: &mut Refusals) -> Option<Kind> {
    match name {
        "HttpLocust" => return Some(Kind::OldUser),
        "HttpUser" => return Some(Kind::User),
        "FastHttpUser" => return Some(Kind::FastUser),
        "User" | "Locust" => return Some(Kind::PlainUser),
        "TaskSet" => return Some(Kind::TaskSet),
        "SequentialTaskSet" => return Some(Kind::Sequence),
        "TaskSequence" => return Some(Kind::OldSequence),
        "MarkovTaskSet" => return Some(Kind::Markov),
        "FastHttpLocust" => refusals.untranslated(
            range,
            "`FastHttpLocust` is not translated",
            "derive from HttpLocust, which is as fast here",
        ),
        _ => refusals.python_only(range, format!("the base class `{name}` is not translated")),
    }
    None
}

pub(super) fn members<'f>(
    class: &'f ast::StmtClassDef,
    refusals: &mut Refusals,
) -> Vec<(&'f str, Member<'f>)> {
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
