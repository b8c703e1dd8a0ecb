//! Quick mode: `akrida https://example.org/path -u 50 -t 30s` loads one address without a scenario.

use akrida_scenario::model::{Request, Step, Template};
use akrida_scenario::{Scenario, Task, UserClass, yaml};
use http::Uri;
use serde_json::json;

/// An absolute `http://` or `https://` address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    /// `https://example.org:8443`
    origin: String,
    /// `/path?query`
    path: String,
}

impl Address {
    /// Whether `text` is meant as an address, and not as a user class.
    pub(crate) fn looks_like_one(text: &str) -> bool {
        let scheme = text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        matches!(scheme.as_deref(), Some("http" | "https"))
    }

    /// Reads an address; what follows a `#` stays with whoever wrote it, as in a browser.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let uri: Uri = text.split('#').next()?.parse().ok()?;
        let (scheme, authority) = (uri.scheme_str()?, uri.authority()?);
        let known = matches!(scheme, "http" | "https") && !authority.host().is_empty();
        // A port beyond 65535 is none to `http`, and would be found out only by each request.
        let address = authority.as_str().rsplit('@').next().unwrap_or_default();
        let port = address.strip_prefix(authority.host()).unwrap_or_default();
        let known = known && (port.is_empty() || authority.port_u16().is_some_and(|port| port > 0));
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        known.then(|| Self { origin: format!("{scheme}://{authority}"), path })
    }

    /// A scenario in which each user requests the address over and over, without waiting.
    pub(crate) fn scenario(&self) -> Scenario {
        Scenario {
            file: format!("{}{}", self.origin, self.path),
            classes: vec![one_request(CLASS, TASK, &self.origin, &self.path)],
            ..Scenario::default()
        }
    }

    /// The same as a file that Akrida's workers read; `None` if none can say it, as with a password in the address.
    pub(crate) fn as_yaml(&self) -> Option<String> {
        let task = json!({ "name": TASK, "steps": [{ "get": self.path, "redirects": false }] });
        let class = json!({ "host": self.origin, "cookies": false, "tasks": [task] });
        let text = json!({ "users": { CLASS: class } }).to_string();
        // Two braces would begin an expression.
        (!self.path.contains("{{") && yaml::load("quick.yaml", &text).is_ok()).then_some(text)
    }

    /// The same as a file that Locust's workers run, whose users keep cookies; `None` as in [`Address::as_yaml`].
    pub(crate) fn as_locustfile(&self) -> Option<String> {
        self.as_yaml()?;
        // What JSON writes between quotes, Python reads.
        let (host, path) = (json!(self.origin), json!(self.path));
        Some(format!(
            "from locust import FastHttpUser, task\n\n\n\
             class {CLASS}(FastHttpUser):\n    host = {host}\n    insecure = False\n\n    \
             @task\n    def {TASK}(self):\n        self.client.get({path}, allow_redirects=False)\n"
        ))
    }
}

/// What users of an address are called, and what they do.
const CLASS: &str = "QuickUser";
const TASK: &str = "load";

/// A user class that does nothing but one GET.
pub(crate) fn one_request(class: &str, task: &str, host: &str, path: &str) -> UserClass {
    let request =
        Request { method: "GET".to_owned(), url: Template::Fixed(path.into()), ..Request::default() };
    UserClass {
        name: class.to_owned(),
        weight: 1,
        host: Some(host.to_owned()),
        tasks: vec![Task {
            name: task.to_owned(),
            weight: 1,
            steps: vec![Step::Request(Box::new(request))],
            ..Task::default()
        }],
        ..UserClass::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use akrida_scenario::python;

    #[test]
    fn addresses() {
        let check = |text: &str, parts: Option<(&str, &str)>| {
            let address = Address::parse(text);
            assert_eq!(address.as_ref().map(|a| (a.origin.as_str(), a.path.as_str())), parts, "{text}");
        };
        check("http://localhost:8080/a?b=1#c", Some(("http://localhost:8080", "/a?b=1")));
        check("https://example.org", Some(("https://example.org", "/")));
        check("https://example.org?x=1", Some(("https://example.org", "/?x=1")));
        check("http://[::1]:80/", Some(("http://[::1]:80", "/")));
        check("http://me:pw@a:80/", Some(("http://me:pw@a:80", "/")));
        check("http://me:pw@a/", Some(("http://me:pw@a", "/")));
        for wrong in
            ["http://", "http:///a", "ftp://a/", "example.org", "/a", "http://a b/", "http://:80/", ""]
        {
            check(wrong, None);
        }
        for port in ["99999", "0", "x"] {
            check(&format!("http://a:{port}/"), None);
        }
    }

    #[test]
    fn workers_elsewhere_are_told_the_same() {
        for text in [
            "http://localhost:8080/a?b=1&c={d}",
            "https://example.org",
            "http://[::1]/{x}/}}",
            "http://a/'\"%20?q=\u{e9}",
        ] {
            let address = Address::parse(text).unwrap();
            let ours = yaml::load("quick.yaml", &address.as_yaml().unwrap()).unwrap();
            assert_eq!(format!("{:?}", ours.classes), format!("{:?}", address.scenario().classes), "{text}");
            // That one attribute is for Locust alone: Akrida verifies where nothing is said.
            let locustfile = address.as_locustfile().unwrap().replace("    insecure = False\n", "");
            let theirs = python::load("quick.py", &locustfile).unwrap();
            let class = &theirs.classes[0];
            assert_eq!((&*class.name, class.host.as_ref()), (CLASS, Some(&address.origin)), "{text}");
            let Step::Request(request) = &class.tasks[0].steps[0] else { panic!("{class:?}") };
            assert!(matches!(&request.url, Template::Fixed(path) if **path == *address.path), "{request:?}");
            assert_eq!(request.redirects, 0, "{text}");
        }
        for text in ["http://me:pw@a/", "http://a/{{1}}"] {
            let address = Address::parse(text).unwrap();
            assert_eq!((address.as_yaml(), address.as_locustfile()), (None, None), "{text}");
        }
    }

    #[test]
    fn classes_are_not_addresses() {
        assert!(["HTTP://a", "https://"].into_iter().all(Address::looks_like_one));
        assert!(!["Shopper", "http", "a/b", "ftp://x"].into_iter().any(Address::looks_like_one));
    }
}
