//! Refuses source that is nested too deeply, before it is parsed: the parser and the destructors of its tree
//! recurse once per level, and a chain such as `a.b.c.d` or `1 + 1 + 1` is a level per link.

use crate::limits::{DEPTH, LINKS};
use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{Mode, lexer::lex};

/// Where `source` becomes too deep, as the number of bytes up to there; `None` if it never does.
pub(crate) fn too_deep(source: &str, mode: Mode) -> Option<usize> {
    if !is_too_deep(source, mode) {
        return None;
    }
    // The lexer does not tell places. What is too deep stays so when more follows, so the end of the shortest
    // such beginning is the place, and is found by bisection.
    let (mut fine, mut deep) = (0, source.len());
    while deep - fine > 1 {
        let middle = source.floor_char_boundary(fine.midpoint(deep));
        if middle == fine {
            break;
        }
        if is_too_deep(&source[..middle], mode) {
            deep = middle;
        } else {
            fine = middle;
        }
    }
    Some(deep)
}

/// Links of one bracket, or of one statement.
#[derive(Default)]
struct Level {
    /// Since the last comma: operators, dots, brackets, keywords.
    links: usize,
    /// A comma does not end these.
    lasting: usize,
}

fn is_too_deep(source: &str, mode: Mode) -> bool {
    let mut lexer = lex(source, mode);
    let mut blocks = 0_usize;
    let mut outer = vec![Level::default()];
    // Links of all open levels together.
    let mut total = 0_usize;
    loop {
        let Some(level) = outer.last_mut() else { return true };
        match lexer.next_token() {
            TokenKind::EndOfFile => return false,
            TokenKind::Indent => blocks += 1,
            TokenKind::Dedent => blocks = blocks.saturating_sub(1),
            TokenKind::Newline | TokenKind::Semi => {
                outer.clear();
                outer.push(Level::default());
                total = 0;
            }
            TokenKind::Comma => {
                total -= level.links;
                level.links = 0;
            }
            TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => {
                level.links += 1;
                total += 1;
                outer.push(Level::default());
            }
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => {
                total -= level.links + level.lasting;
                outer.pop();
                if outer.is_empty() {
                    outer.push(Level::default());
                }
            }
            TokenKind::Lambda | TokenKind::Yield => {
                level.lasting += 1;
                total += 1;
            }
            kind if is_flat(kind) => {}
            _ => {
                level.links += 1;
                total += 1;
            }
        }
        if blocks > DEPTH || outer.len() > DEPTH || total > LINKS {
            return true;
        }
    }
}

/// What never makes a tree deeper.
fn is_flat(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Name
            | TokenKind::Int
            | TokenKind::Float
            | TokenKind::Complex
            | TokenKind::String
            | TokenKind::FStringStart
            | TokenKind::FStringMiddle
            | TokenKind::FStringEnd
            | TokenKind::Comment
            | TokenKind::NonLogicalNewline
            | TokenKind::True
            | TokenKind::False
            | TokenKind::None
    )
}
