//! Attributes, items and slices.

use super::calls::{meant, similar};
use super::{Lower, Meaning, Refusal};
use crate::expr::Expr;
use crate::expr::library::{constant, function};
use crate::expr::methods::{HEADER, attributes, methods};
use crate::expr::tree::Node;
use crate::expr::value::Value;
use ruff_python_ast::{self as ast, Expr as Python};

impl Lower<'_> {
    pub(super) fn attribute(&mut self, python: &ast::ExprAttribute) -> Option<Expr> {
        let name = python.attr.as_str();
        if !self.is_bound(&python.value) {
            match self.scope.attribute(&python.value, name) {
                Some(Meaning::Value(expr)) => return Some(expr),
                Some(Meaning::Refused(refusal)) => return self.refuse(python.range, refusal),
                Some(Meaning::Global(path)) => return self.refuse(python.range, super::not_a_value(&path)),
                None => {}
            }
            if let Some(module) = self.global(&python.value) {
                let path = format!("{module}.{name}");
                if let Some(value) = constant(&path) {
                    return Some(Expr::Constant(value));
                }
                let refusal = match function(&path) {
                    Some(_) => super::not_a_value(&path),
                    None => Refusal::new(format!("`{path}` is not supported"), meant(&path)),
                };
                return self.refuse(python.range, refusal);
            }
        }
        if let Some(attribute) = attributes().find(|attribute| attribute.name == name) {
            let value = self.expr(&python.value)?;
            return self.fold(Node::Attribute(value, attribute), python.range);
        }
        // What is wrong with the object says more.
        self.expr(&python.value)?;
        let refusal = match name {
            "headers" => Refusal::new(
                "headers are read one by one",
                "write `response.headers[\"name\"]` or `response.headers.get(\"name\")`",
            ),
            _ if methods().any(|method| method.name == name) => Refusal::new(
                format!("the method `.{name}` alone is no value"),
                format!("call it: `.{name}(...)`"),
            ),
            _ => {
                let remedy = match similar(name, attributes().map(|attribute| attribute.name)) {
                    Some(known) => format!("did you mean `.{known}`?"),
                    None => "an answer has .status_code, .ok, .text, .content, .elapsed, .headers[...] and .json()"
                        .to_owned(),
                };
                Refusal::new(format!("the attribute `.{name}` is not supported"), remedy)
            }
        };
        self.refuse(python.attr.range, refusal)
    }

    pub(super) fn subscript(&mut self, python: &ast::ExprSubscript) -> Option<Node> {
        if let Some(response) = headers_of(&python.value) {
            let (response, name) = (self.expr(response), self.expr(&python.slice));
            return Some(Node::Method(response?, &HEADER, vec![name?]));
        }
        let value = self.expr(&python.value);
        let Python::Slice(slice) = &*python.slice else {
            let index = self.expr(&python.slice);
            return Some(Node::Index(value?, index?));
        };
        let mut bound = |bound: &Option<Box<Python>>| match bound {
            Some(bound) => self.expr(bound),
            None => Some(Expr::Constant(Value::None)),
        };
        let (lower, upper, step) = (bound(&slice.lower), bound(&slice.upper), bound(&slice.step));
        Some(Node::Slice(value?, [lower?, upper?, step?]))
    }

    /// Whether it begins with something of which all was told.
    pub(super) fn is_told(&self, python: &Python) -> bool {
        let mut root = python;
        loop {
            if self.scope.is_told(root) && !self.is_bound(root) {
                return true;
            }
            root = match root {
                Python::Attribute(attribute) => &attribute.value,
                Python::Call(call) => &call.func,
                Python::Subscript(item) => &item.value,
                _ => return false,
            };
        }
    }

    /// Whether `python` is a variable of a comprehension around.
    pub(super) fn is_bound(&self, python: &Python) -> bool {
        matches!(python, Python::Name(name) if self.bound(&name.id).is_some())
    }
}

/// The response in `response.headers`.
fn headers_of(python: &Python) -> Option<&Python> {
    match python {
        Python::Attribute(attribute) if attribute.attr.as_str() == "headers" => Some(&attribute.value),
        _ => None,
    }
}
