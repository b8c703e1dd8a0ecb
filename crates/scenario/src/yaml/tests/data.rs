//! Feeders, secrets and seeds.

use super::{Given, load_with, scenario, wrong, wrong_with};
use crate::expr::{Expr, Frame};
use crate::model::{AtEnd, OptionValue, Part, Per, Slot, Step, Take, Template};
use crate::{Scenario, Source};
use std::sync::Arc;

const GIVEN: Given = Given(&[
    ("a.csv", "\u{feff}name,password\r\nada,\"x,y\"\r\nbob,2\r\n"),
    ("p.JSON", "[{\"id\": 1, \"tags\": [\"a\"]}, {\"id\": 2.5, \"name\": null}]"),
    ("key.txt", "from a file\r\n"),
    ("API_KEY", "hunter2"),
]);

fn given(text: &str) -> Scenario {
    load_with("a.yaml", text, &GIVEN).unwrap_or_else(|problems| panic!("{}", problems.render(false)))
}

#[test]
fn rows_come_from_files_and_from_the_scenario() {
    let text = "
data:
  account: { file: a.csv, pick: unique, at_end: stop_run }
  product: { file: p.JSON, pick: random, per: user }
  color: { rows: [{ name: red, n: 1 }, { name: '{{ 1 + 1 }}' }] }
users:
  A: { tasks: [{ get: '/{{ product[\"id\"] }}/{{ account[\"name\"] }}/{{ color[\"name\"] }}' }] }
  B: { variables: { v: 1 }, tasks: [{ get: '/{{ color[\"name\"] }}', name: b }] }
  C: { tasks: [{ get: / }] }";
    let classes = given(text).classes;
    let told = |class: usize| -> Vec<String> {
        let feeds = classes[class].feeds.iter();
        feeds
            .map(|feed| format!("{} {:?} {:?} {:?}", feed.feeder.name, feed.feeder.take, feed.per, feed.slot))
            .collect()
    };
    assert_eq!(
        told(0),
        [
            "product Random User User(0)",
            "account Unique(StopRun) User User(1)",
            "color Cycle Iteration User(2)"
        ]
    );
    assert_eq!(told(1), ["color Cycle Iteration User(1)"]);
    assert_eq!(told(2), [""; 0]);
    assert_eq!(classes[1].user_variables, ["v", "color"]);
    assert!(Arc::ptr_eq(&classes[0].feeds[2].feeder, &classes[1].feeds[0].feeder));
    let rows = |feed: usize| -> Vec<String> {
        classes[0].feeds[feed].feeder.rows.iter().map(ToString::to_string).collect()
    };
    assert_eq!(rows(0), ["{'id': 1, 'tags': ['a']}", "{'id': 2.5, 'name': None}"]);
    assert_eq!(rows(1), ["{'name': 'ada', 'password': 'x,y'}", "{'name': 'bob', 'password': '2'}"]);
    assert_eq!(rows(2), ["{'name': 'red', 'n': 1}", "{'name': 2}"]);
}

#[test]
fn rows_are_kept_as_long_as_makes_sense() {
    let check = |keys: &str, take: Take, per: Per| {
        let text = format!(
            "data: {{d: {{rows: [{{a: 1}}], {keys}}}}}\nusers: {{A: {{tasks: [{{get: '/{{{{ d }}}}'}}]}}}}"
        );
        let class = scenario(&text).classes.remove(0);
        assert_eq!((class.feeds[0].feeder.take, class.feeds[0].per), (take, per), "{keys}");
    };
    check("pick: cycle", Take::Cycle, Per::Iteration);
    check("pick: random", Take::Random, Per::Iteration);
    check("per: user", Take::Cycle, Per::User);
    check("pick: unique", Take::Unique(AtEnd::StopUser), Per::User);
    check("pick: unique, per: iteration, at_end: restart", Take::Unique(AtEnd::Restart), Per::Iteration);
}

#[test]
fn secrets_are_known_by_name_in_every_class() {
    let text = "
secrets: { key: { env: API_KEY }, password: { file: key.txt } }
users:
  A:
    proxy: 'http://u:{{ password }}@proxy:3128'
    tasks: [{ get: /, headers: { X-Key: 'a{{ key }}' } }]
  B: { tasks: [{ get: / }] }";
    let scenario = given(text);
    let a = &scenario.classes[0];
    let values: Vec<_> = a.secrets.iter().map(|secret| (&*secret.name, &*secret.value)).collect();
    assert_eq!(values, [("key", "hunter2"), ("password", "from a file")]);
    assert!(Arc::ptr_eq(&a.secrets, &scenario.classes[1].secrets));
    let Step::Request(request) = &a.tasks[0].steps[0] else { panic!() };
    let Template::Parts(parts) = &request.headers[0].1 else { panic!() };
    assert!(matches!(parts.as_slice(), [_, Part::Value(Expr::Variable(Slot::Shared(0), _))]));
    let told = format!("{scenario:?}");
    assert!(!told.contains("hunter2") && !told.contains("from a file"));
}

#[test]
fn a_seed_is_kept() {
    let text = "users: {A: {tasks: [{get: /}]}}";
    assert_eq!(scenario(text).seed, None);
    assert_eq!(scenario(&format!("seed: 42\n{text}")).seed, Some(42));
}

#[test]
fn a_name_is_one_thing() {
    let check = |text: &str, expected: &str| {
        let found = wrong_with(text, &GIVEN);
        assert_eq!(found.split(" (").next().unwrap(), expected, "{text}");
    };
    let head = "secrets: {s: {env: API_KEY}}\ndata: {d: {rows: [{a: 1}]}}\n";
    let class = |keys: &str| format!("{head}users: {{A: {{{keys}}}}}");
    check(&class("tasks: [{name: t, steps: [{set: {s: 1}}]}]"), "`s` is a secret, which never changes");
    check(&class("tasks: [{name: t, steps: [{let: {s: 1}}]}]"), "`s` is a secret, which never changes");
    check(&class("tasks: [{get: /, capture: {d: {header: X}}}]"), "`d` is the row of a feeder");
    check(
        &class("tasks: [{name: t, steps: [{for: {d: [1]}, steps: [{get: /}]}]}]"),
        "`d` is the row of a feeder",
    );
    check(
        "secrets: {s: {env: API_KEY}}\ndata: {s: {rows: [{a: 1}]}}\nusers: {A: {tasks: [{get: /}]}}",
        "`s` is a secret, which never changes",
    );
    check(
        "data: {class: {rows: [{a: 1}]}}\nusers: {A: {tasks: [{get: /}]}}",
        "`class` is a word of Python's and cannot be a variable",
    );
    check(
        "data: {d: {rows: [{a: '{{ random.random() }}'}]}}\nusers: {A: {tasks: [{get: /}]}}",
        "this is known only while users run",
    );
    check(
        "secrets: {s: {env: API_KEY}}\ndata: {d: {rows: [{a: '{{ s }}'}]}}\nusers: {A: {tasks: [{get: /}]}}",
        "this is known only while users run",
    );
    check(&class("tasks: [{get: '/{{ dd }}'}]"), "there is no variable `dd`");
}

/// What is said of a file called `name` with these bytes.
fn of_file(name: &'static str, bytes: &[u8]) -> String {
    struct One<'a>(&'a str, &'a [u8]);
    impl Source for One<'_> {
        fn file(&self, path: &str) -> Result<Arc<[u8]>, String> {
            assert_eq!(path, self.0);
            Ok(self.1.into())
        }
        fn secret_file(&self, path: &str) -> Result<Arc<[u8]>, String> {
            self.file(path)
        }
        fn environment(&self, _: &str) -> Option<String> {
            None
        }
    }
    let text = format!("data: {{d: {{file: {name}}}}}\nusers: {{A: {{tasks: [{{get: '/{{{{ d }}}}'}}]}}}}");
    wrong_with(&text, &One(name, bytes))
}

#[test]
fn what_is_wrong_with_a_file_is_told_with_its_line() {
    let check = |name: &'static str, text: &str, expected: &str| {
        assert_eq!(of_file(name, text.as_bytes()).split(" (").next().unwrap(), expected, "{text}");
    };
    check("d.csv", "", "d.csv: the file is empty");
    check("d.csv", "a,b\n", "d.csv: the file has no rows after its first line");
    check("d.csv", "a,b\n1,2\n\n1,2,3\n", "d.csv:4: this row has 3 fields where the first line has 2");
    check("d.csv", "a,b\n1\n", "d.csv:2: this row has 1 field where the first line has 2");
    check("d.csv", "a,\n1,2\n", "d.csv:1: a column has no name");
    check("d.csv", "a, b\n1,2\n", "d.csv:1: the name of the column ` b` has white space around it");
    check("d.csv", "a,a\n1,2\n", "d.csv:1: a second column is called `a`");
    check("d.csv", "a;b\n1;2\n", "d.csv:1: the only column is `a;b`");
    check("d.csv", "a,b\n1,\"2\n", "d.csv:2: a quote is never closed");
    check("d.csv", &"a,".repeat(1_001), "d.csv:1: there are more than 1000 columns");
    check("d.json", "{}", "d.json: this is not a list of objects");
    check("d.json", "[]", "d.json: the list is empty");
    check("d.json", "[{}, 1]", "d.json: item 2 of the list is not an object");
    check("d.json", "[{},\n{]", "d.json:2: key must be a string at line 2 column 2");
    check("d.txt", "a", "`d.txt` ends neither in .csv nor in .json");
    assert_eq!(of_file("d.csv", b"a\nb\n\xff\n"), "d.csv:3: this is not UTF-8 text (save the file as UTF-8)");
}

#[test]
fn large_files_are_refused_before_they_fill_memory() {
    let found = of_file("d.csv", &vec![b'a'; crate::limits::DATA_BYTES + 1]);
    assert!(found.starts_with("`d.csv` cannot be read: it is larger than 64 MiB"), "{found}");
    let cells = format!("{}\n{}", ["a", "b", "c", "d"].join(","), ",,,\n".repeat(1_000_001));
    assert!(
        of_file("d.csv", cells.as_bytes()).starts_with("d.csv:1000002: here the file exceeds 4000000 values")
    );
}

#[test]
fn secrets_that_cannot_be_had_are_told_by_name() {
    let check = |secret: &str, source: Given, expected: &str| {
        let text = format!("secrets: {{s: {secret}}}\nusers: {{A: {{tasks: [{{get: '/{{{{ s }}}}'}}]}}}}");
        assert_eq!(wrong_with(&text, &source), expected);
    };
    check(
        "{env: NO_KEY}",
        GIVEN,
        "the environment variable `NO_KEY` is not set (set it where akrida is started: export NO_KEY=...)",
    );
    check(
        "{env: E}",
        Given(&[("E", "")]),
        "the secret in `E` is empty (put the secret there, and nothing else)",
    );
    check(
        "{file: f}",
        Given(&[("f", "\n")]),
        "the secret in `f` is empty (put the secret there, and nothing else)",
    );
    let found = wrong("secrets: {s: {file: f}}\nusers: {A: {tasks: [{get: /}]}}");
    assert!(found.starts_with("`f` cannot be read: files are not read here"), "{found}");
}

/// Tells how each file was asked for.
#[derive(Default)]
struct Asked(std::cell::RefCell<Vec<String>>);

impl Asked {
    fn note(&self, how: &str, path: &str) -> Result<Arc<[u8]>, String> {
        self.0.borrow_mut().push(format!("{how} {path}"));
        let pem = "-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\n";
        Ok(if path.ends_with(".csv") { "a\n1\n" } else { pem }.as_bytes().into())
    }
}

impl Source for Asked {
    fn file(&self, path: &str) -> Result<Arc<[u8]>, String> {
        self.note("data", path)
    }

    fn secret_file(&self, path: &str) -> Result<Arc<[u8]>, String> {
        self.note("secret", path)
    }

    fn environment(&self, _: &str) -> Option<String> {
        None
    }
}

#[test]
fn secrets_and_what_the_user_shows_to_tls_are_asked_for_as_secrets() {
    let asked = Asked::default();
    let text = "
secrets: { s: { file: s.txt }, again: { file: s.txt } }
data: { d: { file: d.csv } }
users:
  A:
    tls: { ca: ca.pem, certificate: me.pem, key: me.key }
    tasks:
      - { post: /a, body: { file: s.txt } }
      - { post: /b, body: { file: b.bin } }
      - { post: /c, files: { f: { file: f.bin } } }
";
    load_with("a.yaml", text, &asked).unwrap();
    let expected = [
        "secret s.txt",
        "data d.csv",
        "data ca.pem",
        "secret me.pem",
        "secret me.key",
        "data s.txt",
        "data b.bin",
        "data f.bin",
    ];
    assert_eq!(*asked.0.borrow(), expected, "each once for each purpose");
}

#[test]
fn no_problem_shows_a_secret() {
    // Every place that may use one, each with something that is wrong with it.
    let text = "
secrets: { key: { env: API_KEY }, other: { file: key.txt } }
users:
  A:
    proxy: 'http://{{ key }}{{ missing }}'
    headers: { X: '{{ key + 1 / 0 }}' }
    auth: { bearer: '{{ key.upper(1, 2, 3) }}' }
    tasks:
      - get: '/{{ key'
        json: { a: '{{ key[missing] }}', b: '{{ other }' }
        check: { that: '{{ key }}{{ other }}', body: { equals: '{{ kye }}' } }";
    let found = load_with("a.yaml", text, &GIVEN).unwrap_err();
    let shown = format!("{found}{}{found:?}", found.render(true));
    assert!(found.count() >= 4 && !shown.contains("hunter2") && !shown.contains("from a file"), "{shown}");
}

/// What the path of the only request is, with these values of options.
fn path_with(text: &str, values: &[(&str, OptionValue)]) -> String {
    let mut scenario = given(text);
    let values: Vec<_> = values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    scenario.set_options(&values);
    let class = &scenario.classes[0];
    let Step::Request(request) = &class.tasks[0].steps[0] else { panic!("no request") };
    let (shared, mut rng) = (class.shared(), fastrand::Rng::with_seed(0));
    let mut frame = Frame { shared: &shared, ..Frame::bare(&mut rng) };
    request.url.render(&mut frame).unwrap().into_owned()
}

#[test]
fn options_stand_in_expressions_behind_the_secrets() {
    let text = "
secrets: { key: { env: API_KEY } }
options:
  tenant: acme
  size: { default: 20, choices: [20, 50], help: Items }
  beta: false
  rate: 0.5
users:
  A: { tasks: [{ get: '/{{ key }}/{{ tenant }}/{{ size * 2 }}/{{ not beta }}/{{ rate }}' }] }";
    assert_eq!(path_with(text, &[]), "/hunter2/acme/40/True/0.5");
    let values = [
        ("tenant", OptionValue::Text("zoo".into())),
        ("size", OptionValue::Int(50)),
        ("beta", OptionValue::Bool(true)),
        ("rate", OptionValue::Int(3)),
        ("unknown", OptionValue::Int(3)),
    ];
    assert_eq!(path_with(text, &values), "/hunter2/zoo/100/False/3.0");
    assert_eq!(path_with(text, &[("size", OptionValue::Int(30))]), "/hunter2/acme/40/True/0.5", "no choice");
    let known = given(text).options().iter().map(|option| option.name.clone()).collect::<Vec<_>>();
    assert_eq!(known, ["tenant", "size", "beta", "rate"]);
}
