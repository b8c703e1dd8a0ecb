//! Which classes and tasks of a scenario take part, as the command line says.

use crate::model::{Order, Scenario, Task};

/// What was asked for; nothing in it selects everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Names of the user classes that take part; empty for all.
    pub classes: Vec<String>,
    /// Only tasks with at least one of these (`--tags`); empty for all.
    pub tags: Vec<String>,
    /// No task with any of these (`--exclude-tags`), even if `tags` has it.
    pub exclude_tags: Vec<String>,
    /// All classes and all tasks weigh the same (`--equal-weights`).
    pub equal_weights: bool,
}

/// A scenario of what was selected.
#[derive(Clone, Debug)]
pub struct Selected {
    /// Has at least one class, and each of them at least one task.
    pub scenario: Scenario,
    /// What a person should know about it, each in one line.
    pub warnings: Vec<String>,
}

/// Why nothing can be run of what was selected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SelectError {
    /// Classes that are not in the file.
    #[error("Unknown User(s): {}; {file} has {}", unknown.join(", "), known.join(", "))]
    Unknown {
        /// The scenario's file.
        file: String,
        /// Names that were asked for.
        unknown: Vec<String>,
        /// Names that there are.
        known: Vec<String>,
    },
    /// No class has a task left.
    #[error("no task is left after filtering by tags; {file} has {tags}")]
    Empty {
        /// The scenario's file.
        file: String,
        /// What could have been asked for, in words.
        tags: String,
    },
}

impl Scenario {
    /// The part that `selection` asks for, by Locust's rules: classes are taken by name and keep the order of the
    /// file; tasks without any of `tags` go, then those with one of `exclude_tags`; a class without tasks goes,
    /// with a warning (Locust keeps it and fails when it starts one).
    ///
    /// # Errors
    /// When a class is unknown or no task is left.
    pub fn select(mut self, selection: &Selection) -> Result<Selected, SelectError> {
        let known = || self.classes.iter().map(|class| class.name.clone());
        let unknown: Vec<_> =
            selection.classes.iter().filter(|name| !known().any(|known| known == **name)).cloned().collect();
        if !unknown.is_empty() {
            let known = known().collect();
            return Err(SelectError::Unknown { file: self.file, unknown, known });
        }
        if !selection.classes.is_empty() {
            self.classes.retain(|class| selection.classes.contains(&class.name));
        }
        let tags = self.tags();
        let mut warnings = Vec::new();
        self.classes.retain_mut(|class| {
            class.tasks.retain_mut(|task| selection.keeps(task));
            if class.tasks.is_empty() {
                warnings.push(format!("{} has no tasks left after filtering, it takes no part", class.name));
            }
            !class.tasks.is_empty()
        });
        if self.classes.is_empty() {
            return Err(SelectError::Empty { file: self.file, tags });
        }
        if selection.equal_weights {
            for class in &mut self.classes {
                class.weight = 1;
                even_out(&mut class.tasks);
            }
        }
        Ok(Selected { scenario: self, warnings })
    }

    /// The tags of all tasks, in words.
    fn tags(&self) -> String {
        fn collect<'a>(tasks: &'a [Task], tags: &mut Vec<&'a String>) {
            for task in tasks {
                tags.extend(&task.tags);
                collect(task.set.as_ref().map_or(&[], |set| &set.tasks), tags);
            }
        }
        let mut tags = Vec::new();
        self.classes.iter().for_each(|class| collect(&class.tasks, &mut tags));
        tags_in_words(tags.into_iter())
    }
}

/// All tasks weigh the same. Task sets stay as they are beside that, which Locust would take apart.
fn even_out(tasks: &mut [Task]) {
    for task in tasks {
        task.weight = 1;
        match &mut task.set {
            Some(set) if set.order == Order::Random => even_out(&mut set.tasks),
            _ => {}
        }
    }
}

pub(crate) fn tags_in_words<'a>(tags: impl Iterator<Item = &'a String>) -> String {
    let mut tags: Vec<&str> = tags.map(String::as_str).collect();
    tags.sort_unstable();
    tags.dedup();
    if tags.is_empty() { "no tags".to_owned() } else { format!("the tags {}", tags.join(", ")) }
}

impl Selection {
    /// Whether a task takes part. A set does with those of its tasks that do.
    fn keeps(&self, task: &mut Task) -> bool {
        match &mut task.set {
            None => self.takes(&task.tags),
            Some(set) => {
                set.tasks.retain_mut(|task| self.keeps(task));
                !set.tasks.is_empty()
            }
        }
    }

    /// Whether a task with these tags takes part.
    pub(crate) fn takes(&self, tags: &[String]) -> bool {
        (self.tags.is_empty() || tags.iter().any(|tag| self.tags.contains(tag)))
            && !tags.iter().any(|tag| self.exclude_tags.contains(tag))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "
users:
  Reader:
    weight: 3
    tasks:
      browse: {get: /, weight: 5, tags: [read, fast]}
      search: {get: /search, tags: [read, slow]}
  Buyer:
    fixed_count: 2
    tasks:
      buy: {post: /buy, weight: 2, tags: [write]}
      look: {get: /}
";

    fn select(selection: &Selection) -> Result<Selected, SelectError> {
        crate::yaml::load("a.yaml", FILE).unwrap().select(selection)
    }

    fn check(selection: &Selection, expected: &str) {
        let selected = select(selection).unwrap();
        let tasks = |class: &crate::UserClass| {
            let tasks: Vec<_> =
                class.tasks.iter().map(|task| format!("{}*{}", task.name, task.weight)).collect();
            format!("{}*{}: {}", class.name, class.weight, tasks.join(" "))
        };
        let mut lines: Vec<_> = selected.scenario.classes.iter().map(tasks).collect();
        lines.extend(selected.warnings);
        assert_eq!(lines.join(" | "), expected);
    }

    fn tags(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn nothing_selects_everything() {
        check(&Selection::default(), "Reader*3: browse*5 search*1 | Buyer*1: buy*2 look*1");
    }

    #[test]
    fn tags_keep_and_exclusion_wins() {
        let read = Selection { tags: tags(&["read", "write"]), ..Selection::default() };
        check(&read, "Reader*3: browse*5 search*1 | Buyer*1: buy*2");
        let fast = Selection { exclude_tags: tags(&["slow"]), ..read };
        check(&fast, "Reader*3: browse*5 | Buyer*1: buy*2");
        let untagged = Selection { exclude_tags: tags(&["read", "write"]), ..Selection::default() };
        check(&untagged, "Buyer*1: look*1 | Reader has no tasks left after filtering, it takes no part");
    }

    #[test]
    fn classes_are_taken_by_name_and_equal_weights_level_all() {
        let one = Selection { classes: tags(&["Buyer"]), ..Selection::default() };
        check(&one, "Buyer*1: buy*2 look*1");
        let equal = Selection { equal_weights: true, ..Selection::default() };
        check(&equal, "Reader*1: browse*1 search*1 | Buyer*1: buy*1 look*1");
    }

    #[test]
    fn what_cannot_be_run_is_refused() {
        let check = |selection: Selection, expected: &str| {
            assert_eq!(select(&selection).unwrap_err().to_string(), expected);
        };
        let classes = tags(&["Byer", "Reader"]);
        check(
            Selection { classes, ..Selection::default() },
            "Unknown User(s): Byer; a.yaml has Reader, Buyer",
        );
        check(
            Selection { tags: tags(&["raed"]), ..Selection::default() },
            "no task is left after filtering by tags; a.yaml has the tags fast, read, slow, write",
        );
    }
}
