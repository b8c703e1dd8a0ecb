//! Rows of data, and secrets.

use super::super::rules::{ANY, ENVIRONMENT, FILE, VARIABLE};
use super::super::shape::{Object, Shape};
use super::key;
use crate::limits::{NAMES, SOURCES};

pub(super) static SECRETS: Shape =
    Shape::Map { name: &VARIABLE, of: &Shape::Object(&SECRET), min: 1, max: SOURCES };

static SECRET: Object = Object {
    id: "secret",
    what: "a secret",
    example: "{ env: API_KEY }",
    keys: &[&[
        key("env", &Shape::Text(&ENVIRONMENT), "The environment variable that holds it."),
        key("file", &Shape::Text(&FILE), "The file that holds it; one line end after it is cut off."),
    ]],
    required: &[],
    one_of: &["env", "file"],
};

pub(super) static FEEDERS: Shape =
    Shape::Map { name: &VARIABLE, of: &Shape::Object(&FEEDER), min: 1, max: SOURCES };

static FEEDER: Object = Object {
    id: "feeder",
    what: "a feeder",
    example: "{ file: accounts.csv }",
    keys: &[&[
        key(
            "file",
            &Shape::Text(&FILE),
            "A .csv file whose first line names the columns, or a .json file with a list of objects.",
        ),
        key(
            "rows",
            &Shape::List {
                of: &Shape::Map { name: &ANY, of: &Shape::Json, min: 1, max: NAMES },
                min: 1,
                max: NAMES,
            },
            "The rows themselves, each a mapping.",
        ),
        key(
            "pick",
            &Shape::Word(&["cycle", "unique", "random"]),
            "In order and over again (`cycle`, the default), each given once (`unique`), or any (`random`).",
        ),
        key(
            "per",
            &Shape::Word(&["user", "iteration"]),
            "How long a user keeps a row. Default: `user` for unique rows, `iteration` for others.",
        ),
        key(
            "at_end",
            &Shape::Word(&["stop_user", "stop_run", "restart"]),
            "What happens when all unique rows are given. Default: stop_user.",
        ),
    ]],
    required: &[],
    one_of: &["file", "rows"],
};
