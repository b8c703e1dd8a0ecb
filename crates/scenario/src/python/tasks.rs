//! Which tasks a class has, with their weights and tags.

use super::attributes::{Family, Member};
use super::file::File;
use super::refuse::Refusals;
use crate::expr::Value;
use crate::limits::{MEMBERS, WEIGHT};
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::Ranged;

/// Something that a class does over and over.
pub(super) struct Entry<'f> {
    pub(super) callee: Callee<'f>,
    pub(super) weight: u32,
    pub(super) tags: Vec<String>,
}

/// What is called.
#[derive(Clone, Copy)]
pub(super) enum Callee<'f> {
    Function(&'f ast::StmtFunctionDef),
    TaskSet(&'f ast::StmtClassDef),
}

impl<'f> Callee<'f> {
    pub(super) fn name(&self) -> &'f ast::Identifier {
        match self {
            Self::Function(function) => &function.name,
            Self::TaskSet(class) => &class.name,
        }
    }
}

/// The tasks of a class in Locust's order: those of its bases, its `tasks`, its decorated methods.
pub(super) fn entries<'f>(file: &File<'f>, family: &Family<'f>, refusals: &mut Refusals) -> Vec<Entry<'f>> {
    let mut entries: Vec<Entry<'f>> = Vec::new();
    for members in family.generations.iter().rev() {
        for (name, _) in members {
            if entries.iter().any(|entry| entry.callee.name().as_str() == *name) {
                // Locust would run both, the one of the base too.
                refusals.untranslated(
                    family.name.range,
                    format!("the task `{name}` is defined again in a derived class"),
                    "give the second one a name of its own",
                );
            }
        }
        if let Some((_, Member::Value(list))) = members.iter().find(|(name, _)| *name == "tasks") {
            for (callee, weight) in listed(file, members, list, refusals) {
                let tags = marks(file, callee, refusals).tags;
                add(&mut entries, Entry { callee, weight, tags }, refusals);
            }
        }
        for (_, member) in members {
            let callee = match *member {
                Member::Method(function) => Callee::Function(function),
                Member::Class(class) => Callee::TaskSet(class),
                Member::Value(_) => continue,
            };
            let marks = marks(file, callee, refusals);
            if let Some(weight) = marks.weight.filter(|weight| *weight > 0) {
                add(&mut entries, Entry { callee, weight, tags: marks.tags }, refusals);
            }
        }
    }
    entries
}

/// Adds an entry; the same callee again adds to its weight.
fn add<'f>(entries: &mut Vec<Entry<'f>>, entry: Entry<'f>, refusals: &mut Refusals) {
    let name = entry.callee.name();
    match entries.iter_mut().find(|known| known.callee.name().as_str() == name.as_str()) {
        None => entries.push(entry),
        Some(known) if known.callee.name().range == name.range => {
            known.weight = known.weight.saturating_add(entry.weight).min(WEIGHT);
        }
        Some(_) => refusals.untranslated(
            name.range,
            format!("two tasks of a class are called `{name}`"),
            "give each a name of its own",
        ),
    }
}

/// What the decorators of a task say.
#[derive(Default)]
struct Marks {
    weight: Option<u32>,
    tags: Vec<String>,
}

fn marks(file: &File<'_>, callee: Callee<'_>, refusals: &mut Refusals) -> Marks {
    let mut marks = Marks::default();
    let decorators = match callee {
        Callee::Function(function) => &function.decorator_list,
        Callee::TaskSet(class) => &class.decorator_list,
    };
    for decorator in decorators {
        let (function, call) = match &decorator.expression {
            Expr::Call(call) => (&*call.func, Some(&call.arguments)),
            other => (other, None),
        };
        match (file.locust_name(function), call) {
            (Some("task"), None) => marks.weight = Some(1),
            (Some("task"), Some(arguments)) => {
                let given = match (&*arguments.args, &*arguments.keywords) {
                    ([weight], []) => Some(weight),
                    ([], [keyword]) if keyword.arg.as_ref().is_some_and(|name| name.as_str() == "weight") => {
                        Some(&keyword.value)
                    }
                    _ => None,
                };
                match given {
                    Some(given) => marks.weight = weight(file, given, refusals),
                    None => refusals.wrong(
                        decorator.range,
                        "`@task` takes one weight",
                        "write `@task` or `@task(3)`",
                    ),
                }
            }
            (Some("tag"), Some(arguments)) if !arguments.args.is_empty() && arguments.keywords.is_empty() => {
                for argument in &arguments.args {
                    match file.value(argument, refusals) {
                        Some(Value::Str(tag)) => marks.tags.push(tag.to_string()),
                        Some(_) => refusals.wrong(argument.range(), "a tag is text", "put quotes around it"),
                        None => {}
                    }
                }
            }
            (Some("tag"), _) => {
                refusals.wrong(decorator.range, "`@tag` needs a name", "write it as in `@tag(\"read\")`");
            }
            _ => refusals.untranslated(
                decorator.range,
                "this decorator is not translated",
                "use only @task and @tag",
            ),
        }
    }
    marks.tags.sort();
    marks.tags.dedup();
    marks
}

/// The items of `tasks = [...]` or `tasks = {...}` with their weights.
fn listed<'f>(
    file: &File<'f>,
    members: &[(&'f str, Member<'f>)],
    list: &'f Expr,
    refusals: &mut Refusals,
) -> Vec<(Callee<'f>, u32)> {
    let items: Vec<(&'f Expr, Option<&'f Expr>)> = match list {
        Expr::List(list) => list.elts.iter().map(pair).collect(),
        Expr::Tuple(list) => list.elts.iter().map(pair).collect(),
        Expr::Dict(dict) => dict
            .items
            .iter()
            .map(|item| (item.key.as_ref().unwrap_or(&item.value), Some(&item.value)))
            .collect(),
        other => {
            refusals.untranslated(
                other.range(),
                "`tasks` is understood as a list or a dict that is written out",
                "write it as in `tasks = [browse, buy]` or `tasks = {browse: 3, buy: 1}`",
            );
            return Vec::new();
        }
    };
    if items.len() > MEMBERS {
        let message = format!("`tasks` has more than {MEMBERS} items");
        refusals.untranslated(list.range(), message, "give weights, as in `tasks = {browse: 3}`");
        return Vec::new();
    }
    let mut found = Vec::new();
    for (item, given) in items {
        let weight = match given {
            Some(given) => weight(file, given, refusals),
            None => Some(1),
        };
        match callee(file, members, item) {
            Some(callee) => found.extend(weight.filter(|weight| *weight > 0).map(|weight| (callee, weight))),
            None => refusals.untranslated(
                item.range(),
                "this is no function or task set of the file",
                "name a function that is defined in this file",
            ),
        }
    }
    found
}

/// `(task, weight)`, as a list may hold it.
fn pair(item: &Expr) -> (&Expr, Option<&Expr>) {
    match item {
        Expr::Tuple(tuple) => match tuple.elts.as_slice() {
            [task, weight] => (task, Some(weight)),
            _ => (item, None),
        },
        _ => (item, None),
    }
}

fn callee<'f>(file: &File<'f>, members: &[(&'f str, Member<'f>)], item: &Expr) -> Option<Callee<'f>> {
    let Expr::Name(name) = item else { return None };
    match members.iter().find(|(known, _)| *known == name.id.as_str()).map(|(_, member)| *member) {
        Some(Member::Method(function)) => Some(Callee::Function(function)),
        Some(Member::Class(class)) => Some(Callee::TaskSet(class)),
        Some(Member::Value(_)) => None,
        None => match file.functions.get(name.id.as_str()) {
            Some(function) => Some(Callee::Function(function)),
            None => file.class(&name.id).map(Callee::TaskSet),
        },
    }
}

/// A weight; 0 is a task that never runs.
pub(super) fn weight(file: &File<'_>, value: &Expr, refusals: &mut Refusals) -> Option<u32> {
    let weight = match file.value(value, refusals)? {
        Value::Int(weight) => u32::try_from(weight).ok().filter(|weight| *weight <= WEIGHT),
        _ => None,
    };
    if weight.is_none() {
        let message = format!("a weight is a whole number up to {WEIGHT}");
        refusals.wrong(value.range(), message, "write a number such as 3");
    }
    weight
}
