//! What names mean: variables of the user, locals of a task, feeders, secrets. Each name means one thing.

use super::super::node::{Name, Node};
use super::super::quote::{nearest, quote};
use super::super::rules;
use super::Decoder;
use super::value::text;
use crate::limits::{NAMES, VARIABLES};
use crate::model::{CustomOption, Feed, Secret, Slot};
use crate::problem::Problem;
use std::collections::HashMap;
use std::sync::Arc;

/// The answer, in an expression that decides on it.
pub(in super::super) const RESPONSE: &str = "response";

/// The names that expressions of the class and the task being decoded may use.
#[derive(Default)]
pub(super) struct Names {
    /// Of the whole scenario.
    pub(super) secrets: Arc<[Secret]>,
    /// Of the whole scenario; their slots follow those of the secrets.
    pub(super) options: Arc<[CustomOption]>,
    /// Of the whole scenario; the slots mean nothing.
    pub(super) feeds: Vec<Feed>,
    /// Variables of the user, by slot.
    pub(super) user: Vec<String>,
    /// The feeders of which a row is used, with their slots.
    pub(super) used: Vec<Feed>,
    /// Most locals of a task so far.
    pub(super) most_locals: usize,
    slots: HashMap<Arc<str>, Slot>,
    locals: HashMap<Arc<str>, Slot>,
    /// Locals of other tasks of the class.
    elsewhere: Vec<Arc<str>>,
    /// Where the answer is, and whether an expression may read it.
    response: Option<(Slot, bool)>,
    /// Whether only secrets may be used.
    pub(super) before_users: bool,
}

impl Names {
    /// Begins a class, or what is decoded before the first.
    pub(super) fn class(&mut self) {
        self.user.clear();
        self.used.clear();
        self.slots.clear();
        self.task();
        self.elsewhere.clear();
        self.most_locals = 0;
        let secrets = self.secrets.iter().map(|secret| secret.name.as_str());
        let shared = secrets.chain(self.options.iter().map(|option| option.name.as_str()));
        for (slot, name) in (0..).zip(shared) {
            self.slots.insert(name.into(), Slot::Shared(slot));
        }
    }

    /// Begins a task.
    fn task(&mut self) {
        self.elsewhere.extend(self.locals.drain().map(|(name, _)| name));
        self.response = None;
    }

    /// The slot of `name` in an expression.
    pub(super) fn resolve(&mut self, name: &str) -> Option<Slot> {
        if name == RESPONSE {
            return self.response.and_then(|(slot, open)| open.then_some(slot));
        }
        let slot = self.slots.get(name).or_else(|| self.locals.get(name)).copied();
        if self.before_users {
            let is_secret =
                |slot: &Slot| matches!(slot, Slot::Shared(at) if usize::from(*at) < self.secrets.len());
            return slot.filter(is_secret);
        }
        slot.or_else(|| self.take_feeder(name))
    }

    /// A slot for the row of a feeder, which the class uses from now on.
    fn take_feeder(&mut self, name: &str) -> Option<Slot> {
        let feed = self.feeds.iter().find(|feed| feed.feeder.name == name)?;
        let slot = Slot::User(u16::try_from(self.user.len()).ok()?);
        self.used.push(Feed { slot, ..feed.clone() });
        self.user.push(name.to_owned());
        self.slots.insert(name.into(), slot);
        Some(slot)
    }

    /// The variable of the user or the task that a step sets.
    pub(super) fn variable(&self, name: &str) -> Option<Slot> {
        let slot = self.slots.get(name).or_else(|| self.locals.get(name)).copied();
        slot.filter(|slot| !matches!(slot, Slot::Shared(_)))
    }

    /// Opens the answer to expressions; where it is kept.
    pub(super) fn open_response(&mut self) -> Slot {
        let next = Slot::Local(self.locals.len().try_into().unwrap_or(u16::MAX));
        let (slot, _) = *self.response.get_or_insert((next, true));
        self.response = Some((slot, true));
        self.most_locals = self.most_locals.max(self.locals.len() + 1);
        slot
    }

    /// Lets checks of the next request find the answer where it is kept anyway; what was so before.
    pub(super) fn keep_response(&mut self, slot: Option<Slot>) -> Option<(Slot, bool)> {
        std::mem::replace(&mut self.response, slot.map(|slot| (slot, false)))
    }

    /// Takes [`Names::keep_response`] back.
    pub(super) fn keep_response_as(&mut self, before: Option<(Slot, bool)>) {
        self.response = before;
    }

    pub(super) fn close_response(&mut self) {
        if let Some((_, open)) = &mut self.response {
            *open = false;
        }
    }

    /// Expressions know no other variables than they are asked for, so what may have been meant is added here.
    pub(super) fn advise(&self, problem: &mut Problem) {
        let name =
            problem.message.strip_prefix("there is no variable `").and_then(|rest| rest.strip_suffix('`'));
        let Some(name) = name else { return };
        if name == RESPONSE {
            "the answer is known in `that` of a check; elsewhere keep what is needed of it by `capture`"
                .clone_into(&mut problem.remedy);
            return;
        }
        if self.elsewhere.iter().any(|local| **local == *name) {
            problem.remedy = format!(
                "{} belongs to another task; give it a value here too, or `set` it to keep it for all",
                quote(name)
            );
            return;
        }
        if self.before_users {
            "only secrets are known here, because no user is at work yet".clone_into(&mut problem.remedy);
        }
        let mut known = self.known();
        known.sort_unstable();
        if let Some(near) = nearest(name, known) {
            problem.remedy = format!("did you mean {}? Otherwise {}", quote(near), problem.remedy);
        }
    }

    /// The names that an expression may use here.
    fn known(&self) -> Vec<&str> {
        if self.before_users {
            return self.secrets.iter().map(|secret| &*secret.name).collect();
        }
        let variables = self.slots.keys().chain(self.locals.keys()).map(|name| &**name);
        let feeders = self.feeds.iter().map(|feed| &*feed.feeder.name);
        let response = self.response.filter(|(_, open)| *open).map(|_| RESPONSE);
        variables.chain(feeders).chain(response).collect()
    }
}

impl Decoder<'_> {
    /// Gives each variable that the class sets anywhere a slot.
    pub(super) fn declare_class(&mut self, class: &Node) {
        self.names.class();
        let mut names = class
            .get("variables")
            .map(Node::entries)
            .unwrap_or_default()
            .iter()
            .map(|(name, _)| name)
            .collect();
        for steps in bodies(class) {
            steps.iter().for_each(|step| set_names(step, &mut names));
        }
        for name in names {
            if let Some(Slot::User(_)) = self.names.slots.get(&name.text) {
                continue;
            }
            if !self.may_be_variable(name) {
                continue;
            }
            let slot = self.names.user.len();
            if slot >= NAMES {
                self.problem(
                    &name.span,
                    format!("the class has more than {NAMES} variables"),
                    "keep data in files of their own",
                );
                break;
            }
            self.names.slots.insert(Arc::clone(&name.text), Slot::User(slot.try_into().unwrap_or(u16::MAX)));
            self.names.user.push(name.text.to_string());
        }
    }

    /// Gives each local of a task, whose steps these are, a slot.
    pub(super) fn declare_task(&mut self, steps: &[Node]) {
        self.names.task();
        let mut names = Vec::new();
        steps.iter().for_each(|step| local_names(step, &mut names));
        for name in &names {
            if self.names.locals.contains_key(&name.text) {
                continue;
            }
            if let Some(Slot::User(_)) = self.names.slots.get(&name.text) {
                self.problem(
                    &name.span,
                    format!("{} is a variable of the user already", quote(&name.text)),
                    "choose another name for one of them; `set` and `capture` make variables of the user",
                );
                continue;
            }
            if !self.may_be_variable(name) {
                continue;
            }
            let slot = self.names.locals.len();
            // One is left for the answer.
            if slot + 1 >= usize::from(VARIABLES) {
                self.problem(
                    &name.span,
                    format!("the task has more than {VARIABLES} variables"),
                    "keep data in files of their own",
                );
                break;
            }
            self.names
                .locals
                .insert(Arc::clone(&name.text), Slot::Local(slot.try_into().unwrap_or(u16::MAX)));
        }
        self.names.most_locals = self.names.most_locals.max(self.names.locals.len());
    }

    /// A problem where a variable cannot have this name.
    pub(super) fn may_be_variable(&mut self, name: &Name) -> bool {
        let text = &*name.text;
        let (is, remedy) = if rules::is_keyword(text) {
            ("a word of Python's and cannot be a variable", "choose another name")
        } else if text == RESPONSE {
            ("the answer in checks and cannot be a variable", "choose another name")
        } else if self.names.secrets.iter().any(|secret| secret.name == text) {
            ("a secret, which never changes", "choose another name for one of them")
        } else if self.names.options.iter().any(|option| option.name == text) {
            ("an option, which only people change", "choose another name for one of them")
        } else if self.names.feeds.iter().any(|feed| feed.feeder.name == text) {
            ("the row of a feeder", "choose another name for one of them")
        } else {
            return true;
        };
        self.problem(&name.span, format!("{} is {is}", quote(text)), remedy);
        false
    }
}

/// The steps of everything that users of a class do.
fn bodies(class: &Node) -> impl Iterator<Item = &[Node]> {
    let tasks = class
        .get("tasks")
        .into_iter()
        .flat_map(|tasks| tasks.entries().iter().map(|(_, task)| task).chain(tasks.items()));
    let around = ["on_start", "on_stop"].into_iter().filter_map(|key| class.get(key)).map(Node::items);
    tasks.map(task_steps).chain(around)
}

/// The steps of a task: it may be a list of them, have them, or be its only step itself.
pub(super) fn task_steps(task: &Node) -> &[Node] {
    match task.get("steps") {
        Some(steps) => steps.items(),
        None if task.entries().is_empty() => task.items(),
        None => std::slice::from_ref(task),
    }
}

/// Adds the variables of the user that `step` and the steps in it set.
fn set_names<'a>(step: &'a Node, names: &mut Vec<&'a Name>) {
    let own = [step.get("set"), step.get("capture")].into_iter().flatten();
    names.extend(own.flat_map(Node::entries).map(|(name, _)| name));
    within(step, |step| set_names(step, names));
}

/// Adds the variables of the task that `step` and the steps in it set.
fn local_names(step: &Node, names: &mut Vec<Name>) {
    let own = [step.get("let"), step.get("for")].into_iter().flatten();
    names.extend(own.flat_map(Node::entries).map(|(name, _)| name.clone()));
    let errors = step.get("except").map(Node::items).unwrap_or_default();
    let told = step.get("response").into_iter().chain(errors.iter().filter_map(|error| error.get("as")));
    names.extend(told.filter_map(|node| Some(Name { text: text(node)?.into(), span: node.span.clone() })));
    within(step, |step| local_names(step, names));
}

/// Visits the steps that stand in a step.
fn within<'a>(step: &'a Node, mut visit: impl FnMut(&'a Node)) {
    let bodies = ["steps", "then", "else", "judge", "block", "try", "finally"];
    let bodies = bodies.into_iter().filter_map(|key| step.get(key));
    let further =
        [("elif", "then"), ("choose", "steps"), ("except", "steps")].into_iter().flat_map(|(list, key)| {
            step.get(list).into_iter().flat_map(Node::items).filter_map(move |item| item.get(key))
        });
    bodies.chain(further).flat_map(Node::items).for_each(&mut visit);
}
