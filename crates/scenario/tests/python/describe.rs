//! A translated scenario as text, for people to compare with its locustfile.

use akrida_scenario::Scenario;
use akrida_scenario::expr::Expr;
use akrida_scenario::model::{Body, Content, Part, Request, Step, Template};
use std::fmt::Write as _;

pub(crate) fn describe(scenario: &Scenario) -> String {
    let mut out = String::new();
    for class in &scenario.classes {
        let (name, weight, fixed) = (&class.name, class.weight, class.fixed_count);
        _ = writeln!(out, "class {name} weight={weight} fixed={fixed} host={:?}", class.host);
        _ = writeln!(out, "  wait {:?}", class.wait);
        _ = writeln!(out, "  variables {:?} locals {}", class.user_variables, class.locals);
        for (name, list) in [("on_start", &class.on_start), ("on_stop", &class.on_stop)] {
            if !list.is_empty() {
                _ = writeln!(out, "  {name}");
                steps(&mut out, list, 2);
            }
        }
        for task in &class.tasks {
            _ = writeln!(out, "  task {} weight={} tags={:?}", task.name, task.weight, task.tags);
            steps(&mut out, &task.steps, 2);
        }
    }
    out
}

fn steps(out: &mut String, list: &[Step], depth: usize) {
    let indent = "  ".repeat(depth);
    for step in list {
        out.push_str(&indent);
        _ = match step {
            Step::Request(request) => write!(out, "{}", line(request)),
            Step::Set { target, value } => write!(out, "{target:?} = {}", expr(value)),
            Step::For { target, items, .. } => write!(out, "for {target:?} in {}", expr(items)),
            Step::If { .. } => write!(out, "if"),
            Step::Success => write!(out, "success"),
            Step::Failure(reason) => write!(out, "failure {}", expr(reason)),
            // What no locustfile becomes yet.
            other => write!(out, "{other:?}"),
        };
        out.push('\n');
        match step {
            Step::Request(request) => steps(out, request.handler.as_deref().unwrap_or_default(), depth + 1),
            Step::For { body, .. } => steps(out, body, depth + 1),
            Step::If { branches, otherwise } => {
                for (test, body) in branches {
                    _ = writeln!(out, "{indent}  when {}", expr(test));
                    steps(out, body, depth + 2);
                }
                if !otherwise.is_empty() {
                    _ = writeln!(out, "{indent}  otherwise");
                    steps(out, otherwise, depth + 2);
                }
            }
            _ => {}
        }
    }
}

fn line(request: &Request) -> String {
    let mut out = format!("{} {}", request.method, template(&request.url));
    let fields = |fields: &[(Template, Template)]| {
        let fields = fields.iter().map(|(key, value)| format!("{}={}", template(key), template(value)));
        fields.collect::<Vec<_>>().join(" & ")
    };
    if !request.query.is_empty() {
        _ = write!(out, " query({})", fields(&request.query));
    }
    for (name, value) in &request.headers {
        _ = write!(out, " header({name}: {})", template(value));
    }
    _ = match &request.body {
        Body::Empty => Ok(()),
        Body::Json(json) => write!(out, " json({})", expr(json)),
        Body::Form(form) => write!(out, " form({})", fields(form)),
        Body::Raw(Content::Text(text)) => write!(out, " raw({})", template(text)),
        other => write!(out, " {other:?}"),
    };
    if let Some(name) = &request.name {
        _ = write!(out, " name({})", template(name));
    }
    if let Some(timeout) = request.timeout {
        _ = write!(out, " timeout({timeout:?})");
    }
    if request.redirects != 30 {
        _ = write!(out, " redirects({})", request.redirects);
    }
    if let Some(slot) = request.response {
        _ = write!(out, " -> {slot:?}");
    }
    out
}

fn template(template: &Template) -> String {
    match template {
        Template::Fixed(text) => text.to_string(),
        Template::Parts(parts) => parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.to_string(),
                Part::Value(value) => format!("{{{}}}", expr(value)),
            })
            .collect(),
    }
}

/// Constants as Python shows them, names of variables, and `(...)` for what is computed.
fn expr(expr: &Expr) -> String {
    match expr {
        Expr::Constant(value) => value.to_string(),
        Expr::Variable(slot, name) => format!("{name}@{slot:?}"),
        Expr::Bound(_, name) => name.to_string(),
        Expr::Node(node) => format!("({})", shape(&format!("{node:?}"))),
    }
}

/// The debugging form without its noise.
fn shape(debug: &str) -> String {
    debug.replace("Constant", "").replace("Variable", "").replace("Node", "")
}
