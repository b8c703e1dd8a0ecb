//! f-strings.

use super::{Lower, Refusal};
use crate::expr::Expr;
use crate::expr::format::Format;
use crate::expr::library::function;
use crate::expr::template::join;
use crate::expr::tree::Node;
use crate::model::{Part, Template};
use ruff_python_ast as ast;

impl Lower<'_> {
    pub(super) fn f_string(&mut self, text: &ast::ExprFString) -> Option<Expr> {
        let mut parts = Vec::new();
        for part in &text.value {
            match part {
                ast::FStringPart::Literal(literal) => parts.push(Some(Part::Text((*literal.value).into()))),
                ast::FStringPart::FString(string) => parts.extend(self.elements(&string.elements)),
            }
        }
        let parts: Option<Vec<Part>> = parts.into_iter().collect();
        parts.map(|parts| Expr::text(join(parts)))
    }

    fn elements(&mut self, elements: &ast::InterpolatedStringElements) -> Vec<Option<Part>> {
        let parts = elements.iter().map(|element| match element {
            ast::InterpolatedStringElement::Literal(literal) => Some(Part::Text((*literal.value).into())),
            ast::InterpolatedStringElement::Interpolation(element) => {
                self.interpolation(element).map(Part::Value)
            }
        });
        parts.collect()
    }

    fn interpolation(&mut self, element: &ast::InterpolatedElement) -> Option<Expr> {
        if element.debug_text.is_some() {
            let refusal =
                Refusal::new("`=` in an f-string is not supported", "write the name as text before it");
            return self.refuse(element.range, refusal);
        }
        let value = self.expr(&element.expression)?;
        let value = match element.conversion {
            ast::ConversionFlag::None => value,
            ast::ConversionFlag::Str => {
                self.fold(Node::Call(function("str")?, vec![value]), element.range)?
            }
            ast::ConversionFlag::Repr => {
                self.fold(Node::Call(function("repr")?, vec![value]), element.range)?
            }
            ast::ConversionFlag::Ascii => {
                let refusal = Refusal::new("`!a` in an f-string is not supported", "write `!r`, or nothing");
                return self.refuse(element.range, refusal);
            }
        };
        let Some(spec) = &element.format_spec else { return Some(value) };
        let parts: Option<Vec<Part>> = self.elements(&spec.elements).into_iter().collect();
        let text = match join(parts?) {
            Template::Fixed(text) => text,
            // The width or precision is an expression.
            parts => return self.fold(Node::FormatBy(value, Expr::text(parts)), element.range),
        };
        match Format::parse(&text) {
            Ok(format) => self.fold(Node::Format(value, format), element.range),
            Err(message) => self.refuse(
                spec.range,
                Refusal::new(message, "use a form such as `:>8`, `:05d`, `:.2f` or `:,`"),
            ),
        }
    }
}
