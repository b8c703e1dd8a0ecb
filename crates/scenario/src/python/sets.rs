//! Task sets: tasks that a user does until it leaves them.

use super::attributes::{Family, Kind};
use super::body::{Body, Places};
use super::classes::{Class, initial_values, no_tasks};
use super::file::File;
use super::names::Owner;
use super::refuse::Refusals;
use super::tasks::{Callee, Entry, entries};
use super::waits::{Waiting, own_wait};
use crate::expr::{Expr, Value};
use crate::limits::{DEPTH, SETS};
use crate::model::{Order, Step, Task, TaskSet};
use ruff_python_ast as ast;

/// What is needed to translate the methods of a class and of its task sets.
pub(super) struct Making<'m, 'f> {
    pub(super) file: &'m File<'f>,
    pub(super) class: &'m mut Class<'f>,
    pub(super) places: &'m mut Places,
    pub(super) refusals: &'m mut Refusals,
    /// The task sets around, the outermost first.
    pub(super) around: Vec<&'f ast::StmtClassDef>,
}

impl<'f> Making<'_, 'f> {
    /// The steps of a method that Locust calls, if there is one.
    pub(super) fn method(&mut self, owner: Owner, name: &str) -> Vec<Step> {
        match self.class.method(owner, name) {
            Some(method) => self.function(owner, method),
            None => Vec::new(),
        }
    }

    pub(super) fn function(&mut self, owner: Owner, function: &'f ast::StmtFunctionDef) -> Vec<Step> {
        Body::translate(self.file, self.class, owner, function, self.places, self.refusals)
    }

    /// What happens when an object is made, and then `on_start`.
    pub(super) fn beginning(&mut self, owner: Owner) -> Vec<Step> {
        let mut steps = initial_values(self.file, self.class, owner, self.refusals);
        steps.extend(self.method(owner, "__init__"));
        steps.extend(self.method(owner, "on_start"));
        steps
    }

    /// What is done in place of a wait.
    pub(super) fn waiting(&mut self, owner: Owner, waiting: Option<Waiting<'f>>) -> Vec<Step> {
        self.places.restart();
        match waiting {
            Some(waiting) => Body::wait(self.file, self.class, owner, waiting, self.places, self.refusals),
            None => Vec::new(),
        }
    }

    /// Tasks of an object.
    pub(super) fn tasks(&mut self, owner: Owner, entries: Vec<Entry<'f>>) -> Vec<Task> {
        let mut tasks = Vec::new();
        for Entry { name, callee, weight, tags, next, .. } in entries {
            self.places.restart();
            let task = match callee {
                Callee::Function(function) => {
                    let steps = self.function(owner, function);
                    Some(Task { name, weight, tags, steps, next, set: None })
                }
                Callee::TaskSet(class) => self.set(class, owner).map(|mut set| {
                    tag(&mut set.tasks, &tags);
                    Task { name, weight, tags, next, set: Some(Box::new(set)), ..Task::default() }
                }),
            };
            tasks.extend(task);
        }
        tasks
    }

    /// The task set that `class` is, entered from `parent`.
    fn set(&mut self, class: &'f ast::StmtClassDef, parent: Owner) -> Option<TaskSet> {
        let family = set_family(self.file, class, self.refusals)?;
        if self.around.iter().any(|known| known.range == class.range) || self.around.len() == DEPTH {
            let message = format!("the task set `{}` holds itself, or too many others", class.name);
            self.refusals.untranslated(class.name.range, message, "leave it by self.interrupt() instead");
            return None;
        }
        let entries = entries(self.file, &family, self.refusals);
        if entries.is_empty() {
            no_tasks(&family, self.refusals);
        }
        let order = match family.kind {
            Kind::Sequence | Kind::OldSequence => Order::Sequence,
            Kind::Markov => Order::Markov,
            _ => Order::Random,
        };
        let own = own_wait(self.file, &family, self.refusals);
        let Some(owner) = self.class.enter(family, parent) else {
            let message = format!("a user has more than {SETS} task sets");
            self.refusals.untranslated(class.name.range, message, "make several user classes");
            return None;
        };
        self.around.push(class);
        self.places.restart();
        let on_start = self.beginning(owner);
        self.places.restart();
        let on_stop = self.method(owner, "on_stop");
        let tasks = self.tasks(owner, entries);
        self.around.pop();
        let waiting = self.waiting(owner, own.and_then(|(_, waiting)| waiting));
        Some(TaskSet { order, wait: own.map(|(wait, _)| wait), waiting, on_start, on_stop, tasks })
    }
}

/// A class that is used as a task set.
pub(super) fn set_family<'f>(
    file: &File<'f>,
    class: &'f ast::StmtClassDef,
    refusals: &mut Refusals,
) -> Option<Family<'f>> {
    let known = refusals.list.len();
    let family = Family::of(file, class, refusals).filter(|family| family.kind.is_set());
    if family.is_none() && refusals.list.len() == known {
        refusals.untranslated(
            class.name.range,
            format!("`{}` is used as a task set but is none that is translated", class.name),
            "derive it from TaskSet",
        );
    }
    family
}

/// As Locust does, a tag of a task set is one of each of its tasks.
fn tag(tasks: &mut [Task], tags: &[String]) {
    for task in tasks {
        task.tags.extend(tags.iter().cloned());
        task.tags.sort();
        task.tags.dedup();
        if let Some(set) = &mut task.set {
            tag(&mut set.tasks, tags);
        }
    }
}

/// Lets each task set begin with fresh variables, in the order in which the sets were made; `sets` counts them.
pub(super) fn begin_anew(tasks: &mut [Task], class: &Class<'_>, sets: &mut u16) {
    for task in tasks {
        let Some(set) = &mut task.set else { continue };
        let owner = Owner::Set(*sets);
        *sets += 1;
        let unset = |target| Step::Set { target, value: Expr::Constant(Value::Unset) };
        let mut fresh: Vec<Step> = class.variables_of(owner).map(unset).collect();
        fresh.append(&mut set.on_start);
        set.on_start = fresh;
        begin_anew(&mut set.tasks, class, sets);
    }
}
