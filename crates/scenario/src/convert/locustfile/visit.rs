//! Walks over steps and their expressions.

use crate::expr::{Expr, tree::Node};
use crate::model::{Auth, Body, ClientStep, Content, Part, Slot, Step, Template};
use std::sync::Arc;

/// A walk for reading and the same for changing: `$m` is nothing or `mut`.
macro_rules! walks {
    ($each:ident, $template:ident, $within:ident, $($m:tt)?) => {
        /// Calls `see` for each expression of a step, without the steps in it, in their order.
        pub(super) fn $each(step: &$($m)? Step, see: &mut dyn FnMut(&$($m)? Expr)) {
            match step {
                Step::Request(request) => {
                    let request = &$($m)? **request;
                    $template(&$($m)? request.url, see);
                    for (name, value) in &$($m)? request.query {
                        $template(name, see);
                        $template(value, see);
                    }
                    if let Some(expr) = &$($m)? request.more_query {
                        see(expr);
                    }
                    for (_, value) in &$($m)? request.headers {
                        $template(value, see);
                    }
                    if let Some(expr) = &$($m)? request.more_headers {
                        see(expr);
                    }
                    if let Some(expr) = &$($m)? request.cookies {
                        see(expr);
                    }
                    if let Some(expr) = &$($m)? request.name_now {
                        see(expr);
                    }
                    match &$($m)? request.auth {
                        Some(Auth::Basic(name, password)) => {
                            $template(name, see);
                            $template(password, see);
                        }
                        Some(Auth::Bearer(token)) => $template(token, see),
                        None => {}
                    }
                    match &$($m)? request.body {
                        Body::Json(expr) | Body::Data(expr) => see(expr),
                        Body::Form(fields) => {
                            for (name, value) in fields {
                                $template(name, see);
                                $template(value, see);
                            }
                        }
                        Body::Multipart(fields) => {
                            for field in fields {
                                $template(&$($m)? field.name, see);
                                if let Some(name) = &$($m)? field.filename {
                                    $template(name, see);
                                }
                                if let Content::Text(text) = &$($m)? field.content {
                                    $template(text, see);
                                }
                            }
                        }
                        Body::Raw(Content::Text(text)) => $template(text, see),
                        Body::Empty | Body::Raw(Content::Bytes(_)) => {}
                    }
                    if let Some(name) = &$($m)? request.name {
                        $template(name, see);
                    }
                }
                Step::Set { value: expr, .. }
                | Step::For { items: expr, .. }
                | Step::Repeat { times: expr, .. }
                | Step::While { condition: expr, .. }
                | Step::Pause(expr)
                | Step::Raise(Some(expr))
                | Step::Failure(expr)
                | Step::Client(ClientStep::SetCookies(expr)) => see(expr),
                Step::SetAll(values) => {
                    for (_, value) in values {
                        see(value);
                    }
                }
                Step::If { branches, .. } => {
                    for (test, _) in branches {
                        see(test);
                    }
                }
                _ => {}
            }
        }

        fn $template(template: &$($m)? Template, see: &mut dyn FnMut(&$($m)? Expr)) {
            let Template::Parts(parts) = template else { return };
            for part in parts {
                if let Part::Value(expr) = part {
                    see(expr);
                }
            }
        }

        /// Calls `see` for the steps within a step, in their order.
        pub(super) fn $within(step: &$($m)? Step, see: &mut dyn FnMut(&$($m)? Vec<Step>)) {
            match step {
                Step::Request(request) => {
                    if let Some(handler) = &$($m)? request.handler {
                        see(handler);
                    }
                }
                Step::For { body, .. }
                | Step::Repeat { body, .. }
                | Step::While { body, .. }
                | Step::Group { body, .. }
                | Step::Call(body) => see(body),
                Step::If { branches, otherwise } => {
                    for (_, body) in branches {
                        see(body);
                    }
                    see(otherwise);
                }
                Step::Choose(ways) => {
                    for (_, body) in ways {
                        see(body);
                    }
                }
                Step::Try(attempt) => {
                    let attempt = &$($m)? **attempt;
                    see(&$($m)? attempt.body);
                    for handler in &$($m)? attempt.handlers {
                        see(&$($m)? handler.steps);
                    }
                    see(&$($m)? attempt.otherwise);
                    see(&$($m)? attempt.always);
                }
                _ => {}
            }
        }
    };
}

walks!(each_expr, of_template, within,);
walks!(each_expr_mut, of_template_mut, within_mut, mut);

/// Calls `see` for each variable that an expression reads.
pub(super) fn reads(expr: &Expr, see: &mut dyn FnMut(Slot, &Arc<str>)) {
    match expr {
        Expr::Variable(slot, name) => see(*slot, name),
        Expr::Node(node) => node.each(&mut |expr| reads(expr, see)),
        Expr::Constant(_) | Expr::Bound(..) => {}
    }
}

/// Calls `see` for each expression within another and then for that itself.
pub(super) fn innermost_first(expr: &mut Expr, see: &mut dyn FnMut(&mut Expr)) {
    if let Expr::Node(node) = expr {
        Node::each_mut(node, &mut |expr| innermost_first(expr, see));
    }
    see(expr);
}

/// Calls `see` for each step, those within others included.
pub(super) fn all_steps(steps: &[Step], see: &mut dyn FnMut(&Step)) {
    for step in steps {
        see(step);
        within(step, &mut |steps| all_steps(steps, see));
    }
}

/// Calls `see` for each expression of all steps, in their order.
pub(super) fn all_exprs(steps: &[Step], see: &mut dyn FnMut(&Expr)) {
    all_steps(steps, &mut |step| each_expr(step, see));
}
