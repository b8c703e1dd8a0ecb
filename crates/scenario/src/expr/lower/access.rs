//! Attributes, items and calls.

use super::{Lower, Meaning, Refusal};
use crate::expr::Expr;
use crate::expr::functions::{FUNCTIONS, Signature};
use crate::expr::methods::{Attribute, METHODS, Method};
use crate::expr::tree::Node;
use crate::expr::value::Value;
use ruff_python_ast::{self as ast, Expr as Python};
use ruff_text_size::Ranged;

impl Lower<'_> {
    pub(super) fn attribute(&mut self, python: &ast::ExprAttribute) -> Option<Expr> {
        let name = python.attr.as_str();
        match self.scope.attribute(&python.value, name) {
            Some(Meaning::Value(expr)) => return Some(expr),
            Some(Meaning::Refused(refusal)) => return self.refuse(python.range, refusal),
            Some(Meaning::Global(path)) => return self.refuse(python.range, super::not_a_value(&path)),
            None => {}
        }
        if let Python::Name(_) = &*python.value
            && let Some(path) = self.global(&python.value)
        {
            let path = format!("{path}.{name}");
            let refusal = match FUNCTIONS.iter().any(|function| function.name == path) {
                true => super::not_a_value(&path),
                false => unknown_function(&path),
            };
            return self.refuse(python.range, refusal);
        }
        let refusal = match Attribute::ALL.iter().find(|(known, _)| *known == name) {
            Some((_, attribute)) => {
                let value = self.expr(&python.value)?;
                return self.fold(Node::Attribute(value, *attribute), python.range);
            }
            None if name == "headers" => Refusal::new(
                "headers are read one by one",
                "write `response.headers[\"name\"]` or `response.headers.get(\"name\")`",
            ),
            None if name == "content" => {
                Refusal::new("`.content` is bytes, which are not supported", "write `.text`")
            }
            None if METHODS.iter().any(|method| method.name == name) => Refusal::new(
                format!("the method `.{name}` alone is no value"),
                format!("call it: `.{name}(...)`"),
            ),
            None => {
                let known: Vec<&str> = Attribute::ALL.iter().map(|(name, _)| *name).collect();
                let remedy = match similar(name, known.iter().copied()) {
                    Some(known) => format!("did you mean `.{known}`?"),
                    None => format!("known are .{}, .headers[...] and .json()", known.join(", .")),
                };
                Refusal::new(format!("the attribute `.{name}` is not supported"), remedy)
            }
        };
        self.refuse(python.attr.range, refusal)
    }

    pub(super) fn subscript(&mut self, python: &ast::ExprSubscript) -> Option<Node> {
        if let Some(response) = headers_of(&python.value) {
            let (response, name) = (self.expr(response), self.expr(&python.slice));
            return Some(Node::Method(response?, Method::Header, vec![name?]));
        }
        let (value, index) = (self.expr(&python.value), self.expr(&python.slice));
        Some(Node::Index(value?, index?))
    }

    pub(super) fn call(&mut self, call: &ast::ExprCall) -> Option<Node> {
        if let Some(path) = self.global(&call.func) {
            let Some(function) = FUNCTIONS.iter().find(|function| function.name == path) else {
                return self.refuse(call.func.range(), unknown_function(&path));
            };
            let arguments = self.arguments(call, function)?;
            return Some(Node::Call(function.callee, arguments));
        }
        let Python::Attribute(attribute) = &*call.func else {
            let refusal = match &*call.func {
                Python::Name(name) => match self.scope.name(&name.id) {
                    Some(Meaning::Refused(refusal)) => refusal,
                    _ => unknown_function(&name.id),
                },
                _ => Refusal::new("this cannot be called here", "call a function or method by its name"),
            };
            return self.refuse(call.func.range(), refusal);
        };
        if let Some(node) = self.response_call(call, attribute) {
            return node;
        }
        let name = attribute.attr.as_str();
        if let Some(Meaning::Refused(refusal)) = self.scope.attribute(&attribute.value, name) {
            return self.refuse(attribute.range, refusal);
        }
        if let Python::Name(object) = &*attribute.value
            && let Some(Meaning::Refused(refusal)) = self.scope.name(&object.id)
        {
            return self.refuse(object.range, refusal);
        }
        let Some(method) = METHODS.iter().find(|method| method.name == name) else {
            let remedy = match similar(name, METHODS.iter().map(|method| method.name)) {
                Some(known) => format!("did you mean `.{known}()`?"),
                None => "docs/expressions.md lists the methods".to_owned(),
            };
            let refusal = Refusal::new(format!("the method `.{name}()` is not supported"), remedy);
            return self.refuse(attribute.attr.range, refusal);
        };
        let value = self.expr(&attribute.value);
        let arguments = self.arguments(call, method);
        Some(Node::Method(value?, method.callee, arguments?))
    }

    /// Calls on what a response has: `.headers.get()`, `.elapsed.total_seconds()`.
    fn response_call(
        &mut self,
        call: &ast::ExprCall,
        attribute: &ast::ExprAttribute,
    ) -> Option<Option<Node>> {
        let Python::Attribute(inner) = &*attribute.value else { return None };
        let signature = match (inner.attr.as_str(), attribute.attr.as_str()) {
            ("headers", "get") => Signature {
                name: "get",
                callee: Method::HeaderGet,
                parameters: &["key", "default"],
                required: 1,
            },
            ("elapsed", "total_seconds") => Signature {
                name: "total_seconds",
                callee: Method::ElapsedSeconds,
                parameters: &[],
                required: 0,
            },
            _ => return None,
        };
        let response = self.expr(&inner.value);
        let arguments = self.arguments(call, &signature);
        Some(
            response
                .zip(arguments)
                .map(|(response, arguments)| Node::Method(response, signature.callee, arguments)),
        )
    }

    /// The arguments of a call by the order of its parameters; those left out in between are
    /// [`Value::Unset`], those at the end are not there.
    fn arguments<T>(&mut self, call: &ast::ExprCall, signature: &Signature<T>) -> Option<Vec<Expr>> {
        let given = &call.arguments;
        let mut places: Vec<Option<Expr>> = Vec::with_capacity(signature.parameters.len());
        let mut whole = true;
        for argument in &given.args {
            if places.len() == signature.parameters.len() {
                let refusal = Refusal::new(
                    format!(
                        "`{}()` takes at most {} here",
                        signature.name,
                        arguments(signature.parameters.len())
                    ),
                    "leave this argument out",
                );
                return self.refuse(argument.range(), refusal);
            }
            let lowered = self.expr(argument);
            whole &= lowered.is_some();
            places.push(lowered);
        }
        for keyword in &given.keywords {
            let name = keyword.arg.as_ref().map_or("**", |name| name.as_str());
            let place = signature.parameters.iter().position(|parameter| *parameter == name);
            let Some(place) = place.filter(|place| places.get(*place).is_none_or(Option::is_none)) else {
                let refusal = Refusal::new(
                    format!("`{}()` takes no argument `{name}` here", signature.name),
                    match signature.parameters {
                        [] => "leave it out".to_owned(),
                        names => format!("it takes {}", names.join(", ")),
                    },
                );
                return self.refuse(keyword.range, refusal);
            };
            let lowered = self.expr(&keyword.value);
            whole &= lowered.is_some();
            if places.len() <= place {
                places.resize(place + 1, None);
            }
            places[place] = lowered;
        }
        if !whole {
            return None;
        }
        if places.iter().take(signature.required).flatten().count() < signature.required {
            let refusal = Refusal::new(
                format!("`{}()` needs {}", signature.name, arguments(signature.required)),
                format!("give it {}", signature.parameters[..signature.required].join(", ")),
            );
            return self.refuse(call.range(), refusal);
        }
        let unset = Expr::Constant(Value::Unset);
        Some(places.into_iter().map(|place| place.unwrap_or_else(|| unset.clone())).collect())
    }
}

fn arguments(count: usize) -> String {
    match count {
        1 => "one argument".to_owned(),
        _ => format!("{count} arguments"),
    }
}

/// The response in `response.headers`.
fn headers_of(python: &Python) -> Option<&Python> {
    match python {
        Python::Attribute(attribute) if attribute.attr.as_str() == "headers" => Some(&attribute.value),
        _ => None,
    }
}

fn unknown_function(path: &str) -> Refusal {
    let remedy = match similar(path, FUNCTIONS.iter().map(|function| function.name)) {
        Some(known) => format!("did you mean `{known}()`?"),
        None => "docs/expressions.md lists the functions".to_owned(),
    };
    Refusal::new(format!("the function `{path}()` is not supported"), remedy)
}

/// The known name that somebody may have meant.
fn similar<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|known| (strsim::jaro_winkler(name, known), known))
        .filter(|(similarity, _)| *similarity > 0.87)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, known)| known)
}
