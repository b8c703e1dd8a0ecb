//! `MarkovTaskSet`: tasks that say which of them may come next (Locust 2.47.0).

use super::attributes::{Family, Member};
use super::file::File;
use super::refuse::Refusals;
use super::tasks::{Callee, Entry, weight_of};
use crate::expr::Value;
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::Ranged;

/// The tasks of a chain, the one that it begins with first. As in Locust these are those of the class itself that have
/// transitions.
pub(super) fn chain<'f>(file: &File<'f>, family: &Family<'f>, refusals: &mut Refusals) -> Vec<Entry<'f>> {
    let members = family.generations.first().map_or(&[][..], Vec::as_slice);
    let mut entries: Vec<Entry<'f>> = Vec::new();
    let mut places = Vec::new();
    for (name, member) in members {
        let (callee, decorators) = match *member {
            Member::Method(method) => (Callee::Function(method), &method.decorator_list),
            Member::Class(class) => (Callee::TaskSet(class), &class.decorator_list),
            Member::Value(_) => continue,
        };
        let mut next: Vec<(String, u32)> = Vec::new();
        let (mut place, known) = (None, refusals.list.len());
        // The last one is applied first.
        for decorator in decorators.iter().rev() {
            let (function, call) = match &decorator.expression {
                Expr::Call(call) => (&*call.func, Some(call)),
                other => (other, None),
            };
            let found = match (file.locust_name(function), call) {
                (Some("transition"), Some(call)) => transition(file, call, refusals),
                (Some("transitions"), Some(call)) => transitions(file, call, refusals),
                (Some("tag"), _) => {
                    let message = "Locust has no tags for the tasks of a `MarkovTaskSet`";
                    refusals.wrong(decorator.range, message, "tag the task set as a whole");
                    continue;
                }
                // It has no effect there.
                (Some("task"), _) => continue,
                _ => {
                    let message = "this decorator is not translated";
                    refusals.untranslated(decorator.range, message, "remove it");
                    continue;
                }
            };
            place = Some(decorator.range);
            for (to, weight) in found {
                match next.iter_mut().find(|(known, _)| *known == to) {
                    Some(known) => known.1 = weight,
                    None => next.push((to, weight)),
                }
            }
        }
        if let Some(place) = place {
            next.retain(|(_, weight)| *weight > 0);
            let mut entry = Entry::new((*name).to_owned(), callee);
            entry.next = next;
            entries.push(entry);
            // What is wrong is told once.
            places.push(Some(place).filter(|_| refusals.list.len() == known));
        }
    }
    for (entry, place) in entries.iter().zip(places) {
        let Some(place) = place else { continue };
        let unknown = |(to, _): &&(String, u32)| !entries.iter().any(|known| known.name == *to);
        if entry.next.is_empty() {
            let message = format!("no transition leads on from `{}`", entry.name);
            refusals.wrong(place, message, "give it one with a weight above 0");
        } else if let Some((to, _)) = entry.next.iter().find(unknown) {
            let message = format!("`{to}` is no task of the class that has transitions");
            refusals.wrong(place, message, "name a method that has @transition or @transitions too");
        }
    }
    entries
}

/// `@transition("name", weight=1)`
fn transition(file: &File<'_>, call: &ast::ExprCall, refusals: &mut Refusals) -> Vec<(String, u32)> {
    let named = |name: &str| call.arguments.find_keyword(name).map(|keyword| &keyword.value);
    let to = call.arguments.args.first().or_else(|| named("func_name"));
    let weight = call.arguments.args.get(1).or_else(|| named("weight"));
    let Some(to) = to.filter(|_| call.arguments.len() <= 2) else {
        refusals.wrong(
            call.range(),
            "`@transition` takes a name and a weight",
            "write it as in `@transition(\"browse\", 2)`",
        );
        return Vec::new();
    };
    let weight = match weight {
        Some(weight) => super::tasks::weight(file, weight, refusals),
        None => Some(1),
    };
    match (file.value(to, refusals), weight) {
        (Some(Value::Str(name)), Some(weight)) => vec![(name.to_string(), weight)],
        (Some(Value::Str(_)) | None, _) => Vec::new(),
        (Some(_), _) => {
            refusals.wrong(to.range(), "a transition leads to a name", "put quotes around it");
            Vec::new()
        }
    }
}

/// `@transitions({"name": weight})` or `@transitions([("name", weight), "name"])`
fn transitions(file: &File<'_>, call: &ast::ExprCall, refusals: &mut Refusals) -> Vec<(String, u32)> {
    let given = match (&*call.arguments.args, &*call.arguments.keywords) {
        ([given], []) => file.value(given, refusals),
        ([], [keyword]) => file.value(&keyword.value, refusals),
        _ => Some(Value::None),
    };
    let Some(given) = given else { return Vec::new() };
    let pair = |name: &Value, weight: &Value| Some((name.as_str()?.to_owned(), weight_of(weight)?));
    let found: Option<Vec<(String, u32)>> = match &given {
        Value::Dict(items) => {
            items.iter().map(|(name, weight)| Some((name.to_string(), weight_of(weight)?))).collect()
        }
        Value::List(items) => items
            .iter()
            .map(|item| match item {
                Value::List(both) if let [name, weight] = both.as_slice() => pair(name, weight),
                name => pair(name, &Value::Int(1)),
            })
            .collect(),
        _ => None,
    };
    found.unwrap_or_else(|| {
        let remedy = "write it as in `@transitions({\"browse\": 2, \"buy\": 1})`";
        refusals.wrong(call.range(), "`@transitions` takes names with whole numbers as weights", remedy);
        Vec::new()
    })
}
