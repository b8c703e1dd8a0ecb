//! What is made of an answer: checks and captures.

use super::{Slot, Template};
use crate::expr::{Expr, Value};
use regex::Regex;
use serde_json_path::JsonPath;
use std::sync::Arc;
use std::time::Duration;

/// What must hold of an answer.
#[derive(Clone, Debug)]
pub enum Check {
    /// The status lies in one of these ranges (each inclusive).
    Status(Vec<(u16, u16)>),
    /// A header is there and passes. Its name in lower case; several of one name are joined by `, `.
    Header {
        /// Which.
        name: String,
        /// How.
        test: Test,
    },
    /// The decoded body passes.
    Body(Test),
    /// What a JSON path finds in the body passes: each find, and at least one, but for [`Test::Lacks`].
    Json {
        /// As written.
        text: String,
        /// As parsed.
        path: JsonPath,
        /// How.
        test: Test,
    },
    /// The decoded body has from `least` to `most` bytes.
    Size {
        /// At least so many.
        least: u64,
        /// At most so many.
        most: u64,
    },
    /// The exchange took no longer than this.
    Time(Duration),
    /// An expression on the answer is true; it reads [`Request::response`](super::Request::response).
    That {
        /// Decides.
        condition: Expr,
        /// As written, for the message.
        text: String,
    },
}

/// How something of an answer is tested.
#[derive(Clone, Debug)]
pub enum Test {
    /// It holds this text; of JSON, its text does, a list has this item, or an object this key.
    Contains(Template),
    /// It does not.
    Lacks(Template),
    /// It is this: as text, or of JSON with its type.
    Equals(Expr),
    /// The expression is found in it.
    Matches(Regex),
    /// It is there, or is not.
    Exists(bool),
    /// There are so many: items of the one list that a JSON path finds, or else what it finds.
    Count(Expr),
}

/// Something taken from an answer.
#[derive(Clone, Debug)]
pub struct Capture {
    /// What it is called in the file, for messages.
    pub name: String,
    /// Where it is kept.
    pub target: Slot,
    /// Where it is found.
    pub from: CaptureFrom,
    /// Which, if there are several.
    pub pick: Pick,
    /// Taken when there is none; without it the request fails.
    pub default: Option<Value>,
}

/// Which of several finds is captured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pick {
    /// The first.
    #[default]
    First,
    /// The last.
    Last,
    /// Any.
    Random,
    /// All, as a list; an empty one is a find too.
    All,
}

/// Where in an answer something is found.
#[derive(Clone, Debug)]
pub enum CaptureFrom {
    /// A JSON path in the body.
    Json {
        /// As written.
        text: String,
        /// As parsed.
        path: JsonPath,
    },
    /// The first group of an expression in the body, empty if it took no part; the whole match where it has none.
    Regex(Regex),
    /// A header's value; its name in lower case.
    Header(String),
    /// One of the user's cookies as it stands after the exchange, set by this answer, by one that redirected to it,
    /// or before. Of several the first is one for the host of the request, with the longest path.
    Cookie(String),
    /// Elements of an HTML body.
    Css {
        /// As written.
        text: String,
        /// As parsed.
        selector: Arc<scraper::Selector>,
        /// The value of this attribute, of elements that have it; without it, the text of the element and of all
        /// within it, without white space around it.
        attribute: Option<String>,
    },
}
