//! What is wrong with a file, where, and what to do about it.

use crate::limits::{EXCERPT_BYTES, FOUND, PROBLEMS};
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use std::fmt;
use std::ops::Range;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where, as a range of bytes in the file.
    pub span: Range<usize>,
    /// What is wrong, in one line without a full stop.
    pub message: String,
    /// What to write or do instead, in one line without a full stop.
    pub remedy: String,
    /// Whether Python's interpreter would take it, and only the translation does not.
    pub untranslated: bool,
}

impl Problem {
    /// A problem from its parts.
    pub fn new(span: Range<usize>, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { span, message: message.into(), remedy: remedy.into(), untranslated: false }
    }
}

/// Everything that is wrong with one file, by place; never empty.
///
/// [`Display`](fmt::Display) is one line per problem, for logs; [`Problems::render`] is for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems {
    /// What the file is called.
    pub file: String,
    /// Its text, for excerpts.
    pub text: String,
    /// The first of them, by place; at least one and at most [`PROBLEMS`].
    pub list: Vec<Problem>,
    /// How many more there are; a file is searched for [`FOUND`] at most.
    pub omitted: usize,
}

impl Problems {
    /// Sorts by place, drops repeats and keeps the first [`PROBLEMS`]. `list` must not be empty.
    #[must_use]
    pub fn new(file: &str, text: &str, mut list: Vec<Problem>) -> Self {
        list.sort_by(|a, b| {
            (a.span.start, a.span.end, &a.message).cmp(&(b.span.start, b.span.end, &b.message))
        });
        list.dedup();
        let omitted = list.len().saturating_sub(PROBLEMS);
        list.truncate(PROBLEMS);
        Self { file: file.to_owned(), text: text.to_owned(), list, omitted }
    }

    /// How many problems there are, those that are not listed included.
    #[must_use]
    pub fn count(&self) -> usize {
        self.list.len() + self.omitted
    }

    /// The first of them that Python workers can run all the same.
    #[must_use]
    pub fn untranslated(&self) -> Option<&Problem> {
        self.list.iter().find(|problem| problem.untranslated)
    }

    /// Line and column of a problem's beginning, both from 1; columns count characters.
    #[must_use]
    pub fn place(&self, problem: &Problem) -> (usize, usize) {
        let at = floor(&self.text, problem.span.start);
        let start = line_start(&self.text, at);
        let line = self.text[..start].matches('\n').count() + 1;
        (line, self.text[start..at].chars().count() + 1)
    }

    /// Each problem with an excerpt of the file and its remedy, and the count at the end; with terminal colours if
    /// `color`.
    #[must_use]
    pub fn render(&self, color: bool) -> String {
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        let mut out = String::new();
        for problem in &self.list {
            let (line, column) = self.place(problem);
            let excerpt = self.excerpt(problem);
            let mut snippet = Snippet::source(excerpt.text)
                .line_start(line)
                .annotation(AnnotationKind::Primary.span(excerpt.span));
            let mut group = Group::with_title(Level::ERROR.primary_title(problem.message.as_str()));
            if excerpt.whole_start {
                snippet = snippet.path(self.file.as_str());
            } else {
                // The renderer would count the column from the cut.
                group = group.element(Origin::path(self.file.as_str()).line(line).char_column(column));
            }
            let group = group.element(snippet).element(Level::HELP.message(problem.remedy.as_str()));
            out.push_str(&renderer.render(&[group]));
            out.push_str("\n\n");
        }
        out.push_str(&match (self.count(), self.omitted) {
            (1, _) => format!("1 problem in {}\n", self.file),
            (count, 0) => format!("{count} problems in {}\n", self.file),
            (count, _) => {
                let least = if count < FOUND { "" } else { "at least " };
                format!("{least}{count} problems in {}, the first {} are shown\n", self.file, self.list.len())
            }
        });
        out
    }

    fn excerpt(&self, problem: &Problem) -> Excerpt<'_> {
        let text = self.text.as_str();
        let at = floor(text, problem.span.start);
        let start = line_start(text, at);
        let first = start.max(floor(text, at.saturating_sub(EXCERPT_BYTES / 2)));
        let rest = &text[first..floor(text, first.saturating_add(EXCERPT_BYTES))];
        let past = at - first;
        let len = rest[past..].find(['\n', '\r']).map_or(rest.len(), |len| past + len);
        let end = floor(text, problem.span.end.max(at)) - first;
        Excerpt { text: &rest[..len], span: past..end.clamp(past, len), whole_start: first == start }
    }
}

/// The first line of a problem's span, cut to [`EXCERPT_BYTES`].
struct Excerpt<'a> {
    text: &'a str,
    /// The span within `text`.
    span: Range<usize>,
    /// Whether `text` begins where the line begins.
    whole_start: bool,
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.list.iter().enumerate() {
            let (line, column) = self.place(problem);
            let (newline, file) = (if index == 0 { "" } else { "\n" }, &self.file);
            write!(f, "{newline}{file}:{line}:{column}: {} ({})", problem.message, problem.remedy)?;
        }
        if self.omitted > 0 {
            write!(f, "\n{}: and {} more problems", self.file, self.omitted)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// The last character boundary at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    text.floor_char_boundary(at)
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_drawn_with_its_place_and_remedy() {
        let text = "users:\n  Ä: {wieght: 2}\n";
        let at = text.find("wieght").unwrap();
        let problem = Problem::new(at..at + 6, "unknown key `wieght`", "did you mean `weight`?");
        let problems = Problems::new("a.yaml", text, vec![problem.clone(), problem]);
        assert_eq!(problems.to_string(), "a.yaml:2:7: unknown key `wieght` (did you mean `weight`?)");
        insta::assert_snapshot!(problems.render(false), @r"
        error: unknown key `wieght`
         --> a.yaml:2:7
          |
        2 |   Ä: {wieght: 2}
          |       ^^^^^^
          |
          = help: did you mean `weight`?

        1 problem in a.yaml
        ");
        assert!(problems.render(true).contains("\u{1b}["));
    }

    #[test]
    fn no_more_than_the_limit_is_listed_and_the_rest_is_counted() {
        let text = "x".repeat(500);
        let list = (0..PROBLEMS + 5).rev().map(|at| Problem::new(at..at + 1, "no", "yes")).collect();
        let problems = Problems::new("x", &text, list);
        assert_eq!((problems.list.len(), problems.omitted, problems.count()), (PROBLEMS, 5, PROBLEMS + 5));
        assert_eq!(problems.list[0].span, 0..1);
        assert!(problems.to_string().ends_with("x: and 5 more problems"));
        assert!(problems.render(false).ends_with("105 problems in x, the first 100 are shown\n"));
    }

    #[test]
    fn any_span_and_any_text_can_be_drawn() {
        let long = format!("{}\n", "ä".repeat(10_000));
        for text in ["", "\n", "a", "a\r\nb\r\n", "\u{feff}a", "\ta: é\n\n", &long] {
            for start in (0..text.len() + 3).step_by(7).chain([0, 1, 2, 3, 4]) {
                for len in [0, 1, 2, 500, usize::MAX - 30_000] {
                    let problem = Problem::new(start..start + len, "m", "r");
                    let problems = Problems::new("f", text, vec![problem]);
                    assert!(problems.render(false).len() < 4 * EXCERPT_BYTES + 200);
                    assert!(problems.to_string().contains(": m (r)"));
                }
            }
        }
    }
}
