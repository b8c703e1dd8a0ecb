//! Which tasks a class has, with their weights and tags.

use super::attributes::{Family, Kind, Member};
use super::file::File;
use super::markov;
use super::refuse::Refusals;
use crate::expr::Value;
use crate::limits::{MEMBERS, WEIGHT};
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::Ranged;

/// Something that a class does over and over.
pub(super) struct Entry<'f> {
    pub(super) name: String,
    pub(super) callee: Callee<'f>,
    pub(super) weight: u32,
    /// Where `@seq_task` places it.
    order: i64,
    pub(super) tags: Vec<String>,
    /// What may come next, of a task of a Markov chain.
    pub(super) next: Vec<(String, u32)>,
}

impl<'f> Entry<'f> {
    pub(super) fn new(name: String, callee: Callee<'f>) -> Self {
        Self { name, callee, weight: 1, order: 1, tags: Vec::new(), next: Vec::new() }
    }

    /// All that a user does.
    pub(super) fn only(class: &'f ast::StmtClassDef) -> Self {
        let name = class.name.to_string();
        Self::new(name, Callee::TaskSet(class))
    }
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

/// The tasks of a class in Locust's order: those of its bases, its `tasks`, its decorated methods; in a sequence its
/// `tasks` stand where they are written.
pub(super) fn entries<'f>(file: &File<'f>, family: &Family<'f>, refusals: &mut Refusals) -> Vec<Entry<'f>> {
    if family.kind == Kind::Markov {
        return markov::chain(file, family, refusals);
    }
    let mut collected = Collected { file, family, entries: Vec::new(), visits: 0, told: false };
    if let Some(class) = family.classes.first() {
        collected.class(class, refusals);
    }
    let mut entries = collected.entries;
    if family.kind == Kind::OldSequence {
        entries.sort_by_key(|entry| entry.order);
    }
    entries
}

struct Collected<'a, 'f> {
    file: &'a File<'f>,
    family: &'a Family<'f>,
    entries: Vec<Entry<'f>>,
    visits: usize,
    /// Whether it was told that there are too many.
    told: bool,
}

impl<'f> Collected<'_, 'f> {
    fn class(&mut self, class: &'f ast::StmtClassDef, refusals: &mut Refusals) {
        self.visits += 1;
        if self.visits + self.entries.len() > MEMBERS {
            if !std::mem::replace(&mut self.told, true) {
                let message = format!("`{}` has more than {MEMBERS} tasks", self.family.name);
                refusals.untranslated(self.family.name.range, message, "derive from fewer classes");
            }
            return;
        }
        let bases = class.arguments.as_deref().map_or(&[][..], |arguments| &*arguments.args);
        for base in bases {
            let Expr::Name(name) = base else { continue };
            let Some(base) = self.file.class(&name.id) else { continue };
            if self.file.lineage(base).roots.is_empty() {
                // No class of Locust: its decorated methods are no tasks, but a list is one.
                self.own(base, false, refusals);
            } else {
                self.class(base, refusals);
            }
        }
        self.own(class, true, refusals);
    }

    /// The tasks that a class adds to those of its bases.
    fn own(&mut self, class: &'f ast::StmtClassDef, decorated: bool, refusals: &mut Refusals) {
        let place = self.family.classes.iter().position(|known| known.range == class.range);
        let Some(members) = place.and_then(|place| self.family.generations.get(place)) else { return };
        let (file, sequence) = (self.file, self.family.kind == Kind::Sequence);
        let listed_tasks = |collected: &mut Self, refusals: &mut Refusals, list: &'f Expr| {
            for (callee, weight) in listed(file, members, list, refusals) {
                let Marks { order, tags, .. } = marks(file, callee, refusals);
                collected.add(class, Entry { weight, order, tags, ..Entry::new(String::new(), callee) });
            }
        };
        if !sequence && let Some((_, Member::Value(list))) = members.iter().find(|(name, _)| *name == "tasks")
        {
            listed_tasks(self, refusals, list);
        }
        for (name, member) in members.iter().filter(|_| decorated) {
            let callee = match *member {
                Member::Method(function) => Callee::Function(function),
                Member::Class(class) => Callee::TaskSet(class),
                Member::Value(list) => {
                    if sequence && *name == "tasks" {
                        listed_tasks(self, refusals, list);
                    }
                    continue;
                }
            };
            let Marks { weight, order, tags } = marks(file, callee, refusals);
            if let Some(weight) = weight.filter(|weight| *weight > 0) {
                self.add(class, Entry { weight, order, tags, ..Entry::new(String::new(), callee) });
            }
        }
    }

    /// Adds an entry. The same callee again adds to its weight, but for a sequence, which does it again; another of
    /// the same name gets that of its class before it.
    fn add(&mut self, class: &ast::StmtClassDef, entry: Entry<'f>) {
        let name = entry.callee.name();
        let in_order = matches!(self.family.kind, Kind::Sequence | Kind::OldSequence);
        let same = |known: &&mut Entry<'f>| known.callee.name().range == name.range;
        let mut taken = false;
        if let Some(known) = self.entries.iter_mut().find(same) {
            if !in_order {
                known.weight = known.weight.saturating_add(entry.weight).min(WEIGHT);
                return;
            }
        } else {
            taken = self.entries.iter().any(|known| known.name == name.as_str());
        }
        let name = if taken { format!("{}.{name}", class.name) } else { name.to_string() };
        self.entries.push(Entry { name, ..entry });
    }
}

/// What the decorators of a task say.
struct Marks {
    weight: Option<u32>,
    order: i64,
    tags: Vec<String>,
}

fn marks(file: &File<'_>, callee: Callee<'_>, refusals: &mut Refusals) -> Marks {
    let mut marks = Marks { weight: None, order: 1, tags: Vec::new() };
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
            (Some("seq_task"), Some(arguments)) => {
                match (&*arguments.args, &*arguments.keywords) {
                    ([order], []) => match file.value(order, refusals) {
                        Some(Value::Int(order)) => marks.order = order,
                        Some(_) => refusals.wrong(
                            order.range(),
                            "a place is a whole number",
                            "write it as in `@seq_task(1)`",
                        ),
                        None => {}
                    },
                    _ => refusals.wrong(
                        decorator.range,
                        "`@seq_task` takes one place",
                        "write it as in `@seq_task(1)`",
                    ),
                }
                marks.weight = marks.weight.or(Some(1));
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
            (_, None) if matches!(function, Expr::Name(name) if name.id == "staticmethod") => {}
            _ => {
                let (name, remedy) = match function {
                    Expr::Name(name) if name.id == "property" => {
                        ("`@property`", "leave it out, and call the method: `self.name()`")
                    }
                    Expr::Name(name) if name.id == "classmethod" => {
                        ("`@classmethod`", "write a method that takes `self`")
                    }
                    _ => ("this decorator", "leave it out, and do what it does in the method itself"),
                };
                refusals.untranslated(decorator.range, format!("{name} is not translated"), remedy);
            }
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

/// The weight that a value is.
pub(super) fn weight_of(value: &Value) -> Option<u32> {
    match value {
        Value::Int(weight) => u32::try_from(*weight).ok().filter(|weight| *weight <= WEIGHT),
        _ => None,
    }
}

/// A weight; 0 is a task that never runs.
pub(super) fn weight(file: &File<'_>, value: &Expr, refusals: &mut Refusals) -> Option<u32> {
    let weight = weight_of(&file.value(value, refusals)?);
    if weight.is_none() {
        let message = format!("a weight is a whole number up to {WEIGHT}");
        refusals.wrong(value.range(), message, "write a number such as 3");
    }
    weight
}
