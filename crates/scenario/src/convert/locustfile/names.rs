//! What the variables of a locustfile are called in YAML.

use super::visit::{all_steps, each_expr, reads};
use crate::expr;
use crate::model::{Slot, Step, UserClass};
use crate::yaml::may_name_variable;
use std::collections::HashMap;

/// Names that a translation gives to values that have none in the locustfile.
pub(super) const GIVEN: [&str; 6] = ["condition", "key", "next", "response", "result", "value"];

/// What people call an answer in a locustfile, which YAML keeps for itself, and what it is called there.
pub(super) const RESPONSE: &str = "response";
pub(super) const ANSWER: &str = "answer";

/// What a variable is called that nobody reads.
pub(super) const UNREAD: &str = "unused";

/// The names that variables have in one function.
#[derive(Clone, Default)]
pub(super) struct Names {
    known: HashMap<Slot, String>,
}

impl Names {
    /// Of a class: the variables of its users.
    pub(super) fn of_class(class: &UserClass) -> Self {
        let mut names = Self::default();
        for (place, name) in (0..).zip(&class.user_variables) {
            names.add(Slot::User(place), name);
        }
        names
    }

    /// Of a function of the class.
    pub(super) fn with_locals(&self, steps: &[Step]) -> Self {
        let mut found: Vec<(u16, Vec<String>)> = Vec::new();
        let mut add = |slot: Slot, name: Option<&str>| {
            let Slot::Local(local) = slot else { return };
            let place = found.iter().position(|(known, _)| *known == local).unwrap_or_else(|| {
                found.push((local, Vec::new()));
                found.len() - 1
            });
            if let Some((_, names)) = found.get_mut(place) {
                names.extend(name.map(str::to_owned));
            }
        };
        all_steps(steps, &mut |step| {
            each_expr(step, &mut |expr| reads(expr, &mut |slot, name| add(slot, Some(&**name))));
            match step {
                Step::Set { target, .. } | Step::For { target, .. } => add(*target, None),
                Step::Request(request) => request.response.into_iter().for_each(|slot| add(slot, None)),
                Step::Try(attempt) => {
                    attempt.handlers.iter().filter_map(|known| known.target).for_each(|slot| add(slot, None));
                }
                _ => {}
            }
        });
        let (mut names, mut unread) = (self.clone(), Vec::new());
        for (local, candidates) in found {
            let own = candidates.iter().find(|name| !GIVEN.contains(&name.as_str()));
            match own.or(candidates.first()) {
                Some(name) => names.add(Slot::Local(local), name),
                None => unread.push(Slot::Local(local)),
            }
        }
        // Nobody can tell these from each other.
        if let Some(first) = unread.first() {
            names.add(*first, UNREAD);
            let name = names.of(*first);
            names.known.extend(unread.into_iter().map(|slot| (slot, name.clone())));
        }
        names
    }

    /// What a variable is called.
    pub(super) fn of(&self, slot: Slot) -> String {
        self.known.get(&slot).cloned().unwrap_or_else(|| UNREAD.to_owned())
    }

    fn add(&mut self, slot: Slot, name: &str) {
        let word = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
        let mut name: String = name.chars().map(word).collect();
        if name.starts_with(|c: char| c.is_ascii_digit()) || name.is_empty() {
            name.insert(0, '_');
        }
        if name == RESPONSE {
            ANSWER.clone_into(&mut name);
        }
        while !may_name_variable(&name)
            || expr::is_known(&name)
            || self.known.values().any(|known| *known == name)
        {
            name.push('_');
        }
        self.known.insert(slot, name);
    }
}
