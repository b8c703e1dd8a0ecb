//! HTML, parsed and searched within bounds.
//!
//! The standard wants some documents to be parsed in quadratic time and more: each start tag may look through all
//! open elements, and reopen each `<b>` that was never closed. So each token is weighed by what it may touch
//! before the tree builder sees it, and a page that gets too heavy is given up.

use crate::limits;
use ego_tree::NodeId;
use html5ever::TokenizerResult;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{BufferQueue, Token, TokenSink, TokenSinkResult, Tokenizer};
use html5ever::tree_builder::{Tracer, TreeBuilder, TreeSink};
use scraper::{ElementRef, Html, HtmlTreeSink, Selector};
use std::cell::Cell;
use std::iter::once;

/// Bytes between two looks at how the tokenizer gets on.
const CHUNK: usize = 4096;

/// Tokens between two weighings of what is open.
const WEIGHED: u32 = 32;

/// A page that can be searched.
#[derive(Debug)]
pub(super) struct Page {
    html: Html,
    /// Sum of the depths of all elements.
    up: u64,
    /// Sum of the numbers of elements before each element under the same parent.
    across: u64,
}

impl Page {
    /// `None` if it is too large or too deep.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.len() > limits::HTML_BYTES {
            return None;
        }
        let builder = TreeBuilder::new(HtmlTreeSink::new(Html::new_document()), Default::default());
        let tokenizer = Tokenizer::new(Scales::new(builder), Default::default());
        let scales = &tokenizer.sink;
        let input = BufferQueue::default();
        let (mut rest, mut unseen) = (text, 0);
        while !rest.is_empty() {
            let (chunk, later) = rest.split_at(rest.floor_char_boundary(CHUNK));
            rest = later;
            let tokens = scales.tokens.get();
            input.push_back(StrTendril::from(chunk));
            while !matches!(tokenizer.feed(&input), TokenizerResult::Done) {}
            // Within a tag nothing reaches the scales, and each attribute is compared with all before it.
            unseen = if scales.tokens.get() == tokens {
                unseen + chunk.bytes().filter(may_end_name).count()
            } else {
                0
            };
            if scales.room.get() == 0 || unseen > limits::HTML_ATTRIBUTES {
                return None;
            }
        }
        tokenizer.end();
        if scales.room.get() == 0 {
            return None;
        }
        Some(Self::measured(tokenizer.sink.builder.sink.finish()))
    }

    fn measured(html: Html) -> Self {
        use ego_tree::iter::Edge;
        let (mut up, mut across) = (0, 0);
        // Elements so far under each open one.
        let mut before = vec![0];
        for edge in html.tree.root().traverse() {
            match edge {
                Edge::Open(node) if node.value().is_element() => {
                    up += before.len() as u64;
                    if let Some(siblings) = before.last_mut() {
                        across += *siblings;
                        *siblings += 1;
                    }
                    before.push(0);
                }
                Edge::Close(node) if node.value().is_element() => _ = before.pop(),
                _ => {}
            }
        }
        Self { html, up, across }
    }

    /// The elements that `selector` finds, in their order in the page. `None` if looking for them might take too
    /// long.
    pub(super) fn select<'a>(
        &'a self,
        selector: &'a Selector,
        text: &str,
    ) -> Option<impl Iterator<Item = ElementRef<'a>>> {
        // For each element a selector may look at all above it; only these look at all beside and below it.
        let steps = if text.contains('~') || text.contains(":has") { self.up + self.across } else { self.up };
        let root = self.html.root_element();
        let found = || once(root).filter(|root| selector.matches(root)).chain(root.select(selector));
        (steps <= limits::SELECTOR_STEPS).then(found)
    }
}

fn may_end_name(byte: &u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'/' | b'"' | b'\'')
}

/// A tree builder that is fed as long as there is room.
struct Scales {
    builder: TreeBuilder<NodeId, HtmlTreeSink>,
    tokens: Cell<u32>,
    /// Open elements and those that may be reopened, with their attributes.
    open: Cell<usize>,
    /// Steps that may still be taken.
    room: Cell<usize>,
}

impl Scales {
    fn new(builder: TreeBuilder<NodeId, HtmlTreeSink>) -> Self {
        Self { builder, tokens: Cell::new(0), open: Cell::new(0), room: Cell::new(limits::HTML_STEPS) }
    }

    fn weigh(&self, token: &Token) {
        let attributes = match token {
            Token::ParseError(_) => return,
            Token::TagToken(tag) => 1 + tag.attrs.len(),
            _ => 1,
        };
        self.tokens.set(self.tokens.get().wrapping_add(1));
        if self.tokens.get().is_multiple_of(WEIGHED) {
            let html = self.builder.sink.0.borrow();
            let weight = Weight { html: &html, sum: Cell::new(0) };
            self.builder.trace_handles(&weight);
            self.open.set(weight.sum.get());
            if html.tree.nodes().len() > limits::HTML_NODES {
                self.room.set(0);
            }
        }
        self.open.set(self.open.get() + attributes);
        self.room.set(self.room.get().saturating_sub(self.open.get().saturating_mul(attributes)));
    }
}

impl TokenSink for Scales {
    type Handle = NodeId;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<NodeId> {
        self.weigh(&token);
        if self.room.get() == 0 {
            return TokenSinkResult::Continue;
        }
        self.builder.process_token(token, line)
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

/// Adds up what the tree builder holds.
struct Weight<'a> {
    html: &'a Html,
    sum: Cell<usize>,
}

impl Tracer for Weight<'_> {
    type Handle = NodeId;

    fn trace_handle(&self, node: &NodeId) {
        let element = self.html.tree.get(*node).and_then(ElementRef::wrap);
        let attributes = element.map_or(0, |element| element.value().attrs.len());
        self.sum.set(self.sum.get() + 1 + attributes);
    }
}
