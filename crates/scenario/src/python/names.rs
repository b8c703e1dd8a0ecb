//! What the names in a locustfile stand for.

use super::attributes::Kind;
use super::body::Body;
use super::file::File;
use crate::expr::exception::is_exception;
use crate::expr::lower::{AN_EXCEPTION, Meaning, Refusal, Scope};
use crate::expr::{Expr, is_module};
use crate::model::Slot;
use ruff_python_ast::{self as ast, Expr as Python};
use ruff_text_size::TextRange;

/// At the top level of the file and of classes: constants and imports.
pub(super) struct Constants<'a, 'f>(pub(super) &'a File<'f>);

impl Scope for Constants<'_, '_> {
    fn is_set(&self, python: &Python) -> bool {
        matches!(python, Python::Name(name) if self.0.sets.contains(name.id.as_str()))
    }

    fn name(&mut self, name: &str) -> Option<Meaning> {
        if self.0.kept(name).is_some() {
            let message = format!("users change `{name}`, so that it is not known before the run");
            return Some(Meaning::Refused(Refusal::new(message, "read it in a method")));
        }
        known_before(self.0, name)
    }

    fn attribute(&mut self, object: &Python, attribute: &str) -> Option<Meaning> {
        let constant = self.0.plain_constant(object, attribute)?;
        Some(Meaning::Value(Expr::Constant(constant.clone())))
    }

    fn is_told(&self, python: &Python) -> bool {
        matches!(python, Python::Name(name) if self.0.told.contains(name.id.as_str()))
    }

    fn replaced(&mut self, range: TextRange) -> Option<Expr> {
        self.0.environment.get(&range).cloned().map(Expr::Constant)
    }

    fn pattern(&self, name: &str) -> Option<&ast::ExprCall> {
        self.0.patterns.get(name).copied()
    }
}

/// The exception that this path of an import names.
fn imported_exception(path: &str) -> Option<&str> {
    let (module, name) = path.rsplit_once('.')?;
    let root = module.split('.').next()?;
    (["json", "locust", "requests"].contains(&root) && is_exception(name)).then_some(name)
}

/// What a name of the file stands for, wherever it is read.
pub(super) fn known_before(file: &File<'_>, name: &str) -> Option<Meaning> {
    if let Some(value) = file.constants.get(name) {
        return Some(Meaning::Value(Expr::Constant(value.clone())));
    }
    let refused = |message: String, remedy: &str| Some(Meaning::Refused(Refusal::new(message, remedy)));
    match file.imports.get(name) {
        Some(path) if imported_exception(path).is_some() => {
            imported_exception(path).map(|name| Meaning::Global(format!("{AN_EXCEPTION}{name}")))
        }
        Some(path) if path == "locust.events" => refused(
            "what `events` offers is not translated here".to_owned(),
            "leave it out: what `self.client` sends is counted",
        ),
        Some(path) if path.starts_with("locust") => refused(
            format!("`{name}` of Locust is not translated here"),
            "use it as a base class, decorator or wait",
        ),
        Some(path) => Some(Meaning::Global(path.clone())),
        None if file.functions.contains_key(name) => refused(
            format!("the function `{name}` is not translated here"),
            "call it in a method, and keep its result in a variable",
        ),
        None if file.exceptions.contains_key(name) || (file.class(name).is_none() && is_exception(name)) => {
            Some(Meaning::Global(format!("{AN_EXCEPTION}{name}")))
        }
        None if file.class(name).is_some() => refused(
            format!("the class `{name}` is not translated here"),
            "write functions and plain values in its place",
        ),
        None if is_module(name) => {
            refused(format!("`{name}` is not imported"), &format!("add `import {name}` at the top"))
        }
        None => None,
    }
}

/// Whose attributes are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Owner {
    /// The user's.
    User,
    /// Those of a task set, by the order in which they are entered.
    Set(u16),
}

/// Something that a name stands for and that is no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thing {
    /// A user or a task set.
    Object(Owner),
    /// The client of the user.
    Client,
}

impl Body<'_, '_> {
    /// The object or client that an expression stands for.
    pub(super) fn thing(&self, python: &Python) -> Option<Thing> {
        if self.is_client(python) { Some(Thing::Client) } else { self.owner(python).map(Thing::Object) }
    }

    /// Whether this is a variable or parameter of the function.
    fn is_local(&self, python: &Python) -> bool {
        python.as_name_expr().is_some_and(|name| {
            let name = name.id.as_str();
            self.locals.contains_key(name) || self.known.contains_key(name) || self.things.contains_key(name)
        })
    }

    /// Whether this is `self.client`.
    pub(super) fn is_client(&self, python: &Python) -> bool {
        match python {
            Python::Name(name) => self.things.get(name.id.as_str()) == Some(&Thing::Client),
            Python::Attribute(attribute) => {
                attribute.attr.as_str() == "client"
                    && self.class.kind() != Kind::PlainUser
                    && self.owner(&attribute.value).is_some()
            }
            _ => false,
        }
    }

    /// Whose attribute `object.attribute` is: of `self`, or of `self.user`.
    pub(super) fn owner(&self, object: &Python) -> Option<Owner> {
        match object {
            Python::Name(name) => match self.things.get(name.id.as_str()) {
                Some(Thing::Object(owner)) => Some(*owner),
                _ => None,
            },
            Python::Attribute(attribute) => {
                let parent = self.class.parent(self.owner(&attribute.value)?)?;
                match attribute.attr.as_str() {
                    "user" | "locust" => Some(Owner::User),
                    "parent" => Some(parent),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

impl Scope for Body<'_, '_> {
    fn is_set(&self, python: &Python) -> bool {
        match python {
            Python::Name(name) => match self.locals.get(name.id.as_str()) {
                Some(local) => local.assigned.is_set,
                None => self.file.sets.contains(name.id.as_str()),
            },
            Python::Attribute(attribute) if self.owner(&attribute.value).is_some() => {
                self.file.attributes.get(attribute.attr.as_str()).is_some_and(|assigned| assigned.is_set)
            }
            _ => false,
        }
    }

    fn is_told(&self, python: &Python) -> bool {
        match python {
            Python::Name(name) => {
                let name = name.id.as_str();
                if self.told.contains(name) || self.locals.contains_key(name) {
                    return self.told.contains(name);
                }
                self.file.told.contains(name)
                    && !self.known.contains_key(name)
                    && !self.things.contains_key(name)
            }
            Python::Attribute(attribute) => {
                self.class.told.contains(attribute.attr.as_str()) && self.owner(&attribute.value).is_some()
            }
            _ => false,
        }
    }

    fn catches(&self) -> bool {
        self.trying > 0
    }

    fn name(&mut self, name: &str) -> Option<Meaning> {
        if let Some(local) = self.locals.get(name) {
            let slot = local.slot;
            self.reads.insert(slot);
            return Some(Meaning::Value(Expr::Variable(slot, name.into())));
        }
        if let Some(value) = self.known.get(name) {
            return Some(Meaning::Value(Expr::Constant(value.clone())));
        }
        if self.things.contains_key(name) {
            let refusal = Refusal::new(format!("`{name}` alone is no value"), "read one of its attributes");
            return Some(Meaning::Refused(refusal));
        }
        if self.file.iterators.contains_key(name) || self.file.once.contains(name) {
            let message =
                format!("in Python `{name}` can be gone through only once: reading it is not translated");
            return Some(Meaning::Refused(Refusal::new(
                message,
                "take one item by `next(...)` of an iterator, or make a list of it at the top",
            )));
        }
        if let Some(slot) = self.file.kept(name) {
            return Some(Meaning::Value(Expr::Variable(slot, name.into())));
        }
        known_before(self.file, name)
    }

    fn pattern(&self, name: &str) -> Option<&ast::ExprCall> {
        if self.locals.contains_key(name) { None } else { self.file.patterns.get(name).copied() }
    }

    fn attribute(&mut self, object: &Python, attribute: &str) -> Option<Meaning> {
        if let Some(constant) = self.file.plain_constant(object, attribute).filter(|_| !self.is_local(object))
        {
            return Some(Meaning::Value(Expr::Constant(constant.clone())));
        }
        if attribute == "js"
            && let Python::Name(name) = object
            && let Some(local) = self.locals.get(name.id.as_str())
            && let Some((_, json)) = self.rests.iter().rev().find(|(response, _)| *response == local.slot)
        {
            self.reads.insert(*json);
            return Some(Meaning::Value(Expr::Variable(*json, "js".into())));
        }
        if self.is_client(object) {
            return Some(Meaning::Refused(Refusal::new(
                format!("`client.{attribute}` is not translated here"),
                "call it where it is needed, as in `self.client.get(\"/path\")`",
            )));
        }
        if let Python::Attribute(environment) = object
            && environment.attr.as_str() == "environment"
            && self.owner(&environment.value).is_some()
        {
            let remedy = match attribute {
                "parsed_options" => {
                    "read variables of the environment by `os.getenv(\"NAME\", \"default\")` instead of own options"
                }
                "host" => "write the path alone, as in `\"/path\"`: the host is put before it",
                "events" => "leave it out: what `self.client` sends is counted",
                "runner" => "leave it out, but for `self.environment.runner.quit()`",
                _ => "leave it out",
            };
            let message = format!("`.environment.{attribute}` of a user is not translated");
            return Some(Meaning::Refused(Refusal::new(message, remedy)));
        }
        let owner = self.owner(object)?;
        if self.file.attributes.contains_key(attribute) {
            let slot = self.class.variable(owner, attribute);
            self.reads.insert(slot);
            let name = format!("{}.{attribute}", self.class.name_of(owner));
            return Some(Meaning::Value(Expr::Variable(slot, name.into())));
        }
        if let Some(value) = self.class.constant(owner, attribute) {
            return Some(Meaning::Value(Expr::Constant(value.clone())));
        }
        let refusal = match attribute {
            "client" if self.class.kind() == Kind::PlainUser => {
                Refusal::new("a `User` has no HTTP client", "derive from HttpUser if it sends HTTP requests")
            }
            "client" => Refusal::new(
                "a request within an expression is not translated",
                "keep its answer first, as in `response = self.client.get(...)`",
            ),
            "host" => Refusal::new(
                "`.host` of a user is not translated",
                "write the path alone, as in `\"/path\"`: the host is put before it",
            ),
            "stop" => Refusal::new("`.stop()` of a user is not translated", "write `raise StopUser()`"),
            "environment" | "interrupt" | "parent" | "rest" | "runner" | "schedule_task" | "user"
            | "locust" | "wait" | "tasks" => {
                Refusal::new(format!("`.{attribute}` of a user is not translated"), "leave it out")
            }
            _ if self.class.method(owner, attribute).is_some() => Refusal::new(
                format!("the method `{attribute}` is not translated here"),
                "call it, and keep its result in a variable",
            ),
            _ => Refusal::new(
                format!("the attribute `{attribute}` is never given a value"),
                format!("set it in on_start, as in `self.{attribute} = ...`"),
            ),
        };
        Some(Meaning::Refused(refusal))
    }

    fn replaced(&mut self, range: TextRange) -> Option<Expr> {
        if let Some(value) = self.file.environment.get(&range) {
            return Some(Expr::Constant(value.clone()));
        }
        let (_, slot, name) = self.replaced.iter().find(|(replaced, ..)| *replaced == range)?;
        self.reads.insert(*slot);
        Some(Expr::Variable(*slot, (*name).into()))
    }
}

/// A place for the value of a name within a function.
pub(super) struct Local {
    pub(super) slot: Slot,
    pub(super) assigned: super::file::Assigned,
}
