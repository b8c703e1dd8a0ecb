//! Text to [`Node`]s: well-formedness, aliases, and the bounds that keep a hostile file small.

use super::node::{Kind, Meaning, Name, Node, Scalar};
use super::quote::{excerpt, quote};
use super::syntax;
use crate::limits::{DEPTH, FILE_BYTES, FOUND, YAML_BYTES, YAML_NODES};
use crate::problem::Problem;
use saphyr_parser::{Event, Parser, ScalarStyle, Span, StrInput};
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

/// Reads the one document of `text`. What is wrong but can be read past is added to `problems`; `None` after what
/// cannot.
pub(super) fn read(text: &str, if_empty: &'static str, problems: &mut Vec<Problem>) -> Option<Node> {
    if text.len() > FILE_BYTES {
        let mib = FILE_BYTES / (1024 * 1024);
        problems.push(Problem::new(
            0..0,
            format!("the file is larger than {mib} MiB"),
            "keep the scenario in this file and its data in files of their own",
        ));
        return None;
    }
    // A byte order mark is not part of the document, but counts for places.
    let start = text.len() - text.trim_start_matches('\u{feff}').len();
    let mut reader = Reader {
        text,
        start,
        parser: Parser::new_from_str(&text[start..]),
        cursor: Cursor { byte: start, char: 0, ascii: text[start..].is_ascii() },
        anchors: HashMap::new(),
        nodes: 0,
        bytes: 0,
        if_empty,
        problems,
    };
    match reader.document() {
        Ok(node) => Some(node),
        Err(Fatal(problem)) => {
            problems.push(problem);
            None
        }
    }
}

/// What ends reading.
struct Fatal(Problem);

impl Fatal {
    fn new(span: Range<usize>, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self(Problem::new(span, message, remedy))
    }
}

struct Reader<'a, 'p> {
    text: &'a str,
    /// Where the document begins.
    start: usize,
    parser: Parser<'a, StrInput<'a>>,
    cursor: Cursor,
    /// What anchors stand for. An anchor is here once its node is complete: an alias before that would never end.
    anchors: HashMap<usize, Node>,
    /// What was made so far, aliases expanded.
    nodes: usize,
    bytes: usize,
    /// What to write into a file that is empty.
    if_empty: &'static str,
    problems: &'p mut Vec<Problem>,
}

impl<'a> Reader<'a, '_> {
    fn document(&mut self) -> Result<Node, Fatal> {
        let mut document = None;
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => break,
                Event::DocumentStart(_) if document.is_some() => {
                    return Err(Fatal::new(
                        span,
                        "a second document begins here",
                        "keep one scenario per file, without a `---` after it",
                    ));
                }
                Event::Nothing | Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd => {}
                event => document = Some(self.node(event, span, 0)?),
            }
        }
        document.ok_or_else(|| Fatal::new(0..0, "the file is empty", self.if_empty))
    }

    /// The next event and its place in bytes.
    fn next(&mut self) -> Result<(Event<'a>, Range<usize>), Fatal> {
        match self.parser.next_event() {
            None => Ok((Event::StreamEnd, self.text.len()..self.text.len())),
            Some(Ok((event, Span { start, end }))) => {
                let start = self.cursor.seek(self.text, start.index());
                let end = self.cursor.clone().seek(self.text, end.index()).max(start);
                Ok((event, start..end))
            }
            Some(Err(error)) => {
                let at = self.cursor.seek(self.text, error.marker().index());
                Err(Fatal(syntax::problem(self.text, self.start, at, error.info())))
            }
        }
    }

    fn node(&mut self, event: Event<'a>, span: Range<usize>, depth: usize) -> Result<Node, Fatal> {
        if depth > DEPTH {
            return Err(too_deep(span));
        }
        let (anchor, tag, node) = match event {
            Event::Alias(anchor) => return self.alias(anchor, span, depth),
            Event::Scalar(text, style, anchor, tag) => {
                self.grow(1, text.len(), &span)?;
                (anchor, tag, scalar(self.text, &text, style, span))
            }
            Event::SequenceStart(anchor, tag) => {
                self.grow(1, 0, &span)?;
                (anchor, tag, self.list(span, depth)?)
            }
            Event::MappingStart(anchor, tag) => {
                self.grow(1, 0, &span)?;
                (anchor, tag, self.map(span, depth)?)
            }
            // The parser pairs what it opens, so nothing else comes where a node must be.
            _ => return Err(Fatal::new(span, "a value is missing here", "write one")),
        };
        if let Some(tag) = tag {
            self.report(Problem::new(
                node.span.clone(),
                format!("the tag {} has no meaning here", quote(&tag.to_string())),
                "leave it out; put quotes around a value that must be text",
            ));
        }
        if anchor > 0 {
            // The anchored node is kept a second time, so it counts a second time.
            let size = measure(&node);
            self.grow(size.nodes, size.bytes, &node.span)?;
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn alias(&mut self, anchor: usize, span: Range<usize>, depth: usize) -> Result<Node, Fatal> {
        let Some(node) = self.anchors.get(&anchor) else {
            return Err(Fatal::new(
                span,
                "this alias stands inside of what it stands for",
                "write out what is meant",
            ));
        };
        let size = measure(node);
        if depth + size.height > DEPTH {
            return Err(too_deep(span));
        }
        let node = node.clone();
        self.grow(size.nodes, size.bytes, &span)?;
        Ok(node)
    }

    fn list(&mut self, start: Range<usize>, depth: usize) -> Result<Node, Fatal> {
        let mut items = Vec::new();
        let mut end = start.end;
        loop {
            match self.next()? {
                (Event::SequenceEnd, span) => {
                    let span = start.start..close(self.text, start.start, span, end);
                    return Ok(Node { span, kind: Kind::List(items) });
                }
                (event, span) => items.push(self.child(event, span, depth, &mut end)?),
            }
        }
    }

    fn map(&mut self, start: Range<usize>, depth: usize) -> Result<Node, Fatal> {
        let mut entries = Vec::new();
        let mut seen = HashSet::new();
        let mut end = start.end;
        loop {
            let (event, span) = match self.next()? {
                (Event::MappingEnd, span) => {
                    let span = start.start..close(self.text, start.start, span, end);
                    return Ok(Node { span, kind: Kind::Map(entries) });
                }
                next => next,
            };
            let key = self.child(event, span, depth, &mut end)?;
            let (event, span) = self.next()?;
            let mut value = self.child(event, span, depth, &mut end)?;
            let Some(name) = self.name(&key) else { continue };
            if value.span.is_empty() {
                // Nothing is written for the value, so its problems are shown at the key.
                value.span = name.span.clone();
            }
            if seen.insert(name.text.clone()) {
                entries.push((name, value));
            } else {
                self.report(Problem::new(
                    name.span,
                    format!("the key {} stands here a second time", quote(&name.text)),
                    "keep one of the two, or join them",
                ));
            }
        }
    }

    /// A node within a collection of `depth`, whose `end` it moves.
    fn child(
        &mut self,
        event: Event<'a>,
        span: Range<usize>,
        depth: usize,
        end: &mut usize,
    ) -> Result<Node, Fatal> {
        let alias = matches!(event, Event::Alias(_)).then_some(span.end);
        let node = self.node(event, span, depth + 1)?;
        *end = alias.unwrap_or(node.span.end).max(*end);
        Ok(node)
    }

    /// The text of a key; a problem where it is something else.
    fn name(&mut self, key: &Node) -> Option<Name> {
        let (message, remedy) = match (&key.kind, key.meaning()) {
            (Kind::Scalar(scalar), Some(Meaning::Text(_))) if &*scalar.text == "<<" && !scalar.quoted => (
                "merging mappings with `<<` is not part of YAML 1.2".to_owned(),
                "write the keys out, or use an alias (`*name`) for a whole value".to_owned(),
            ),
            (Kind::Scalar(scalar), Some(Meaning::Text(_))) => {
                return Some(Name { text: scalar.text.clone(), span: key.span.clone() });
            }
            (Kind::Scalar(scalar), _) => (
                format!("a key must be text, {} is not", quote(&scalar.text)),
                format!("put it into quotes: \"{}\"", excerpt(&scalar.text)),
            ),
            _ => (
                "a key must be text, not a list or a mapping".to_owned(),
                "put quotes around text that begins with a brace: \"{{ ... }}\"".to_owned(),
            ),
        };
        self.report(Problem::new(key.span.clone(), message, remedy));
        None
    }

    fn report(&mut self, problem: Problem) {
        if self.problems.len() < FOUND {
            self.problems.push(problem);
        }
    }

    fn grow(&mut self, nodes: usize, bytes: usize, span: &Range<usize>) -> Result<(), Fatal> {
        self.nodes += nodes;
        self.bytes += bytes;
        if self.nodes <= YAML_NODES && self.bytes <= YAML_BYTES {
            return Ok(());
        }
        Err(Fatal::new(
            span.clone(),
            format!(
                "here the file exceeds {YAML_NODES} values or {YAML_BYTES} bytes, with aliases written out"
            ),
            "make it smaller; an alias counts as much as what it stands for",
        ))
    }
}

fn too_deep(span: Range<usize>) -> Fatal {
    Fatal::new(span, format!("this is nested more than {DEPTH} levels deep"), "nest less deeply")
}

/// Where a collection ends that begins at `start`: after its bracket, or with the last thing in it.
fn close(text: &str, start: usize, bracket: Range<usize>, last: usize) -> usize {
    if text[start..].starts_with(['[', '{']) { bracket.end } else { last }
}

fn scalar(file: &str, text: &str, style: ScalarStyle, span: Range<usize>) -> Node {
    let quoted = style != ScalarStyle::Plain;
    let written = &file[span.clone()];
    // Spans of block and of empty scalars reach into the white space that follows.
    let span = span.start..span.start + written.trim_end().len();
    let inner =
        span.start + usize::from(matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted));
    let verbatim_at = file[inner..].starts_with(text).then_some(inner);
    Node { span, kind: Kind::Scalar(Scalar { text: Arc::from(text), quoted, verbatim_at }) }
}

struct Measure {
    nodes: usize,
    bytes: usize,
    height: usize,
}

fn measure(node: &Node) -> Measure {
    let mut total = Measure { nodes: 1, bytes: 0, height: 0 };
    let mut add = |child: &Node, bytes: usize| {
        let size = measure(child);
        total.nodes += size.nodes;
        total.bytes += size.bytes + bytes;
        total.height = total.height.max(size.height + 1);
    };
    match &node.kind {
        Kind::Scalar(scalar) => total.bytes = scalar.text.len(),
        Kind::List(items) => items.iter().for_each(|item| add(item, 0)),
        Kind::Map(entries) => entries.iter().for_each(|(name, value)| add(value, name.text.len())),
    }
    total
}

/// Turns places in characters into places in bytes. Events come in order, so it only ever goes on.
#[derive(Clone)]
struct Cursor {
    byte: usize,
    char: usize,
    /// Whether every character from here on is one byte.
    ascii: bool,
}

impl Cursor {
    /// The byte of character number `char`; places before the last one stay where they are.
    fn seek(&mut self, text: &str, char: usize) -> usize {
        if self.ascii {
            let ahead = char.saturating_sub(self.char).min(text.len() - self.byte);
            self.char += ahead;
            self.byte += ahead;
            return self.byte;
        }
        let mut chars = text[self.byte..].chars();
        while self.char < char {
            let Some(next) = chars.next() else { break };
            self.char += 1;
            self.byte += next.len_utf8();
        }
        self.byte
    }
}
