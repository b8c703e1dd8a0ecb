//! Text with expressions in it.

use super::eval::Run;
use super::{EvalError, Expr, Frame, Resolve, lower};
use crate::model::{Part, Template};
use crate::problem::Problem;
use std::borrow::Cow;

impl Template {
    /// Whether the text is known before the run.
    #[must_use]
    pub fn is_fixed(&self) -> bool {
        matches!(self, Self::Fixed(_))
    }

    /// The text now.
    ///
    /// # Errors
    /// When one of its expressions has no value.
    pub fn render<'a>(&'a self, frame: &mut Frame<'_>) -> Result<Cow<'a, str>, EvalError> {
        match self {
            Self::Fixed(text) => Ok(Cow::Borrowed(text)),
            Self::Parts(parts) => Run::new(frame).template(parts).map(Cow::Owned),
        }
    }
}

/// Puts parts together, constant ones into their neighbours.
pub(crate) fn join(parts: impl IntoIterator<Item = Part>) -> Template {
    let mut joined: Vec<Part> = Vec::new();
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Text(piece) => text.push_str(&piece),
            Part::Value(Expr::Constant(value)) => text.push_str(&value.to_string()),
            Part::Value(expr) => {
                if !text.is_empty() {
                    joined.push(Part::Text(std::mem::take(&mut text).into()));
                }
                joined.push(Part::Value(expr));
            }
        }
    }
    if joined.is_empty() {
        return Template::Fixed(text.into());
    }
    if !text.is_empty() {
        joined.push(Part::Text(text.into()));
    }
    Template::Parts(joined)
}

/// See [`super::parse_template`].
pub(crate) fn parse(source: &str, at: usize, resolve: Resolve<'_>) -> Result<Template, Vec<Problem>> {
    let mut parts = Vec::new();
    let mut problems = Vec::new();
    let mut place = 0;
    while let Some(open) = source[place..].find("{{").map(|found| place + found) {
        parts.push(Part::Text(source[place..open].into()));
        let inside = open + 2;
        let Some(length) = closing(&source[inside..]) else {
            problems.push(Problem::new(
                at + open..at + inside,
                "`{{` is never closed",
                "close it with `}}`; to send braces as they are, write `{{ \"{{\" }}`",
            ));
            place = source.len();
            break;
        };
        let expression = &source[inside..inside + length];
        match lower::parse(expression, at + inside, &mut lower::Variables(&mut *resolve)) {
            Ok(expr) => parts.push(Part::Value(expr)),
            Err(found) => problems.extend(found),
        }
        place = inside + length + 2;
    }
    parts.push(Part::Text(source[place..].into()));
    if problems.is_empty() { Ok(join(parts)) } else { Err(problems) }
}

/// Where the `}}` stands that ends an expression: outside its strings and brackets.
fn closing(source: &str) -> Option<usize> {
    let bytes = source.as_bytes();
    let mut open = 0_usize;
    let mut quote = None;
    let mut place = 0;
    while let Some(&byte) = bytes.get(place) {
        match (quote, byte) {
            (Some(_), b'\\') => place += 1,
            (Some(end), _) if byte == end => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'(' | b'[' | b'{') => open += 1,
            (None, b'}') if open == 0 && bytes.get(place + 1) == Some(&b'}') => return Some(place),
            (None, b')' | b']' | b'}') => open = open.saturating_sub(1),
            (None, _) => {}
        }
        place += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::expr::{Frame, Value, parse_template};
    use crate::model::{Slot, Template};

    /// What `source` renders to where `x` is 7; with constants only, before the run.
    fn check(source: &str, expected: &str) {
        let template =
            parse_template(source, 0, &mut |name| (name == "x").then_some(Slot::Local(0))).unwrap();
        assert_eq!(matches!(template, Template::Fixed(_)), !source.contains('x'), "{source}");
        let (mut local, mut rng) = ([Value::Int(7)], fastrand::Rng::with_seed(1));
        let mut frame = Frame { local: &mut local, ..Frame::bare(&mut rng) };
        assert_eq!(template.render(&mut frame).unwrap(), expected, "{source}");
    }

    #[test]
    fn expressions_stand_between_braces() {
        check("plain } { words", "plain } { words");
        check("a{{ x }}b{{x+1}}", "a7b8");
        check("{{ 1 + 1 }}{{ 'b' }}", "2b");
        check("{{ {'a': {'b': 5}}['a']['b'] }}", "5");
        check("{{ '}}' }}{{ \"{{\" }}", "}}{{");
        check("{{ '\\'}}' }}", "'}}");
        check("{{\n 1 +\n 1\n}}", "2");
        check("{{ f'{x}}}' }}", "7}");
    }

    #[test]
    fn problems_are_placed_in_the_file() {
        let check = |source: &str, expected: &str, message: &str| {
            let problems = parse_template(source, 100, &mut |_| None).unwrap_err();
            let span = &problems[0].span;
            assert_eq!(&source[span.start - 100..span.end - 100], expected, "{problems:?}");
            assert!(problems[0].message.contains(message), "{problems:?}");
        };
        check("é {{ missing }}", "missing", "there is no variable `missing`");
        check("é {{ 1 + }}", "", "no Python expression");
        check("é {{ 1 + 2", "{{", "never closed");
        check("é {{ }}", " ", "an expression is missing");
        check("é {{ random.randit(1, 2) }}", "random.randit", "`random.randit()`");
        check("é {{ 'a' + 1 }}", "'a' + 1", "can only concatenate str");
    }
}
