//! The schema and the front end tell the same story: what one refuses, the other refuses.

use super::check::check;
use super::node::{Kind, Meaning, Node};
use super::shape::{Key, Rule, Shape};
use super::{read, rules, schema, table};
use crate::problem::Problem;
use regex::Regex;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// The keywords of JSON Schema that ours uses.
struct Validator {
    root: Value,
    patterns: RefCell<HashMap<String, Regex>>,
}

impl Validator {
    fn new() -> Self {
        Self { root: schema(), patterns: RefCell::default() }
    }

    fn accepts(&self, value: &Value) -> bool {
        self.fits(value, &self.root)
    }

    fn fits(&self, value: &Value, schema: &Value) -> bool {
        let Value::Object(keywords) = schema else { return schema == &json!(true) };
        keywords.iter().all(|(keyword, argument)| match keyword.as_str() {
            "$schema" | "$defs" | "title" | "description" => true,
            "$ref" => {
                let pointer = argument.as_str().unwrap().trim_start_matches('#');
                self.fits(value, self.root.pointer(pointer).unwrap())
            }
            "type" => match argument {
                Value::Array(types) => types.iter().any(|kind| is_of(value, kind)),
                kind => is_of(value, kind),
            },
            "enum" => {
                argument.as_array().unwrap().iter().any(|item| item == value || same_number(item, value))
            }
            "pattern" => value.as_str().is_none_or(|text| self.matches(text, argument)),
            "minimum" => value.as_f64().is_none_or(|number| number >= argument.as_f64().unwrap()),
            "exclusiveMinimum" => value.as_f64().is_none_or(|number| number > argument.as_f64().unwrap()),
            "maximum" => value.as_f64().is_none_or(|number| number <= argument.as_f64().unwrap()),
            "items" => items(value).all(|item| self.fits(item, argument)),
            "minItems" => {
                value.as_array().is_none_or(|items| items.len() as u64 >= argument.as_u64().unwrap())
            }
            "maxItems" => {
                value.as_array().is_none_or(|items| items.len() as u64 <= argument.as_u64().unwrap())
            }
            "minProperties" => {
                value.as_object().is_none_or(|map| map.len() as u64 >= argument.as_u64().unwrap())
            }
            "maxProperties" => {
                value.as_object().is_none_or(|map| map.len() as u64 <= argument.as_u64().unwrap())
            }
            "required" => {
                let names = argument.as_array().unwrap();
                names.iter().all(|name| !value.is_object() || value.get(name.as_str().unwrap()).is_some())
            }
            "oneOf" => {
                argument.as_array().unwrap().iter().filter(|schema| self.fits(value, schema)).count() == 1
            }
            "anyOf" => argument.as_array().unwrap().iter().any(|schema| self.fits(value, schema)),
            "properties" => {
                let known = argument.as_object().unwrap();
                known
                    .iter()
                    .all(|(name, schema)| value.get(name).is_none_or(|value| self.fits(value, schema)))
            }
            "propertyNames" => names(value).all(|name| self.fits(&json!(name), argument)),
            "additionalProperties" => {
                let known = keywords.get("properties").and_then(Value::as_object);
                names(value)
                    .filter(|name| known.is_none_or(|known| !known.contains_key(name.as_str())))
                    .all(|name| self.fits(&value[name.as_str()], argument))
            }
            other => unreachable!("the keyword {other} is new; teach it to this test"),
        })
    }

    fn matches(&self, text: &str, pattern: &Value) -> bool {
        let pattern = pattern.as_str().unwrap();
        let mut patterns = self.patterns.borrow_mut();
        let compiled = patterns.entry(pattern.to_owned()).or_insert_with(|| Regex::new(pattern).unwrap());
        compiled.is_match(text)
    }
}

fn same_number(a: &Value, b: &Value) -> bool {
    a.is_number() && a.as_f64() == b.as_f64()
}

fn is_of(value: &Value, kind: &Value) -> bool {
    match kind.as_str().unwrap() {
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "number" => value.is_number(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        other => unreachable!("{other}"),
    }
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn names(value: &Value) -> impl Iterator<Item = &String> {
    value.as_object().into_iter().flat_map(|map| map.keys())
}

/// As any other YAML reader hands it to a schema; `None` for what JSON cannot express.
fn to_json(node: &Node) -> Option<Value> {
    Some(match &node.kind {
        Kind::List(items) => Value::Array(items.iter().map(to_json).collect::<Option<_>>()?),
        Kind::Map(entries) => {
            let entries = entries.iter().map(|(name, value)| Some((name.text.to_string(), to_json(value)?)));
            Value::Object(entries.collect::<Option<_>>()?)
        }
        Kind::Scalar(scalar) => match scalar.meaning() {
            Meaning::Null => Value::Null,
            Meaning::Bool(value) => json!(value),
            Meaning::Int(value) => json!(value),
            // Whole numbers that are too large to be exact are refused here, which no schema can say.
            Meaning::Float(value) if value.fract() == 0.0 && value.abs() >= 1e15 => return None,
            Meaning::Float(value) => Value::Number(serde_json::Number::from_f64(value)?),
            Meaning::Text(text) => json!(text),
        },
    })
}

/// What is wrong with `text`, on which both must agree. `None` for what is no document at all.
fn verdict(text: &str, validator: &Validator) -> Option<Vec<Problem>> {
    let mut problems = Vec::new();
    let node = read::read(text, "", &mut problems).filter(|_| problems.is_empty())?;
    let value = to_json(&node)?;
    check(&node, &Shape::Object(&table::SCENARIO), &mut problems);
    let accepted = validator.accepts(&value);
    assert_eq!(accepted, problems.is_empty(), "{text}\n{problems:#?}");
    Some(problems)
}

#[test]
fn schema_and_front_end_agree_on_all_files() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let validator = Validator::new();
    let (mut good, mut bad) = (0, 0);
    for folder in ["tests/broken", "../../scenarios"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "yaml") {
                match verdict(&std::fs::read_to_string(path).unwrap(), &validator) {
                    Some(problems) if problems.is_empty() => good += 1,
                    Some(_) => bad += 1,
                    None => {}
                }
            }
        }
    }
    assert!(good >= 4 && bad >= 25, "{good} {bad}");
}

#[test]
fn schema_and_front_end_agree_on_every_key_and_every_value() {
    // Each key of each object, with each of these as its value, in a document that is good but for it.
    let values = [
        "null",
        "true",
        "0",
        "1",
        "-1",
        "2.5",
        "3.0",
        "1e6",
        "31536000",
        "31536001",
        "10000001",
        "''",
        "a",
        "a b",
        "/",
        "/a",
        "x y/z",
        "http://a",
        "http://a/b?c",
        "https://a:1/b",
        "http:///",
        "1s",
        "1s1m",
        "9000h",
        "2xx",
        "6xx",
        "200-299",
        "200-",
        "GET",
        "get",
        "user",
        "iteration",
        "[]",
        "[1]",
        "[1, 2]",
        "[1, 2, 3]",
        "[a]",
        "[a, '']",
        "[200, 2xx]",
        "{}",
        "{a: 1}",
        "{a-b: 1}",
        "{'a b': x}",
        "{a: {json: $.a}}",
        "{a: {header: b}}",
        "{json: a, header: b}",
        "{method: GET, path: /}",
        "{method: get, path: /}",
        "{status: 200}",
        "{body: {equals: 1}}",
        "{contains: [a]}",
        "{constant: 1}",
        "{between: [1, 2]}",
        "{between: [1]}",
        "{pacing: 0}",
        "{throughput: 1}",
        "[{get: /}]",
        "[{get: /, post: /}]",
        "[{set: {a: 1}}]",
        "[{}]",
        "{t: {get: /}}",
        "{t: [{get: /}]}",
        "{t: {steps: [{get: /}]}}",
        "[{name: t, steps: [{get: /}]}]",
        "{A: {tasks: [{get: /}]}}",
        "[{name: A, tasks: [{get: /}]}]",
        "[{duration: 1, users: 1}]",
        "[{users: 1}]",
        "\"a\\nb\"",
        "'{{ x }}'",
        "{x: [1, {y: null}]}",
        "1.1",
        "2",
        "2.0",
        "50/s",
        "300/m",
        "{rate: 1, max_users: 2}",
        "{rate: 0}",
        "{stages: [{duration: 0, rate: 0}]}",
        "{basic: {username: a, password: 1}}",
        "{bearer: a}",
        "{basic: {username: a}}",
        "{verify: false, ca: a}",
        "{a.b: 127.0.0.1}",
        "{a: ['::1', x]}",
        "{file: a}",
        "{file: '{{ a }}'}",
        "{a: {file: a, type: a/b}}",
        "{a: {content: a, type: a}}",
        "{a: {rows: [{a: 1}], pick: random}}",
        "{a: {env: A}}",
        "{env: A, file: b}",
        "run",
        "{a: {contains: x}}",
        "{$.a: {count: 1}, $.b: [1, null]}",
        "{a: {count: 1}}",
        "{at_least: 1, at_most: 2}",
        "{at_most: 1s}",
        "[{weight: 2, steps: [{get: /}]}]",
        "[{if: true, then: [{stop: run}]}]",
        "[{repeat: 2, steps: [{sleep: 1}]}]",
        "[{for: {a: [1]}, steps: [{let: {b: 2}}]}]",
        "[{group: a, steps: [{get: /}]}, {while: '{{ a }}', steps: [{get: /}]}]",
        "first",
        "unique",
        "passed",
        "loop",
        "{failed: a}",
        "[{error: [A], as: b, steps: [{raise: again}]}]",
        "{a: [1, b]}",
    ];
    let frames = [
        ("users: {A: {tasks: [{get: /}]}}", "", "users"),
        ("users: {A: {tasks: [{get: /}]", "}}", "tasks"),
        ("users: {A: {tasks: {t: {get: /", "}}}}", "get"),
        ("users: {A: {tasks: {t: {steps: [{get: /}]", "}}}}", "steps"),
        ("users: {A: {tasks: {t: [{get: /", "}]}}}", "get"),
        ("users: {A: {tasks: {t: [{get: /, check: {status: 200", "}}]}}}", "status"),
        ("users: {A: {tasks: {t: [{get: /, check: {body: {lacks: a", "}}}]}}}", "lacks"),
        ("users: {A: {tasks: {t: [{get: /, capture: {v: {json: $", "}}}]}}}", "json"),
        ("users: {A: {tasks: {t: [{get: /, check: {header: {A: {contains: a", "}}}}]}}}", "contains"),
        ("users: {A: {tasks: {t: [{get: /, check: {json: {$: {count: 1", "}}}}]}}}", "count"),
        ("users: {A: {tasks: {t: [{get: /, check: {size: {at_least: 1", "}}}]}}}", "at_least"),
        ("users: {A: {tasks: {t: [{get: /, check: {time: {at_most: 1", "}}}]}}}", "at_most"),
        ("users: {A: {tasks: {t: [{get: /, files: {v: {file: a", "}}}]}}}", "file"),
        ("users: {A: {tasks: {t: [{get: /, auth: {bearer: a", "}}]}}}", "bearer"),
        ("users: {A: {tasks: {t: [{group: a, steps: [{get: /}]", "}]}}}", "group"),
        ("users: {A: {tasks: {t: [{repeat: 1, steps: [{get: /}]", "}]}}}", "repeat"),
        ("users: {A: {tasks: {t: [{if: true, then: [{get: /}]", "}]}}}", "if"),
        ("users: {A: {tasks: {t: [{sleep: {between: [1, 2]", "}}]}}}", "between"),
        ("users: {A: {tasks: {t: [{stop: run", "}]}}}", "stop"),
        ("users: {A: {tasks: {t: [{try: [{get: /}]", "}]}}}", "try"),
        ("users: {A: {tasks: {t: [{try: [{get: /}], except: [{steps: [{get: /}]", "}]}]}}}", "steps"),
        ("users: {A: {tasks: {t: [{raise: A", "}]}}}", "raise"),
        ("users: {A: {tasks: {t: [{verdict: {failed: a", "}}]}}}", "failed"),
        ("users: {A: {tasks: [{get: /}], arrivals: {rate: 1", "}}}", "rate"),
        ("users: {A: {tasks: [{get: /}], tls: {ca: a", "}}}", "ca"),
        ("data: {a: {file: a", "}}, users: {A: {tasks: [{get: /}]}}", "file"),
        ("secrets: {a: {env: a", "}}, users: {A: {tasks: [{get: /}]}}", "env"),
        ("stages: [{duration: 1, users: 1", "}], users: {A: {tasks: [{get: /}]}}", "users"),
    ];
    let mut names: Vec<&str> = Vec::new();
    collect(&Shape::Object(&table::SCENARIO), &mut names, &mut HashSet::new());
    let validator = Validator::new();
    let mut verdicts = [0, 0];
    for (before, after, own) in frames {
        for name in &names {
            for value in values {
                let separator = if after.is_empty() { "\n" } else { ", " };
                let text = if name == &own {
                    // A key cannot stand twice, so this one's value is replaced.
                    let cut = before.rfind(&format!("{own}: ")).unwrap();
                    format!("{}{own}: {value}{after}", &before[..cut])
                } else {
                    format!("{before}{separator}{name}: {value}{after}")
                };
                let Some(problems) = verdict(&text, &validator) else { continue };
                verdicts[usize::from(problems.is_empty())] += 1;
                if problems.iter().any(|problem| problem.message.ends_with(&format!("has no key `{name}`"))) {
                    break; // Where a key is unknown, its values are all the same.
                }
            }
        }
    }
    assert!(verdicts[0] > 5_000 && verdicts[1] > 400, "{verdicts:?}");
}

/// All names of keys below `shape`, without those in `seen`, which are names of objects.
fn collect(shape: &Shape, names: &mut Vec<&'static str>, seen: &mut HashSet<&'static str>) {
    let mut object = |object: &super::shape::Object| {
        if !seen.insert(object.id) {
            return;
        }
        for Key { name, shape, .. } in object.keys() {
            if !names.contains(name) {
                names.push(name);
            }
            collect(shape, names, seen);
        }
    };
    match shape {
        Shape::Object(found) => object(found),
        Shape::Choice(choice) => choice.objects.iter().for_each(|found| object(found)),
        Shape::List { of, .. } | Shape::Map { of, .. } => collect(of, names, seen),
        Shape::Either(either) => either.shapes.iter().for_each(|shape| collect(shape, names, seen)),
        _ => {}
    }
}

#[test]
fn patterns_say_what_the_functions_say() {
    let rules: [(&str, &Rule); 21] = [
        ("NAME", &rules::NAME),
        ("CLASS", &rules::CLASS),
        ("VARIABLE", &rules::VARIABLE),
        ("TAG", &rules::TAG),
        ("HOST", &rules::HOST),
        ("PATH", &rules::PATH),
        ("METHOD", &rules::METHOD),
        ("HEADER", &rules::HEADER),
        ("HEADER_VALUE", &rules::HEADER_VALUE),
        ("DURATION", &rules::DURATION),
        ("STATUS", &rules::STATUS),
        ("EXPRESSION", &rules::EXPRESSION),
        ("GROUP", &rules::GROUP),
        ("RATE", &rules::RATE),
        ("PROXY", &rules::PROXY),
        ("HOST_NAME", &rules::HOST_NAME),
        ("ADDRESS", &rules::ADDRESS),
        ("FILE", &rules::FILE),
        ("ENVIRONMENT", &rules::ENVIRONMENT),
        ("MEDIA_TYPE", &rules::MEDIA_TYPE),
        ("JSON_PATH", &rules::JSON_PATH),
    ];
    // Short words of the characters on which rules turn, and pieces that random words would seldom hit.
    let pieces = [
        "",
        "a",
        "Z",
        "_",
        "-",
        "0",
        "1",
        "5",
        "9",
        ".",
        ":",
        "/",
        "//",
        "[",
        "]",
        "?",
        "#",
        "@",
        " ",
        "\t",
        "\n",
        "\u{7f}",
        "ä",
        "%",
        "{{",
        "}}",
        "{",
        "}",
        "/s",
        "/m",
        "image/png",
        "; x=1",
        "$",
        "$.",
        "http:",
        "https://",
        "http://a",
        "xx",
        "200",
        "h",
        "m",
        "s",
        "ms",
        "599",
        "600",
        "\0",
        "~",
        "^",
        "é",
    ];
    for (name, rule) in rules {
        let pattern = Regex::new(rule.pattern.unwrap()).unwrap();
        let mut verdicts = [0, 0];
        for a in pieces {
            for b in pieces {
                for c in pieces {
                    let text = format!("{a}{b}{c}");
                    let accepted = (rule.accepts)(&text);
                    assert_eq!(pattern.is_match(&text), accepted, "{name}: {text:?}");
                    verdicts[usize::from(accepted)] += 1;
                }
            }
        }
        assert!(verdicts[0] > 10 && verdicts[1] > 10, "{name} {verdicts:?}");
    }
}
