//! Changes of a user class while the master lives: how many users it gets, which tasks they do, what they load.
//!
//! Nothing goes to workers that was not looked at here: the name of a class that they do not have would end the part
//! of a worker of Locust that listens to its master.

use crate::event::{Effects, Refusal};
use crate::{MasterCore, limits};
use akrida_dispatch::{Class, ClassSequence};
use akrida_protocol::{ToWorker, Value};
use akrida_run::record::ClassMark;
use akrida_transport::PeerId;
use std::collections::BTreeMap;

/// What is to change of one user class. What is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClassEdit {
    /// Its name.
    pub user_class_name: String,
    /// Share of users, from 1.
    pub weight: Option<u64>,
    /// Exactly this many users; 0 for a weighted class.
    pub fixed_count: Option<u64>,
    /// Base address. That of a run wins over it.
    pub host: Option<String>,
    /// Names of the tasks to keep, of all that the class has.
    pub tasks: Option<Vec<String>>,
}

impl ClassEdit {
    /// As Locust's message has it.
    fn attributes(&self) -> Vec<(String, Value)> {
        let number = |number: u64| Value::Int(i64::try_from(number).unwrap_or(i64::MAX));
        let names = |names: &Vec<String>| Value::List(names.iter().cloned().map(Value::Text).collect());
        let attributes = [
            ("weight", self.weight.map(number)),
            ("fixed_count", self.fixed_count.map(number)),
            ("host", self.host.clone().map(Value::Text)),
            ("tasks", self.tasks.as_ref().map(names)),
        ];
        attributes.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }

    /// For the journal.
    pub(crate) fn mark(&self) -> ClassMark {
        let Self { user_class_name: _, weight, fixed_count, host, tasks } = self.clone();
        ClassMark { weight, fixed_count, host, tasks }
    }

    /// This edit, and from `older` what it leaves.
    fn over(self, older: Option<Self>) -> Self {
        let older = older.unwrap_or_default();
        Self {
            weight: self.weight.or(older.weight),
            fixed_count: self.fixed_count.or(older.fixed_count),
            host: self.host.or(older.host),
            tasks: self.tasks.or(older.tasks),
            ..self
        }
    }
}

impl MasterCore {
    /// Changes a class here and on all workers. Weight and fixed count hold at once, also in a run that goes on.
    pub(crate) fn edit_class(&mut self, edit: ClassEdit, effects: &mut Effects) -> Result<(), Refusal> {
        let class = self.classes.iter().position(|class| *class == edit.user_class_name);
        let class = class.ok_or(Refusal::UnknownClass)?;
        let most = limits::USERS;
        if edit.weight.is_some_and(|weight| weight == 0 || weight > most)
            || edit.fixed_count.is_some_and(|count| count > most)
        {
            return Err(Refusal::ClassNumbers);
        }
        let is_address = |host: &String| {
            host.len() <= limits::HOST && (host.starts_with("http://") || host.starts_with("https://"))
        };
        if edit.host.as_ref().is_some_and(|host| !is_address(host)) {
            return Err(Refusal::ClassHost);
        }
        if let Some(tasks) = &edit.tasks {
            let known = self.config.tasks.get(class).filter(|known| !known.is_empty());
            let all_known = known.is_none_or(|known| tasks.iter().all(|task| known.contains(task)));
            if tasks.is_empty() || tasks.len() > limits::TASKS || !all_known {
                return Err(Refusal::ClassTasks);
            }
        }
        self.apply(class, &edit);
        self.order_classes();
        let message = message(&edit);
        for (peer, node) in self.registry.iter_mut().filter(|(_, node)| node.is_live()) {
            effects.say(peer, node, &message);
        }
        let older = self.class_edits.remove(&class);
        self.class_edits.insert(class, edit.over(older));
        Ok(())
    }

    fn apply(&mut self, class: usize, edit: &ClassEdit) {
        let config = &mut self.config.classes[class];
        config.weight = edit.weight.unwrap_or(config.weight);
        config.fixed_count = edit.fixed_count.unwrap_or(config.fixed_count);
    }

    /// Takes over what a journal tells. Workers were told already, and those that come later are told.
    pub(crate) fn restore_classes(&mut self, edits: &BTreeMap<u64, ClassMark>, chosen: &[bool]) {
        for (class, mark) in edits {
            let Some(class) = usize::try_from(*class).ok().filter(|class| *class < self.classes.len()) else {
                continue;
            };
            let ClassMark { weight, fixed_count, host, tasks } = mark.clone();
            let edit =
                ClassEdit { user_class_name: self.classes[class].clone(), weight, fixed_count, host, tasks };
            self.apply(class, &edit);
            self.class_edits.insert(class, edit);
        }
        if chosen.len() == self.classes.len() {
            self.chosen = chosen.to_vec();
        }
        self.order_classes();
    }

    /// Gives users to classes of these names only. As for an edit, users of others leave at once.
    pub(crate) fn choose(&mut self, names: &[String]) -> Result<(), Refusal> {
        if names.is_empty() {
            return Err(Refusal::NoClass);
        }
        if !names.iter().all(|name| self.classes.contains(name)) {
            return Err(Refusal::UnknownClass);
        }
        self.chosen = self.classes.iter().map(|class| names.contains(class)).collect();
        self.order_classes();
        Ok(())
    }

    /// Classes have changed: users are placed anew.
    fn order_classes(&mut self) {
        let chosen = self.config.classes.iter().zip(&self.chosen).map(|(class, chosen)| match chosen {
            true => class.clone(),
            false => Class { weight: 0, fixed_count: 0, ..class.clone() },
        });
        self.sequence = ClassSequence::new(&chosen.collect::<Vec<_>>());
        (self.unplaced, self.changed) = (true, true);
    }

    /// A worker that comes later is told what was changed before.
    pub(crate) fn tell_class_edits(&self, peer: &PeerId, id: &str, effects: &mut Effects) {
        for edit in self.class_edits.values() {
            effects.send(peer, id, &message(edit));
        }
    }
}

fn message(edit: &ClassEdit) -> ToWorker {
    ToWorker::UpdateUserClass { user_class_name: edit.user_class_name.clone(), attributes: edit.attributes() }
}
