//! What a master changes of a user class: Locust's page does so, and ours.

use crate::event::{Config, Notice};
use crate::limits;
use akrida_engine::ClassEdit;
use akrida_protocol::Value;

/// What the engine is to change, if anything, and what is to be told.
pub(crate) fn read(
    config: &Config,
    name: &str,
    attributes: Vec<(String, Value)>,
) -> (Option<ClassEdit>, Vec<Notice>) {
    let Some(class) = config.classes.iter().position(|class| class == name) else {
        let text = format!("The master changes user class {name}, which this scenario does not have.");
        return (None, vec![Notice::Warning(text)]);
    };
    let known = config.tasks.get(class).map(Vec::as_slice).unwrap_or_default();
    let mut edit = ClassEdit { class, ..ClassEdit::default() };
    let mut ignored = Vec::new();
    for (attribute, value) in attributes {
        match (attribute.as_str(), value) {
            // How many users there are of a class is the master's to say, with each job.
            ("weight" | "fixed_count", _) => {}
            ("host", Value::Nil) => edit.host = Some(None),
            ("host", Value::Text(host)) if host.is_empty() => edit.host = Some(None),
            ("host", Value::Text(host)) if is_address(&host) => edit.host = Some(Some(host)),
            ("tasks", Value::List(tasks)) if is_one_known(known, &tasks) => {
                let names = tasks.into_iter().filter_map(text);
                edit.tasks = Some(names.take(limits::TASKS).collect());
            }
            _ => ignored.push(attribute),
        }
    }
    let done = [("host", edit.host.is_some()), ("tasks", edit.tasks.is_some())];
    let done: Vec<&str> = done.into_iter().filter(|(_, done)| *done).map(|(name, _)| name).collect();
    let mut notices = Vec::new();
    if !done.is_empty() {
        notices.push(Notice::ClassChanged(format!(
            "The master changes {} of user class {name}.",
            done.join(" and ")
        )));
    }
    if !ignored.is_empty() {
        ignored.truncate(limits::ATTRIBUTES_NAMED);
        notices.push(Notice::Warning(format!(
            "The master changes {} of user class {name} to what this worker cannot do; that stays as it is.",
            ignored.join(", ")
        )));
    }
    ((!done.is_empty()).then_some(edit), notices)
}

fn is_address(host: &str) -> bool {
    host.len() <= limits::HOST && (host.starts_with("http://") || host.starts_with("https://"))
}

/// Whether the class has one of the tasks to keep. Locust's users end with an error where none is left.
fn is_one_known(known: &[String], tasks: &[Value]) -> bool {
    tasks.iter().any(|task| matches!(task, Value::Text(task) if known.contains(task)))
}

fn text(value: Value) -> Option<String> {
    if let Value::Text(text) = value { Some(text) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use akrida_scenario::Scenario;

    fn check(name: &str, attributes: &[(&str, Value)], expected: &str) {
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let (classes, tasks) = (names(&["A", "B"]), vec![names(&["one", "two"]), names(&["one"])]);
        let config = Config { classes, tasks, ..Config::new("w".to_owned(), &Scenario::default(), 1) };
        let attributes = attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        let (edit, notices) = read(&config, name, attributes.collect());
        let edit = edit.map(|edit| format!("{} {:?} {:?}", edit.class, edit.host, edit.tasks));
        let notices = notices.iter().map(|notice| match notice {
            Notice::Warning(text) | Notice::ClassChanged(text) => text.clone(),
            other => format!("{other:?}"),
        });
        let shown: Vec<_> = edit.into_iter().chain(notices).collect();
        assert_eq!(shown.join(" | "), expected);
    }

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    #[test]
    fn what_means_something_here_is_taken_over() {
        let tasks = |names: &[&str]| Value::List(names.iter().map(|name| text(name)).collect());
        check("A", &[("weight", Value::Int(3)), ("fixed_count", Value::Int(0))], "");
        check(
            "B",
            &[
                ("host", text("http://b")),
                ("weight", Value::Int(1)),
                ("tasks", tasks(&["one", "one", "ghost"])),
            ],
            r#"1 Some(Some("http://b")) Some(["one", "one", "ghost"]) | The master changes host and tasks of user class B."#,
        );
        for none in [Value::Nil, text("")] {
            check("A", &[("host", none)], "0 Some(None) None | The master changes host of user class A.");
        }
    }

    #[test]
    fn what_means_nothing_here_is_told() {
        let stays = |names: &str| {
            format!(
                "The master changes {names} of user class A to what this worker cannot do; that stays as it is."
            )
        };
        check("Ghost", &[], "The master changes user class Ghost, which this scenario does not have.");
        check("A", &[("host", text("ftp://a")), ("color", Value::Nil)], &stays("host, color"));
        check("A", &[("host", Value::Int(1)), ("tasks", text("one"))], &stays("host, tasks"));
        for tasks in [vec![], vec![text("ghost")], vec![Value::Int(1)]] {
            check("A", &[("tasks", Value::List(tasks))], &stays("tasks"));
        }
        let many: Vec<_> = (0..50).map(|_| ("x", Value::Nil)).collect();
        check("A", &many, &stays(&["x"; limits::ATTRIBUTES_NAMED].join(", ")));
    }
}
