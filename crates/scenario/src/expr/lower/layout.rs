//! Values put into text by `%` and by `.format()`, where the text is known: they become what an f-string becomes.

use super::{Lower, Refusal};
use crate::expr::format::Format;
use crate::expr::library::convert::{REAL, WHOLE};
use crate::expr::library::function;
use crate::expr::template::join;
use crate::expr::tree::Node;
use crate::expr::{Expr, Value};
use crate::model::Part;
use ruff_python_ast::{self as ast, Expr as Python};
use ruff_text_size::{Ranged, TextRange};

/// What a form is made of: text, and what stands in its place.
enum Piece {
    Text(String),
    Value(Place, Spec),
}

/// Which of the values.
enum Place {
    Next,
    At(usize),
    Named(String),
}

/// How it is written.
#[derive(Default)]
struct Spec {
    /// `s`, `r`, `d` or `f`: what is made of it first.
    conversion: Option<char>,
    format: String,
    /// Items of it that are meant: `{0[key]}`.
    items: Vec<Value>,
}

impl Lower<'_> {
    /// `"..." % values`
    pub(super) fn percent(&mut self, form: &str, binary: &ast::ExprBinOp) -> Option<Expr> {
        let pieces = match percent_pieces(form) {
            Ok(pieces) => pieces,
            Err(what) => return self.refuse(binary.left.range(), wrong_form(&what)),
        };
        let named = pieces.iter().any(|piece| matches!(piece, Piece::Value(Place::Named(_), _)));
        let count = pieces.iter().filter(|piece| matches!(piece, Piece::Value(..))).count();
        let right = &*binary.right;
        let values = match right {
            Python::Tuple(tuple) if !named => self.all(&tuple.elts)?,
            // Which is taken apart, if it is a tuple, only Python can tell.
            _ if named || count == 1 => vec![self.expr(right)?],
            _ if right.is_name_expr() || right.is_attribute_expr() => {
                let items = Expr::unpacked(self.expr(right)?, count);
                (0..).take(count).map(|place| Expr::at(items.clone(), place)).collect()
            }
            _ => {
                let refusal = Refusal::new(
                    "how many values these are is not known before the run",
                    "write them one by one, as in `(a, b)`, or write an f-string",
                );
                return self.refuse(right.range(), refusal);
            }
        };
        if !named && values.len() != count {
            let words = if values.len() < count {
                "not enough arguments for format string"
            } else {
                "not all arguments converted during string formatting"
            };
            let refusal = Refusal::new(format!("this always fails: {words}"), "give a value for each `%`");
            return self.refuse(binary.range(), refusal);
        }
        let mut next = values.iter();
        let whole = values.first();
        let mut parts = Vec::with_capacity(pieces.len());
        for piece in pieces {
            parts.push(match piece {
                Piece::Text(text) => Part::Text(text.into()),
                Piece::Value(place, spec) => {
                    let value = match place {
                        Place::Named(key) => Expr::item(whole?.clone(), key.into()),
                        Place::Next | Place::At(_) => next.next()?.clone(),
                    };
                    Part::Value(self.laid_out(value, &spec, binary.range())?)
                }
            });
        }
        Some(Expr::text(join(parts)))
    }

    /// `"...".format(values)`
    pub(super) fn format_call(&mut self, form: &str, call: &ast::ExprCall) -> Option<Expr> {
        let pieces = match format_pieces(form) {
            Ok(pieces) => pieces,
            Err(what) => return self.refuse(call.func.range(), wrong_form(&what)),
        };
        let values = self.all(&call.arguments.args)?;
        let mut names = Vec::new();
        for keyword in &call.arguments.keywords {
            let Some(name) = &keyword.arg else {
                let refusal = Refusal::new("`**` is not supported here", "name the values one by one");
                return self.refuse(keyword.range, refusal);
            };
            names.push((name.as_str(), self.expr(&keyword.value)?));
        }
        let mut next = 0;
        let mut used: Vec<Expr> = Vec::new();
        let mut parts = Vec::with_capacity(pieces.len());
        for piece in pieces {
            let (place, spec) = match piece {
                Piece::Text(text) => {
                    parts.push(Part::Text(text.into()));
                    continue;
                }
                Piece::Value(place, spec) => (place, spec),
            };
            let value = match &place {
                Place::Next => {
                    next += 1;
                    values.get(next - 1)
                }
                Place::At(place) => values.get(*place),
                Place::Named(name) => names.iter().find(|(known, _)| known == name).map(|(_, value)| value),
            };
            let Some(value) = value else {
                let refusal =
                    Refusal::new("a value for one of the `{}` is missing", "give a value for each of them");
                return self.refuse(call.range(), refusal);
            };
            used.push(value.clone());
            parts.push(Part::Value(self.laid_out(value.clone(), &spec, call.range())?));
        }
        let given = values.len() + names.len();
        let is_plain = |expr: &Expr| matches!(expr, Expr::Constant(_) | Expr::Variable(..) | Expr::Bound(..));
        if used.len() > given && !used.iter().all(is_plain) {
            let refusal = Refusal::new(
                "a value that is used twice would be made twice",
                "keep it in a variable first, or write an f-string",
            );
            return self.refuse(call.range(), refusal);
        }
        Some(Expr::text(join(parts)))
    }

    fn laid_out(&mut self, value: Expr, spec: &Spec, range: TextRange) -> Option<Expr> {
        let mut value = value;
        for item in &spec.items {
            value = self.fold(Node::Index(value, Expr::Constant(item.clone())), range)?;
        }
        let made = match spec.conversion {
            Some('s') => function("str"),
            Some('r') => function("repr"),
            Some('d') => Some(&WHOLE),
            Some('f') => Some(&REAL),
            _ => None,
        };
        if let Some(made) = made {
            value = self.fold(Node::Call(made, vec![value]), range)?;
        }
        if spec.format.is_empty() {
            return Some(value);
        }
        match Format::parse(&spec.format) {
            Ok(format) => self.fold(Node::Format(value, format), range),
            Err(what) => self.refuse(range, wrong_form(&what)),
        }
    }
}

fn wrong_form(what: &str) -> Refusal {
    Refusal::new(format!("the form of this text is not supported: {what}"), "write an f-string")
}

fn percent_pieces(form: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut rest = form.chars().peekable();
    while let Some(character) = rest.next() {
        if character != '%' {
            text.push(character);
            continue;
        }
        if rest.next_if_eq(&'%').is_some() {
            text.push('%');
            continue;
        }
        let mut place = Place::Next;
        if rest.next_if_eq(&'(').is_some() {
            let mut name = String::new();
            loop {
                match rest.next() {
                    Some(')') => break,
                    Some(character) => name.push(character),
                    None => return Err("`%(` is never closed".to_owned()),
                }
            }
            place = Place::Named(name);
        }
        let mut flags = String::new();
        while let Some(flag) = rest.next_if(|next| "-+ 0#".contains(*next)) {
            flags.push(flag);
        }
        let mut width = String::new();
        while let Some(digit) = rest.next_if(|next| next.is_ascii_digit() || *next == '.') {
            width.push(digit);
        }
        while rest.next_if(|next| "hlL".contains(*next)).is_some() {}
        let kind = rest.next().ok_or("it ends with `%`")?;
        pieces.push(Piece::Text(std::mem::take(&mut text)));
        pieces.push(Piece::Value(place, percent_spec(kind, &flags, &width)?));
    }
    pieces.push(Piece::Text(text));
    let named = |piece: &Piece| matches!(piece, Piece::Value(Place::Named(_), _));
    let unnamed = |piece: &Piece| matches!(piece, Piece::Value(Place::Next, _));
    if pieces.iter().any(named) && pieces.iter().any(unnamed) {
        return Err("some of its values have names, and others have none".to_owned());
    }
    Ok(pieces)
}

/// The specification of `format()` that does the same.
fn percent_spec(kind: char, flags: &str, width: &str) -> Result<Spec, String> {
    let (conversion, kind) = match kind {
        's' | 'r' => (Some(kind), None),
        'd' | 'i' | 'u' => (Some('d'), Some('d')),
        'e' | 'E' | 'f' | 'F' | 'g' | 'G' => (Some('f'), Some(kind)),
        'x' | 'X' | 'o' => (None, Some(kind)),
        other => return Err(format!("`%{other}`")),
    };
    let mut format = String::new();
    let left = flags.contains('-');
    if left {
        format.push('<');
    } else if kind.is_none() && !width.is_empty() && !width.starts_with('.') {
        format.push('>');
    }
    if kind.is_some() {
        format.extend(['+', ' '].into_iter().find(|sign| flags.contains(*sign)));
        if flags.contains('#') {
            format.push('#');
        }
        if flags.contains('0') && !left {
            format.push('0');
        }
    }
    if kind == Some('d') && width.contains('.') {
        return Err("a precision of a whole number".to_owned());
    }
    format.push_str(width);
    if !format.is_empty() || kind.is_some_and(|kind| kind != 'd') {
        format.extend(kind);
    }
    Ok(Spec { conversion, format, items: Vec::new() })
}

fn format_pieces(form: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut rest = form.chars().peekable();
    let (mut counted, mut numbered) = (false, false);
    while let Some(character) = rest.next() {
        match character {
            '{' if rest.next_if_eq(&'{').is_some() => text.push('{'),
            '}' if rest.next_if_eq(&'}').is_some() => text.push('}'),
            '}' => return Err("a single `}`".to_owned()),
            '{' => {
                let mut field = String::new();
                loop {
                    match rest.next() {
                        Some('}') => break,
                        Some('{') => return Err("a width or precision that is a value".to_owned()),
                        Some(character) => field.push(character),
                        None => return Err("`{` is never closed".to_owned()),
                    }
                }
                let (place, spec) = field_of(&field)?;
                counted |= matches!(place, Place::Next);
                numbered |= matches!(place, Place::At(_));
                pieces.push(Piece::Text(std::mem::take(&mut text)));
                pieces.push(Piece::Value(place, spec));
            }
            other => text.push(other),
        }
    }
    pieces.push(Piece::Text(text));
    if counted && numbered {
        return Err("some of its values have numbers, and others have none".to_owned());
    }
    Ok(pieces)
}

/// `name[item]!r:spec`
fn field_of(field: &str) -> Result<(Place, Spec), String> {
    let (head, format) = field.split_once(':').unwrap_or((field, ""));
    let (head, conversion) = match head.split_once('!') {
        Some((head, "s")) => (head, Some('s')),
        Some((head, "r")) => (head, Some('r')),
        Some((_, other)) => return Err(format!("`!{other}`")),
        None => (head, None),
    };
    let (name, mut rest) = head.split_at(head.find(['[', '.']).unwrap_or(head.len()));
    let mut items = Vec::new();
    while !rest.is_empty() {
        let item = rest.strip_prefix('[').and_then(|inner| inner.split_once(']'));
        let Some((item, further)) = item else { return Err("an attribute of a value".to_owned()) };
        items.push(item.parse::<i64>().map_or_else(|_| Value::from(item), Value::Int));
        rest = further;
    }
    let place = match name {
        "" => Place::Next,
        _ => name.parse().map_or_else(|_| Place::Named(name.to_owned()), Place::At),
    };
    Ok((place, Spec { conversion, format: format.to_owned(), items }))
}
