//! Changes of user classes while an engine lives: where their users send requests, and which tasks they do.

use akrida_scenario::Scenario;
use akrida_scenario::model::OptionValue;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What is to change of one user class. What is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClassEdit {
    /// Its index.
    pub class: usize,
    /// Its base address, or that of the scenario again. The one of a job wins over it.
    pub host: Option<Option<String>>,
    /// Names of the tasks to keep, of all that the scenario gives it. Where none would be left, all are kept.
    pub tasks: Option<Vec<String>>,
}

/// A scenario as it was given, and as it is now.
#[derive(Debug)]
pub(crate) struct Edited {
    given: Arc<Scenario>,
    now: Mutex<Arc<Scenario>>,
}

impl Edited {
    pub(crate) fn new(given: &Arc<Scenario>) -> Self {
        Self { given: given.clone(), now: Mutex::new(given.clone()) }
    }

    /// As it is now.
    pub(crate) fn now(&self) -> Arc<Scenario> {
        self.lock().clone()
    }

    /// Makes the change. Classes that there are not have nothing to change.
    pub(crate) fn edit(&self, edit: ClassEdit) {
        let mut now = self.lock();
        let mut scenario = Scenario::clone(&now);
        let (Some(given), Some(class)) =
            (self.given.classes.get(edit.class), scenario.classes.get_mut(edit.class))
        else {
            return;
        };
        if let Some(host) = edit.host {
            class.host = host.or_else(|| given.host.clone());
        }
        if let Some(tasks) = edit.tasks {
            let kept = given.tasks.iter().filter(|task| tasks.contains(&task.name));
            let kept: Vec<_> = kept.cloned().collect();
            if !kept.is_empty() {
                class.tasks = kept;
            }
        }
        *now = Arc::new(scenario);
    }

    /// Gives options of the scenario these values, and all others what was given.
    pub(crate) fn set_options(&self, values: &[(String, OptionValue)]) {
        let mut now = self.lock();
        let mut scenario = Scenario::clone(&now);
        for (class, given) in scenario.classes.iter_mut().zip(&self.given.classes) {
            class.options = given.options.clone();
        }
        scenario.set_options(values);
        *now = Arc::new(scenario);
    }

    fn lock(&self) -> MutexGuard<'_, Arc<Scenario>> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use akrida_scenario::yaml;

    const SCENARIO: &str = "
users:
  A:
    host: http://a
    tasks:
      one: { get: /1 }
      two: { get: /2 }
      three: { get: /3 }
  B:
    tasks: { one: { get: / } }
";

    fn shown(edited: &Edited) -> String {
        let class = |class: &akrida_scenario::UserClass| {
            let tasks: Vec<_> = class.tasks.iter().map(|task| task.name.as_str()).collect();
            format!("{} {} {}", class.name, class.host.as_deref().unwrap_or("-"), tasks.join("+"))
        };
        edited.now().classes.iter().map(class).collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn each_change_begins_with_what_was_given() {
        let edited = Edited::new(&Arc::new(yaml::load("s.yaml", SCENARIO).unwrap()));
        let check = |edit: ClassEdit, expected: &str| {
            edited.edit(edit);
            assert_eq!(shown(&edited), expected);
        };
        let edit = ClassEdit::default();
        let tasks = |names: &[&str]| Some(names.iter().map(|&name| name.to_owned()).collect());
        let host = Some(Some("http://b".to_owned()));
        check(
            ClassEdit { tasks: tasks(&["three", "one"]), ..edit.clone() },
            "A http://a one+three | B - one",
        );
        check(ClassEdit { host, ..edit.clone() }, "A http://b one+three | B - one");
        check(ClassEdit { tasks: tasks(&["two", "ghost"]), ..edit.clone() }, "A http://b two | B - one");
        check(ClassEdit { tasks: tasks(&["ghost"]), ..edit.clone() }, "A http://b two | B - one");
        check(ClassEdit { host: Some(None), ..edit.clone() }, "A http://a two | B - one");
        check(ClassEdit { class: 2, host: Some(None), ..edit }, "A http://a two | B - one");
    }
}
