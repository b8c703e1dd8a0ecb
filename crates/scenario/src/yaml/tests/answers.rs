//! Bodies, checks and captures.

use super::{Given, fixed, request, wrong_class, wrong_with};
use crate::model::{Body, CaptureFrom, Check, Content, Pick, Step, Test};
use crate::yaml::load_with;

/// A check in few words.
fn told(check: &Check) -> String {
    match check {
        Check::Status(ranges) => format!("{ranges:?}"),
        Check::Header { name, test } => format!("{name} {}", test_told(test)),
        Check::Body(test) => test_told(test),
        Check::Json { text, test, .. } => format!("{text} {}", test_told(test)),
        Check::Size { least, most } => format!("size {least} {most}"),
        Check::Time(longest) => format!("time {longest:?}"),
        Check::That { text, .. } => text.clone(),
    }
}

fn test_told(test: &Test) -> String {
    match test {
        Test::Contains(text) => format!("contains {}", fixed(text)),
        Test::Lacks(text) => format!("lacks {}", fixed(text)),
        Test::Equals(value) => {
            let value = value.constant().unwrap();
            format!("equals {} {value}", value.type_name())
        }
        Test::Matches(regex) => format!("matches {regex}"),
        Test::Exists(there) => format!("exists {there}"),
        Test::Count(count) => format!("count {}", count.constant().unwrap()),
    }
}

#[test]
fn every_check() {
    let check = |text: &str, expected: &[&str]| {
        let request = request(&format!("{{get: /, check: {{{text}}}}}"));
        let found: Vec<_> = request.checks.iter().map(told).collect();
        assert_eq!(found, expected, "{text}");
    };
    check(
        "header: {Content-Type: {contains: json, matches: '^a'}, X: 1, Y: {exists: false}}",
        &["content-type contains json", "content-type matches ^a", "x equals str 1", "y exists false"],
    );
    check("body: {matches: 'a+', equals: 1.0}", &["matches a+", "equals str 1.0"]);
    check(
        "json: {$.a: 3, $.b: '3', $.c: {count: 2, exists: true}, $.d: {equals: null}, $.e: [1]}",
        &[
            "$.a equals int 3",
            "$.b equals str 3",
            "$.c count 2",
            "$.c exists true",
            "$.d equals NoneType None",
            "$.e equals list [1]",
        ],
    );
    check("size: 5", &["size 5 5"]);
    check("size: {at_least: 10}", &["size 10 18446744073709551615"]);
    check("size: {at_most: 10}", &["size 0 10"]);
    check("time: {at_most: 1.5s}", &["time 1.5s"]);
    assert_eq!(request("{get: /, check: {size: 1, status: 404}}").checks.len(), 2);
    assert_eq!(request("{get: /, check: {}}").checks.len(), 0);
}

#[test]
fn an_expression_decides_on_the_answer() {
    let request = request("{get: /, check: {that: \"{{ response.json()['n'] > v }}\"}}");
    assert_eq!(told(&request.checks[0]), "response.json()['n'] > v");
    assert_eq!(request.response, Some(crate::model::Slot::Local(0)));
}

#[test]
fn every_capture() {
    let capture = |text: &str| request(&format!("{{get: /, capture: {{c: {text}}}}}")).captures.remove(0);
    assert!(matches!(capture("{regex: 'a(b)'}").from, CaptureFrom::Regex(regex) if regex.as_str() == "a(b)"));
    assert!(matches!(capture("{cookie: Session}").from, CaptureFrom::Cookie(name) if name == "Session"));
    let css = capture("{css: 'input[name=csrf]', attribute: value}").from;
    assert!(matches!(css, CaptureFrom::Css { attribute: Some(name), .. } if name == "value"));
    assert!(matches!(capture("{css: h1}").from, CaptureFrom::Css { attribute: None, .. }));
    let picks = [("first", Pick::First), ("last", Pick::Last), ("random", Pick::Random), ("all", Pick::All)];
    for (word, pick) in picks {
        assert_eq!(capture(&format!("{{header: X, pick: {word}}}")).pick, pick);
    }
    let default = capture("{json: $.a, default: [1]}").default;
    assert_eq!(default.unwrap().to_string(), "[1]");
    assert!(capture("{json: $.a}").default.is_none());
}

const FILES: Given = Given(&[("dir/a.png", "PNG"), ("b.bin", "\0\u{1}")]);

fn body(request: &str) -> Body {
    let text = format!("users: {{A: {{variables: {{v: 1}}, tasks: [{request}]}}}}");
    let scenario = load_with("a.yaml", &text, &FILES).unwrap();
    let Step::Request(request) = &scenario.classes[0].tasks[0].steps[0] else { panic!() };
    request.body.clone()
}

#[test]
fn bodies_from_files() {
    let Body::Raw(Content::Bytes(bytes)) = body("{post: /, body: {file: b.bin}}") else { panic!() };
    assert_eq!(&*bytes, b"\0\x01");
    let multipart = "{post: /, form: {a: 1}, files: {photo: {file: dir/a.png, type: image/png},
        text: {content: 'x', filename: f.txt}, bare: {content: y}}}";
    let Body::Multipart(fields) = body(multipart) else { panic!() };
    let found: Vec<_> = fields
        .iter()
        .map(|field| {
            let content = match &field.content {
                Content::Text(text) => fixed(text).to_owned(),
                Content::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            };
            let filename = field.filename.as_ref().map_or("-", fixed);
            format!(
                "{} {filename} {} {content}",
                fixed(&field.name),
                field.content_type.as_deref().unwrap_or("-")
            )
        })
        .collect();
    assert_eq!(found, ["a - - 1", "photo a.png image/png PNG", "text f.txt - x", "bare bare - y"]);
}

#[test]
fn what_cannot_be_sent_or_found_is_refused() {
    let check = |keys: &str, expected: &str| {
        let found = wrong_class(&format!("tasks: {{t: {{get: /, {keys}}}}}"));
        assert_eq!(found.split(" (").next().unwrap(), expected, "{keys}");
    };
    check("files: {a: {file: x}}", "`x` cannot be read: files are not read here");
    check("files: {a: {file: '{{ x }}'}}", "`{{ x }}` is not the name of a file");
    check("files: {a: {filename: x}}", "a file to send needs `file` or `content`");
    check("json: 1, form: {}", "a request has one body, and `json` gives one already");
    check("capture: {a: {json: '$.a['}}", "`$.a[` is not a JSON path");
    check("capture: {a: {regex: 'a(b'}}", "`a(b` is not a regular expression: unclosed group");
    check(
        "capture: {a: {regex: '(a{1000}){1000}'}}",
        "the regular expression `(a{1000}){1000}` needs too much memory",
    );
    check("capture: {a: {css: '>>'}}", "`>>` is not a CSS selector");
    check("capture: {a: {css: ''}}", "`` is not a CSS selector");
    check("capture: {a: {json: $, attribute: b}}", "`attribute` has no meaning beside `json`");
    check("capture: {a: {json: $, default: '{{ random.random() }}'}}", "this is known only while users run");
    check("check: {size: {at_least: 2, at_most: 1}}", "`at_least` is more than `at_most`");
    check("check: {that: 'response.ok'}", "`response.ok` is not an expression");
    let deep = format!("check: {{body: {{matches: '{}'}}}}", "(".repeat(17));
    check(&deep, "this pattern has more than 16 brackets within each other");
    let long = format!("check: {{body: {{matches: {}}}}}", "a".repeat(5_000));
    check(&long, "this pattern is longer than 4096 bytes");
    let missing = "users: {A: {tasks: [{post: /, body: {file: no.bin}}]}}";
    assert_eq!(
        wrong_with(missing, &FILES),
        "`no.bin` cannot be read: no such file or directory (name a file that can be read; its path is relative to \
         the scenario's folder)"
    );
}
