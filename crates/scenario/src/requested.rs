//! What the requests of a scenario are filed under, as far as that can be told without running it.

use crate::model::{Request, Step, Task, Template};
use crate::{Scenario, UserClass};
use std::collections::BTreeSet;

/// Names of requests that are known before a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requested {
    /// (method, name).
    pub names: BTreeSet<(String, String)>,
    /// Whether some requests get their names only when they are made, so that there may be others.
    pub others: bool,
}

impl Requested {
    /// Whether a run may have a request of this name.
    #[must_use]
    pub fn may_have(&self, method: &str, name: &str) -> bool {
        self.others || self.names.contains(&(method.to_owned(), name.to_owned()))
    }
}

impl Scenario {
    /// What requests are filed under when `host`, if there is one, wins over the hosts of the classes.
    #[must_use]
    pub fn requested(&self, host: Option<&str>) -> Requested {
        let mut found = Requested::default();
        for class in &self.classes {
            let base = path_of(host.or(class.host.as_deref()).unwrap_or_default());
            steps_of(class).for_each(|step| walk(step, base, &mut found));
        }
        found
    }
}

fn steps_of(class: &UserClass) -> impl Iterator<Item = &Step> {
    let own = class.on_start.iter().chain(&class.on_stop).chain(&class.waiting);
    own.chain(class.tasks.iter().flat_map(Task::all_steps))
}

fn walk(step: &Step, base: &str, found: &mut Requested) {
    let mut walk_all = |steps: &[Step]| steps.iter().for_each(|step| walk(step, base, found));
    match step {
        Step::Request(request) => {
            walk_all(request.handler.as_deref().unwrap_or_default());
            match name(request, base) {
                Some(name) => _ = found.names.insert((request.method.clone(), name)),
                None => found.others = true,
            }
        }
        Step::For { body, .. }
        | Step::Repeat { body, .. }
        | Step::While { body, .. }
        | Step::Call(body)
        | Step::Group { body, .. } => walk_all(body),
        Step::If { branches, otherwise } => {
            branches.iter().for_each(|(_, body)| walk_all(body));
            walk_all(otherwise);
        }
        Step::Choose(branches) => branches.iter().for_each(|(_, body)| walk_all(body)),
        Step::Try(attempt) => {
            [&attempt.body, &attempt.otherwise, &attempt.always]
                .into_iter()
                .for_each(|steps| walk_all(steps));
            attempt.handlers.iter().for_each(|handler| walk_all(&handler.steps));
        }
        Step::Set { .. }
        | Step::SetAll(_)
        | Step::Sleep(_)
        | Step::Pause(_)
        | Step::Client(_)
        | Step::Break
        | Step::Continue
        | Step::Return
        | Step::Raise(_)
        | Step::Stop(_)
        | Step::Success
        | Step::Failure(_) => {}
    }
}

/// What a request is filed under, where that is written in the scenario.
fn name(request: &Request, base: &str) -> Option<String> {
    match (&request.name, &request.url) {
        (Some(Template::Fixed(name)), _) => Some(name.to_string()),
        (None, _) if request.name_now.is_some() => None,
        (None, Template::Fixed(url)) if request.query.is_empty() && is_sent_as_written(url) => {
            let slash = if url.starts_with('/') { "" } else { "/" };
            Some([base, slash, url].concat())
        }
        _ => None,
    }
}

/// Whether a path is neither encoded nor resolved on its way. Addresses with a host of their own are not paths.
fn is_sent_as_written(url: &str) -> bool {
    let goes = |byte: u8| byte.is_ascii_alphanumeric() || b"-_~/?=&+,;@!$()*.".contains(&byte);
    url.bytes().all(goes) && !url.split('/').any(|part| part.starts_with('.'))
}

/// The path of a base address, without a slash at its end.
fn path_of(host: &str) -> &str {
    let rest = host.split_once("://").map_or(host, |(_, rest)| rest);
    rest.find('/').map_or("", |slash| rest[slash..].trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use crate::yaml;

    #[test]
    fn names_that_are_written_are_known_and_others_may_be_anything() {
        let check = |steps: &str, host: Option<&str>, names: &[&str], others: bool| {
            let text = format!(
                "users:\n  A:\n    host: http://a/b\n    tasks:\n      - name: t\n        steps: {steps}\n"
            );
            let found = yaml::load("a.yaml", &text).unwrap_or_else(|p| panic!("{p}")).requested(host);
            let shown: Vec<_> = found.names.iter().map(|(method, name)| format!("{method} {name}")).collect();
            assert_eq!((shown.join(", "), found.others), (names.join(", "), others), "{steps}");
        };
        check("[{get: /x?n=10}]", Some("http://h:1"), &["GET /x?n=10"], false);
        check("[{get: /x?n=10}]", None, &["GET /b/x?n=10"], false);
        check("[{post: /x, name: pay}]", None, &["POST pay"], false);
        check("[{get: /x, query: {n: 1}}]", None, &[], true);
        check("[{repeat: 2, steps: [{get: /a}]}, {get: '/ü'}]", Some("http://h/"), &["GET /a"], true);
    }

    #[test]
    fn what_may_be_asked_for() {
        let text = "users:\n  A:\n    host: http://a\n    tasks:\n      - get: /x\n";
        let found = yaml::load("a.yaml", text).unwrap().requested(None);
        assert!(found.may_have("GET", "/x"));
        assert!(!found.may_have("POST", "/x"));
        assert!(!found.may_have("GET", "/y"));
    }
}
