//! f-strings.

use super::{Lower, Refusal};
use crate::expr::Expr;
use crate::expr::format::Format;
use crate::expr::functions::Function;
use crate::expr::template::join;
use crate::expr::tree::Node;
use crate::model::Part;
use ruff_python_ast as ast;

impl Lower<'_> {
    pub(super) fn f_string(&mut self, text: &ast::ExprFString) -> Option<Expr> {
        let mut parts = Vec::new();
        for part in &text.value {
            match part {
                ast::FStringPart::Literal(literal) => parts.push(Some(Part::Text((*literal.value).into()))),
                ast::FStringPart::FString(string) => {
                    for element in &string.elements {
                        parts.push(match element {
                            ast::InterpolatedStringElement::Literal(literal) => {
                                Some(Part::Text((*literal.value).into()))
                            }
                            ast::InterpolatedStringElement::Interpolation(element) => {
                                self.interpolation(element).map(Part::Value)
                            }
                        });
                    }
                }
            }
        }
        let parts: Option<Vec<Part>> = parts.into_iter().collect();
        parts.map(|parts| Expr::text(join(parts)))
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
            ast::ConversionFlag::Str => self.fold(Node::Call(Function::Str, vec![value]), element.range)?,
            ast::ConversionFlag::Repr => self.fold(Node::Call(Function::Repr, vec![value]), element.range)?,
            ast::ConversionFlag::Ascii => {
                let refusal = Refusal::new("`!a` in an f-string is not supported", "write `!r`, or nothing");
                return self.refuse(element.range, refusal);
            }
        };
        let Some(spec) = &element.format_spec else { return Some(value) };
        let mut text = String::new();
        for part in &spec.elements {
            match part {
                ast::InterpolatedStringElement::Literal(literal) => text.push_str(&literal.value),
                ast::InterpolatedStringElement::Interpolation(inner) => {
                    let refusal = Refusal::new(
                        "a format specification with an expression in it is not supported",
                        "write the width or precision as a number",
                    );
                    return self.refuse(inner.range, refusal);
                }
            }
        }
        match Format::parse(&text) {
            Ok(format) => self.fold(Node::Format(value, format), element.range),
            Err(message) => self.refuse(
                spec.range,
                Refusal::new(message, "use a form such as `:>8`, `:05d`, `:.2f` or `:,`"),
            ),
        }
    }
}
