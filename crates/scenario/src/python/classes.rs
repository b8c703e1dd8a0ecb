//! User classes: what Locust would make users of.

use super::attributes::{Family, Kind, Member};
use super::body::Places;
use super::file::File;
use super::names::Owner;
use super::refuse::Refusals;
use super::session;
use super::sets::{Making, begin_anew, set_family};
use super::settings::{FAST, Settings};
use super::tasks::{Callee, Entry, entries, weight};
use super::waits::{Waits, own_wait, wait};
use crate::expr::{Expr, Value};
use crate::limits::{SETS, USERS, VARIABLES};
use crate::model::{Network, Slot, Step, Tls, UserClass};
use ruff_python_ast::{self as ast};
use ruff_text_size::Ranged;
use std::collections::{HashMap, HashSet};

/// Attributes and methods by which a class would change how Locust itself works.
const SPECIAL: &[&str] = &[
    "client",
    "client_pool",
    "context",
    "environment",
    "execute_next_task",
    "execute_task",
    "get_next_task",
    "interrupt",
    "pool_manager",
    "proxy_host",
    "proxy_port",
    "rest",
    "run",
    "schedule_task",
    "setup",
    "ssl_context_factory",
    "start",
    "stop",
    "stop_timeout",
    "teardown",
    "wait",
    "wait_function",
];

/// Attributes that are read here.
const UNDERSTOOD: &[&str] = &[
    "abstract",
    "fixed_count",
    "host",
    "max_wait",
    "min_wait",
    "task_set",
    "tasks",
    "trust_env",
    "wait_time",
    "weight",
];

/// A user class while it is translated.
pub(super) struct Class<'f> {
    user: Family<'f>,
    /// Its task sets, each with the one that it is entered from; a class that is entered at two places is two.
    sets: Vec<(Family<'f>, Owner)>,
    constants: HashMap<Owner, HashMap<&'f str, Value>>,
    variables: Vec<(Owner, String)>,
    /// Attributes of which it was told already why they have no value.
    pub(super) told: HashSet<&'f str>,
    /// Steps made so far, in the whole file.
    pub(super) steps: usize,
    /// What holds for all its requests.
    pub(super) settings: Settings,
}

impl<'f> Class<'f> {
    pub(super) fn kind(&self) -> Kind {
        self.user.kind
    }

    fn family(&self, owner: Owner) -> Option<&Family<'f>> {
        match owner {
            Owner::User => Some(&self.user),
            Owner::Set(index) => self.sets.get(usize::from(index)).map(|(family, _)| family),
        }
    }

    /// The wait of a user, or that of a task set: its own, or the user's.
    pub(super) fn waits_of(&self, file: &File<'f>, owner: Owner, refusals: &mut Refusals) -> Waits<'f> {
        let set = self.family(owner).filter(|_| owner != Owner::User);
        set.and_then(|set| own_wait(file, set, refusals))
            .unwrap_or_else(|| wait(file, &self.user, None, refusals))
    }

    /// Adds a task set; `None` if there are too many.
    pub(super) fn enter(&mut self, family: Family<'f>, parent: Owner) -> Option<Owner> {
        let index = u16::try_from(self.sets.len()).ok().filter(|index| *index < SETS)?;
        self.sets.push((family, parent));
        Some(Owner::Set(index))
    }

    /// What a task set was entered from.
    pub(super) fn parent(&self, owner: Owner) -> Option<Owner> {
        match owner {
            Owner::User => None,
            Owner::Set(index) => self.sets.get(usize::from(index)).map(|(_, parent)| *parent),
        }
    }

    /// The name of the class whose attributes are meant.
    pub(super) fn name_of(&self, owner: Owner) -> &str {
        self.family(owner).map_or("", |family| family.name.as_str())
    }

    /// The place of a variable; made when it is first asked for.
    pub(super) fn variable(&mut self, owner: Owner, name: &str) -> Slot {
        let known = self.variables.iter().position(|(known, variable)| *known == owner && variable == name);
        let index = known.unwrap_or_else(|| {
            self.variables.push((owner, name.to_owned()));
            self.variables.len() - 1
        });
        // Too many of them are refused when the class is complete.
        Slot::User(u16::try_from(index).unwrap_or(u16::MAX))
    }

    /// The places of all variables of one object.
    pub(super) fn variables_of(&self, owner: Owner) -> impl Iterator<Item = Slot> {
        let of_owner = move |(index, (known, _)): (usize, &(Owner, String))| {
            (*known == owner).then(|| Slot::User(u16::try_from(index).unwrap_or(u16::MAX)))
        };
        self.variables.iter().enumerate().filter_map(of_owner)
    }

    pub(super) fn constant(&self, owner: Owner, name: &str) -> Option<&Value> {
        self.constants.get(&owner)?.get(name)
    }

    /// The method that `super().name` means in a method of the owner.
    pub(super) fn method_after(
        &self,
        owner: Owner,
        function: &ast::StmtFunctionDef,
        name: &str,
    ) -> Option<&'f ast::StmtFunctionDef> {
        self.family(owner)?.method_after(function, name)
    }

    pub(super) fn method(&self, owner: Owner, name: &str) -> Option<&'f ast::StmtFunctionDef> {
        self.family(owner)?.method(name)
    }
}

/// All user classes that Locust would run.
pub(super) fn users(file: &File<'_>, refusals: &mut Refusals) -> Vec<UserClass> {
    let mut users = Vec::new();
    let mut steps = 0;
    for class in &file.classes {
        let Some(family) = Family::of(file, class, refusals) else { continue };
        let skipped = match family.kind {
            Kind::TaskSet | Kind::Sequence | Kind::OldSequence | Kind::Markov => true,
            // Locust before 1.0 took what has a task set and is not called `_...`.
            Kind::OldUser => family.value("task_set").is_none() || class.name.starts_with('_'),
            Kind::User | Kind::FastUser | Kind::PlainUser => match family.own_value("abstract") {
                Some(value) => file.value(value, refusals).is_some_and(|value| value.truthy()),
                None => false,
            },
        };
        if !skipped {
            users.extend(user(file, family, &mut steps, refusals));
        }
    }
    if users.is_empty() && refusals.list.is_empty() {
        let range = ruff_text_size::TextRange::default();
        refusals.wrong(range, "the file has no user class", "derive one from HttpUser and give it a task");
    }
    users
}

/// `steps` counts those of the whole file.
fn user<'f>(
    file: &File<'f>,
    user: Family<'f>,
    steps: &mut usize,
    refusals: &mut Refusals,
) -> Option<UserClass> {
    let entries = tasks_of(file, &user, refusals)?;
    let only = only_set(file, &entries, refusals);
    let of_set = only.as_ref().is_some_and(|(family, _)| family.find("wait_time").is_some());
    let (wait, waiting) = wait(file, &user, only.as_ref().map(|(family, _)| family), refusals);
    let settings = Settings::of(file, &user, refusals);
    let mut class = Class {
        user,
        sets: Vec::new(),
        constants: HashMap::new(),
        variables: Vec::new(),
        told: HashSet::new(),
        steps: *steps,
        settings,
    };
    let mut places = Places::default();
    let mut making = Making { file, class: &mut class, places: &mut places, refusals, around: Vec::new() };
    let mut on_start = making.beginning(Owner::User);
    let (on_stop, tasks, waiting) = if let Some((family, entries)) = only {
        // A user that never leaves its task set starts and stops with it.
        let owner = making.class.enter(family, Owner::User)?;
        on_start.extend(making.beginning(owner));
        making.places.restart();
        let mut on_stop = making.method(owner, "on_stop");
        on_stop.extend(making.method(Owner::User, "on_stop"));
        let waits = if of_set { owner } else { Owner::User };
        (on_stop, making.tasks(owner, entries), making.waiting(waits, waiting))
    } else {
        making.places.restart();
        let on_stop = making.method(Owner::User, "on_stop");
        let mut tasks = making.tasks(Owner::User, entries);
        begin_anew(&mut tasks, making.class, &mut 0);
        (on_stop, tasks, making.waiting(Owner::User, waiting))
    };
    if class.variables.len().max(places.most.into()) > VARIABLES.into() {
        let message = format!("a user has more than {VARIABLES} variables");
        refusals.untranslated(class.user.name.range, message, "use fewer, or lists and dicts");
    }
    *steps = class.steps;
    let default_weight = if class.user.kind == Kind::OldUser { 10 } else { 1 };
    Some(UserClass {
        name: class.user.name.to_string(),
        weight: class_weight(file, &class.user, refusals).unwrap_or(default_weight),
        fixed_count: fixed_count(file, &class.user, refusals),
        host: host(file, &class.user, refusals),
        headers: class.settings.headers,
        cookies: true,
        fast_client: class.user.kind == Kind::FastUser,
        wait,
        waiting,
        on_start,
        on_stop,
        tasks,
        network: Network {
            tls: Tls { verify: !class.settings.insecure, ..Tls::default() },
            ..Network::default()
        },
        user_variables: class.variables.into_iter().map(|(_, name)| name).collect(),
        locals: places.most.into(),
        ..UserClass::default()
    })
}

/// What a user does.
fn tasks_of<'f>(file: &File<'f>, user: &Family<'f>, refusals: &mut Refusals) -> Option<Vec<Entry<'f>>> {
    if user.kind == Kind::OldUser {
        let value = user.value("task_set")?;
        let class = match value {
            ast::Expr::Name(name) => file.class(&name.id),
            _ => None,
        };
        if class.is_none() {
            refusals.untranslated(
                value.range(),
                "this is no task set of the file",
                "name a class of this file",
            );
        }
        return Some(vec![Entry::only(class?)]);
    }
    if let Some(value) = user.value("task_set") {
        refusals.wrong(
            value.range(),
            "`task_set` is not understood since Locust 1.0",
            "write it as a list: `tasks = [UserTasks]`",
        );
        return None;
    }
    let entries = entries(file, user, refusals);
    if entries.is_empty() {
        no_tasks(user, refusals);
    }
    Some(entries)
}

/// The family and the tasks of a task set that is all that a user does, if the user never leaves it and it is not
/// more than a list of tasks.
fn only_set<'f>(
    file: &File<'f>,
    entries: &[Entry<'f>],
    refusals: &mut Refusals,
) -> Option<(Family<'f>, Vec<Entry<'f>>)> {
    let [Entry { callee: Callee::TaskSet(class), tags, .. }] = entries else { return None };
    if file.interrupts || !tags.is_empty() {
        return None;
    }
    let family = set_family(file, class, refusals).filter(|family| family.kind == Kind::TaskSet)?;
    let within = super::tasks::entries(file, &family, refusals);
    let plain = within.iter().all(|entry| matches!(entry.callee, Callee::Function(_)));
    (plain && !within.is_empty()).then_some((family, within))
}

pub(super) fn no_tasks(family: &Family<'_>, refusals: &mut Refusals) {
    let message = format!("`{}` has no task", family.name);
    let remedy = match family.kind {
        Kind::Markov => "put @transition before its methods",
        _ => "put @task before a method; a class to derive from says `abstract = True`",
    };
    refusals.wrong(family.name.range, message, remedy);
}

/// Notes the constants among the attributes of an object. Those that change later are set when it is made.
pub(super) fn initial_values<'f>(
    file: &File<'f>,
    class: &mut Class<'f>,
    owner: Owner,
    refusals: &mut Refusals,
) -> Vec<Step> {
    let mut steps = Vec::new();
    if owner == Owner::User {
        session::begin(file, class, &mut steps);
    }
    let Some(family) = class.family(owner) else { return steps };
    let mut values = Vec::new();
    for (name, member) in family.generations.iter().flatten() {
        if SPECIAL.contains(name) {
            let range = match member {
                Member::Value(value) => value.range(),
                Member::Method(method) => method.name.range,
                Member::Class(class) => class.name.range,
            };
            let remedy = match *name {
                "setup" => "write on_start instead",
                "teardown" => "write on_stop instead",
                _ => "leave it out",
            };
            refusals.untranslated(range, format!("`{name}` of a class is not translated"), remedy);
        } else if let Member::Value(value) = *member
            && !UNDERSTOOD.contains(name)
            && !(class.kind() == Kind::FastUser && owner == Owner::User && FAST.contains(name))
            && !values.iter().any(|(known, _)| known == name)
        {
            values.extend(file.value(value, refusals).map(|value| (*name, value)));
        }
    }
    for (name, value) in values {
        if file.attributes.contains_key(name) {
            let target = class.variable(owner, name);
            steps.push(Step::Set { target, value: Expr::Constant(value.clone()) });
        }
        class.constants.entry(owner).or_default().insert(name, value);
    }
    steps
}

fn class_weight(file: &File<'_>, user: &Family<'_>, refusals: &mut Refusals) -> Option<u32> {
    let value = user.value("weight")?;
    let weight = weight(file, value, refusals)?;
    if weight == 0 {
        refusals.wrong(
            value.range(),
            "a class of weight 0 has no users",
            "leave the class out, or say `abstract = True`",
        );
    }
    Some(weight)
}

fn fixed_count(file: &File<'_>, user: &Family<'_>, refusals: &mut Refusals) -> u64 {
    let Some(value) = user.value("fixed_count") else { return 0 };
    match file.value(value, refusals) {
        Some(Value::Int(count)) if u64::try_from(count).is_ok_and(|count| count <= USERS) => {
            count.unsigned_abs()
        }
        Some(_) => {
            refusals.wrong(
                value.range(),
                format!("a fixed count is a whole number up to {USERS}"),
                "write such a number",
            );
            0
        }
        None => 0,
    }
}

fn host(file: &File<'_>, user: &Family<'_>, refusals: &mut Refusals) -> Option<String> {
    let value = user.value("host")?;
    match file.value(value, refusals)? {
        Value::Str(host) if host.is_empty() => None,
        Value::Str(host) if host.starts_with("http://") || host.starts_with("https://") => {
            Some(host.to_string())
        }
        _ => {
            refusals.wrong(
                value.range(),
                "a host begins with http:// or https://",
                "write it as in `http://example.org:8080`",
            );
            None
        }
    }
}
