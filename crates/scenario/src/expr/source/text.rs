//! Texts with values in them: f-strings.

use super::{Level, Source, Written};
use crate::expr::Expr;
use crate::expr::tree::Node;
use crate::model::Part;

/// What a text is put together of.
enum Piece {
    Text(String),
    /// An expression, and its format.
    Value(String, String),
}

impl Source<'_> {
    /// A text, or one value in a format.
    pub(super) fn text(&mut self, node: &Node) -> Written {
        let mut pieces = Vec::new();
        match node {
            Node::Text(parts) => parts.iter().for_each(|part| self.part(part, &mut pieces)),
            other => self.formatted(other, &mut pieces),
        }
        for quote in ['\'', '"'] {
            if let Some(inside) = f_string(&pieces, quote) {
                return (format!("f{quote}{inside}{quote}"), Level::Atom);
            }
        }
        // Both quotes stand in the expressions, which an f-string cannot hold.
        let pieces: Vec<String> = pieces
            .into_iter()
            .map(|piece| match piece {
                Piece::Text(text) => crate::expr::library::repr(&text),
                Piece::Value(value, format) if format.is_empty() => format!("str({value})"),
                Piece::Value(value, format) => {
                    format!("format({value}, {})", crate::expr::library::repr(&format))
                }
            })
            .collect();
        let level = if pieces.len() == 1 { Level::Atom } else { Level::Sum };
        (pieces.join(" + "), level)
    }

    fn part(&mut self, part: &Part, pieces: &mut Vec<Piece>) {
        match part {
            Part::Text(text) => pieces.push(Piece::Text(text.to_string())),
            Part::Value(Expr::Node(node)) => self.formatted(node, pieces),
            Part::Value(value) => {
                let value = self.expr(value);
                pieces.push(Piece::Value(value, String::new()));
            }
        }
    }

    fn formatted(&mut self, node: &Node, pieces: &mut Vec<Piece>) {
        pieces.push(match node {
            Node::Format(value, format) => Piece::Value(self.expr(value), format.to_string()),
            Node::FormatBy(value, format) => {
                let value = self.expr(value);
                let mut inner = Vec::new();
                match format {
                    Expr::Node(node) if let Node::Text(parts) = &**node => {
                        parts.iter().for_each(|part| self.part(part, &mut inner));
                    }
                    other => inner.push(Piece::Value(self.expr(other), String::new())),
                }
                let format = inner.iter().map(|piece| match piece {
                    Piece::Text(text) => text.clone(),
                    Piece::Value(value, _) => format!("{{{value}}}"),
                });
                Piece::Value(value, format.collect())
            }
            other => {
                let value = self.written(&Expr::Node(Box::new(other.clone()))).0;
                Piece::Value(value, String::new())
            }
        });
    }
}

/// What stands between the quotes; `None` if an expression needs them itself.
fn f_string(pieces: &[Piece], quote: char) -> Option<String> {
    let mut inside = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(text) => {
                let mut escaped = crate::expr::library::repr(text);
                escaped.remove(0);
                if escaped.pop() != Some(quote) && text.contains(['\'', '"']) {
                    escaped = escaped.replace("\\'", "'").replace('"', "\\\"").replace('\'', "\\'");
                }
                inside += &escaped.replace('{', "{{").replace('}', "}}");
            }
            Piece::Value(value, format) => {
                let text = value.to_owned() + format;
                if text.contains(quote) || text.contains(['\\', '\n']) {
                    return None;
                }
                let space = if value.starts_with('{') { " " } else { "" };
                let colon = if format.is_empty() { "" } else { ":" };
                inside += &format!("{{{space}{value}{colon}{format}}}");
            }
        }
    }
    Some(inside)
}
