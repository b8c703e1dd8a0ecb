//! The methods and attributes of values.

pub(crate) mod bytes;
mod collections;
mod letters;
mod object;
mod response;
pub(crate) mod text;

pub(crate) use object::group;
pub(crate) use response::{HEADER, HEADER_GET, HEADER_IN};

use super::call::{Attribute, Method};

/// All methods; no name twice.
pub(crate) fn methods() -> impl Iterator<Item = &'static Method> {
    [
        bytes::METHODS,
        collections::METHODS,
        letters::METHODS,
        object::METHODS,
        response::METHODS,
        text::METHODS,
    ]
    .into_iter()
    .flatten()
}

/// All attributes; no name twice.
pub(crate) fn attributes() -> impl Iterator<Item = &'static Attribute> {
    response::ATTRIBUTES.iter().chain(object::ATTRIBUTES)
}

/// What to write in place of a method that there is not.
pub(crate) fn instead(method: &str) -> Option<&'static str> {
    Some(match method {
        "append" | "insert" => "values never change; make a new list, as in `items + [item]`",
        "extend" => "values never change; make a new list, as in `items + others`",
        "update" | "setdefault" => "values never change; make a new dict, as in `first | second`",
        "sort" => "values never change; write `sorted(items)`",
        "reverse" => "values never change; write `reversed(items)`",
        "pop" | "remove" | "clear" => "values never change; make a new list, as in `items[1:]`",
        "format" => "the text before it must be known: write an f-string, as in `f\"/item/{number}\"`",
        _ => return None,
    })
}
