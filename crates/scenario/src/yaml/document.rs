//! YAML of other kinds, as a tree that knows its places: for files that stand beside a scenario and whose problems
//! are to be told as a scenario's are.

pub use super::node::{Kind, Meaning, Name, Node, Scalar};
pub use super::quote::{all, either, nearest, quote};

use super::read;
use crate::problem::Problem;

/// Reads the one document of `text`, within the bounds of a scenario. Adds what is wrong to `problems`; `None` if it
/// cannot be read past. `if_empty` is what to write into an empty file.
pub fn read(text: &str, if_empty: &'static str, problems: &mut Vec<Problem>) -> Option<Node> {
    read::read(text, if_empty, problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_read_with_its_places() {
        let (text, mut problems) = ("a: 1\nb: [x]\n", Vec::new());
        let node = read(text, "write a", &mut problems).unwrap();
        assert_eq!(node.get("a").and_then(Node::meaning), Some(Meaning::Int(1)));
        assert_eq!(node.get("b").map(|list| &text[list.span.clone()]), Some("[x]"));
        assert!(problems.is_empty());
        assert!(read("", "write a", &mut problems).is_none());
        assert_eq!(problems[0].remedy, "write a");
    }
}
