//! A translated scenario as text, for people to compare with its locustfile.

use akrida_scenario::Scenario;
use akrida_scenario::expr::Expr;
use akrida_scenario::model::{Body, Content, Part, Request, Step, Task, Template};
use std::fmt::Write as _;

pub(crate) fn describe(scenario: &Scenario) -> String {
    let mut out = String::new();
    for stage in &scenario.stages {
        _ = writeln!(out, "{stage:?}");
    }
    for (place, value) in scenario.worker_variables.iter().enumerate() {
        _ = writeln!(out, "Worker({place}) = {value}");
    }
    for class in &scenario.classes {
        let (name, weight, fixed) = (&class.name, class.weight, class.fixed_count);
        _ = writeln!(out, "class {name} weight={weight} fixed={fixed} host={:?}", class.host);
        _ = writeln!(out, "  wait {:?}", class.wait);
        _ = writeln!(out, "  variables {:?} locals {}", class.user_variables, class.locals);
        waiting(&mut out, &class.waiting, 1);
        members(&mut out, [&class.on_start, &class.on_stop], &class.tasks, 1);
    }
    out
}

fn members(out: &mut String, [on_start, on_stop]: [&[Step]; 2], tasks: &[Task], depth: usize) {
    let indent = "  ".repeat(depth);
    for (name, list) in [("on_start", on_start), ("on_stop", on_stop)] {
        if !list.is_empty() {
            _ = writeln!(out, "{indent}{name}");
            steps(out, list, depth + 1);
        }
    }
    for task in tasks {
        _ = writeln!(out, "{indent}task {} weight={} tags={:?}", task.name, task.weight, task.tags);
        steps(out, &task.steps, depth + 1);
        if let Some(set) = &task.set {
            _ = writeln!(out, "{indent}  set {:?} wait {:?}", set.order, set.wait);
            waiting(out, &set.waiting, depth + 2);
            members(out, [&set.on_start, &set.on_stop], &set.tasks, depth + 2);
        }
    }
}

fn waiting(out: &mut String, list: &[Step], depth: usize) {
    if !list.is_empty() {
        _ = writeln!(out, "{}waiting", "  ".repeat(depth));
        steps(out, list, depth + 1);
    }
}

fn steps(out: &mut String, list: &[Step], depth: usize) {
    let indent = "  ".repeat(depth);
    for step in list {
        out.push_str(&indent);
        _ = match step {
            Step::Request(request) => write!(out, "{}", line(request)),
            Step::Set { target, value } => write!(out, "{target:?} = {}", expr(value)),
            Step::SetAll(values) => {
                let shown = values.iter().map(|(target, value)| format!("{target:?} = {}", expr(value)));
                write!(out, "{}", shown.collect::<Vec<_>>().join(" & "))
            }
            Step::For { target, items, .. } => write!(out, "for {target:?} in {}", expr(items)),
            Step::While { condition, .. } => write!(out, "while {}", expr(condition)),
            Step::If { .. } => write!(out, "if"),
            Step::Call(_) => write!(out, "call"),
            Step::Try(_) => write!(out, "try"),
            Step::Raise(None) => write!(out, "raise"),
            Step::Raise(Some(value)) => write!(out, "raise {}", expr(value)),
            Step::Pause(seconds) => write!(out, "pause {}", expr(seconds)),
            Step::Success => write!(out, "success"),
            Step::Failure(reason) => write!(out, "failure {}", expr(reason)),
            // Those that say all by themselves, and what no locustfile becomes.
            other => write!(out, "{other:?}"),
        };
        out.push('\n');
        match step {
            Step::Request(request) => steps(out, request.handler.as_deref().unwrap_or_default(), depth + 1),
            Step::For { body, .. } | Step::While { body, .. } | Step::Call(body) => {
                steps(out, body, depth + 1);
            }
            Step::Try(attempt) => {
                steps(out, &attempt.body, depth + 1);
                for handler in &attempt.handlers {
                    _ = writeln!(out, "{indent}except {:?} as {:?}", handler.kinds, handler.target);
                    steps(out, &handler.steps, depth + 1);
                }
                for (name, list) in [("else", &attempt.otherwise), ("finally", &attempt.always)] {
                    if !list.is_empty() {
                        _ = writeln!(out, "{indent}{name}");
                        steps(out, list, depth + 1);
                    }
                }
            }
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
    for (what, more) in [("query", &request.more_query), ("headers", &request.more_headers)] {
        if let Some(more) = more {
            _ = write!(out, " more {what}({})", expr(more));
        }
    }
    if let Some(auth) = &request.auth {
        _ = write!(out, " {auth:?}");
    }
    _ = match &request.body {
        Body::Empty => Ok(()),
        Body::Data(data) => write!(out, " data({})", expr(data)),
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
