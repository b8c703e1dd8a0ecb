//! What users of each class do, and the forms that change it.

use super::text::{NOTHING, count, percent, plural};
use crate::about::{About, Class};
use crate::app::Present;
use akrida_run::Snapshot;

/// A user class as the template writes it.
pub(crate) struct ClassCard {
    pub(crate) name: String,
    pub(crate) facts: String,
    pub(crate) users: String,
    pub(crate) shares: Vec<Share>,
    pub(crate) weight: u64,
    pub(crate) fixed_count: u64,
    pub(crate) host: String,
    pub(crate) open: bool,
    /// All that it can have, and whether it has each.
    pub(crate) tasks: Vec<(String, bool)>,
}

/// How often a task is done.
pub(crate) struct Share {
    pub(crate) name: String,
    pub(crate) of_class: String,
    pub(crate) of_all: String,
}

pub(crate) fn all(about: &About, present: &Present, snapshot: &Snapshot) -> Vec<ClassCard> {
    present.classes.iter().map(|class| card(about, present, snapshot, class)).collect()
}

fn card(about: &About, present: &Present, snapshot: &Snapshot, class: &Class) -> ClassCard {
    let all: u64 = snapshot.user_classes.values().sum();
    let users = snapshot.user_classes.get(&class.name).copied().unwrap_or(0);
    let share = (all > 0).then(|| users as f64 / all as f64);
    let weight = match class.fixed_count {
        0 => format!("weight {}", count(class.weight)),
        fixed => format!("exactly {}", plural(fixed, "user")),
    };
    let open = class.open.then(|| "open load".to_owned());
    let chosen = present.chosen.contains(&class.name);
    let facts = [Some(weight), open, class.host.clone(), (!chosen).then(|| "not chosen".to_owned())];
    let facts: Vec<String> = facts.into_iter().flatten().collect();
    let shares = class.ratios().map(|(name, ratio)| Share {
        name: name.to_owned(),
        of_class: percent(ratio),
        of_all: share.map_or_else(|| NOTHING.to_owned(), |share| percent(ratio * share)),
    });
    let has = |task: &str| class.tasks.iter().any(|kept| kept.name == task);
    ClassCard {
        name: class.name.clone(),
        facts: facts.join(" \u{b7} "),
        users: match share {
            Some(share) => format!("{}, {} of all", plural(users, "user"), percent(share)),
            None => plural(users, "user"),
        },
        shares: shares.collect(),
        weight: class.weight,
        fixed_count: class.fixed_count,
        host: class.host.clone().unwrap_or_default(),
        open: class.open,
        tasks: about.tasks_of(&class.name).iter().map(|task| (task.name.clone(), has(&task.name))).collect(),
    }
}
