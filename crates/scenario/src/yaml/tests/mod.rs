//! What is read, as a person would tell it.

mod answers;
mod data;
mod flows;
mod network;
mod open_load;
mod verdict;

use super::{load, load_with};
use crate::expr::Value;
use crate::model::{Body, CaptureFrom, Check, Connection, Content, Request, Step, Template, Test, Wait};
use crate::{Nothing, Scenario, Source, UserClass};

use std::sync::Arc;
use std::time::Duration;

fn scenario(text: &str) -> Scenario {
    load("a.yaml", text).unwrap_or_else(|problems| panic!("{}", problems.render(false)))
}

/// The first request of a class `A` that does only `request`.
fn request(request: &str) -> Request {
    let text = format!("users: {{A: {{variables: {{v: 1}}, tasks: [{request}]}}}}");
    match &scenario(&text).classes[0].tasks[0].steps[0] {
        Step::Request(request) => (**request).clone(),
        other => panic!("{other:?}"),
    }
}

/// The steps of a class `A` that does only these.
fn steps(steps: &str) -> Vec<Step> {
    let class = class(&format!("variables: {{v: 1}}, tasks: {{t: [{steps}]}}"));
    class.tasks.into_iter().next().unwrap().steps
}

/// The class `A` with these keys.
fn class(keys: &str) -> UserClass {
    scenario(&format!("users: {{A: {{{keys}}}}}")).classes.remove(0)
}

/// What is wrong with a file, one problem a line: message and remedy.
fn wrong(text: &str) -> String {
    wrong_with(text, &Nothing)
}

fn wrong_with(text: &str, source: &dyn Source) -> String {
    let problems = load_with("a.yaml", text, source).unwrap_err();
    let lines = problems.list.iter().map(|problem| format!("{} ({})", problem.message, problem.remedy));
    lines.collect::<Vec<_>>().join("\n")
}

/// What is wrong with a class `A` with these keys.
fn wrong_class(keys: &str) -> String {
    wrong(&format!("users: {{A: {{{keys}}}}}"))
}

/// Files and environment variables by name.
struct Given(&'static [(&'static str, &'static str)]);

impl Source for Given {
    fn file(&self, path: &str) -> Result<Arc<[u8]>, String> {
        let found = self.environment(path).ok_or("no such file or directory")?;
        Ok(found.into_bytes().into())
    }

    fn secret_file(&self, path: &str) -> Result<Arc<[u8]>, String> {
        self.file(path)
    }

    fn environment(&self, name: &str) -> Option<String> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    }
}

fn fixed(template: &Template) -> &str {
    match template {
        Template::Fixed(text) => text,
        Template::Parts(parts) => panic!("{parts:?}"),
    }
}

#[test]
fn a_class_has_locusts_defaults() {
    let scenario = scenario("host: http://a\nusers: {A: {tasks: {index: {get: /}}}}");
    let class = &scenario.classes[0];
    assert_eq!((class.name.as_str(), class.weight, class.fixed_count), ("A", 1, 0));
    assert_eq!(class.host.as_deref(), Some("http://a"));
    assert!(
        class.cookies && class.headers.is_empty() && class.on_start.is_empty() && class.on_stop.is_empty()
    );
    assert_eq!((class.network.connection, class.wait), (Connection::User, Wait::Constant(Duration::ZERO)));
    let task = &class.tasks[0];
    assert_eq!((task.name.as_str(), task.weight, task.tags.len(), task.steps.len()), ("index", 1, 0, 1));
    assert!(scenario.stages.is_empty());
}

#[test]
fn a_class_takes_what_is_written() {
    let scenario = scenario(
        "users:
  - name: B
    fixed_count: 2
    host: https://b:8443/base
    headers: {X-A: 1, X-B: 'b'}
    cookies: false
    connection: iteration
    variables: {n: 1}
    on_start: [{get: /in}]
    on_stop: [{get: /out}, {set: {n: 2, m: 3}}]
    tasks:
      - {get: /a, weight: 2, tags: [y, x, y]}
      - {name: pair, steps: [{get: /b}, {post: /c}]}
  - name: C
    weight: 4
    tasks: {listed: [{get: /d}, {get: /e}]}
",
    );
    let b = &scenario.classes[0];
    assert_eq!((b.fixed_count, b.cookies, b.network.connection), (2, false, Connection::Iteration));
    assert_eq!(b.host.as_deref(), Some("https://b:8443/base"));
    let headers: Vec<_> = b.headers.iter().map(|(name, value)| (name.as_str(), fixed(value))).collect();
    assert_eq!(headers, [("X-A", "1"), ("X-B", "b")]);
    assert_eq!(b.user_variables, ["n", "m"]);
    assert_eq!((b.on_start.len(), b.on_stop.len()), (2, 3));
    assert_eq!(b.tasks[0].name, "GET /a");
    assert_eq!((b.tasks[0].weight, b.tasks[0].tags.as_slice()), (2, &["x".to_owned(), "y".to_owned()][..]));
    assert_eq!((b.tasks[1].name.as_str(), b.tasks[1].steps.len()), ("pair", 2));
    let c = &scenario.classes[1];
    assert_eq!((c.name.as_str(), c.weight, c.tasks[0].steps.len(), c.host.as_deref()), ("C", 4, 2, None));
}

#[test]
fn waits() {
    let check = |wait: &str, expected: Wait| {
        let scenario = scenario(&format!("users: {{A: {{wait: {wait}, tasks: [{{get: /}}]}}}}"));
        assert_eq!(scenario.classes[0].wait, expected, "{wait}");
    };
    let millis = Duration::from_millis;
    check("2", Wait::Constant(millis(2_000)));
    check("1m", Wait::Constant(millis(60_000)));
    check("{constant: 250ms}", Wait::Constant(millis(250)));
    check("{between: [1, 2.5]}", Wait::Between(millis(1_000), millis(2_500)));
    check("{pacing: 0.1}", Wait::Pacing(millis(100)));
    check("{throughput: 5}", Wait::Throughput(5.0));
}

#[test]
fn requests_take_every_method() {
    for method in ["get", "post", "put", "patch", "delete", "head", "options"] {
        assert_eq!(request(&format!("{{{method}: /}}")).method, method.to_uppercase());
    }
    let long = request("{request: {method: PROPFIND, path: /dav}}");
    assert_eq!((long.method.as_str(), fixed(&long.url)), ("PROPFIND", "/dav"));
    assert_eq!((long.redirects, long.timeout, long.checks.len()), (30, None, 0));
}

#[test]
fn requests_have_names_that_stay_few() {
    let name = |text: &str| request(text).name.map(|name| fixed(&name).to_owned());
    assert_eq!(name("{get: /a}"), None);
    assert_eq!(name("{get: '/a/{{ 1 + 1 }}'}"), None);
    assert_eq!(name("{get: '/a?b={{ v }}'}").as_deref(), Some("/a?b={{ v }}"));
    assert_eq!(name("{get: /a, query: {b: 1}}"), None);
    assert_eq!(name("{get: /a, query: {b: '{{ v }}'}}").as_deref(), Some("/a"));
    assert_eq!(name("{get: '/a?b={{ v }}', name: c}").as_deref(), Some("c"));
}

#[test]
fn bodies() {
    let json = |text: &str| match request(&format!("{{post: /, json: {text}}}")).body {
        Body::Json(value) => value.constant().map(|value| value.to_json().unwrap().to_string()),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        json("{b: [1, 2.5, true, null, x, '1'], a: {}}").as_deref(),
        Some(r#"{"b":[1,2.5,true,null,"x","1"],"a":{}}"#)
    );
    assert_eq!(json("'{{ 1 + 1 }}'").as_deref(), Some("2"));
    assert_eq!(json("'{{ 1 }}{{ 2 }}'").as_deref(), Some("\"12\""));
    assert_eq!(json("'n{{ 1 }}'").as_deref(), Some("\"n1\""));
    assert_eq!(json("{a: '{{ v }}'}"), None);
    let Body::Form(form) = request("{post: /, form: {a: 1, b: true}}").body else { panic!() };
    let form: Vec<_> = form.iter().map(|(name, value)| (fixed(name), fixed(value))).collect();
    assert_eq!(form, [("a", "1"), ("b", "true")]);
    assert!(
        matches!(request("{post: /, body: abc}").body, Body::Raw(Content::Text(Template::Fixed(text))) if &*text == "abc")
    );
    assert!(matches!(request("{post: /}").body, Body::Empty));
}

#[test]
fn limits_of_a_request() {
    assert_eq!(request("{get: /, timeout: 1.5s}").timeout, Some(Duration::from_millis(1_500)));
    for (text, expected) in [("true", 30), ("false", 0), ("0", 0), ("7", 7)] {
        assert_eq!(request(&format!("{{get: /, redirects: {text}}}")).redirects, expected);
    }
}

#[test]
fn checks() {
    let ranges =
        |status: &str| match request(&format!("{{get: /, check: {{status: {status}}}}}")).checks.as_slice() {
            [Check::Status(ranges)] => ranges.clone(),
            other => panic!("{other:?}"),
        };
    assert_eq!(ranges("200"), [(200, 200)]);
    assert_eq!(ranges("2xx"), [(200, 299)]);
    assert_eq!(ranges("200-204"), [(200, 204)]);
    assert_eq!(ranges("[404, 2xx, '301-303']"), [(404, 404), (200, 299), (301, 303)]);
    let body = request("{get: /, check: {body: {equals: 34, contains: [a, b], lacks: c}}}").checks;
    let told: Vec<_> = body
        .iter()
        .map(|check| match check {
            Check::Status(ranges) => format!("{ranges:?}"),
            Check::Body(Test::Contains(text)) => format!("contains {}", fixed(text)),
            Check::Body(Test::Lacks(text)) => format!("lacks {}", fixed(text)),
            Check::Body(Test::Equals(value)) => format!("equals {}", value.constant().unwrap()),
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(told, ["equals 34", "contains a", "contains b", "lacks c"]);
}

#[test]
fn captures_become_variables_of_the_user() {
    let text = "users: {A: {tasks: {t: [{get: '/{{ b }}', capture: {a: {json: '$.x'}, b: {header: X-Y}}}]}}}";
    let scenario = scenario(text);
    assert_eq!(scenario.classes[0].user_variables, ["a", "b"]);
    let Step::Request(request) = &scenario.classes[0].tasks[0].steps[0] else { panic!() };
    let names: Vec<_> = request.captures.iter().map(|capture| capture.name.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
    assert!(matches!(&request.captures[0].from, CaptureFrom::Json { text, .. } if text == "$.x"));
    assert!(matches!(&request.captures[1].from, CaptureFrom::Header(name) if name == "x-y"));
}

#[test]
fn variables_have_their_first_value_before_on_start() {
    let text = "users: {A: {variables: {n: {k: [1]}}, on_start: [{get: /}], tasks: [{get: /}]}}";
    let class = &scenario(text).classes[0];
    let Step::Set { value, .. } = &class.on_start[0] else { panic!() };
    assert!(matches!(value.constant(), Some(Value::Dict(_))));
    assert!(matches!(class.on_start[1], Step::Request(_)));
}

#[test]
fn stages() {
    let text = "users: {A: {tasks: [{get: /}]}}
stages: [{duration: 10, users: 20}, {name: top, duration: 1m, users: 50, spawn_rate: 2.5}, {duration: 1s, users: 0}]";
    let stages = scenario(text).stages;
    let told: Vec<_> =
        stages.iter().map(|s| (s.name.as_str(), s.duration.as_secs(), s.users, s.spawn_rate)).collect();
    assert_eq!(told, [("1", 10, 20, 2.0), ("top", 60, 50, 2.5), ("3", 1, 0, 50.0)]);
}

#[test]
fn aliases_stand_for_what_they_name() {
    let text = "users:
  A: {headers: &h {X: &x 'y'}, tasks: [{get: /, headers: *h}]}
  B: {headers: *h, tasks: [{get: /, headers: {Z: *x}}]}";
    let scenario = scenario(text);
    let Step::Request(request) = &scenario.classes[1].tasks[0].steps[0] else { panic!() };
    assert_eq!(fixed(&request.headers[0].1), "y");
    assert_eq!(fixed(&scenario.classes[1].headers[0].1), "y");
}

#[test]
fn a_byte_order_mark_and_dos_line_ends_do_no_harm() {
    let text = "\u{feff}users:\r\n  A:\r\n    tasks:\r\n      - get: /\r\n        bdy: ä\r\n";
    let problems = load("a.yaml", text).unwrap_err();
    assert_eq!(problems.place(&problems.list[0]), (5, 9));
    let span = problems.list[0].span.clone();
    assert_eq!(&text[span], "bdy");
}

#[test]
fn json_is_yaml_also_with_tabs() {
    let scenario =
        scenario("{\n\t\"users\": {\n\t\t\"A\": {\n\t\t\t\"tasks\": [{\"get\": \"/\"}]\n\t\t}\n\t}\n}\n");
    assert_eq!(scenario.classes[0].name, "A");
}
