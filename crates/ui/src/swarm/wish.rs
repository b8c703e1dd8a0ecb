//! What a form or JSON asks for, checked value by value.

use super::options;
use crate::body::{Content, Fields};
use crate::limits;
use akrida_master::{ClassEdit, CustomOption, OptionValue, Stage, parse_run_time, parse_stages};
use akrida_report::text::visible;
use http::Uri;
use serde_json::Value;
use std::time::Duration;

/// What is asked of a run. What is `None` was not said.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Wish {
    pub(crate) users: Option<u64>,
    pub(crate) spawn_rate: Option<f64>,
    /// Empty for none.
    pub(crate) host: Option<String>,
    pub(crate) run_time: Option<Duration>,
    pub(crate) user_classes: Option<Vec<String>>,
    /// Empty for a constant load.
    pub(crate) stages: Option<Vec<Stage>>,
    /// Values of the scenario's options.
    pub(crate) options: Vec<(String, OptionValue)>,
}

/// A value that is wrong, or missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    pub(crate) field: &'static str,
    pub(crate) message: String,
}

/// Locust's words.
pub(super) const MISSING: &str = "Missing or invalid user_count or spawn_rate from /swarm request";

/// Names of all generations; the first is how `/api/v1` calls it.
const USERS: [&str; 4] = ["user_count", "users", "locust_count", "num_users"];
const SPAWN_RATE: [&str; 2] = ["spawn_rate", "hatch_rate"];

/// `'abc'`, within a bound and without what acts on terminals.
pub(super) fn quoted(text: &str) -> String {
    let short: String = text.chars().take(limits::QUOTED).collect();
    let dots = if short.len() < text.len() { "..." } else { "" };
    format!("'{}{dots}'", visible(&short))
}

pub(super) fn wrong(field: &'static str, message: impl Into<String>) -> Wrong {
    Wrong { field, message: message.into() }
}

impl Wish {
    /// Reads a wish of any kind of body, for a test with these options.
    pub(crate) fn read(content: &Content, options: &[CustomOption]) -> Result<Self, Wrong> {
        match content {
            Content::Form(fields) => {
                Ok(Self { options: options::of_form(fields, options)?, ..Self::of_form(fields)? })
            }
            Content::Json(value) => {
                let values = options::of_json(&value["options"], options)?;
                Ok(Self { options: values, ..Self::of_json(value)? })
            }
        }
    }

    /// Reads a form, in which all values are texts.
    fn of_form(fields: &Fields) -> Result<Self, Wrong> {
        let stages = match (fields.get("stages"), fields.get("shape_class")) {
            (Some(text), _) => Some(stages(text)?),
            (None, Some("Default")) => Some(Vec::new()),
            (None, None | Some("stages" | "")) => None,
            (None, Some(other)) => {
                return Err(wrong("shape_class", format!("Unknown shape_class: {}", quoted(other))));
            }
        };
        let users = fields.first_of(&USERS).map(|(name, text)| users(name, text)).transpose()?;
        let rate = fields.first_of(&SPAWN_RATE).map(|(name, text)| spawn_rate(name, text)).transpose()?;
        let run_time = fields.get("run_time").filter(|text| !text.is_empty()).map(run_time).transpose()?;
        let classes: Vec<String> = fields.all("user_classes").map(str::to_owned).collect();
        Ok(Self {
            users,
            spawn_rate: rate,
            host: fields.get("host").map(host).transpose()?,
            run_time,
            user_classes: (!classes.is_empty()).then_some(classes),
            stages,
            options: Vec::new(),
        })
    }

    /// Reads an object. Numbers may be texts, as in a form.
    fn of_json(value: &Value) -> Result<Self, Wrong> {
        const KNOWN: [&str; 11] = [
            "user_count",
            "users",
            "locust_count",
            "num_users",
            "spawn_rate",
            "hatch_rate",
            "host",
            "run_time",
            "user_classes",
            "stages",
            "options",
        ];
        let Value::Object(object) = value else {
            return Err(wrong(
                "body",
                "The body has to be an object such as {\"users\": 50, \"spawn_rate\": 10}",
            ));
        };
        if let Some(unknown) = object.keys().find(|key| !KNOWN.contains(&key.as_str())) {
            let known = KNOWN
                .into_iter()
                .filter(|name| !matches!(*name, "locust_count" | "hatch_rate" | "num_users"));
            let known: Vec<_> = known.collect();
            let message = format!("Unknown field {}; there are {}", quoted(unknown), known.join(", "));
            return Err(wrong("body", message));
        }
        let text_of = |name: &'static str| match object.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(_) => Err(wrong(name, format!("Invalid {name}: it has to be a number or a text"))),
        };
        let one_of = |names: &[&'static str]| {
            names.iter().find_map(|name| match text_of(name) {
                Ok(None) => None,
                Ok(Some(text)) => Some(Ok((*name, text))),
                Err(error) => Some(Err(error)),
            })
        };
        let classes = match object.get("user_classes") {
            None | Some(Value::Null) => None,
            Some(Value::Array(names)) => {
                let names: Option<Vec<_>> =
                    names.iter().map(|name| name.as_str().map(str::to_owned)).collect();
                Some(names.ok_or_else(|| {
                    wrong("user_classes", "Invalid user_classes: a list of names is wanted")
                })?)
            }
            Some(_) => return Err(wrong("user_classes", "Invalid user_classes: a list of names is wanted")),
        };
        Ok(Self {
            users: one_of(&USERS).transpose()?.map(|(name, text)| users(name, &text)).transpose()?,
            spawn_rate: one_of(&SPAWN_RATE)
                .transpose()?
                .map(|(name, text)| spawn_rate(name, &text))
                .transpose()?,
            host: text_of("host")?.as_deref().map(host).transpose()?,
            run_time: text_of("run_time")?
                .filter(|text| !text.is_empty())
                .as_deref()
                .map(run_time)
                .transpose()?,
            user_classes: classes,
            stages: text_of("stages")?.as_deref().map(stages).transpose()?,
            options: Vec::new(),
        })
    }
}

fn users(name: &'static str, text: &str) -> Result<u64, Wrong> {
    let number: i128 = text
        .trim()
        .parse()
        .map_err(|_| wrong(name, format!("Invalid {name} value: {} (must be an integer)", quoted(text))))?;
    u64::try_from(number).map_err(|_| wrong(name, MISSING))
}

fn spawn_rate(name: &'static str, text: &str) -> Result<f64, Wrong> {
    let number: f64 = text
        .trim()
        .parse()
        .map_err(|_| wrong(name, format!("Invalid {name} value: {} (must be a number)", quoted(text))))?;
    if number.is_finite() && number > 0.0 { Ok(number) } else { Err(wrong(name, MISSING)) }
}

fn run_time(text: &str) -> Result<Duration, Wrong> {
    // Seconds as a fraction are what JSON may have.
    parse_run_time(text.trim()).map_err(|error| wrong("run_time", error.to_string()))
}

/// As Locust does, without angle brackets; then it has to be an address.
fn host(text: &str) -> Result<String, Wrong> {
    let host: String = text.trim().chars().filter(|c| !matches!(c, '<' | '>')).collect();
    if host.is_empty() || is_address(&host) {
        return Ok(host);
    }
    let message =
        format!("Invalid host value: {} (must be an address such as https://example.org)", quoted(text));
    Err(wrong("host", message))
}

fn is_address(host: &str) -> bool {
    let uri: Option<Uri> = host.parse().ok().filter(|_| host.len() <= limits::HOST);
    uri.is_some_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|h| !h.is_empty())
    })
}

fn stages(text: &str) -> Result<Vec<Stage>, Wrong> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    parse_stages(text.trim()).map_err(|error| wrong("stages", format!("Invalid stages: {error}")))
}

/// Reads an edit of a user class.
pub(crate) fn class_edit(content: &Content) -> Result<ClassEdit, Wrong> {
    match content {
        Content::Form(fields) => {
            let number = |name: &'static str| {
                fields.get(name).filter(|text| !text.is_empty()).map(|text| users(name, text)).transpose()
            };
            // A form without script says so with an empty one where it has a choice of tasks.
            let tasks: Vec<&str> = fields.all("tasks").collect();
            let named = tasks.iter().filter(|name| !name.is_empty());
            Ok(ClassEdit {
                user_class_name: class_name(fields.get("user_class_name"))?,
                weight: number("weight")?,
                fixed_count: number("fixed_count")?,
                host: fields.get("host").map(host).transpose()?.filter(|host| !host.is_empty()),
                tasks: (!tasks.is_empty()).then(|| named.map(|&name| name.to_owned()).collect()),
            })
        }
        Content::Json(value) => class_edit_of_json(value),
    }
}

fn class_edit_of_json(value: &Value) -> Result<ClassEdit, Wrong> {
    const KNOWN: [&str; 5] = ["user_class_name", "weight", "fixed_count", "host", "tasks"];
    let Value::Object(object) = value else {
        return Err(wrong("body", "The body has to be an object with user_class_name"));
    };
    if let Some(unknown) = object.keys().find(|key| !KNOWN.contains(&key.as_str())) {
        let message = format!("Unknown field {}; there are {}", quoted(unknown), KNOWN.join(", "));
        return Err(wrong("body", message));
    }
    let present = |name: &str| object.get(name).filter(|value| !value.is_null());
    let number = |name: &'static str| {
        let read = |value: &Value| match value {
            Value::Number(number) => users(name, &number.to_string()),
            Value::String(text) => users(name, text),
            _ => Err(wrong(name, format!("Invalid {name}: it has to be a number"))),
        };
        present(name).map(read).transpose()
    };
    let tasks = present("tasks").map(|tasks| {
        let names = tasks.as_array().into_iter().flatten().map(|name| name.as_str().map(str::to_owned));
        let names: Option<Vec<String>> = names.collect();
        names
            .filter(|_| tasks.is_array())
            .ok_or_else(|| wrong("tasks", "Invalid tasks: a list of names is wanted"))
    });
    let its_host = present("host").map(|value| match value {
        Value::String(text) => host(text),
        _ => Err(wrong("host", "Invalid host: it has to be a text")),
    });
    Ok(ClassEdit {
        user_class_name: class_name(present("user_class_name").and_then(Value::as_str))?,
        weight: number("weight")?,
        fixed_count: number("fixed_count")?,
        host: its_host.transpose()?.filter(|host| !host.is_empty()),
        tasks: tasks.transpose()?,
    })
}

fn class_name(name: Option<&str>) -> Result<String, Wrong> {
    let name = name.filter(|name| !name.is_empty());
    name.map(str::to_owned).ok_or_else(|| wrong("user_class_name", "Missing user_class_name"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::parse;
    use http::HeaderMap;
    use http::header::CONTENT_TYPE;

    fn read(kind: &str, body: &str) -> Result<Wish, Wrong> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, kind.parse().unwrap());
        Wish::read(&parse(&headers, body.as_bytes()).unwrap(), &[])
    }

    fn form(body: &str) -> Result<Wish, Wrong> {
        read("application/x-www-form-urlencoded", body)
    }

    fn json(body: &str) -> Result<Wish, Wrong> {
        read("application/json", body)
    }

    fn wish(users: u64, spawn_rate: f64) -> Wish {
        Wish { users: Some(users), spawn_rate: Some(spawn_rate), ..Wish::default() }
    }

    #[test]
    fn names_of_all_generations() {
        let expected = Ok(wish(4, 2.5));
        for body in [
            "user_count=4&spawn_rate=2.5",
            "locust_count=4&hatch_rate=2.5",
            "user_count=4&hatch_rate=2.5",
            "users=+4+&spawn_rate=2.5&unknown=1",
            "num_users=4&spawn_rate=2.5&run_time=",
        ] {
            assert_eq!(form(body), expected, "{body}");
        }
        assert_eq!(json(r#"{"users": 4, "spawn_rate": 2.5, "run_time": null}"#), expected);
        assert_eq!(json(r#"{"user_count": "4", "spawn_rate": "2.5"}"#), expected);
    }

    #[test]
    fn everything_else_that_may_be_said() {
        let body = "user_count=4&spawn_rate=2&host=http://a/<script>&run_time=1m&user_classes=A&user_classes=B\
                    &stages=";
        let expected = Wish {
            host: Some("http://a/script".to_owned()),
            run_time: Some(Duration::from_secs(60)),
            user_classes: Some(vec!["A".to_owned(), "B".to_owned()]),
            stages: Some(Vec::new()),
            ..wish(4, 2.0)
        };
        assert_eq!(form(body), Ok(expected.clone()));
        let body = r#"{"users": 4, "spawn_rate": 2, "host": "http://a/script", "run_time": 60,
            "user_classes": ["A", "B"], "stages": ""}"#;
        assert_eq!(json(body), Ok(expected));
        assert_eq!(form("stages=30s:10,1m:50@5").unwrap().stages.unwrap().len(), 2);
        assert_eq!(form("shape_class=Default").unwrap().stages, Some(Vec::new()));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let check = |found: Result<Wish, Wrong>, field: &str, message: &str| {
            let wrong = found.unwrap_err();
            assert_eq!((wrong.field, wrong.message.as_str()), (field, message));
        };
        let integer = |text: &str| format!("Invalid user_count value: '{text}' (must be an integer)");
        for text in ["abc", "5.5", ""] {
            check(form(&format!("user_count={text}&spawn_rate=1")), "user_count", &integer(text));
        }
        check(
            form("locust_count=x&hatch_rate=1"),
            "locust_count",
            "Invalid locust_count value: 'x' (must be an integer)",
        );
        check(
            form("user_count=5&spawn_rate=x"),
            "spawn_rate",
            "Invalid spawn_rate value: 'x' (must be a number)",
        );
        for rate in ["0", "-1", "nan", "inf"] {
            check(form(&format!("user_count=5&spawn_rate={rate}")), "spawn_rate", MISSING);
        }
        check(form("user_count=-5&spawn_rate=1"), "user_count", MISSING);
        let valid = "Valid run_time formats are : 20, 20s, 3m, 2h, 1h20m, 3h30m10s, etc.";
        check(form("user_count=5&spawn_rate=1&run_time=banana"), "run_time", valid);
        let address = "(must be an address such as https://example.org)";
        for host in ["example.org", "ftp://a", "http://", "javascript:alert(1)", "http://a b"] {
            check(form(&format!("host={host}")), "host", &format!("Invalid host value: '{host}' {address}"));
        }
        check(form("shape_class=Nope"), "shape_class", "Unknown shape_class: 'Nope'");
        check(json("[]"), "body", r#"The body has to be an object such as {"users": 50, "spawn_rate": 10}"#);
        check(json(r#"{"users": [1]}"#), "users", "Invalid users: it has to be a number or a text");
        check(
            json(r#"{"user_classes": "A"}"#),
            "user_classes",
            "Invalid user_classes: a list of names is wanted",
        );
        check(
            json(r#"{"userz": 1}"#),
            "body",
            "Unknown field 'userz'; there are user_count, users, spawn_rate, host, run_time, user_classes, stages, options",
        );
        let long = form(&format!("user_count=%1b[31m{}&spawn_rate=1", "x".repeat(500))).unwrap_err().message;
        assert!(long.starts_with("Invalid user_count value: '\\x1b[31mxxx") && long.len() < 150, "{long}");
        assert!(form("stages=1").unwrap_err().message.starts_with("Invalid stages: stage 1, `1`"));
    }

    #[test]
    fn edits_of_classes() {
        let read = |text: &str| class_edit(&Content::Json(serde_json::from_str(text).unwrap()));
        let expected = ClassEdit {
            user_class_name: "A".to_owned(),
            weight: Some(2),
            fixed_count: Some(0),
            host: Some("http://a".to_owned()),
            tasks: Some(vec!["ok".to_owned()]),
        };
        let form = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, "application/x-www-form-urlencoded".parse().unwrap());
            class_edit(&parse(&headers, text.as_bytes()).unwrap()).unwrap().tasks
        };
        assert_eq!(form("user_class_name=A"), None);
        assert_eq!(form("user_class_name=A&tasks=&tasks=ok"), Some(vec!["ok".to_owned()]));
        assert_eq!(form("user_class_name=A&tasks="), Some(Vec::new()), "a choice of none");
        let text =
            r#"{"user_class_name": "A", "tasks": ["ok"], "weight": 2, "host": "http://a", "fixed_count": 0}"#;
        assert_eq!(read(text), Ok(expected));
        for (text, field) in [
            ("{}", "user_class_name"),
            (r#"{"user_class_name": "A", "weight": "x"}"#, "weight"),
            (r#"{"user_class_name": "A", "weight": -1}"#, "weight"),
            (r#"{"user_class_name": "A", "tasks": "ok"}"#, "tasks"),
            (r#"{"user_class_name": "A", "tasks": [1]}"#, "tasks"),
            (r#"{"user_class_name": "A", "host": 1}"#, "host"),
            (r#"{"user_class_name": "A", "on_start": "x"}"#, "body"),
            ("1", "body"),
        ] {
            assert_eq!(read(text).unwrap_err().field, field, "{text}");
        }
    }
}
